"""Signs upon the cells of a heatmap: why one is empty, what is sure, what reuses training data."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from dashboard.analysis.coverage import ABSENT, FAILED, NO_BASELINE, NOT_RUN, RUNNING
from dashboard.analysis.health import AT_CHANCE
from dashboard.analysis.intervals import OVER_SEEDS
from dashboard.figures.theme import Look

Trace = dict[str, Any]
"""As plotly's JSON has it."""
HATCH = {
    AT_CHANCE: "circle-open-dot",
    RUNNING: "hourglass-open",
    NOT_RUN: "line-ne-open",
    FAILED: "x-thin-open",
    NO_BASELINE: "asterisk-open",
    ABSENT: "line-ew-open",
}
"""What fills a cell without a gain: a sign of its reason, on grey."""
REUSES = "reuses the target's training data"
SLANT = 0.16
STRIPES = [-0.48 + 0.16 * at for at in range(6)]
"""Where the stripes of a cell begin, and how far each leans, in widths of a column."""


def reused(spots: pd.DataFrame, limit: float, style: Look) -> list[Trace]:
    """Stripes over cells whose task reuses the target's training data, a trace for each ink."""
    some = spots[spots["reuses"].eq(True) & spots["gain"].notna()]
    if some.empty:
        return []
    inks = pd.Series([style.upon(gain, limit) for gain in some["gain"]], index=some.index)
    traces = []
    for ink, mine in some.groupby(inks, sort=False):
        x: list[float | None] = []
        y: list[float | None] = []
        for across, down in zip(mine["x"], mine["y"], strict=True):
            for start in STRIPES:
                x += [across + start, across + start + SLANT, None]
                y += [down + 0.46, down - 0.46, None]
        told = {"name": REUSES, "opacity": 0.3, "hoverinfo": "skip", "showlegend": False}
        line = {"color": ink, "width": 1}
        traces.append({"type": "scatter", "x": x, "y": y, "mode": "lines", "line": line} | told)
    key = {"symbol": "line-ne-open", "size": 9, "color": style.ink}
    key["line"] = {"width": 1.2, "color": style.ink}
    return [*traces, _dots([None], [None], REUSES, key)]


def hatches(spots: pd.DataFrame, style: Look) -> list[Trace]:
    """One legend entry a reason, with how many cells it holds."""
    marker = {"size": 13, "color": style.hatch, "line": {"width": 1.4, "color": style.hatch}}
    traces = []
    for reason, symbol in HATCH.items():
        some = spots["state"].eq(reason)
        if count := int(some.sum()):
            at = spots.loc[some, "x"], spots.loc[some, "y"]
            traces.append(_dots(*at, f"{reason} ({count})", marker | {"symbol": symbol}))
    return traces


def marks(spots: pd.DataFrame, limit: float, style: Look) -> list[Trace]:
    """Dots for intervals that exclude zero, by what they are over."""
    bare = "sure" not in spots
    sure = (spots["low"].gt(0) | spots["high"].lt(0)) if bare else spots["sure"]
    how = "excludes 0" if bare or spots["correction"].eq("none").all() else "sure, corrected"
    over = spots["interval_over"]
    mixed = spots["at_chance"].gt(0) & spots["gain"].notna()
    kinds = [
        (sure & over.isin(OVER_SEEDS), "circle", 0.3, f"interval over seeds {how}"),
        (sure & over.eq("items"), "circle-open", 0.3, f"interval over items {how}"),
        (mixed, "triangle-down-open", 0, "some runs at chance"),
    ]
    traces = []
    for chosen, symbol, shift, name in kinds:
        if chosen.any():
            some = spots.loc[chosen, ["x", "y", "gain"]]
            colours = [style.upon(gain, limit) for gain in some["gain"]]
            line = {"width": 1.2, "color": colours}
            marker = {"symbol": symbol, "size": 5, "color": colours, "line": line}
            trace = _dots(some["x"] + 0.39, some["y"] + shift, name, marker)
            traces += [trace | {"showlegend": False}, _key(name, symbol, style)]
    return traces


def _dots(x: Any, y: Any, name: str, marker: dict[str, Any]) -> Trace:
    """Markers that stay as they are when a cell is selected."""
    return dict(
        type="scatter",
        x=np.asarray(x),
        y=np.asarray(y),
        name=name,
        mode="markers",
        marker=marker,
        hoverinfo="skip",
        unselected={"marker": {"opacity": 1}},
    )


def _key(name: str, symbol: str, style: Look) -> Trace:
    """A legend entry in ink, since the marks themselves change colour with their cell."""
    marker = {"symbol": symbol, "size": 7, "color": style.ink}
    return _dots([None], [None], name, marker)
