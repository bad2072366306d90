"""Retrieval by layer: an intermediate against the baseline, a panel for each language."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboard.analysis.answer import points
from dashboard.analysis.results import records
from dashboard.figures.theme import LIGHT, Look, dress

LEAST = 720
"""Pixels below which three panels are scrolled instead of squeezed."""
DASHES = {"mean": "solid", "cls": "dot"}
HEIGHT = 470


def sweep(
    curves: pd.DataFrame,
    task: str,
    baseline: str,
    languages: Sequence[str],
    used: dict[str, Any],
    style: Look = LIGHT,
    title: Callable[[str], str] = str,
    named: Callable[[str], str] = str,
    metric: str = "accuracy",
) -> go.Figure:
    """Picture of `sweeps.curves`: above, scores by layer; below, the gain at the same reading.

    `languages`: a panel each. `curves` are of one centring: the caller chooses. `used`: the reading
    that results are given by (`sweeps.fixed`), a line down all panels, and a ring on its score.
    """
    figure = make_subplots(
        rows=2,
        cols=max(1, len(languages)),
        shared_xaxes=True,
        shared_yaxes="rows",
        row_heights=[0.68, 0.32],
        vertical_spacing=0.07,
        horizontal_spacing=0.035,
        column_titles=[f"<b>{named(lang)}</b>" for lang in languages],
    )
    pairs = ((baseline, style.faint), (task, style.diverging[-3]))
    for column, lang in enumerate(languages, 1):
        here = curves[curves["lang"].eq(lang)]
        for name, colour in pairs:
            for pooling, some in here[here["intermediate"].eq(name)].groupby("pooling", sort=False):
                told = (name, str(pooling), colour, title)
                line = _line(some, *told).update(showlegend=column == 1)
                figure.add_trace(line, row=1, col=column)
                if name == task:
                    figure.add_trace(_gain(some, str(pooling), colour), row=2, col=column)
            ring = _ring(here[here["intermediate"].eq(name)], used, colour)
            figure.add_trace(ring, row=1, col=column)
    _dressed(figure, used, style, metric)
    return figure


def _line(
    some: pd.DataFrame, name: str, pooling: str, colour: str, title: Callable[[str], str]
) -> go.Scatter:
    """Scores of one pooling; bars are 95 % t intervals over seeds, from three on."""
    rows = some.sort_values("layer")
    return go.Scatter(
        x=rows["layer"],
        y=rows["value"],
        name=f"{title(name)}, {pooling}",
        mode="lines+markers",
        line={"color": colour, "width": 2.2, "dash": DASHES.get(pooling, "dash")},
        marker={"size": 5, "color": colour},
        error_y={
            "type": "data",
            "array": rows["high"] - rows["value"],
            "thickness": 1,
            "width": 0,
            "color": colour,
        },
        text=[hover(row, title) for row in records(rows)],
        hovertemplate="%{text}<extra></extra>",
    )


def hover(row: dict[str, Any], title: Callable[[str], str] = str) -> str:
    """One reading of one intermediate, in HTML lines."""
    centred = ", centred" if row["centred"] else ""
    told = [
        f"<b>{title(row['intermediate'])}, layer {row['layer']}</b>",
        f"{row['pooling']} pooling{centred}: {row['value']:.1f}, {int(row['seeds'])} seeds",
    ]
    if pd.notna(row["gain"]):
        told.append(f"gain {points(row['gain'])} over the baseline read alike")
    return "<br>".join(told)


def _gain(some: pd.DataFrame, pooling: str, colour: str) -> go.Scatter:
    rows = some.sort_values("layer")
    return go.Scatter(
        x=rows["layer"],
        y=rows["gain"],
        mode="lines+markers",
        showlegend=False,
        name=f"gain, {pooling}",
        line={"color": colour, "width": 1.8, "dash": DASHES.get(pooling, "dash")},
        marker={"size": 5, "color": colour},
        text=[points(gain) for gain in rows["gain"]],
        hovertemplate="layer %{x}: gain %{text}<extra></extra>",
    )


def _ring(some: pd.DataFrame, used: dict[str, Any], colour: str) -> go.Scatter:
    """Round the score that the results hold."""
    same = some["layer"].eq(used["layer"]) & some["pooling"].eq(used["pooling"])
    rows = some[same & some["centred"].eq(used["centred"])]
    return go.Scatter(
        x=rows["layer"],
        y=rows["value"],
        mode="markers",
        showlegend=False,
        hoverinfo="skip",
        marker={"symbol": "circle-open", "size": 15, "color": colour, "line": {"width": 2}},
    )


def _dressed(figure: go.Figure, used: dict[str, Any], style: Look, metric: str) -> None:
    dress(figure, style)
    figure.add_vline(x=used["layer"], line={"color": style.faint, "width": 1, "dash": "dash"})
    quiet = {"gridcolor": style.empty, "zeroline": False, "fixedrange": True}
    figure.update_xaxes(**quiet, dtick=_step(figure))
    figure.update_xaxes(title={"text": "layer", "standoff": 6, "font": {"size": 13}}, row=2)
    figure.update_yaxes(**quiet)
    figure.update_yaxes(title={"text": metric, "standoff": 6, "font": {"size": 13}}, row=1, col=1)
    figure.update_yaxes(title={"text": "gain", "standoff": 6, "font": {"size": 13}}, row=2, col=1)
    figure.update_yaxes(zeroline=True, zerolinecolor=style.faint, zerolinewidth=1, row=2)
    figure.update_layout(
        height=HEIGHT,
        margin={"l": 58, "r": 16, "t": 34, "b": 92},
        dragmode=False,
        hovermode="closest",
        legend={
            "orientation": "h",
            "x": 0,
            "y": -0.17,
            "yanchor": "top",
            "font": {"size": 12},
            "itemclick": False,
            "itemdoubleclick": False,
        },
    )


def _step(figure: go.Figure) -> int:
    """Layers between two marks of the axis: at most ten marks a panel."""
    layers = [max(trace.x) for trace in figure.data if trace.x is not None and len(trace.x)]
    return max(1, -(-int(max(layers, default=1)) // 10))
