"""Gain against a measure of morphology: languages, the line over them, and what moves it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from dashboard.analysis.answer import points
from dashboard.analysis.frames import PINNED
from dashboard.analysis.slope import Line
from dashboard.figures.pens import ENGLISH, over_zero, pen, quiet_axis, washed, written
from dashboard.figures.theme import LIGHT, Look, dress

HEIGHT = 500
FEW = 12
"""Languages that are all named beside their points."""


def morphology(
    table: pd.DataFrame,
    line: Line,
    measure: str,
    style: Look = LIGHT,
    enough: bool = True,
) -> go.Figure:
    """`table`: lang, language, family, x, gain, low, high; `line`: of `slope.line` over it.

    English, which is not in the line, is a hollow point. Rings mark leverage, squares influence.
    A line over too few languages to be read as evidence (not `enough`) is dashed.
    """
    there = table[table["x"].notna() & table["gain"].notna()]
    figure = go.Figure()
    figure.add_traces(_fit(line, style, enough))
    figure.add_traces(_marks(line, style))
    other = there[~there["lang"].isin([*PINNED, ENGLISH])]
    dots = {"size": 9, "color": washed(style.faint, 0.65)}
    figure.add_trace(_dots(other, "a language", dots, line, style))
    hollow = {"size": 11, "symbol": "circle-open", "color": style.ink, "line": {"width": 1.6}}
    figure.add_trace(_dots(there[there["lang"].eq(ENGLISH)], "English", hollow, line, style))
    for lang, name in PINNED.items():
        marker = {
            "size": 14,
            "color": pen(lang, style),
            "line": {"color": style.ground, "width": 2},
        }
        figure.add_trace(_dots(there[there["lang"].eq(lang)], name, marker, line, style, bars=True))
    dress(figure, style)
    for row in there[there["lang"].isin(PINNED)].to_dict("records"):
        _name(figure, row, style)
    _axes(figure, measure, style)
    return figure


def _fit(line: Line, style: Look, enough: bool) -> list[go.Scatter]:
    band = line.band
    if band.empty:
        return []
    x = band["x"]
    return [
        go.Scatter(
            x=[*x, *x[::-1]],
            y=[*band["high"], *band["low"][::-1]],
            fill="toself",
            fillcolor=washed(style.ink, 0.1),
            line={"width": 0},
            mode="lines",
            hoverinfo="skip",
            name="95 % band",
        ),
        go.Scatter(
            x=x,
            y=band["fitted"],
            mode="lines",
            line={"color": style.ink, "width": 2, "dash": "solid" if enough else "dash"},
            hoverinfo="skip",
            name="line",
        ),
    ]


def _marks(line: Line, style: Look) -> list[go.Scatter]:
    """Around what lies far out, and around what moves the line."""
    kinds = (
        ("far", "circle-open", 22, "high leverage"),
        ("moves", "square-open", 25, "moves the line"),
    )
    traces = []
    for column, symbol, wide, name in kinds:
        some = line.points[line.points[column].eq(True)]
        marker = {"symbol": symbol, "size": wide, "color": style.ink, "line": {"width": 1.3}}
        if len(some):
            traces.append(
                go.Scatter(
                    x=some["x"],
                    y=some["y"],
                    mode="markers",
                    marker=marker,
                    name=name,
                    hoverinfo="skip",
                    customdata=list(some["lang"]),
                )
            )
    return traces


def _dots(
    some: pd.DataFrame,
    name: str,
    marker: dict[str, Any],
    line: Line,
    style: Look,
    bars: bool = False,
) -> go.Scatter:
    told = line.points.set_index("lang")
    error: dict[str, Any] = {}
    if bars and some["low"].notna().any():
        up, down = some["high"] - some["gain"], some["gain"] - some["low"]
        colour = marker["color"]
        error = {"error_y": {"array": up, "arrayminus": down, "color": colour, "width": 0}}
    text = some["language"] if len(some) <= FEW and not bars else [""] * len(some)
    return go.Scatter(
        x=some["x"],
        y=some["gain"],
        mode="markers+text",
        text=[written(one) for one in text],
        textposition="top center",
        textfont={"size": 11, "color": style.faint},
        cliponaxis=False,
        marker=marker,
        name=name,
        showlegend=name not in {"English", *PINNED.values()} and bool(len(some)),
        customdata=list(some["lang"]),
        hovertext=[_hover(row, told) for row in some.to_dict("records")],
        hovertemplate="%{hovertext}<extra></extra>",
        **error,
    )


def _name(figure: go.Figure, row: Mapping[Any, Any], style: Look) -> None:
    """A pinned language's name, readable over what lies behind it."""
    figure.add_annotation(
        x=row["x"],
        y=row["gain"],
        xanchor="left",
        xshift=10,
        yshift=13,
        text=f"<b>{PINNED[row['lang']]}</b>",
        showarrow=False,
        borderpad=1,
        bgcolor=washed(style.ground, 0.7),
        font={"size": 13, "color": pen(row["lang"], style)},
    )


def _hover(row: Mapping[Any, Any], told: pd.DataFrame) -> str:
    lines = [f"<b>{written(row['language'])}</b>, {written(row['family'])}"]
    lines.append(f"{points(row['gain'])} points at {row['x']:.3g}")
    if row["lang"] in told.index and pd.notna(told.loc[row["lang"], "without"]):
        lines.append(f"slope without it {told.loc[row['lang'], 'without']:+.3g}")
    return "<br>".join(lines)


def _axes(figure: go.Figure, measure: str, style: Look) -> None:
    figure.update_xaxes(**quiet_axis(style))
    figure.update_xaxes(title_text=measure, title_standoff=8)
    over_zero(figure, style, "gain, points")
    figure.update_layout(
        height=HEIGHT,
        margin={"l": 52, "r": 24, "t": 70, "b": 56},
        hovermode="closest",
        dragmode=False,
        uirevision="morphology",
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": {"size": 12}}
        | {"itemclick": False, "itemdoubleclick": False, "xanchor": "left"},
    )
