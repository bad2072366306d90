"""Means over languages, targets, scales that say what they average and what is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import pandas as pd

from dashboard.analysis.factors import known
from dashboard.analysis.frames import CELL, require

Weights = Literal["languages", "items", "targets", "families"] | Mapping[str, float]
"""languages: every row counts the same, which is every language where a group has one target;
items: by the number of test items; targets: every target counts the same, in it every row (as
XTREME's average does); families: every language family, in it every row, lest a mean over languages
is one over Indo-European; or a mapping from language code to weight."""

Missing = Literal["skip", "refuse", "common"]
"""skip: the mean of what there is; refuse: NaN where a cell is missing; common: over the cells that
all of `across` have, so that what is compared is compared over the same cells."""

BY = ("lang", "genus", "family", "script", "morphology", "target_family", "scale")
"""What results are usually rolled up by."""

TARGET_FAMILY: dict[str, str] = {
    target: "question answering" if family == "span" else family
    for target, family in known().family.items()
}
"""Target -> its kind, as in the catalogue; XTREME's four groups, and choice."""

UNKNOWN = "unknown"

LINEAGE = [
    *(name for name in CELL if name != "lang"),
    *("intermediate", "intermediate_seed", "target_seed"),
]
"""What one trained lineage is told by in a GainTable."""


def described(
    cells: pd.DataFrame,
    languages: pd.DataFrame,
    target_family: Mapping[str, str] = TARGET_FAMILY,
) -> pd.DataFrame:
    """`cells` with columns language, family, genus, script, morphology and target_family.

    `languages` is `ScoreFrame.languages`. What a language or target is not known to be is
    "unknown", a group of its own.
    """
    require(cells, ["lang", "target"], "the cell table")
    traits = [name for name in languages.columns if name != "lang" and name not in cells]
    table = cells.merge(languages[["lang", *traits]], on="lang", how="left")
    for name in traits:
        table[name] = table[name].fillna(table["lang"] if name == "language" else UNKNOWN)
    return table.assign(target_family=table["target"].map(target_family).fillna(UNKNOWN))


def completed(cells: pd.DataFrame, over: Sequence[str] = ("scale", "intermediate")) -> pd.DataFrame:
    """`cells` with a row (gain NaN) for what was measured elsewhere and not here.

    A failed or absent run leaves no row, and so cannot be counted: every combination of `over` that
    a target has anywhere gets a row for each of its languages. Do this before `described`.
    """
    rest = [one for one in ("target", "variant", "split", "metric") if one in cells]
    places = cells[[*rest, *over]].drop_duplicates()
    langs = cells[[*rest, "lang"]].drop_duplicates()
    return places.merge(langs, on=rest).merge(cells, on=[*rest, *over, "lang"], how="left")


def common(cells: pd.DataFrame, across: Sequence[str], value: str = "gain") -> pd.DataFrame:
    """The rows whose cell has a value under every combination of `across` that occurs.

    A cell is named by those of target, variant, split, lang, metric, scale, intermediate and the
    seeds that are columns and not in `across`. Raises ValueError where `across` is empty.
    """
    if not across:
        raise ValueError("common cells of what? Name the columns that are compared in `across`.")
    require(cells, [*across, value], "the cell table")
    names = [*CELL, "intermediate", "intermediate_seed", "target_seed"]
    place = [one for one in names if one in cells and one not in across]
    there = cells[cells[value].notna()]
    wanted = len(cells[list(across)].drop_duplicates())
    counts = there.drop_duplicates([*place, *across]).groupby(place).size()
    whole = counts[counts.eq(wanted)].index.to_frame(index=False)
    return cells.merge(whole, on=place)


def mean_gain(
    cells: pd.DataFrame,
    by: list[str],
    weights: Weights,
    missing: Missing,
    across: Sequence[str] = (),
    value: str = "gain",
) -> pd.DataFrame:
    """Weighted mean of `value` in each group of `by`, in points.

    Columns: `by`, gain, languages (how many rows are in the mean, which are languages where a group
    has one cell of each), missing (how many rows of the group have no gain) and, where
    `missing="common"`, left_out (those with a gain that are not common). `missing="refuse"` leaves
    the mean NaN where one is missing, so that two groups are only compared over all their
    languages. `across` is for `common` alone; of nothing, the mean is NaN. Raises ValueError for a
    language without a weight.
    """
    require(cells, [*by, "lang", value], "the cell table")
    rows = cells.assign(there=cells[value].notna(), used=cells[value].notna())
    if missing == "common":
        same = common(rows.assign(row=range(len(rows))), across, value)["row"]
        rows["used"] &= pd.Series(range(len(rows)), index=rows.index).isin(same)
    rows["weight"] = _weights(rows, weights, by).where(rows["used"])
    rows["product"] = rows["weight"] * rows[value]
    grouped = rows.groupby(by, sort=False)
    sums = grouped[["product", "weight"]].sum(min_count=1)
    table = pd.DataFrame({"gain": sums["product"] / sums["weight"]})
    table["languages"] = grouped["used"].sum().astype(int)
    there = grouped["there"].sum().astype(int)
    table["missing"] = grouped.size() - there
    if missing == "common":
        table["left_out"] = there - table["languages"]
    if missing == "refuse":
        table["gain"] = table["gain"].where(table["missing"].eq(0))
    return table.reset_index()


def _weights(rows: pd.DataFrame, weights: Weights, by: list[str]) -> pd.Series[float]:
    if weights == "languages":
        return pd.Series(1.0, index=rows.index)
    if weights == "items":
        require(rows, ["n"], "the cell table, weighted by items,")
        return rows["n"].astype(float)
    if weights in ("targets", "families"):
        column = "target" if weights == "targets" else "family"
        require(rows, [column], f"the cell table, weighted by {weights},")
        keys = list(dict.fromkeys([*by, column]))
        return 1.0 / rows.groupby(keys)["used"].transform("sum").astype(float)
    assert not isinstance(weights, str), f"no such weights: {weights}"
    absent = sorted(set(rows["lang"]) - set(weights))
    if absent:
        raise ValueError(f"no weight for {', '.join(absent)}: name one for every language")
    return rows["lang"].map(dict(weights)).astype(float)


def over_languages(lineages: pd.DataFrame) -> pd.DataFrame:
    """A GainTable of one language, `mean`: NaN in each lineage that lacks one of the target's.

    The mean is taken within a lineage, so that an interval over seeds carries what a seed moves in
    all languages alike.
    """
    if lineages.empty:
        return lineages
    wanted = lineages.groupby(["target", "variant"])["lang"].nunique()
    grouped = lineages.groupby(LINEAGE, sort=False)
    table = grouped.agg(
        reuses=("reuses", "max"),
        health=("health", "first"),
        baseline_health=("baseline_health", "first"),
        n=("n", "sum"),
    )
    full = table.join(wanted.rename("full"), on=["target", "variant"])["full"]
    for name in ("value", "baseline", "gain"):
        table[name] = grouped[name].mean().where(grouped[name].count().eq(full))
    lost = grouped["at_chance"].sum().gt(0)
    table["at_chance"] = lost & table["gain"].isna()
    table["evaluation"] = table["baseline_evaluation"] = ""
    return table.reset_index().assign(lang="mean")
