"""How languages are drawn where each is a point or a line: two in colour, the rest quiet."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import plotly.graph_objects as go

from dashboard.analysis.frames import PINNED
from dashboard.figures.theme import LIGHT, Look

ENGLISH = "eng"
_PENS = {
    True: dict(zip(PINNED, ("#0072b2", "#c04a00"), strict=True)),
    False: dict(zip(PINNED, ("#56b4e9", "#ff9d5c"), strict=True)),
}
"""Blue and vermilion of Okabe and Ito's palette, darker on white and lighter on black so that words
in them can be read: the two stay apart under every colour blindness."""
PHONE = 340
"""Pixels that a picture of points needs at least."""


def pen(lang: str, style: Look) -> str:
    """A language's colour; that of all but the pinned ones is quiet."""
    return _PENS[style is LIGHT].get(lang, style.faint)


def washed(colour: str, opacity: float) -> str:
    """The colour with some of the ground showing through."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"


def written(name: object, names: Mapping[str, str] | None = None) -> str:
    """A name as text of a figure, whatever signs it has: plotly reads some HTML."""
    return escape((names or {}).get(str(name), str(name)))


def quiet_axis(style: Look) -> dict[str, Any]:
    """Thin lines that stay behind the points."""
    return {
        "gridcolor": washed(style.faint, 0.18),
        "linecolor": washed(style.faint, 0.5),
        "zeroline": False,
        "showline": False,
        "ticks": "",
        "fixedrange": True,
        "tickfont": {"size": 12, "color": style.faint},
        "title": {"font": {"size": 12, "color": style.ink}},
    }


def over_zero(figure: go.Figure, style: Look, title: str) -> None:
    """A quiet upright axis of points, with a line behind them where nothing is gained."""
    figure.update_yaxes(**quiet_axis(style))
    figure.update_yaxes(title_text=title, title_standoff=6)
    figure.add_shape(
        type="line", x0=0, x1=1, xref="paper", y0=0, y1=0, line=zero(style), layer="below"
    )


def zero(style: Look) -> dict[str, Any]:
    """The line of no gain."""
    return {"color": style.ink, "width": 1.2}
