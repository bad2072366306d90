"""Means whose replicates are seeds: their error, their tests, and how many seeds a test needs.

A mean over languages, tasks and items of one trained lineage is one number. How far it would move
had one trained again is told by other lineages alone, so that neither languages nor items count as
replicates here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt
from scipy.special import stdtr, stdtrit

from dashboard.analysis.components import STILL, two_factors

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

MOST = 1000
"""More seeds than anyone trains: a test that takes more has no number."""


@dataclass(frozen=True)
class Estimate:
    """A mean over seeds, in points, with the variance of that mean."""

    mean: float
    variance: float
    """Of the mean; NaN with one seed, and where nothing varied (`STILL`)."""
    df: float
    seeds: int
    """Replicates; of several factors or sides, the fewest."""
    parts: tuple[float, ...] = ()
    """Variances of one seed, one for each factor or side that adds to the error."""
    alike: bool = False
    """Several seeds, and no difference between them."""

    def interval(self, confidence: float, least: int) -> tuple[float, float]:
        """t interval (Student 1908; Welch 1947 for a difference); NaN below `least` seeds."""
        if self.seeds < least or np.isnan(self.variance):
            return np.nan, np.nan
        half = float(stdtrit(self.df, 0.5 + confidence / 2)) * self.variance**0.5
        return self.mean - half, self.mean + half

    def above(self, bound: float, least: int) -> float:
        """One-sided p of "not above `bound`"; NaN where there is no interval."""
        if self.seeds < least or np.isnan(self.variance):
            return np.nan
        return float(stdtr(self.df, (bound - self.mean) / self.variance**0.5))

    def __sub__(self, other: Estimate) -> Estimate:
        """The difference of two means that share no training, by Welch's degrees of freedom."""
        variances = np.array([self.variance, other.variance])
        freedom = np.array([self.df, other.df])
        with np.errstate(invalid="ignore", divide="ignore"):
            df = float(variances.sum() ** 2 / (variances**2 / freedom).sum())
        return Estimate(
            self.mean - other.mean,
            float(variances.sum()),
            df,
            min(self.seeds, other.seeds),
            self.parts + other.parts,
            self.alike or other.alike,
        )


NOTHING = Estimate(np.nan, np.nan, np.nan, 0)


def estimate(values: Floats, seeds: Sequence[tuple[str, str]]) -> Estimate:
    """The mean of one value a lineage; `seeds` are its (intermediate seed, target seed).

    Where both kinds of seed were drawn on their own (a crossed design), lineages that share one are
    not independent: `components.two_factors`, as for single cells. In a paired design one kind
    tells both.
    """
    if not len(values):
        return NOTHING
    labels = [kind for kind in zip(*seeds, strict=True) if any(kind)]
    apart = len(labels) == 2 and any(len({*kind}) < len(kind) for kind in labels)
    drawn = [_by_seed(values, kind) for kind in (labels if apart else labels[:1])] or [values]
    fewest = min(len(means) for means in drawn)
    if fewest < 2:
        return Estimate(float(values.mean()), np.nan, np.nan, fewest)
    spreads = [float(means.var(ddof=1)) for means in drawn]
    variances = [spread / len(means) for spread, means in zip(spreads, drawn, strict=True)]
    alike = max(variances) <= STILL**2
    variance, df = variances[0], float(fewest - 1)
    if apart:
        both = two_factors(values, *labels)
        variance, df = both.variance, both.df
    return Estimate(
        float(values.mean()),
        np.nan if alike else variance,
        df,
        fewest,
        tuple(spreads),
        alike,
    )


def _by_seed(values: Floats, labels: Sequence[str]) -> Floats:
    """The mean of the lineages of each seed."""
    names, place = np.unique(np.array(labels, dtype=str), return_inverse=True)
    sums = np.bincount(place, values, minlength=len(names))
    means: Floats = sums / np.bincount(place, minlength=len(names))
    return means


def block(values: Floats, sides: npt.NDArray[np.int_], least: int) -> tuple[Mask, Mask]:
    """(rows, columns) of the largest part of `values` without a gap: the common cells.

    `values` holds cells by lineages, NaN where missing; `sides` says which of the compared sides a
    column belongs to. Left out are columns without any value, rows that a whole side lacks, and
    then, of all ways to give up the worst columns of a side (never below `least`) or else the rows
    that they lack, the one that keeps most values. It looks at what is missing, never at a value.
    """
    there = ~np.isnan(values)
    columns: Mask = np.asarray(there.any(axis=0))
    names = sorted({*sides.tolist()})
    rows: Mask = np.ones(len(values), dtype=bool)
    for side in names:
        some: Mask = np.asarray((there & columns)[:, sides == side].any(axis=1))
        rows = np.logical_and(rows, some)
    ranked = [_worst(there[rows], columns & (sides == side)) for side in names]
    spare = [range(max(len(one) - least, 0) + 1) for one in ranked]
    best: tuple[Mask, Mask] = (np.zeros_like(rows), np.zeros_like(columns))
    kept = 0
    for lost in sorted(product(*spare), key=sum):
        taken = columns.copy()
        for worst, count in zip(ranked, lost, strict=True):
            taken[worst[:count]] = False
        whole: Mask = rows & np.asarray(there[:, taken].all(axis=1))
        if whole.sum() * taken.sum() > kept:
            best, kept = (whole, taken), int(whole.sum() * taken.sum())
    return best


def _worst(there: Mask, columns: Mask) -> list[int]:
    """The columns' numbers, those that lack most first."""
    found = np.flatnonzero(columns)
    return [int(one) for one in found[np.argsort(there[:, found].sum(axis=0), kind="stable")]]


Test = tuple[float, Estimate, float]
"""(distance of the mean from the bound, the estimate, one-sided level of the test)."""


def needed(tests: Iterable[Test], least: int, power: float = 0.8) -> float:
    """Seeds a side with which every test succeeds at `power`, if means and spread are as observed.

    By the shifted t approximation (t at the level plus t at the power). NaN where an effect is not
    on the right side of its bound or no spread was observed; inf where it takes more than `MOST`.
    """
    counts = [_needed(*test, least, power) for test in tests]
    return float(np.max(counts)) if counts else np.nan  # NaN wins: one that never succeeds


def _needed(effect: float, of: Estimate, level: float, least: int, power: float) -> float:
    if np.isnan(of.variance) or not effect > 0:
        return np.nan
    seeds = np.arange(max(least, 2), MOST + 1)
    parts = np.array(of.parts)
    df = (seeds - 1) * parts.sum() ** 2 / (parts**2).sum()
    wanted = stdtrit(df, 1 - level) + stdtrit(df, power)
    enough = effect >= wanted * np.sqrt(parts.sum() / seeds)
    return float(seeds[enough.argmax()]) if enough.any() else np.inf
