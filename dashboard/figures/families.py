"""Gain by language family or genus: a mean with its interval, and every language as a point."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboard.analysis.answer import interval, points
from dashboard.analysis.frames import PINNED
from dashboard.figures.pens import ENGLISH, pen, quiet_axis, washed, written, zero
from dashboard.figures.theme import LIGHT, Look, dress

ROW, TOP, BOTTOM, SIDE = 62, 44, 78, 14
"""Pixels: of a group, above, below and beside them."""
NAME, MEAN, SPREAD = -0.36, 0.02, 0.3
"""Where a group's name, mean and languages stand in its row of height 1."""


def families(
    groups: pd.DataFrame,
    languages: pd.DataFrame,
    style: Look = LIGHT,
    names: Mapping[str, str] | None = None,
    shown: str = "gain",
) -> go.Figure:
    """`groups` and `languages`: `groups.group_means` of one scale, the latter by `lang` with a
    column `of`, its group. In the order of `groups`, English (its own group) apart at the end."""
    told = names or {}
    rows = {group: at for at, group in enumerate(groups["group"])}
    figure = go.Figure()
    figure.add_trace(_intervals(groups, rows, style))
    figure.add_trace(_points(languages, rows, told, style))
    figure.add_traces(_pinned(languages, rows, told, style))
    figure.add_trace(_means(groups, rows, told, style))
    dress(figure, style)
    _axes(figure, groups, rows, told, style, shown)
    return figure


def _intervals(groups: pd.DataFrame, rows: dict[str, int], style: Look) -> go.Scatter:
    """A bar from end to end of each interval."""
    some = groups[groups["low"].notna()]
    ends = [(row.low, row.high, None) for row in some.itertuples()]
    high = [(rows[group] + MEAN,) * 2 + (None,) for group in some["group"]]
    return go.Scatter(
        x=[one for three in ends for one in three],
        y=[one for three in high for one in three],
        mode="lines",
        line={"color": washed(style.ink, 0.35), "width": 7},
        hoverinfo="skip",
        name="95 % interval over seeds",
        showlegend=bool(len(some)),
    )


def _means(
    groups: pd.DataFrame, rows: dict[str, int], names: Mapping[str, str], style: Look
) -> go.Scatter:
    there = groups[groups["gain"].notna()]
    return go.Scatter(
        x=there["gain"],
        y=[rows[group] + MEAN for group in there["group"]],
        mode="markers",
        marker={
            "symbol": "diamond",
            "size": 13,
            "color": style.ink,
            "line": {"color": style.ground, "width": 1.5},
        },
        name="mean",
        customdata=list(there["group"]),
        text=[_hover(row, names) for row in there.to_dict("records")],
        hovertemplate="%{text}<extra></extra>",
    )


def _points(
    languages: pd.DataFrame, rows: dict[str, int], names: Mapping[str, str], style: Look
) -> go.Scatter:
    """Every other language, in small."""
    some = languages[languages["gain"].notna() & ~languages["lang"].isin(PINNED)]
    marker = {"size": 8, "color": washed(style.faint, 0.6), "line": {"width": 0}}
    return _languages(some, rows, names, "one language", marker)


def _pinned(
    languages: pd.DataFrame, rows: dict[str, int], names: Mapping[str, str], style: Look
) -> list[go.Scatter]:
    """A trace for each, named."""
    traces = []
    for lang, name in PINNED.items():
        some = languages[languages["gain"].notna() & languages["lang"].eq(lang)]
        line = {"color": style.ground, "width": 1.5}
        marker = {"size": 13, "color": pen(lang, style), "line": line}
        if len(some):
            traces.append(_languages(some, rows, names, name, marker))
    return traces


def _languages(
    some: pd.DataFrame,
    rows: dict[str, int],
    names: Mapping[str, str],
    name: str,
    marker: dict[str, Any],
) -> go.Scatter:
    return go.Scatter(
        x=some["gain"],
        y=[rows[group] + SPREAD for group in some["of"]],
        mode="markers",
        marker=marker,
        name=name,
        showlegend=bool(len(some)),
        customdata=list(some["lang"]),
        text=[_hover(row, names, "lang") for row in some.to_dict("records")],
        hovertemplate="%{text}<extra></extra>",
    )


def _hover(row: dict[Any, Any], names: Mapping[str, str], by: str = "group") -> str:
    seeds = int(row["seeds"])
    over = "seeds" if pd.notna(row["low"]) else None
    lines = [f"<b>{written(row[by], names)}</b> {points(row['gain'])}"]
    lines.append(interval(row["low"], row["high"], over, seeds))
    if by == "group":
        lines.append(f"{row['languages']} language{'s' * (row['languages'] != 1)}")
    lines.append(f"{row['cells']} cells, {row['missing']} missing")
    return "<br>".join(lines)


def _axes(
    figure: go.Figure,
    groups: pd.DataFrame,
    rows: dict[str, int],
    names: Mapping[str, str],
    style: Look,
    shown: str,
) -> None:
    axis = quiet_axis(style)
    figure.update_xaxes(**axis)
    figure.update_xaxes(title_text=f"{shown} in points of the metric", title_standoff=10)
    figure.update_yaxes(
        visible=False, fixedrange=True, range=[max(len(rows), 1) - 0.42, -0.58], showgrid=False
    )
    for row in groups.to_dict("records"):
        _label(figure, rows[row["group"]], row, names, style)
    figure.add_shape(
        type="line", x0=0, x1=0, y0=0, y1=1, yref="paper", line=zero(style), layer="below"
    )
    figure.update_layout(
        height=TOP + BOTTOM + ROW * max(len(rows), 1),
        margin={"l": SIDE, "r": SIDE, "t": TOP, "b": BOTTOM - 28},
        hovermode="closest",
        dragmode=False,
        uirevision="families",
        legend={"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom", "font": {"size": 12}}
        | {"itemclick": False, "itemdoubleclick": False, "xanchor": "left"},
    )


def _label(
    figure: go.Figure, at: int, row: dict[Any, Any], names: Mapping[str, str], style: Look
) -> None:
    """The group's name over its row, with its mean: no room is lost beside the points."""
    count = row["languages"]
    mean = points(row["gain"]) if not np.isnan(row["gain"]) else "no gain yet"
    few = "" if row["group"] == ENGLISH else f", {count} language{'s' * (count != 1)}"
    figure.add_annotation(
        x=0,
        xref="paper",
        xanchor="left",
        y=at + NAME,
        text=f"<b>{written(row['group'], names)}</b>  {mean}{few}",
        showarrow=False,
        borderpad=0,
        bgcolor=style.ground,
        font={"size": 12, "color": style.ink},
    )
    line = {"color": washed(style.faint, 0.3), "width": 1}
    figure.add_shape(
        type="line", x0=0, x1=1, xref="paper", y0=at - 0.55, y1=at - 0.55, line=line, layer="below"
    )
