"""Gains: what an intermediate task adds to the score that the same target reaches without it."""

from __future__ import annotations

import pandas as pd

from dashboard.analysis.coding import written
from dashboard.analysis.frames import CELL, require
from dashboard.analysis.health import Degenerate, degenerate, judged

GAINS = (
    *CELL,
    "intermediate",
    "intermediate_seed",
    "target_seed",
    "evaluation",
    "baseline_evaluation",
    "value",
    "baseline",
    "gain",
    "n",
    "reuses",
    "health",
    "baseline_health",
    "at_chance",
)
"""One row per trained lineage (seed) and language; points of the metric, 0 to 100. `at_chance`:
both sides were measured, and one of them has learnt nothing."""

_LINEAGE = ["mlm", "source"]


def gains(
    scores: pd.DataFrame, baseline: str = "none", nothing_learnt: Degenerate = "left out"
) -> pd.DataFrame:
    """GainTable (columns `GAINS`): every score beside the baseline's of the same seed.

    `baseline` is an intermediate like any other. Two scores belong together when they share scale,
    target, variant, split, language, metric, phase 1, data source and the target seed. Where there
    is no target seed (retrieval) they share the intermediate seed, or, if the baseline has none, it
    is broadcast to all seeds. `gain` is NaN where either side is missing, never 0, and where either
    has learnt nothing (`health.RULE`), unless that is to be `included`.
    Raises ValueError where two evaluations claim the same place, since a mean of them is a choice.
    """
    require(scores, [*CELL, "value", "evaluation", *_LINEAGE], "the score frame")
    rows = judged(scores[~scores["metric"].eq("n")])  # texts as numbers, where they are, until all
    _refuse_doubles(rows, [*CELL, *_LINEAGE, "intermediate", "intermediate_seed", "target_seed"])
    parts = []
    for trained in (True, False):
        some = rows[rows["target_seed"].ne("") == trained]
        parts.append(_paired(some, some[some["intermediate"].eq(baseline)], trained))
    table = pd.concat(parts, ignore_index=True)
    table["gain"] = table["value"] - table["baseline"]
    bad = degenerate(table["health"]) | degenerate(table["baseline_health"])
    table["at_chance"] = bad & table["gain"].notna()
    if nothing_learnt == "left out":
        table.loc[bad, "gain"] = float("nan")
    return written(table[list(GAINS)])


def _paired(rows: pd.DataFrame, base: pd.DataFrame, trained: bool) -> pd.DataFrame:
    """`rows` beside the baseline's value, evaluation and health, NaN where there is no match."""
    keys = [*CELL, *_LINEAGE] + (["target_seed"] if trained else [])
    seeded = bool(base["intermediate_seed"].ne("").any())
    if seeded and (not trained or base.duplicated(keys).any()):
        keys.append("intermediate_seed")  # retrieval, or a crossed design
    names = {
        "value": "baseline",
        "evaluation": "baseline_evaluation",
        "health": "baseline_health",
    }
    right = base[[*keys, *names]].rename(columns=names)
    return rows.merge(right, on=keys, how="left", validate="many_to_one")


def _refuse_doubles(rows: pd.DataFrame, keys: list[str]) -> None:
    """Two evaluations of one place differ in something the keys do not see (a recipe)."""
    doubles = rows[rows.duplicated(keys, keep=False)]
    if doubles.empty:
        return
    first = doubles.iloc[0]
    ids = sorted(set(doubles.loc[(doubles[keys] == first[keys]).all(axis=1), "evaluation"]))
    raise ValueError(
        f"{' and '.join(ids[:3])} both measure {first['target']} in {first['lang']} at scale "
        f"{first['scale']} after {first['intermediate']} with the same seeds: their recipes differ,"
        " so they cannot share a cell. Choose one study."
    )
