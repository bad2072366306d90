"""The contrast in words: one sentence a scale, which promises no more than the seeds bear out."""

from __future__ import annotations

from typing import Any

import pandas as pd

from dashboard.analysis.answer import Title, points
from dashboard.analysis.contrast import Contrast


def title(contrast: Contrast, spelling: Title = str) -> str:
    """`mixture-tatoeba (All nine → Tatoeba)`; a baseline other than none is named."""
    against = f" against {spelling(contrast.baseline)}" if contrast.baseline != "none" else ""
    way = f"{spelling(contrast.intermediate)}{against} → {spelling(contrast.target)}"
    return f"{contrast.name} ({way})"


def where(found: pd.Series[Any]) -> str:
    """The scale, and how the target was read if not as usual."""
    return f"{found['scale']} ({found['variant']})" if found["variant"] else str(found["scale"])


def sentence(contrast: Contrast, found: pd.Series[Any], spelling: Title = str) -> str:
    """The verdict of one row of `summary`: mean, interval, signs, and what is missing."""
    told = f"{title(contrast, spelling)} at {where(found)}, named beforehand: "
    gone = f"; {found['planned'] - found['lineages']} of {found['planned']} planned missing"
    gone = f"{gone} ({found['gone']})" if found["gone"] else ""
    reuse = "; it reuses the target's own training data" if contrast.reuses else ""
    if not found["lineages"]:
        return f"{told}no gain is measured yet{gone}{reuse}."
    return f"{told}{points(found['gain'])} points, {_spread(found)}, {_signs(found)}{gone}{reuse}."


def basis(found: pd.Series[Any]) -> str:
    """What the mean is over: `accuracy on test, mean of 8 languages, each counting the same`."""
    count = int(found["languages"])
    whole = f"mean of {count} languages, each counting the same" if count > 1 else "one language"
    return f"{found['metric']} on {found['split']}" + (f", {whole}" if count else "")


def _spread(found: pd.Series[Any]) -> str:
    if pd.isna(found["low"]):
        if found["alike"]:
            return f"no interval over {found['over']} (they do not differ)"
        kind = " of each kind" if "×" in found["over"] else ""
        return f"no interval over {found['over']} (a t interval takes three{kind})"
    sure = found["low"] > 0 or found["high"] < 0
    return (
        f"95\u00a0% t interval {points(found['low'])} to {points(found['high'])} over "
        f"{found['over']} ({'excludes' if sure else 'includes'} zero)"
    )


def _signs(found: pd.Series[Any]) -> str:
    """`all 5 seeds positive`, `4 of 5 seeds positive`: the commoner sign of the lineages."""
    noun = "lineage" if "×" in found["over"] else "seed"
    total, sign = int(found["lineages"]), "positive"
    count = int(found["positive"])
    if found["negative"] > count:
        count, sign = int(found["negative"]), "negative"
    if total == 1:
        return f"the one {noun} {sign}" if count else f"the one {noun} zero"
    return f"{'all' if count == total else f'{count} of'} {total} {noun}s {sign}"
