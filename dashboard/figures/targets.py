"""The paper's main table as a picture: targets and averages across, intermediates down."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from dashboard.analysis.answer import interval, points
from dashboard.analysis.coverage import MEASURED
from dashboard.analysis.health import AT_CHANCE
from dashboard.analysis.maintable import AVERAGE
from dashboard.analysis.results import records
from dashboard.figures import matrix
from dashboard.figures.layout import Rows, colour_bar
from dashboard.figures.marks import HATCH
from dashboard.figures.theme import LIGHT, Look, dress, robust_range

LEFT, TOP, ROW = 168, 104, 27
BELOW = 72
RETRIEVAL = "retrieval"
OURS, THEIRS = "ours", "published"
HEADING = "published [source], not in any average or colour"
PUBLISHED = "published:"
"""Begins the name of a row of published figures."""


def targets(
    table: pd.DataFrame,
    order: list[str],
    style: Look = LIGHT,
    title: Callable[[str], str] = str,
    published: pd.DataFrame | None = None,
) -> go.Figure:
    """Picture of `maintable.main_table`: scores of the baseline on top, gains below it.

    `order`: the intermediates from the top. `published`: `maintable.alongside`, drawn below a gap
    as plain figures, never coloured. Colours follow the gains of targets that are trained;
    retrieval, which moves by tens of points, may lie beyond their ends, as its number says.
    Customdata of the last trace: (column, intermediate) of a cell of ours.
    """
    theirs = _theirs(published, table)
    columns = _columns(table, title)
    rows = _rows(table, order, theirs, title)
    ours = table.assign(row=table["intermediate"])
    limit = spread(table)
    spots = matrix.at(ours, rows, columns)
    figure = go.Figure()
    bare = ours[ours["own"] | ours["gain"].isna()]
    ground = {"colorscale": [(0, style.empty), (1, style.empty)]}
    figure.add_trace(matrix.paint(bare, rows, columns, [0.0] * len(bare), **ground))
    scale = {"colorscale": style.colorscale, "zmin": -limit, "zmid": 0, "zmax": limit}
    gains = ours["gain"].where(~ours["own"])
    figure.add_trace(matrix.paint(ours, rows, columns, gains, **scale, **_bar(limit, rows)))
    figure.add_traces(_numbers(spots, limit, style))
    figure.add_traces(_missing(spots, style))
    figure.add_traces(_marks(spots, limit, style))
    if len(theirs):
        figure.add_traces(_published(matrix.at(theirs, rows, columns), style))
    told = [hover(row, title) for row in records(spots)]
    data = list(zip(spots["column"], spots["intermediate"], strict=True))
    figure.add_trace(matrix.over(spots, told, data, style))
    dress(figure, style)
    averages = list(table.loc[table["group"].eq(AVERAGE), "column"])
    matrix.axes(figure, rows, columns, strong=averages)
    below = BELOW + matrix.legend(figure, least_width(table) - LEFT)
    matrix.frame(figure, rows, LEFT, TOP, below, size=ROW)
    figure.update_layout(legend={"y": -62 / (ROW * sum(rows.heights))}, uirevision="targets")
    return figure


def least_width(table: pd.DataFrame) -> int:
    """Pixels that it needs for its numbers to be read."""
    return LEFT + 44 + 50 * table["column"].nunique()


def spread(table: pd.DataFrame) -> float:
    """Half width of the colours, in points: of targets that are trained, where there are some."""
    some = table[table["group"].ne(RETRIEVAL) & table["group"].ne(AVERAGE) & table["gain"].notna()]
    return robust_range(some["gain"] if len(some) else table["gain"])


def _columns(table: pd.DataFrame, title: Callable[[str], str]) -> Rows:
    about = table.drop_duplicates("column")
    groups = list(dict.fromkeys(about["group"]))
    about = about.sort_values("group", key=lambda one: one.map(groups.index), kind="stable")
    last = about["group"].eq(AVERAGE)
    about = pd.concat([about[~last], about[last]])
    names = {
        str(row.column): str(row.column) if row.group == AVERAGE else title(str(row.column))
        for row in about.itertuples()
    }
    return matrix.places(names, list(about["group"]))


def _rows(
    table: pd.DataFrame, order: list[str], theirs: pd.DataFrame, title: Callable[[str], str]
) -> Rows:
    own = list(dict.fromkeys(table.loc[table["own"], "intermediate"]))
    names = {one: f"{title(one)}, score" for one in own}
    names |= {one: title(one) for one in order}
    groups = ["own"] * len(own) + [OURS] * len(order)
    for row in theirs.drop_duplicates("row").itertuples():
        names[str(row.row)] = f"{title(str(row.intermediate))} [{row.number}]"
        groups.append(THEIRS)
    return matrix.places(names, groups, {THEIRS: HEADING})


def _theirs(published: pd.DataFrame | None, table: pd.DataFrame) -> pd.DataFrame:
    """Published figures that have a column, a row for each source, intermediate and kind."""
    if published is None or published.empty:
        return pd.DataFrame(columns=["row", "column", "number", "intermediate", "value", "kind"])
    some = published[published["target"].isin(table["column"])]
    parts = [some[name].astype(str) for name in ("number", "intermediate", "kind")]
    row = PUBLISHED + parts[0] + ":" + parts[1] + ":" + parts[2]
    return some.assign(row=row, column=some["target"])


def _bar(limit: float, rows: Rows) -> dict[str, Any]:
    height = ROW * sum(rows.heights)
    ticks = [-limit, -limit / 2, 0, limit / 2, limit]
    texts = [points(tick) for tick in ticks]
    texts[0], texts[-1] = f"≤ {texts[0]}", f"≥ {texts[-1]}"
    bar = colour_bar(ticks, texts, "gain in points", -12 / height)
    return {"showscale": True, "colorbar": bar}


def _numbers(spots: pd.DataFrame, limit: float, style: Look) -> list[go.Scatter]:
    """Scores of the baseline in plain ink, gains in the ink that reads upon their colour."""
    scores = spots[spots["own"] & spots["value"].notna()]
    gains = spots[~spots["own"] & spots["gain"].notna()]
    texts = [f"{value:.1f}" for value in scores["value"]]
    told = matrix.write(scores, texts, [style.ink] * len(scores))
    inks = [style.upon(gain, limit) for gain in gains["gain"]]
    return told + matrix.write(gains, [points(gain) for gain in gains["gain"]], inks)


def _missing(spots: pd.DataFrame, style: Look) -> list[go.Scatter]:
    """A sign for each reason; a mean that lacks a part has a half-filled one."""
    gone = spots[~spots["own"] & spots["gain"].isna()]
    marker = {"size": 12, "color": style.hatch, "line": {"width": 1.4, "color": style.hatch}}
    known = gone["state"].where(gone["state"].isin(list(HATCH)), "a part is missing")
    traces = []
    for reason, some in gone.groupby(known, sort=False):
        symbol = HATCH.get(str(reason), "diamond-wide-open")
        traces.append(_dots(some, f"{reason} ({len(some)})", marker | {"symbol": symbol}))
    return traces


def _marks(spots: pd.DataFrame, limit: float, style: Look) -> list[go.Scatter]:
    gains = spots[~spots["own"] & spots["gain"].notna()]
    sure = gains["low"].gt(0) | gains["high"].lt(0)
    kinds = [
        (sure, "circle", -0.3, "interval over seeds excludes 0"),
        (gains["reuses"].eq(True), "diamond", 0.3, "reuses the target's training data"),
    ]
    traces = []
    for chosen, symbol, shift, name in kinds:
        some = gains[chosen]
        if len(some):
            inks = [style.upon(gain, limit) for gain in some["gain"]]
            marker = {"symbol": symbol, "size": 5, "color": inks}
            moved = some.assign(x=some["x"] + 0.4, y=some["y"] + shift)
            key = pd.DataFrame({"x": [None], "y": [None]})
            traces.append(_dots(moved, name, marker).update(showlegend=False))
            traces.append(_dots(key, name, {"symbol": symbol, "size": 7, "color": style.ink}))
    return traces


def _dots(spots: pd.DataFrame, name: str, marker: dict[str, Any]) -> go.Scatter:
    return go.Scatter(
        x=spots["x"],
        y=spots["y"],
        name=name,
        mode="markers",
        marker=marker,
        hoverinfo="skip",
        unselected={"marker": {"opacity": 1}},
    )


def _published(spots: pd.DataFrame, style: Look) -> list[go.Scatter]:
    """Their figures in faint ink, each with its source on hover."""
    gain = spots["kind"].eq("gain")
    told = zip(spots["value"], gain, strict=True)
    texts = [points(value) if is_gain else f"{value:.1f}" for value, is_gain in told]
    (trace,) = matrix.write(spots, texts, [style.faint] * len(spots))
    trace.update(
        hoverinfo=None,
        customdata=[escape(one) for one in spots["source"]],
        hovertemplate="published: %{customdata}<extra></extra>",
    )
    return [trace]


def hover(row: dict[str, Any], title: Callable[[str], str] = str) -> str:
    """Everything about one cell, in HTML lines."""
    column = row["column"] if row["group"] == AVERAGE else title(row["column"])
    head = f"<b>{column}, {title(row['intermediate'])}</b>"
    if row["own"]:
        score = f"{row['value']:.1f}" if pd.notna(row["value"]) else row["state"]
        return f"{head}<br>score {score}"
    if pd.isna(row["gain"]):
        why = "left out, " if row["state"] == AT_CHANCE else ""
        return f"{head}<br>no gain: {why}{row['state']}"
    over = "seeds" if pd.notna(row["low"]) else None
    told = [head, f"gain {points(row['gain'])}"]
    if row["state"] == MEASURED and pd.notna(row["value"]):
        told[-1] += f": {row['baseline']:.1f} without it, {row['value']:.1f} with it"
    told.append(interval(row["low"], row["high"], over, int(row["seeds"])))
    if row["reuses"] is True:
        told.append("reuses the target's own training data")
    return "<br>".join(told)
