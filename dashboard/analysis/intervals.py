"""From gains per seed to one cell: the mean over seeds, and the one interval that a cell gets.

The rule, the same on pages, in reports and in comparisons (`cells`):

* three or more seeds, and items of both sides: over seeds and items (`hierarchical`);
* three or more seeds without such items (another metric than the items', a mean over languages):
  a t interval over seeds, which speaks of these very test items;
* fewer seeds with items: over items only, which says nothing of other seeds, and labelled so;
* neither, or nothing that varied: none, with the reason.

Nothing is bootstrapped over seeds here: t intervals cover as well, and with few seeds better.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from dashboard.analysis.components import STILL
from dashboard.analysis.frames import CELL, require
from dashboard.analysis.health import told
from dashboard.analysis.hierarchical import intervals, numbered
from dashboard.analysis.resample import Items

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
    "p",
    "interval_over",
    "lacks",
    "n",
    "reuses",
    "at_chance",
    "why",
)
"""One row per cell. `seeds` counts lineages with a gain, `unpaired` those without a baseline,
`at_chance` those of which a side has learnt nothing, for instance as `why` says; `interval_over` is
"seeds and items", "seeds", "items" or None (nothing to compute an interval from), `lacks` what a
wider one would have taken; `p` is two-sided, of no gain, over the same."""
OVER_SEEDS = ("seeds and items", "seeds")
"""What an interval is over that speaks of other seeds."""


def cells(
    gain_table: pd.DataFrame,
    confidence: float = 0.95,
    least: int = 3,
    items: Items | None = None,
    draws: int = 1000,
) -> pd.DataFrame:
    """CellTable: the mean gain over seeds, in points, and its interval by the rule above.

    `least`: seeds from which an interval speaks of others. Without `items`, or where they are of
    another metric than the gains, intervals are over seeds. `baseline` and `value` are means over
    the same lineages as `gain`; a cell without any gain keeps what it has of the two.
    """
    require(gain_table, [*CELL, "intermediate", "gain", "target_seed"], "the gain table")
    keys = [*CELL, "intermediate"]
    cell = numbered(gain_table, keys)
    whole = gain_table["gain"].notna()
    grouped = gain_table[whole].groupby(cell[whole])
    table = grouped.agg(
        gain=("gain", "mean"), baseline=("baseline", "mean"), value=("value", "mean")
    )
    table["seeds"] = grouped.size()
    about = gain_table.groupby(cell).agg(
        n=("n", "min"),
        reuses=("reuses", "max"),
        alone=("value", "mean"),
        over=("baseline", "mean"),
        at_chance=("at_chance", "sum"),
    )
    about["unpaired"] = (~whole & ~gain_table["at_chance"]).groupby(cell).sum()
    spans = intervals(gain_table, items, "t", confidence, draws, least=least, cell=cell)
    spans = spans.rename(columns={"why": "lacks"})
    about = about.join(_why(gain_table, cell))
    about = about.join(spans[[*keys, "low", "high", "p", "interval_over", "lacks"]])
    table = about.join(table)
    table["value"] = table["value"].fillna(table.pop("alone"))
    table["baseline"] = table["baseline"].fillna(table.pop("over"))
    table["seeds"] = table["seeds"].fillna(0).astype(int)
    return table[list(CELLS)]


def _why(gain_table: pd.DataFrame, cell: pd.Series[int]) -> pd.Series[str]:
    """Of each cell with a side at chance, what the first such lineage did."""
    bad = gain_table[gain_table["at_chance"]]
    words = [told(*pair) for pair in zip(bad["health"], bad["baseline_health"], strict=True)]
    found = pd.Series(words, index=cell[bad.index], dtype="str", name="why")
    return found[~found.index.duplicated()]


def t_half_width(
    deviation: pd.Series[float], count: pd.Series[int], confidence: float, least: int
) -> pd.Series[float]:
    """t(1 - a/2, n - 1) * s / sqrt(n) (Student 1908), NaN where n is below `least` (at least 2) or
    nothing varied: an interval of no width would claim certainty."""
    enough = count.where((count >= max(least, 2)) & (deviation / np.sqrt(count) > STILL))
    quantile = stats.t.ppf(0.5 + confidence / 2, enough - 1)
    return pd.Series(quantile * deviation / np.sqrt(enough), index=deviation.index)
