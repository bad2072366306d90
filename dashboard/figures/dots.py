"""Points with intervals in rows: several ways to say one number, side by side on one axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go

from dashboard.figures.theme import LIGHT, Look, dress

LEFT, TOP, BELOW, RIGHT = 150, 10, 58, 24
ENTRY = 20
"""Pixels: of a line of the legend, which on a phone has one for each series."""
SHAPES = ("circle", "diamond-open", "line-ns-open", "square-open")
"""Told apart by shape, not by colour alone."""


@dataclass(frozen=True)
class Axis:
    """What is measured along the rows."""

    title: str
    zero: bool = True
    """Whether zero is shown, with a line."""


def dots(
    table: pd.DataFrame,
    rows: Sequence[str],
    series: Sequence[str],
    axis: Axis,
    style: Look = LIGHT,
    strong: Sequence[str] = (),
) -> go.Figure:
    """A row for each of `rows` from the top, in it a point for each of `series` that has a value.

    `table`: row, series, value, low, high (NaN: no interval), text (on hover, in HTML).
    """
    size = 20 + 9 * len(series)
    figure = go.Figure()
    place = {row: at for at, row in enumerate(rows)}
    for number, name in enumerate(series):
        some = table[table["series"].eq(name) & table["value"].notna()]
        some = some[some["row"].isin(rows)]
        shift = (number - (len(series) - 1) / 2) * 0.8 / max(2, len(series))
        figure.add_trace(_trace(some, some["row"].map(place) + shift, name, number, style))
    dress(figure, style)
    faint = {"gridcolor": style.empty, "griddash": "solid", "zeroline": False, "fixedrange": True}
    figure.update_xaxes(
        **faint, title={"text": axis.title, "standoff": 8, "font": {"size": 13}}, showline=False
    )
    if axis.zero:
        figure.update_xaxes(zeroline=True, zerolinecolor=style.faint, zerolinewidth=1)
        figure.add_trace(go.Scatter(x=[0], y=[0], opacity=0, hoverinfo="skip", showlegend=False))
    figure.update_yaxes(
        tickvals=list(place.values()),
        ticktext=[f"<b>{row}</b>" if row in strong else row for row in rows],
        range=[len(rows) - 0.5, -0.5],
        showgrid=False,
        zeroline=False,
        ticks="",
        fixedrange=True,
        ticklabelstandoff=6,
    )
    height = size * max(1, len(rows))
    below = BELOW + ENTRY * len(series)
    legend = {"orientation": "h", "yanchor": "top", "y": -50 / height}
    # from the left edge of the whole: beside the rows' names a long entry has no room on a phone
    legend |= {"xref": "container", "x": 0.02, "xanchor": "left"}
    figure.update_layout(
        height=height + TOP + below,
        margin={"l": LEFT, "r": RIGHT, "t": TOP, "b": below, "autoexpand": False},
        legend=legend | {"font": {"size": 12}, "itemclick": False, "itemdoubleclick": False},
        dragmode=False,
        hovermode="closest",
    )
    return figure


def colours(style: Look) -> tuple[str, ...]:
    """Of series: both ends of the diverging scale, then inks."""
    return (style.diverging[-3], style.diverging[2], style.ink, style.faint)


def _trace(
    some: pd.DataFrame, y: pd.Series[float], name: str, number: int, style: Look
) -> go.Scatter:
    colour = colours(style)[number % 4]
    up, down = some["high"] - some["value"], some["value"] - some["low"]
    error = {"type": "data", "symmetric": False, "array": up, "arrayminus": down, "thickness": 1.6}
    return go.Scatter(
        x=some["value"],
        y=y,
        name=name,
        mode="markers",
        marker={
            "symbol": SHAPES[number % 4],
            "size": 11,
            "color": colour,
            "line": {"width": 2, "color": colour},
        },
        error_x=error | {"color": colour, "width": 0},
        text=some["text"],
        customdata=some["row"],
        hovertemplate="%{text}<extra></extra>",
    )
