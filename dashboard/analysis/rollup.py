"""Means over languages that say what they average."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import pandas as pd

from dashboard.analysis.frames import require

Weights = Literal["languages", "items"] | Mapping[str, float]
"""languages: every language counts the same; items: by its number of test items; or a mapping from
language code to weight."""


def mean_gain(
    cells: pd.DataFrame,
    by: list[str],
    weights: Weights,
    missing: Literal["skip", "refuse"],
) -> pd.DataFrame:
    """Weighted mean of `gain` in each group of `by`, in points.

    Columns: `by`, gain, languages (how many are in the mean), missing (how many of the group have
    no gain). `missing="refuse"` leaves the mean NaN where one is missing, so that two groups are
    only compared over all their languages. Raises ValueError for a language without a weight.
    """
    require(cells, [*by, "lang", "gain"], "the cell table")
    rows = cells.assign(weight=_weights(cells, weights), there=cells["gain"].notna())
    rows["weight"] = rows["weight"].where(rows["there"])
    rows["product"] = rows["weight"] * rows["gain"]
    grouped = rows.groupby(by, sort=False)
    sums = grouped[["product", "weight"]].sum(min_count=1)
    table = pd.DataFrame({"gain": sums["product"] / sums["weight"]})
    table["languages"] = grouped["there"].sum().astype(int)
    table["missing"] = grouped.size() - table["languages"]
    if missing == "refuse":
        table["gain"] = table["gain"].where(table["missing"].eq(0))
    return table.reset_index()


def _weights(cells: pd.DataFrame, weights: Weights) -> pd.Series[float]:
    if weights == "languages":
        return pd.Series(1.0, index=cells.index)
    if weights == "items":
        require(cells, ["n"], "the cell table, weighted by items,")
        return cells["n"].astype(float)
    assert not isinstance(weights, str)
    absent = sorted(set(cells["lang"]) - set(weights))
    if absent:
        raise ValueError(f"no weight for {', '.join(absent)}: name one for every language")
    return cells["lang"].map(dict(weights)).astype(float)
