"""The variance of a mean gain, part by part, and the interval and p value that follow from it.

A gain is measured on items that all lineages share, by lineages drawn at random. In the two-way
layout of items c and lineages s, gain[c, s] = mean + item[c] + lineage[s] + rest[c, s], so

    var(mean) = var(item) / C  +  (var(lineage) + var(rest) / C) / S

The second part is what the gains of the lineages show, var(gains) / S: few degrees of freedom. It
misses the first, since every lineage saw the same items: that is the covariance of two lineages'
gains under resampling of items, which has many. A t interval over seeds alone leaves it out; a
bootstrap of items and seeds together counts the rest thrice (Owen 2007, Annals of Applied
Statistics 1, 386-411) and has too little spread over few seeds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

STILL = 1e-6
"""Points of standard error below which nothing varied: the noise of single precision."""

_NODES = 64


@dataclass(frozen=True)
class Seeds:
    """The part of the variance of a mean gain that comes of the draw of seeds, points squared."""

    variance: float
    df: float
    intermediate: float = np.nan
    """Per seed, where the kinds can be told apart: of a further intermediate seed, ..."""
    target: float = np.nan
    """... of a further target seed, ..."""
    lineage: float = np.nan
    """... and of what is left, or of a lineage as a whole where they cannot."""


def one_factor(gains: Floats) -> Seeds:
    """S lineages that share no seed: s**2 / S with S - 1 degrees of freedom; NaN for S < 2."""
    count = len(gains)
    if count < 2:
        return Seeds(np.nan, np.nan)
    spread = float(np.var(gains, ddof=1))
    return Seeds(spread / count, count - 1.0, lineage=spread)


def two_factors(gains: Floats, first: Sequence[str], second: Sequence[str]) -> Seeds:
    """Crossed seeds, at least two of each kind: two-way analysis of variance, both kinds random.

    With the spread over means of either kind, A = s**2 / I and B = s**2 / T, and of the residuals,
    G = s**2 / (I T), the variance is A + B - G, never below the greater of A and B; where lineages
    are missing it is A + B, which is never too small on that account (Cameron, Gelbach, Miller
    2011, section 2.1). Degrees of freedom: Satterthwaite's (1946) for A + B.
    """
    rows, row = np.unique(first, return_inverse=True)
    columns, column = np.unique(second, return_inverse=True)
    size = (len(rows), len(columns))
    by_row, by_column = (
        np.bincount(of, gains) / np.bincount(of, minlength=count)
        for of, count in zip((row, column), size, strict=True)
    )
    a, b = (float(np.var(means, ddof=1)) / len(means) for means in (by_row, by_column))
    still = a + b == 0
    df = 1.0 if still else (a + b) ** 2 / (a**2 / (size[0] - 1) + b**2 / (size[1] - 1))
    if len(gains) != size[0] * size[1]:
        return Seeds(a + b, df, a * size[0], b * size[1])
    left = gains - by_row[row] - by_column[column] + gains.mean()
    rest = float((left**2).sum() / ((size[0] - 1) * (size[1] - 1)))
    variance = max(a + b - rest / len(gains), a, b)
    own = max(a * size[0] - rest / size[1], 0.0)
    return Seeds(variance, df, own, max(b * size[1] - rest / size[0], 0.0), rest)


def shared(covariance: Floats, apart: Mask) -> Floats:
    """(cells, S, S) covariances of lineages under resampling of items -> (cells,) their mean.

    The variance of the mean gain that comes of the draw of items: the mean over pairs of lineages
    that share no seed (`apart`, (cells, S, S)), 0 where it comes out below.
    """
    with np.errstate(invalid="ignore"):
        mean: Floats = (covariance * apart).sum(axis=(1, 2)) / apart.sum(axis=(1, 2))
    return np.maximum(mean, 0.0)


def freedom(seeds: Floats, seeds_df: Floats, items: Floats, items_df: Floats) -> Floats:
    """Degrees of freedom of the sum of two variances: harmonic, each weighted by its share.

    Satterthwaite (1946) weighs by the square of the share: with 2 degrees of freedom an estimate
    that came out small then gets a normal quantile too, and 95 % intervals cover 92 %. Weighted by
    the share itself they cover 94.2 to 96.3 % at 2 degrees of freedom, 95.0 to 96.1 % at 4 and
    95.0 to 95.6 % at 9, whatever the true shares (integrated numerically; benchmarks/covering.py).
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        parts = [
            np.where(variance > 0, variance / df, 0.0)
            for variance, df in ((seeds, seeds_df), (items, items_df))
        ]
        mixed: Floats = (seeds + items) / (parts[0] + parts[1])
    return mixed


