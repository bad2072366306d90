"""What became of the items of a cell, and gain by what their words are like."""

from __future__ import annotations

from html import escape

import pandas as pd
import plotly.graph_objects as go

from dashboard.analysis.answer import points
from dashboard.figures.theme import Look, dress

ROW = 30
"""Pixels of a row of the picture of parts."""
KEY = 64
"""Pixels of the legend, which has two lines on a phone, three where the numbers are long."""
NARROW = 9
"""Percent of the bar below which a number would not fit into its piece."""
ORDER = (0, 2, 3, 1)
"""Gains at the left, losses at the right, and what stayed between them."""


def balance(counts: pd.DataFrame, style: Look) -> go.Figure:
    """One bar from gained to lost, of `examples.counts`; pieces carry their numbers."""
    figure = go.Figure()
    for place in ORDER:
        row = counts.iloc[place]
        figure.add_bar(
            y=[""],
            x=[row["share"]],
            orientation="h",
            name=f"{row['group']} ({row['items']:,})",
            marker={"color": _colours(style)[place], "line": {"width": 1, "color": style.ground}},
            text=[f"{row['share']:.1f}\u00a0%" if row["share"] >= NARROW else ""],
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            textfont={"color": _inks(style)[place], "size": 14},
            hovertemplate=f"<b>{row['group']}</b><br>{row['items']:,} items, "
            f"{row['share']:.1f}\u00a0%<extra></extra>",
            customdata=[row["group"]],
        )
    plain = {"visible": False, "fixedrange": True}
    figure.update_xaxes(**plain, range=[0, 100])
    figure.update_yaxes(**plain)
    figure.update_layout(
        barmode="stack",
        height=52 + KEY,
        margin={"l": 0, "r": 0, "t": 4, "b": KEY},
        legend={
            "orientation": "h",
            "maxheight": KEY,
            "font": {"size": 12},
            "x": 0,
            "y": -0.1,
            "yanchor": "top",
            "itemclick": False,
            "itemdoubleclick": False,
            "traceorder": "normal",
        },
        dragmode=False,
    )
    return dress(figure, style)


def _colours(style: Look) -> list[str]:
    """Purple and orange of gains and losses; what stayed is quiet."""
    scale = style.diverging
    return [scale[8], scale[2], style.empty, style.hatch]


def _inks(style: Look) -> list[str]:
    return [style.upon(0.6, 1), style.upon(-0.6, 1), style.ink, style.weak]


def by_part(parts: pd.DataFrame, style: Look, names: list[str], unit: str) -> go.Figure:
    """Gain of every part (`features.PARTS`) with its interval; `names` label the rows."""
    rows, names = list(range(len(parts))), [escape(name) for name in names]
    figure = go.Figure()
    half = parts["high"] - parts["gain"]
    up, down = _colours(style)[:2]
    colours = [up if gain >= 0 else down for gain in parts["gain"]]
    for row, colour in zip(rows, colours, strict=True):
        one = parts.iloc[row]
        figure.add_scatter(
            x=[one["gain"]],
            y=[row],
            mode="markers",
            marker={"size": 10, "color": colour},
            error_x={
                "type": "data",
                "array": [half.iloc[row] if pd.notna(half.iloc[row]) else 0],
                "color": colour,
                "thickness": 2,
                "width": 0,
            },
            hovertemplate=_hover(one, names[row], unit) + "<extra></extra>",
            showlegend=False,
            name=names[row],
        )
    figure.add_vline(x=0, line={"color": style.faint, "width": 1})
    _told(figure, parts, rows, style)
    figure.update_xaxes(
        title={"text": "gain in points", "font": {"size": 12}},
        gridcolor=style.empty,
        zeroline=False,
        fixedrange=True,
        tickfont={"size": 11},
    )
    figure.update_yaxes(
        tickvals=rows,
        ticktext=names,
        range=[len(rows) - 0.4, -0.8],
        showgrid=False,
        zeroline=False,
        fixedrange=True,
        automargin=True,
    )
    figure.update_layout(
        height=ROW * len(rows) + 84,
        margin={"l": 8, "r": 74, "t": 22, "b": 44},
        dragmode=False,
        hovermode="closest",
    )
    return dress(figure, style)


def _told(figure: go.Figure, parts: pd.DataFrame, rows: list[int], style: Look) -> None:
    """How many words or items stand behind each row, at the right."""
    quiet = {"size": 11, "color": style.faint}
    place = {"xref": "paper", "x": 1, "xanchor": "left", "xshift": 8, "showarrow": False}
    for row, count in zip(rows, parts["words"], strict=True):
        figure.add_annotation(**place, y=row, text=f"n = {count:,}", font=quiet)


def _hover(row: pd.Series[float], name: str, unit: str) -> str:
    spread = "no interval: too few texts"
    if pd.notna(row["low"]):
        spread = f"95\u00a0% interval {points(row['low'])} to {points(row['high'])} over items"
    return (
        f"<b>{name}</b><br>gain {points(row['gain'])}: {row['before']:.1f} without it, "
        f"{row['after']:.1f} with it<br>{spread}<br>{row['words']:,} {unit}"
    )
