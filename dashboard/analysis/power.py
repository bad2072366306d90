"""What a cell could have found: the smallest gain it detects, and what a smaller one would take.

From the variance components of `hierarchical.intervals`: with r times the seeds of each kind the
seeds' part is an r-th, with r times the items their part is, and the seeds' part loses what the
number of items adds to it (`noise`). Power is that of a two-sided t test (noncentral t), at the
estimated components: a plan, not a promise, and with three seeds a rough one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from scipy import special, stats

from dashboard.analysis.components import Floats, Ints, freedom
from dashboard.analysis.frames import require

NEEDS = ("detectable", "more_seeds", "more_clusters", "resolves", "statement")
"""What `needs` adds to a table of intervals. `detectable`: points; `more_seeds`: how many more of
each kind that was drawn (in a paired design lineages), `more_clusters`: how many more items (drawn
together: sentences, paragraphs); NaN where no number will do, or where it cannot be known."""

_LARGE = 1e4
"""Degrees of freedom beyond which t is normal."""
_ENDLESS = 10**9


def power(margin: Floats, se: Floats, df: Floats, level: float = 0.05) -> Floats:
    """Chance that a two-sided t test at `level` sees a true gain of `margin` points."""
    df = np.minimum(df, _LARGE)
    limit = stats.t.ppf(1 - level / 2, df)
    with np.errstate(invalid="ignore", divide="ignore"):
        shift = np.minimum(np.abs(margin) / se, 1e3)  # beyond it the chance is 1
    below: Floats = special.nctdtr(df, shift, limit) - special.nctdtr(df, shift, -limit)
    # scipy's own is NaN at some large shifts: Abramowitz & Stegun 26.7.10 there
    spread = np.sqrt(1 + limit**2 / (2 * df))
    near = special.ndtr((limit * (1 - 1 / (4 * df)) - shift) / spread)
    return np.where(shift >= limit + 40, 1.0, 1 - np.where(np.isnan(below), near, below))


def detectable(se: Floats, df: Floats, chance: float = 0.8, level: float = 0.05) -> Floats:
    """The smallest true gain, in points, that is seen with probability `chance` (80 %)."""
    low, high = np.zeros(np.shape(df)), np.full(np.shape(df), 1e3)
    for _ in range(40):
        middle = (low + high) / 2
        short = power(middle, np.ones_like(middle), df, level) < chance
        low, high = np.where(short, middle, low), np.where(short, high, middle)
    return np.where(np.isnan(se + df), np.nan, high * se)


def needs(
    table: pd.DataFrame,
    margin: float = 1.0,
    chance: float = 0.8,
    level: float = 0.05,
    most: int = 10_000,
) -> pd.DataFrame:
    """`table` (from `hierarchical.intervals`) with the columns `NEEDS` for a gain of `margin`.

    `resolves`: whether the cell detects it as it is. Numbers beyond `most` times the present ones
    are none: then the other draw is what limits. Raises ValueError for a margin that is not above
    0, a chance or a level outside 0 to 1, or a table without the components.
    """
    require(table, _PARTS, "the table of intervals")
    if not margin > 0 or not 0 < level < chance < 1:
        raise ValueError(
            f"a margin of {margin} points at level {level} with chance {chance}: the margin lies "
            "above 0, and 0 < level < chance < 1"
        )
    parts = {name: table[name].to_numpy(dtype=float) for name in _PARTS}
    told = table.assign(detectable=detectable(parts["se"], parts["df"], chance, level))
    told["resolves"] = told["detectable"] <= margin
    for name, count, of in (("seeds", "levels", _seeds), ("clusters", "clusters", _clusters)):

        def enough(more: Ints, of: _Scaled = of, count: str = count) -> Floats:
            return power(np.full(len(more), margin), *of(parts, 1 + more / parts[count]), level)

        told[f"more_{name}"] = _fewest(enough, parts[count] * most, chance)
    one = np.isnan(parts["seeds_variance"])
    told["more_seeds"] = told["more_seeds"].mask(one)
    told["statement"] = [_statement(row, margin, chance) for _, row in told.iterrows()]
    return told


_PARTS = (
    "se",
    "df",
    "items_variance",
    "seeds_variance",
    "seeds_df",
    "noise",
    "clusters",
    "levels",
    "seeds",
)
_Parts = dict[str, Floats]
_Scaled = Callable[[_Parts, Floats], tuple[Floats, Floats]]


def _seeds(parts: _Parts, times: Floats) -> tuple[Floats, Floats]:
    """(se, df) with that many times the seeds of each kind."""
    items = np.nan_to_num(parts["items_variance"])
    seeds, df = parts["seeds_variance"] / times, (parts["seeds_df"] + 1) * times - 1
    return np.sqrt(seeds + items), freedom(seeds, df, items, parts["clusters"] - 1)


def _clusters(parts: _Parts, times: Floats) -> tuple[Floats, Floats]:
    """(se, df) with that many times the items."""
    items = parts["items_variance"] / times
    seeds = np.nan_to_num(parts["seeds_variance"])
    noise = np.minimum(np.nan_to_num(parts["noise"] / parts["seeds"]), seeds)
    left = seeds - noise * (1 - 1 / times)
    df = parts["clusters"] * times - 1
    return np.sqrt(left + items), freedom(left, parts["seeds_df"], items, df)


def _fewest(enough: Callable[[Ints], Floats], most: Floats, chance: float) -> Floats:
    """The least whole number from 0 at which the power is reached, NaN if not at `most`."""
    limit = np.minimum(np.nan_to_num(most), _ENDLESS).astype(np.int64)
    reached = enough(limit) >= chance
    low, high = np.full(len(limit), -1, dtype=np.int64), limit
    while (high - low > 1).any():
        middle = (low + high) // 2
        there = enough(middle) >= chance
        low, high = np.where(there, low, middle), np.where(there, middle, high)
    return np.where(reached, high, np.nan)


def _statement(row: pd.Series[Any], margin: float, chance: float) -> str:
    """`Detects gains from 2.1 points (80 % power); a gain of 1 point takes 7 more seeds ...`."""
    if np.isnan(row["detectable"]):
        return "What it could detect cannot be told: there is no standard error."
    told = f"Detects gains from {row['detectable']:.1f} points ({100 * chance:.0f}\u00a0% power"
    over = "" if pd.notna(row["seeds_variance"]) else ", over items only: other seeds are unknown"
    told += f"{over}); a gain of {margin:g} point{'' if margin == 1 else 's'} "
    if row["resolves"]:
        return f"{told}is within its reach."
    ways = [
        f"{row[name]:,.0f} more {noun}"
        for name, noun in (("more_seeds", _noun(row)), ("more_clusters", "items"))
        if pd.notna(row[name])
    ]
    if not ways:
        return f"{told}takes more seeds and more items: neither alone will do."
    only = "" if len(ways) == 2 else " (more of the other alone will not do)"
    if pd.isna(row["seeds_variance"]):
        only = ""
    return f"{told}takes {' or '.join(ways)}{only}."


def _noun(row: pd.Series[Any]) -> str:
    return "seeds of each kind" if row["design"] == "crossed" else "seeds"
