"""The interval of a cell over both of its draws: the test items and the seeds.

`components` says why neither alone will do, and how they are put together. Items are always
resampled (`resample`); the seeds' part is a t interval from `least` seeds on, or, where asked for
and there are at least `BOOTSTRAP_FROM`, a bootstrap of seeds and items. With fewer seeds the
interval is over items only and says so. What cannot be computed is NaN, with the reason in `why`:

* no gain, or no items and too few seeds: no interval; items missing, differing between two sides,
  or of another metric: the interval is over seeds alone, which is too narrow, and says so;
* nothing varied (a constant score, the same answers on both sides): no interval, since one of no
  width would claim certainty;
* unequal seeds: each cell counts its own; 50 items: as any number, with as many clusters less one
  degrees of freedom; a NaN among the items of an evaluation makes its items missing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from dashboard.analysis.components import STILL, Floats, freedom, p_value
from dashboard.analysis.frames import CELL, require
from dashboard.analysis.lineage import SEEDS, over_seeds
from dashboard.analysis.resample import Items, Resampling
from dashboard.analysis.shared_items import Method, over_items, without

KEYS = [*CELL, "intermediate"]
INTERVALS = (
    *KEYS,
    "gain",
    "low",
    "high",
    "p",
    "interval_over",
    "method",
    "design",
    "seeds",
    "levels",
    "clusters",
    "se",
    "df",
    "items_variance",
    "seeds_variance",
    "seeds_df",
    "noise",
    "per_intermediate",
    "per_target",
    "per_lineage",
    "why",
)
"""One row per cell; points, and points squared for variances.

`interval_over`: "seeds and items", "seeds", "items" or None. `method`: "t", "bootstrap" (of both,
studentised), "percentile" (of items) or None. `design`: one of `lineage.DESIGNS`. `seeds` counts
lineages with a gain, `levels` seeds of the kind with fewer (in a crossed design), `clusters` the
items that are drawn together. The variance of `gain` is `items_variance` + `seeds_variance`, the
latter with `seeds_df` degrees of freedom; `noise` is what the number of items adds to the variance
of one lineage's gain beyond what all lineages share. `per_...`: the variance of one more seed of a
kind. `p`: two-sided, of no gain (`p_value`)."""

NOTHING_VARIED = "nothing varied: an interval of no width would claim certainty"
NO_GAIN = "no gain"


def intervals(
    gain_table: pd.DataFrame,
    items: Items | None,
    method: Method = "t",
    confidence: float = 0.95,
    draws: int = 2000,
    seed: int = 0,
    least: int = 3,
    cell: pd.Series[int] | None = None,
) -> pd.DataFrame:
    """Columns `INTERVALS`: the mean gain of each cell over its lineages, and its uncertainty, in
    the order of `numbered`, which may be told as `cell`.

    `least`: seeds (of either kind, where crossed) from which an interval speaks of other seeds.
    Coverage in simulated worlds: `benchmarks/covering.py`.
    """
    require(gain_table, [*KEYS, *SEEDS, "gain", "evaluation", "baseline_evaluation"], "gains")
    cell = numbered(gain_table, KEYS) if cell is None else cell
    whole = gain_table["gain"].notna()
    places, names = pd.factorize(cell[whole])
    rows = gain_table[whole].reset_index(drop=True).assign(cell=places)
    every = gain_table.loc[~cell.duplicated(), KEYS].reset_index(drop=True)
    table = every.loc[names].reset_index(drop=True)
    table = table.join(over_seeds(rows, least))
    parts = without(table)
    if items is not None:
        parts = over_items(rows, table, Resampling(items, draws, seed), method, confidence)
    table = table.join(parts).drop(columns=KEYS).set_index(names)
    return _told(every.join(table), confidence)


def numbered(table: pd.DataFrame, keys: list[str]) -> pd.Series[int]:
    """Of each row the number of its group, in the order in which they appear: columns of text are
    dear to group by, so that is done once."""
    return table.groupby(keys, sort=False).ngroup()


def _told(table: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """The parts put together: se, df, low, high, p, and what the interval is over."""
    both, items = table["seeds_variance"].notna(), table["items_variance"].notna()
    variance = table["seeds_variance"].fillna(0) + table["items_variance"].fillna(0)
    table["se"] = np.sqrt(variance.where(both | items))
    table["df"], table["p"] = _reference(table)
    still = table["se"].le(STILL)
    quantile = pd.Series(stats.t.ppf(0.5 + confidence / 2, table["df"]), index=table.index)
    half = table["critical"].fillna(quantile) * table["se"]
    for side, end in (("low", table["gain"] - half), ("high", table["gain"] + half)):
        table[side] = end.where(both, table[f"{side}_items"]).mask(still)
    table["p"] = table["p"].mask(still)
    there = table["low"].notna()
    table["interval_over"] = _named(there, (both & items, "seeds and items"), (both, "seeds"))
    bootstrapped = (table["critical"].notna(), "bootstrap")
    table["method"] = _named(there, bootstrapped, (both, "t"), other="percentile")
    table["seeds"] = table["seeds"].fillna(0).astype(int)
    why = table["why"].fillna("").astype("str").mask(still, NOTHING_VARIED)
    table["why"] = why.mask(table["gain"].isna(), NO_GAIN)
    return table.loc[:, list(INTERVALS)]


def _named(
    there: pd.Series[bool], *choices: tuple[pd.Series[bool], str], other: str = "items"
) -> pd.Series[Any]:
    """The first choice that holds, `other` where none does, None where nothing is there."""
    conditions, names = zip(*choices, strict=True)
    found = np.select([one.to_numpy() for one in conditions], list(names), other)
    return pd.Series(found, index=there.index, dtype=object).where(there, None)


def _reference(table: pd.DataFrame) -> tuple[Floats, Floats]:
    """Degrees of freedom and p values; over items alone Student's t with the clusters less one."""
    seeds, df, items, gain, clusters = (
        table[name].to_numpy(dtype=float)
        for name in ("seeds_variance", "seeds_df", "items_variance", "gain", "clusters")
    )
    known = np.nan_to_num(items)
    both = p_value(gain, seeds, df, known)
    with np.errstate(divide="ignore", invalid="ignore"):
        alone = 2 * stats.t.sf(np.abs(gain) / np.sqrt(items), clusters - 1)
    p = np.where(np.isnan(seeds), alone, both)
    return freedom(np.nan_to_num(seeds), df, known, clusters - 1), p
