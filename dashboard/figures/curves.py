"""Learning curves of several trainings, one over the other."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import pandas as pd
import plotly.graph_objects as go

from dashboard.analysis.curves import thinned
from dashboard.figures.theme import Look, dress

LINES: dict[str, tuple[str, ...]] = {
    "light": (
        "#0072b2",
        "#d55e00",
        "#009e73",
        "#cc79a7",
        "#56b4e9",
        "#a6761d",
        "#542788",
        "#14161c",
    ),
    "dark": (
        "#56b4e9",
        "#e69f00",
        "#2dd4a7",
        "#f0a3cf",
        "#8ecae6",
        "#f0e442",
        "#b2a6dc",
        "#fafafa",
    ),
}
"""Okabe and Ito's colours, which stay apart under colour blindness, at home on either ground."""
DASHES = ("solid", "dash", "dot", "dashdot")


def curves(
    table: pd.DataFrame,
    style: Look,
    metric: str,
    names: dict[str, str],
    logarithmic: Sequence[str] = (),
) -> go.Figure:
    """Lines of one metric (`curves.joined`), one a run; `names` label them, in their order.

    `logarithmic`: which of the axes `x` and `y` count in powers.
    """
    figure = go.Figure()
    colours = LINES["light" if style.ground == "#ffffff" else "dark"]
    mine = table[table["metric"].eq(metric)]
    for at, (run, name) in enumerate(names.items()):
        line = thinned(mine[mine["run"].eq(run)])
        if line.empty:
            continue
        figure.add_scatter(
            x=line["step"],
            y=line["value"],
            mode="lines+markers" if len(line) <= 12 else "lines",
            name=escape(name),
            line={"color": colours[at % len(colours)], "width": 2, "dash": _dash(at, len(colours))},
            marker={"size": 6},
            hovertemplate=f"<b>{escape(name)}</b><br>step %{{x:,}}: %{{y:.4g}}<extra></extra>",
        )
    kinds = {axis: "log" if axis in logarithmic else "linear" for axis in ("x", "y")}
    quiet = {"gridcolor": style.empty, "zeroline": False, "tickfont": {"size": 11}}
    figure.update_xaxes(type=kinds["x"], title={"text": "step", "font": {"size": 12}}, **quiet)
    title = {"text": escape(metric), "font": {"size": 12}}
    figure.update_yaxes(type=kinds["y"], title=title, automargin=True, **quiet)
    figure.update_layout(
        height=380 + 20 * len(figure.data),
        margin={"l": 8, "r": 8, "t": 12, "b": 56 + 20 * len(figure.data)},
        legend={
            "orientation": "v",
            "x": 0,
            "y": -56 / 312,
            "yanchor": "top",
            "font": {"size": 12},
        },
        showlegend=True,
        hovermode="closest",
        uirevision=metric,
    )
    return dress(figure, style)


def _dash(at: int, colours: int) -> str:
    """Another dash for each round of colours."""
    return DASHES[(at // colours) % len(DASHES)]
