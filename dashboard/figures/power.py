"""The smallest gain that a cell could have seen, by target and language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from dashboard.analysis.coverage import in_order
from dashboard.analysis.frames import PINNED
from dashboard.analysis.results import records
from dashboard.analysis.rollup import TARGET_FAMILY, UNKNOWN
from dashboard.figures import layout, matrix
from dashboard.figures.layout import LEFT, RIGHT, ROW, TOP
from dashboard.figures.theme import LIGHT, Look, dress

BELOW = 92
WORST = 10.0
"""Points at which the colour ends: beyond them a cell sees nothing that is likely."""


def power(
    places: pd.DataFrame,
    languages: pd.DataFrame,
    margin: float = 1.0,
    style: Look = LIGHT,
    title: Callable[[str], str] = str,
) -> go.Figure:
    """Picture of `resolution.by_place`: pale is sharp, dark is blind.

    `languages`: `ScoreFrame.languages`. A dot: every cell of the place sees the margin. Customdata
    of the last trace: (language, target).
    """
    table = ordered(places, languages)
    rows = layout.rows(table)
    targets = list(dict.fromkeys(table["target"]))
    kinds = [TARGET_FAMILY.get(one, UNKNOWN) for one in targets]
    order = sorted(range(len(targets)), key=lambda at: kinds.index(kinds[at]))
    named = {targets[at]: title(targets[at]) for at in order}
    columns = matrix.places(named, [kinds[at] for at in order])
    spots = matrix.at(table.assign(row=table["lang"], column=table["target"]), rows, columns)
    figure = go.Figure()
    shown = spots["detectable"].clip(upper=WORST)
    figure.add_trace(matrix.paint(spots, rows, columns, shown, **_colours(style, rows)))
    inks = [style.upon(min(one, WORST), WORST) for one in spots["detectable"]]
    texts = [f"{one:.1f}" if one < 100 else ">99" for one in spots["detectable"]]
    figure.add_traces(matrix.write(spots, texts, inks))
    figure.add_traces(_resolved(spots, margin, style))
    told = [hover(row, margin, title) for row in records(spots)]
    data = list(zip(spots["lang"], spots["target"], strict=True))
    figure.add_trace(matrix.over(spots, told, data, style))
    dress(figure, style)
    beside = lambda y, text: layout.heading(y + 0.1, text, style)  # noqa: E731
    matrix.axes(figure, rows, columns, strong=list(PINNED), head=beside)
    matrix.frame(figure, rows, LEFT, TOP, BELOW, RIGHT, ROW)
    figure.update_layout(legend={"y": -60 / rows.height}, uirevision="power")
    return figure


def least_width(places: pd.DataFrame) -> int:
    """Pixels that it needs for its numbers to be read."""
    return LEFT + RIGHT + 46 * places["target"].nunique()


def ordered(places: pd.DataFrame, languages: pd.DataFrame) -> pd.DataFrame:
    """The places with the traits of their languages, as every picture of languages has them."""
    table = places.merge(languages, on="lang", how="left")
    table = table.assign(language=table["language"].fillna(table["lang"]))
    table["family"] = table["family"].fillna("other")
    return in_order(table)


def _colours(style: Look, rows: layout.Rows) -> dict[str, Any]:
    """The half of the diverging scale that begins quietly: there is no losing side here."""
    half = style.diverging[len(style.diverging) // 2 :]
    scale = [(at / (len(half) - 1), colour) for at, colour in enumerate(half)]
    texts = ["0", f"{WORST / 2:g}", f"≥ {WORST:g}"]
    title = "smallest gain seen with 80 % power, points"
    bar = layout.colour_bar([0, WORST / 2, WORST], texts, title, -12 / rows.height)
    limits = {"zmin": 0, "zmax": WORST, "colorscale": scale}
    return limits | {"showscale": True, "colorbar": bar}


def _resolved(spots: pd.DataFrame, margin: float, style: Look) -> list[go.Scatter]:
    some = spots[spots["resolved"].eq(spots["cells"])]
    if some.empty:
        return []
    inks = [style.upon(min(one, WORST), WORST) for one in some["detectable"]]
    name = f"every cell sees {margin:g} point" + "s" * (margin != 1)
    quiet = {"mode": "markers", "hoverinfo": "skip", "name": name}
    marker = {"symbol": "circle", "size": 5}
    dots = go.Scatter(
        x=some["x"] + 0.38,
        y=some["y"] - 0.3,
        marker=marker | {"color": inks},
        showlegend=False,
        unselected={"marker": {"opacity": 1}},
        **quiet,
    )
    return [dots, go.Scatter(x=[None], y=[None], marker=marker | {"color": style.ink}, **quiet)]


def hover(row: dict[str, Any], margin: float, title: Callable[[str], str] = str) -> str:
    """One place in HTML lines."""
    span = ""
    if row["cells"] > 1:
        span = f" (median of {row['cells']} cells, {row['lowest']:.1f} to {row['highest']:.1f})"
    return "<br>".join(
        [
            f"<b>{row['language']}, {title(row['target'])}</b>",
            f"sees gains from {row['detectable']:.1f} points{span}",
            f"{row['resolved']} of {row['cells']} cells see {margin:g}",
            f"over {row['over']}",
        ]
    )
