"""Which seeds were drawn in each cell, and what their draw adds to the variance of its gain."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dashboard.analysis.components import Seeds, two_factors

SEEDS = ["intermediate_seed", "target_seed"]
DESIGNS: dict[str, str] = {
    "paired": "each intermediate seed meets one target seed: the two cannot be separated, and are "
    "told as one lineage component",
    "crossed": "intermediate and target seeds are separate random factors",
    "intermediate": "intermediate seeds alone were drawn",
    "target": "target seeds alone were drawn",
    "one": "one lineage: nothing is known of other seeds",
}
PARTS = [
    "gain",
    "seeds",
    "levels",
    "design",
    "seeds_variance",
    "seeds_df",
    "per_intermediate",
    "per_target",
    "per_lineage",
]


def over_seeds(rows: pd.DataFrame, least: int) -> pd.DataFrame:
    """Columns `PARTS`, by `cell`: the mean gain over its lineages (rows), and the seeds' part of
    its variance, NaN where there are fewer than `least` seeds of a kind that was drawn."""
    grouped = rows.groupby("cell", sort=True)
    table = grouped["gain"].agg(gain="mean", seeds="size", spread="var")
    levels = grouped[SEEDS].nunique()
    table["design"] = designs(levels, table["seeds"])
    crossed = table["design"].eq("crossed")
    fewest = levels.min(axis=1).where(crossed, table["seeds"])
    table["levels"] = fewest
    enough = fewest.ge(max(least, 2))
    alone = enough & ~crossed
    table["seeds_variance"] = (table["spread"] / table["seeds"]).where(alone)
    table["seeds_df"] = (table["seeds"] - 1.0).where(alone)
    for kind in ("intermediate", "target"):
        table[f"per_{kind}"] = table["spread"].where(alone & table["design"].eq(kind))
    table["per_lineage"] = table["spread"].where(alone & table["design"].eq("paired"))
    names = ["seeds_variance", "seeds_df", "per_intermediate", "per_target", "per_lineage"]
    for cell in table.index[crossed & enough]:
        table.loc[cell, names] = _parts(rows[rows["cell"].eq(cell)])
    return pd.DataFrame(table[PARTS])


def designs(levels: pd.DataFrame, lineages: pd.Series[int]) -> pd.Series[str]:
    """Of each cell, one of `DESIGNS`."""
    first, second = (levels[name].gt(1) for name in SEEDS)
    paired = first & second & levels[SEEDS[0]].eq(lineages) & levels[SEEDS[1]].eq(lineages)
    told = np.select(
        [lineages.eq(1), paired, first & second, first],
        ["one", "paired", "crossed", "intermediate"],
        "target",
    )
    return pd.Series(told, index=levels.index, dtype="str")


def _parts(rows: pd.DataFrame) -> list[float]:
    found: Seeds = two_factors(rows["gain"].to_numpy(), *(rows[name].tolist() for name in SEEDS))
    return [found.variance, found.df, found.intermediate, found.target, found.lineage]
