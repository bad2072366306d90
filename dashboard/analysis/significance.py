"""Which gains of a picture are more than chance, with or without a correction for their number."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from dashboard.analysis.correction import Correction, corrected

LEVEL = 0.05
NORMAL = 1.959963984540054
"""The 0.975 quantile of the normal distribution."""
SEEDS = ("intermediate_seed", "target_seed")


def marked(
    table: pd.DataFrame, pairs: pd.DataFrame, correction: Correction = "none"
) -> pd.DataFrame:
    """`table` (cells of `picture`, with their gains `pairs`) with p, p_corrected and `sure`.

    `p` belongs to the interval of the cell: over seeds it is that of the t test whose interval it
    is; over items that of the normal distribution whose 95 % are as wide. Without a correction a
    cell is sure where its interval excludes zero, as everywhere else; with one, where the corrected
    p is below 0.05. What is corrected for is every cell of `table` that has an interval.
    """
    told = table.assign(p=_p(table, _replicates(table, pairs)))
    told = corrected(told, correction)
    plain = told["low"].gt(0) | told["high"].lt(0)
    return told.assign(sure=plain if correction == "none" else told["p_corrected"].lt(LEVEL))


def _p(table: pd.DataFrame, replicates: pd.DataFrame) -> pd.Series[float]:
    """Two-sided p values; NaN where there is no interval."""
    half = ((table["high"] - table["low"]) / 2).astype(float)
    gain = table["gain"].abs().astype(float)
    found = pd.Series(np.nan, index=table.index)
    by_items = table["interval_over"].eq("items")
    flat = half.eq(0)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = gain / (half / NORMAL)
        found[by_items] = 2 * stats.norm.sf(z[by_items])
        for name in replicates:
            free = replicates[name] - 1
            t = gain / (half / stats.t.ppf(0.975, free.where(free > 0)))
            p = pd.Series(2 * stats.t.sf(t, free), index=table.index)
            mine = table["interval_over"].eq("seeds") & free.ge(2)
            # of two kinds of seeds the wider interval counts, and so the larger p
            found[mine] = np.fmax(found[mine].fillna(0), p[mine])
    # all replicates alike: no spread, so sure unless the gain is zero
    return found.mask(flat & table["interval_over"].notna(), gain.eq(0).astype(float))


def _replicates(table: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """For each cell, how many seeds of either kind its gains are from."""
    keys = ["scale", "target", "lang", "intermediate"]
    there = pairs[pairs["gain"].notna()]
    counts = there.groupby(keys)[list(SEEDS)].nunique()
    places = pd.MultiIndex.from_frame(table[keys])
    return counts.reindex(places).fillna(0).set_index(table.index)
