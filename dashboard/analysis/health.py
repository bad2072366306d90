"""Runs that have learnt nothing, in words. The rules are training's; here is what follows of them.

A gain is left out where the run that it is of, or the run that it is over, has learnt nothing: the
difference of two scores at chance is noise, and that of a score and one at chance says that a
training failed, not how far an intermediate task carries over. What was never judged counts.
"""

from __future__ import annotations

from typing import Literal

import pandas as pd

Degenerate = Literal["left out", "included"]
"""What becomes of gains of or over runs that have learnt nothing."""

UNJUDGED = ""
WORDS: dict[str, str] = {
    "nonfinite": "no number",
    "constant": "one answer for everything",
    "chance": "score at chance",
}
"""What may stand in `health` for a run that has learnt nothing, the worst first."""
AT_CHANCE = "at chance"
RULE = (
    "Left out as at chance: gains of or over a run whose English score (in retrieval, all "
    "languages together) is not above guessing and the best constant answer by more than the draw "
    "of its test items explains, which answers everything alike, or which diverged."
)


def judged(frame: pd.DataFrame) -> pd.DataFrame:
    """`frame` with its column `health`; older records have none, which is unknown and not bad."""
    told = frame["health"] if "health" in frame else pd.Series(UNJUDGED, index=frame.index)
    if isinstance(told.dtype, pd.CategoricalDtype) and told.notna().all():
        return frame
    return frame.assign(health=told.astype("str").fillna(UNJUDGED))


def degenerate(health: pd.Series[str]) -> pd.Series[bool]:
    """Where nothing was learnt."""
    return health.isin(list(WORDS))


def told(mine: str, base: str) -> str:
    """Which side of a gain has learnt nothing, and what it did: for a hover and a table."""
    sides = [("after it", mine), ("without it", base)]
    found = [f"{side}: {WORDS[one]}" for side, one in sides if one in WORDS]
    return "; ".join(found)
