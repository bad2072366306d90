"""The study's forest, folded: a bar for each scale, intermediate task and phase."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from dashboard.analysis.forest import (
    BLOCKED,
    DONE,
    FAILED,
    INTERRUPTED,
    NOT_RUN,
    PHASES,
    RUNNING,
    STATES,
)
from dashboard.figures.theme import Look, dress

ROW, TOP, BOTTOM, LEFT = 27, 34, 66, 150
"""Pixels: of a row, above and below the rows, beside them."""
SHARE = 0.66
"""Of a cell's width that its bar takes; the count stands in the rest."""
LEAST = 560
"""Pixels below which the picture scrolls."""
HEADING = 0.9
"""Rows that a scale's heading takes."""


def board(table: pd.DataFrame, style: Look, title: Callable[[str], str] = str) -> go.Figure:
    """Of `forest.board`: how far every part of the forest is; each bar shows shares of states."""
    places, headings = _places(table)
    phases = [phase for phase in PHASES if table["phase"].eq(phase).any()]
    spots = table.assign(
        y=[places[key] for key in zip(table["scale"], table["intermediate"], strict=True)],
        x=table["phase"].map({phase: at for at, phase in enumerate(phases)}),
    )
    figure = go.Figure()
    start = spots["x"].astype(float)
    for state in STATES:
        width = SHARE * spots[state] / spots["total"]
        if spots[state].any():
            figure.add_trace(_bars(spots, start, width, state, style))
        start = start + width
    figure.add_trace(_counts(spots, style))
    figure.add_trace(_overlay(spots, style, title))
    _axes(figure, places, phases, headings, style, title)
    return dress(figure, style)


def _places(table: pd.DataFrame) -> tuple[dict[tuple[str, str], float], dict[float, str]]:
    """Height of every row, counted from the top, and of a heading for each scale."""
    places: dict[tuple[str, str], float] = {}
    headings: dict[float, str] = {}
    at, last = 0.0, None
    for key in dict.fromkeys(zip(table["scale"], table["intermediate"], strict=True)):
        if key[0] != last:
            last = key[0]
            headings[at] = last
            at += HEADING
        places[key] = at
        at += 1
    return places, headings


def paint(state: str, style: Look) -> dict[str, Any]:
    """Fill and pattern of a state: told apart by lightness and hatching, not by hue alone."""
    scale = style.diverging
    colour = {
        DONE: scale[8],
        RUNNING: scale[7],
        INTERRUPTED: scale[3],
        FAILED: scale[1],
        BLOCKED: scale[4],
        NOT_RUN: style.empty,
    }[state]
    shape = {RUNNING: "/", INTERRUPTED: "\\", BLOCKED: "x"}.get(state, "")
    return {
        "color": colour,
        "line": {"width": 0},
        "pattern": {"shape": shape, "fgcolor": style.ink, "size": 5, "solidity": 0.25},
    }


def _bars(
    spots: pd.DataFrame,
    start: pd.Series[float],
    width: pd.Series[float],
    state: str,
    style: Look,
) -> go.Bar:
    return go.Bar(
        y=spots["y"],
        x=width,
        base=start,
        width=0.58,
        orientation="h",
        name=f"{state}",
        marker=paint(state, style),
        hoverinfo="skip",
    )


def _counts(spots: pd.DataFrame, style: Look) -> go.Scatter:
    whole = spots["done"].eq(spots["total"])
    text = (
        spots["done"]
        .astype(str)
        .where(whole, spots["done"].astype(str) + "/" + spots["total"].astype(str))
    )
    return go.Scatter(
        x=spots["x"] + SHARE + 0.03,
        y=spots["y"],
        text=text,
        mode="text",
        textposition="middle right",
        textfont={"size": 11, "color": [style.faint if one else style.ink for one in whole]},
        hoverinfo="skip",
        showlegend=False,
    )


def _overlay(spots: pd.DataFrame, style: Look, title: Callable[[str], str]) -> go.Scatter:
    """Unseen squares over the bars: what is hovered and clicked."""
    return go.Scatter(
        x=spots["x"] + SHARE / 2,
        y=spots["y"],
        mode="markers",
        marker={"symbol": "square", "size": ROW - 6, "opacity": 0, "color": style.ink},
        selected={"marker": {"opacity": 0.25}},
        unselected={"marker": {"opacity": 0}},
        customdata=list(zip(spots["scale"], spots["intermediate"], spots["phase"], strict=True)),
        text=[
            hover({str(key): value for key, value in row.items()}, title)
            for row in spots.to_dict("records")
        ],
        hovertemplate="%{text}<extra></extra>",
        showlegend=False,
    )


def hover(row: dict[str, Any], title: Callable[[str], str]) -> str:
    """One cell in HTML lines."""
    head = f"{escape(str(row['scale']))}, {escape(title(row['intermediate']))}"
    told = [f"{row[state]:,} {state}" for state in STATES if row[state]]
    return "<br>".join([f"<b>{head}: {PHASES[row['phase']]}</b>", *told])


def _axes(
    figure: go.Figure,
    places: dict[tuple[str, str], float],
    phases: list[str],
    headings: dict[float, str],
    style: Look,
    title: Callable[[str], str],
) -> None:
    plain = {"showgrid": False, "zeroline": False, "ticks": "", "fixedrange": True}
    last = max(places.values(), default=0.0)
    figure.update_xaxes(
        **plain,
        side="top",
        tickvals=[at + SHARE / 2 for at in range(len(phases))],
        ticktext=[PHASES[phase] for phase in phases],
        range=[-0.05, len(phases)],
    )
    figure.update_yaxes(
        **plain,
        tickvals=list(places.values()),
        ticktext=[_short(title(task)) for _, task in places],
        range=[last + 0.6, -0.6],
        ticklabelstandoff=6,
    )
    for at, scale in headings.items():
        figure.add_annotation(
            x=0,
            xref="paper",
            xanchor="right",
            xshift=-6,
            y=at,
            text=f"<b>{escape(scale.upper())}</b>",
            showarrow=False,
            font={"size": 11, "color": style.faint},
        )
    height = ROW * (last + 1.2)
    figure.update_layout(
        barmode="overlay",
        height=height + TOP + BOTTOM,
        margin={"l": LEFT, "r": 8, "t": TOP, "b": BOTTOM, "autoexpand": False},
        hovermode="closest",
        dragmode=False,
        uirevision="board",
        legend={
            "orientation": "h",
            "x": 0,
            "y": -14 / height,
            "yanchor": "top",
            "traceorder": "normal",
            "itemclick": False,
            "itemdoubleclick": False,
        },
    )


def _short(name: str) -> str:
    """A row's name, cut where it has no room."""
    return escape(name if len(name) <= 22 else f"{name[:21]}…")
