"""From gains per seed to one cell: mean over seeds and a 95 % t interval where seeds allow one."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from dashboard.analysis.frames import CELL, require
from dashboard.analysis.health import told

CELLS = (
    *CELL,
    "intermediate",
    "gain",
    "baseline",
    "value",
    "seeds",
    "unpaired",
    "low",
    "high",
    "interval_over",
    "n",
    "reuses",
    "at_chance",
    "why",
)
"""One row per cell. `seeds` counts lineages with a gain, `unpaired` those without a baseline,
`at_chance` those of which a side has learnt nothing, for instance as `why` says; `interval_over` is
"seeds", "items" or None (nothing to compute an interval from)."""


def cells(gain_table: pd.DataFrame, confidence: float = 0.95, least: int = 3) -> pd.DataFrame:
    """CellTable: the mean gain over seeds, in points, and its t interval from `least` seeds on.

    With fewer seeds `low` and `high` stay NaN and `interval_over` None: `bootstrap.over_items`
    fills them with an interval over items only. `baseline` and `value` are means over the same
    lineages as `gain`; a cell without any gain keeps what it has of the two.
    """
    require(gain_table, [*CELL, "intermediate", "gain", "target_seed"], "the gain table")
    keys = [*CELL, "intermediate"]
    whole = gain_table["gain"].notna()
    grouped = gain_table[whole].groupby(keys, sort=False)
    table = grouped.agg(
        gain=("gain", "mean"), baseline=("baseline", "mean"), value=("value", "mean")
    )
    table["seeds"] = grouped.size()
    for name, half in _half_widths(gain_table[whole], keys, confidence, least).items():
        table[name] = half
    table["margin"] = table[["by_intermediate", "by_target"]].max(axis=1)
    every = gain_table.groupby(keys, sort=False)
    about = every.agg(
        n=("n", "min"),
        reuses=("reuses", "max"),
        alone=("value", "mean"),
        over=("baseline", "mean"),
        at_chance=("at_chance", "sum"),
    )
    bare = gain_table.assign(none=~whole & ~gain_table["at_chance"])
    about["unpaired"] = bare.groupby(keys, sort=False)["none"].sum()
    about = about.join(_why(gain_table, keys))
    table = about.join(table).reset_index()
    table["value"] = table["value"].fillna(table.pop("alone"))
    table["baseline"] = table["baseline"].fillna(table.pop("over"))
    table["seeds"] = table["seeds"].fillna(0).astype(int)
    table["low"] = table["gain"] - table["margin"]
    table["high"] = table["gain"] + table["margin"]
    over = ["seeds" if there else None for there in table.pop("margin").notna()]
    table["interval_over"] = pd.Series(over, index=table.index, dtype=object)
    return table[list(CELLS)]


def _why(gain_table: pd.DataFrame, keys: list[str]) -> pd.Series[str]:
    """Of each cell with a side at chance, what the first such lineage did."""
    bad = gain_table[gain_table["at_chance"]]
    words = [told(*pair) for pair in zip(bad["health"], bad["baseline_health"], strict=True)]
    found = bad.assign(why=pd.Series(words, index=bad.index, dtype="str"))
    return found.drop_duplicates(keys).set_index(keys)["why"]


def _half_widths(
    rows: pd.DataFrame, keys: list[str], confidence: float, least: int
) -> dict[str, pd.Series[float]]:
    """Half widths with each seed as the replicate; the wider one counts.

    In a paired design the two agree. In a crossed one the n x m lineages are not independent, so
    gains are averaged within a seed first (a mixed model separates the two components).
    """
    halves = {}
    for name, seed in (("by_intermediate", "intermediate_seed"), ("by_target", "target_seed")):
        replicates = rows.groupby([*keys, seed], sort=False)["gain"].mean().groupby(keys)
        halves[name] = t_half_width(replicates.std(ddof=1), replicates.size(), confidence, least)
    return halves


def t_half_width(
    deviation: pd.Series[float], count: pd.Series[int], confidence: float, least: int
) -> pd.Series[float]:
    """t(1 - a/2, n - 1) * s / sqrt(n) (Student 1908), NaN where n is below `least` (at least 2)."""
    enough = count.where(count >= max(least, 2))
    quantile = stats.t.ppf(0.5 + confidence / 2, enough - 1)
    return pd.Series(quantile * deviation / np.sqrt(enough), index=deviation.index)
