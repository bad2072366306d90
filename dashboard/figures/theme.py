"""Colours and ranges that every figure shares, in a light and a dark look."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

FONT = '"Source Sans", "Source Sans Pro", system-ui, sans-serif'


@dataclass(frozen=True)
class Look:
    """Diverging colours run from loss (orange) over zero to gain (purple).

    PuOr is the diverging scale whose ends stay furthest apart under red-green colour blindness. Its
    middle is nearly white; on a dark ground the dark look runs through the ground's own tone
    instead, so that zero is quiet in both.
    """

    ink: str
    faint: str
    ground: str
    """The page's own, as Streamlit paints it; figures are transparent upon it."""
    empty: str
    hatch: str
    strong: str
    """Marks on the far ends of the scale."""
    weak: str
    """Marks near its middle."""
    diverging: tuple[str, ...]

    @property
    def colorscale(self) -> list[tuple[float, str]]:
        last = len(self.diverging) - 1
        return [(index / last, colour) for index, colour in enumerate(self.diverging)]

    def at(self, gain: float, limit: float) -> tuple[float, float, float]:
        """Red, green and blue (0 to 1) of a gain, as the colour scale paints it."""
        last = len(self.diverging) - 1
        place = min(max((gain / limit + 1) / 2, 0.0), 1.0) * last
        low = min(int(place), last - 1)
        sides = zip(*(_rgb(self.diverging[index]) for index in (low, low + 1)), strict=True)
        red, green, blue = (first + (place - low) * (second - first) for first, second in sides)
        return red, green, blue

    def upon(self, gain: float, limit: float) -> str:
        """Whichever of `strong` and `weak` reads better on a gain's colour."""
        ground = _luminance(self.at(gain, limit))
        return max((self.weak, self.strong), key=lambda ink: _contrast(_luminance_of(ink), ground))


@cache
def _rgb(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


@cache
def _luminance_of(colour: str) -> float:
    return _luminance(_rgb(colour))


def _luminance(rgb: tuple[float, float, float]) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def _contrast(one: float, other: float) -> float:
    """Contrast ratio of two luminances, 1 to 21, WCAG 2.2."""
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


LIGHT = Look(
    ink="#262730",
    faint="#6b6f7b",
    ground="#ffffff",
    empty="#eceef2",
    hatch="#8d93a1",
    strong="#ffffff",
    weak="#14161c",
    diverging=(
        "#7f3b08",
        "#b35806",
        "#e08214",
        "#fdb863",
        "#fee0b6",
        "#f7f7f7",
        "#d8daeb",
        "#b2abd2",
        "#8073ac",
        "#542788",
        "#2d004b",
    ),
)
DARK = Look(
    ink="#fafafa",
    faint="#a3a8b4",
    ground="#171614",
    empty="#1b1e26",
    hatch="#6b7180",
    strong="#14161c",
    weak="#fafafa",
    diverging=(
        "#ffd9a0",
        "#fdb863",
        "#e08214",
        "#9c560d",
        "#56371a",
        "#2b2e38",
        "#3f3760",
        "#5f4f96",
        "#8a7cc0",
        "#b2a6dc",
        "#dcd4f7",
    ),
)


def look(kind: str | None) -> Look:
    """`dark` or anything else (the browser has not told yet): light."""
    return DARK if kind == "dark" else LIGHT


def robust_range(values: pd.Series[float], least: float = 1.0, quantile: float = 0.98) -> float:
    """Half width of a symmetric colour range: the 98th percentile of |gain|, so that one outlier
    does not pale the rest; never under `least` points, so that noise is not painted as a finding.
    """
    there = np.abs(values.dropna().to_numpy(dtype=float))
    return max(least, float(np.quantile(there, quantile))) if len(there) else least


def dress(figure: go.Figure, style: Look) -> go.Figure:
    """Font, transparent ground, and no hover styling of plotly's own."""
    return figure.update_layout(dressed(style))


def dressed(style: Look) -> dict[str, Any]:
    """The same, as a part of a layout."""
    return {
        "template": {"data": {"scatter": [{"type": "scatter"}]}},  # plotly's `none`
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": FONT, "size": 13, "color": style.ink},
        "hoverlabel": {"font": {"family": FONT, "size": 13}, "align": "left"},
    }
