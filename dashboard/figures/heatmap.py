"""Gains as a picture: one row a language, one column an intermediate task."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboard.analysis.answer import interval, points
from dashboard.analysis.coverage import MEASURED
from dashboard.analysis.health import AT_CHANCE
from dashboard.figures.layout import ROW, Rows, axes, colour_bar, rows
from dashboard.figures.marks import Trace, hatches, marks, reused
from dashboard.figures.theme import LIGHT, Look, dressed, robust_range

SEEN = (
    "lang",
    "language",
    "state",
    "gain",
    "baseline",
    "value",
    "low",
    "high",
    "interval_over",
    "sure",
    "correction",
    "seeds",
    "planned",
    "n",
    "reuses",
    "at_chance",
    "why",
)
"""Columns of a grid that are drawn or told."""


def heatmap(
    table: pd.DataFrame,
    style: Look = LIGHT,
    title: Callable[[str], str] = str,
    across: str = "intermediate",
    limit: float | None = None,
) -> go.Figure:
    """Picture of a grid (`coverage.grid`), the values of its column `across` in columns.

    Colour is the gain, symmetric about zero up to `limit` (as `robust_range` has it, unless told);
    the number stands in the cell. A dot marks an interval that excludes zero (or where there is a
    column `sure`, what that says), a hatch a task that reuses the target's training data. Clicks
    and hovers reach an invisible overlay (the last trace) whose customdata is (language, column),
    since Streamlit reports no selections in heatmaps.
    """
    places = rows(table)
    tasks = list(dict.fromkeys(table[across]))
    row = table["lang"].map(places.of)
    middle = [places.middles[one] for one in row]
    column = [tasks.index(task) for task in table[across]]
    seen = [one for one in (*SEEN, across) if one in table]
    spots = table[seen].assign(row=row, y=middle, x=column)
    limit = robust_range(table["gain"]) if limit is None else limit
    traces = [
        _empty(spots, places, len(tasks), style),
        _gains(spots, places, len(tasks), limit, style),
        *reused(spots, limit, style),
        *_numbers(spots, limit, style),
        *hatches(spots, style),
        *marks(spots, limit, style),
        _overlay(spots, title, style, across),
    ]
    titles = [escape(title(task), quote=False) for task in tasks]
    # as dictionaries that plotly does not look through, for most of a drawing's time: a test does
    layout = dressed(style) | axes(traces, places, titles, style)
    return go.Figure(traces, layout, _validate=False)


def _matrix(spots: pd.DataFrame, places: Rows, width: int, values: Any) -> Any:
    """(rows, tasks) array of `values` at their spots."""
    array = np.full((len(places.heights), width), np.nan)
    array[spots["row"], spots["x"]] = values
    return array


def _gains(spots: pd.DataFrame, places: Rows, width: int, limit: float, style: Look) -> Trace:
    return dict(
        type="heatmap",
        z=_matrix(spots, places, width, spots["gain"].to_numpy(dtype=float)),
        y=places.edges,
        x=list(range(width)),
        zmin=-limit,
        zmid=0,
        zmax=limit,
        colorscale=style.colorscale,
        xgap=2,
        ygap=2,
        hoverinfo="skip",
        colorbar=colour_bar(
            [-limit, -limit / 2, 0, limit / 2, limit],
            [f"≤ {points(-limit)}", points(-limit / 2), "0", points(limit / 2)]
            + [f"≥ {points(limit)}"],
            "gain in points of the metric",
            -14 / places.height,
        ),
    )


def _numbers(spots: pd.DataFrame, limit: float, style: Look) -> list[Trace]:
    """The gains in figures, a trace for each ink: plotly's own choice of ink is hard to read, and
    what it fades when a cell is selected can be given one colour a trace only."""
    some = spots[spots["gain"].notna()]
    inks = pd.Series([style.upon(gain, limit) for gain in some["gain"]], index=some.index)
    return [
        dict(
            type="scatter",
            x=rows["x"].to_numpy(),
            y=rows["y"].to_numpy(),
            text=[points(gain) for gain in rows["gain"]],
            mode="text",
            textfont={"size": 12, "color": ink},
            hoverinfo="skip",
            showlegend=False,
            unselected={"textfont": {"color": ink}},
        )
        for ink, rows in some.groupby(inks, sort=False)
    ]


def _empty(spots: pd.DataFrame, places: Rows, width: int, style: Look) -> Trace:
    """A quiet ground under what is missing: unlike the colour of zero, and hatched on top."""
    ground = np.where(spots["state"].eq(MEASURED), np.nan, 0.0)
    return dict(
        type="heatmap",
        z=_matrix(spots, places, width, ground),
        y=places.edges,
        x=list(range(width)),
        colorscale=[(0, style.empty), (1, style.empty)],
        showscale=False,
        hoverinfo="skip",
        xgap=2,
        ygap=2,
    )


def _overlay(spots: pd.DataFrame, title: Callable[[str], str], style: Look, across: str) -> Trace:
    return dict(
        type="scatter",
        x=spots["x"].to_numpy(),
        y=spots["y"].to_numpy(),
        mode="markers",
        marker={"symbol": "square", "size": ROW - 3, "opacity": 0, "color": style.ink},
        selected={"marker": {"opacity": 0.22}},
        unselected={"marker": {"opacity": 0}},
        customdata=list(zip(spots["lang"], spots[across], strict=True)),
        text=[hover(row, title, across) for row in _records(spots)],
        hovertemplate="%{text}<extra></extra>",
        showlegend=False,
        name="cells",
    )


def _records(spots: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(key): value for key, value in row.items()} for row in spots.to_dict("records")]


def hover(
    row: dict[str, Any], title: Callable[[str], str] = str, across: str = "intermediate"
) -> str:
    """Everything about one cell, in HTML lines."""
    head = f"<b>{escape(str(row['language']))}, {escape(title(row[across]))}</b>"
    if row["state"] not in {MEASURED, AT_CHANCE}:
        return f"{head}<br>{row['state']}"
    seeds = f"{row['seeds']} of {row['planned']} seeds"
    items = f"{int(row['n']):,} items" if pd.notna(row["n"]) else "items not counted"
    values = f"{row['baseline']:.1f} without it, {row['value']:.1f} with it"
    told = [head, *_gain(row, values), f"{seeds}, {items}"]
    if row["reuses"] is True:
        told.append("reuses the target's own training data")
    if row["at_chance"]:
        told.append(f"{row['at_chance']} of {row['planned']} seeds {AT_CHANCE} ({row['why']})")
    return "<br>".join(told)


def _gain(row: dict[str, Any], values: str) -> list[str]:
    """The gain with its interval, or that there is none."""
    if row["state"] == AT_CHANCE:
        return [f"no gain, left out: {values}"]
    spread = interval(row["low"], row["high"], row["interval_over"], row["seeds"])
    return [f"gain {points(row['gain'])}: {values}", spread]
