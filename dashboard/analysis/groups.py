"""Means over groups of cells (a family, a genus, a language), with intervals over seeds.

The replicates are seeds: neither languages nor items say how far a mean would move had one trained
again. Seeds can only be compared over the same cells, so where some lack cells there are two ways
(`Cells`): all cells, and an interval from the seeds that have them all; or fewer cells.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from dashboard.analysis.frames import require
from dashboard.analysis.intervals import cells
from dashboard.analysis.replicates import block, estimate
from dashboard.analysis.rollup import common, mean_gain

GroupWeights = Literal["targets", "languages", "items"]
Cells = Literal["every cell", "cells of every seed"]
"""every cell: the mean over all cells with a gain, each the mean of its seeds; its interval is from
the seeds that have all of them. cells of every seed: the mean over the cells that all seeds kept
have (`replicates.block`), the others are missing."""
WEIGHTS: dict[GroupWeights, str] = {
    "targets": "every target counts the same, in it every cell",
    "languages": "every cell (target, intermediate, language) counts the same",
    "items": "cells count by their number of test items",
}
"""Those of `rollup.Weights` that a mean within a group can have."""

GROUPS = (
    *("scale", "group", "gain", "low", "high", "seeds", "languages", "cells", "missing"),
    *("at_chance", "seeds_left_out"),
)
"""One row per scale and group, points. `cells` are in the mean and `languages` theirs; `missing`
are asked for and not in it, `at_chance` of those had runs that learnt nothing;
`seeds` are those that share all cells in the mean, `seeds_left_out` the others."""

_PLACE = ["scale", "group"]
_CELL = ["target", "intermediate", "lang"]
_SEEDS = ["intermediate_seed", "target_seed"]


def group_means(
    pairs: pd.DataFrame,
    asked: pd.DataFrame,
    by: str,
    weights: GroupWeights,
    over: Cells = "every cell",
    least: int = 3,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Columns `GROUPS`, for the values of column `by` of `pairs` and `asked` (of `scope`).

    A t interval over seeds from `least` seeds on, else NaN; by two-way clustering where seeds are
    crossed (`replicates.estimate`). A group without any gain keeps its row, with NaN.
    """
    require(pairs, ["scale", by, *_CELL, *_SEEDS, "gain", "at_chance", "n"], "the gain table")
    require(asked, ["scale", by, *_CELL], "the table of what was asked for")
    rows = broadcast(pairs).rename(columns={by: "group"} if by != "lang" else {})
    rows = rows.assign(group=rows["lang"]) if by == "lang" else rows
    there = rows[rows["gain"].notna()]
    part = _whole(there) if over == "every cell" else _block(there, least)
    lost = _seeds(there) - _seeds(part).reindex(_seeds(there).index, fill_value=0)
    whole = there if over == "every cell" else part
    found = _means(whole, weights).join(_spread(part, weights, least, confidence))
    found["low"], found["high"] = found["gain"] - found["half"], found["gain"] + found["half"]
    bad = rows[rows["at_chance"] & rows["gain"].isna()].drop_duplicates(["scale", *_CELL])
    counts = asked.groupby(["scale", by], sort=False).size().rename("asked")
    table = counts.rename_axis(_PLACE).to_frame().join(found, how="outer")
    table["at_chance"] = bad.groupby(_PLACE).size()
    table["seeds_left_out"] = lost
    numbers = ["asked", "cells", "seeds", "languages", "at_chance", "seeds_left_out"]
    table[numbers] = table[numbers].fillna(0).astype(int)
    table["missing"] = (table["asked"] - table["cells"]).clip(lower=0)
    return table.reset_index()[list(GROUPS)]


def broadcast(pairs: pd.DataFrame) -> pd.DataFrame:
    """Rows without a target seed (retrieval) under every target seed that goes with their
    intermediate seed elsewhere: a lineage then holds all that was measured of it."""
    bare = pairs["target_seed"].eq("") & pairs["intermediate_seed"].ne("")
    known = pairs.loc[~bare & pairs["intermediate_seed"].ne(""), _SEEDS].drop_duplicates()
    if not bare.any() or known.empty:
        return pairs
    spread = (
        pairs[bare].drop(columns="target_seed").merge(known, on="intermediate_seed", how="left")
    )
    spread["target_seed"] = spread["target_seed"].fillna("")
    return pd.concat([pairs[~bare], spread[pairs.columns]], ignore_index=True)


def same_cells(pairs: pd.DataFrame) -> pd.DataFrame:
    """The rows whose cell has a gain at every scale that is there."""
    if pairs.empty:
        return pairs
    whole = common(cells(pairs), ["scale"])[_CELL].drop_duplicates()
    return pairs.merge(whole, on=_CELL)


def _seeds(rows: pd.DataFrame) -> pd.Series[int]:
    """How many lineages each group has."""
    return rows.drop_duplicates([*_PLACE, *_SEEDS]).groupby(_PLACE).size()


def _whole(there: pd.DataFrame) -> pd.DataFrame:
    """The rows of seeds that have every cell of their group."""
    wanted = there.drop_duplicates([*_PLACE, *_CELL]).groupby(_PLACE).size().rename("wanted")
    has = there.groupby([*_PLACE, *_SEEDS])["gain"].transform("size")
    return there[has.eq(there.join(wanted, on=_PLACE)["wanted"])]


def _block(there: pd.DataFrame, least: int) -> pd.DataFrame:
    """The rows of the cells that all seeds kept have, and of those seeds."""
    kept = []
    for _, some in there.groupby(_PLACE, sort=False):
        wide = some.pivot(index=_CELL, columns=_SEEDS, values="gain")
        values = wide.to_numpy(dtype=np.float64)
        rows, columns = block(values, np.zeros(values.shape[1], dtype=int), least)
        seeds = wide.columns[columns].to_frame(index=False)
        part = some.merge(wide.index[rows].to_frame(index=False), on=_CELL)
        kept.append(part.merge(seeds, on=_SEEDS))
    return pd.concat(kept, ignore_index=True) if kept else there


def _means(rows: pd.DataFrame, weights: GroupWeights) -> pd.DataFrame:
    """Index scale, group: gain, cells, languages; each cell is the mean of its seeds."""
    grouped = rows.groupby([*_PLACE, *_CELL], sort=False)
    table = grouped.agg(gain=("gain", "mean"), n=("n", "min")).reset_index()
    found = mean_gain(table, _PLACE, weights, "skip").set_index(_PLACE)[["gain"]]
    each = table.groupby(_PLACE)
    return found.assign(cells=each.size(), languages=each["lang"].nunique())


def _spread(
    rows: pd.DataFrame, weights: GroupWeights, least: int, confidence: float
) -> pd.DataFrame:
    """Index scale, group: half (NaN below `least` seeds) and seeds."""
    means = mean_gain(rows, [*_PLACE, *_SEEDS], weights, "skip")
    told = []
    for key, some in means.groupby(_PLACE, sort=False):
        seeds = list(some[_SEEDS].itertuples(index=False, name=None))
        found = estimate(some["gain"].to_numpy(dtype=np.float64), seeds)
        told.append((*key, found.interval(confidence, least)[1] - found.mean, found.seeds))
    table = pd.DataFrame(told, columns=[*_PLACE, "half", "seeds"])
    return table.astype({"scale": "str", "group": "str"}).set_index(_PLACE)