def p_value(gain: Floats, seeds: Floats, seeds_df: Floats, items: Floats) -> Floats:
    """(cells,) two-sided p values of no gain, valid far into the tails as corrections need them.

    The Behrens-Fisher distribution with one variance known: the normal tail averaged over what the
    seeds' variance may be, `seeds * df / chi2(df)` (Fisher 1935). Its rate of false positives is
    below the level everywhere, at 2 degrees of freedom by half, whereas that of an approximate t is
    above it by ten times and more at a level of 0.0005. So `p` may be a little over 0.05 where the
    interval just leaves out zero.
    """
    level, weight = _quadrature()
    p = np.full(len(gain), np.nan)
    whole = np.isfinite(gain) & np.isfinite(seeds + items) & (seeds + items > 0)
    for df in np.unique(seeds_df[whole]):
        at = whole & (seeds_df == df)
        spread = seeds[at, None] * (df / stats.chi2.ppf(level, df)) + items[at, None]
        p[at] = 2 * stats.norm.sf(np.abs(gain[at, None]) / np.sqrt(spread)) @ weight
    pure = whole & (items == 0)
    p[pure] = 2 * stats.t.sf(np.abs(gain[pure]) / np.sqrt(seeds[pure]), seeds_df[pure])
    return p


def critical(
    levels: Sequence[Floats],
    wobble: Floats,
    variance: float,
    confidence: float,
    rng: np.random.Generator,
) -> float:
    """How many standard errors a studentised bootstrap of seeds and items puts on either side.

    `levels`: of each kind of seed that was drawn, the mean gain of each; `wobble` (draws,): the
    mean gain under resampling of items, of which the part that lineages share, `variance`, counts.
    Symmetric, since the distribution of |t| is found with a smaller error than either of its tails
    (Hall 1988, Annals of Statistics 16, 927-953). Deviations of the seeds' means are stretched by
    sqrt(n / (n - 1)): n seeds drawn with replacement vary by (n - 1) / n of their variance, which
    at 5 seeds would give the items, whose part is not shrunk, too large a share of |t| (Rao and Wu
    1988, Journal of the American Statistical Association 83, 231-241). Never more than Student's t
    has at one degree of freedom less than the fewest seeds: that covers whatever the share of the
    items, where at 5 seeds a resample of hardly more than one of them has a |t| of any size, and
    intervals over seeds alone would cover 97.6 %.
    """
    spread = float(wobble.var())
    moved = (wobble - wobble.mean()) * (np.sqrt(variance / spread) if spread else 0.0)
    error = np.full(len(wobble), variance)
    for mean in levels:
        count = len(mean)
        weight = rng.multinomial(count, np.full(count, 1 / count), size=len(wobble)) / count
        apart = (mean - mean.mean()) * np.sqrt(count / (count - 1))
        drawn = weight @ apart
        moved += drawn
        error += (weight * (apart - drawn[:, None]) ** 2).sum(axis=1) / (count - 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        t = np.nan_to_num(np.abs(moved) / np.sqrt(error), nan=0.0)
    fewest = min(len(mean) for mean in levels)
    return float(min(np.quantile(t, confidence), stats.t.ppf(0.5 + confidence / 2, fewest - 1)))


def _quadrature() -> tuple[Floats, Floats]:
    """Levels of a distribution and their weights, dense near 0: there a variance is the largest."""
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    at = (nodes + 1) / 2
    return at**4, weights / 2 * 4 * at**3
