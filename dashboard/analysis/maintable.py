"""The paper's main table as one long frame: targets and averages, a row per intermediate each."""

from __future__ import annotations

import pandas as pd

from dashboard.analysis.coverage import MEASURED
from dashboard.analysis.means import as_means, averages, target_means, usual
from dashboard.analysis.published import SHIPPED
from dashboard.analysis.results import Results
from dashboard.analysis.rollup import TARGET_FAMILY, UNKNOWN

AVERAGE = "average"
NOTHING_COMMON = "no common cell"
MAIN = (
    "column",
    "group",
    "intermediate",
    "own",
    "state",
    "value",
    "baseline",
    "gain",
    "low",
    "high",
    "seeds",
    "reuses",
    "metric",
)
"""One row per column of the table and intermediate. `column` is a target or the name of an
average, `group` the target's kind or `AVERAGE`; `own`: the baseline's row, which has a score
(`value`) and no gain. Of a target that is read in several ways the usual one."""


def main_table(results: Results, common: bool = False) -> pd.DataFrame:
    """Columns `MAIN`, and of averages `targets`, `missing`, `over` (cells of a common mean).

    Results of one scale. `common`: the averages are over those targets and languages that every
    intermediate has, and then have no interval; else missing where one of their targets is.
    """
    means = target_means(results)
    found = averages(results, means)
    parts = [_targets(usual(means)), _averages(found, common)]
    table = pd.concat([part for part in parts if len(part)], ignore_index=True)
    table["own"] = table["intermediate"].eq(results.over)
    return table[[*MAIN, *(name for name in ("targets", "missing", "over") if name in table)]]


def _targets(means: pd.DataFrame) -> pd.DataFrame:
    group = means["target"].map(TARGET_FAMILY).fillna(UNKNOWN)
    return means.assign(column=means["target"], group=group)


def _averages(found: pd.DataFrame, common: bool) -> pd.DataFrame:
    """Averages as rows of the table; a missing one says how many of its targets are."""
    table = as_means(found).rename(columns={"target": "column"})
    table = table.assign(group=AVERAGE, reuses=False, **found[["targets", "missing", "over"]])
    if common:
        table["gain"] = found["common"]
        table["low"] = table["high"] = table["value"] = float("nan")
    there = table["gain"].notna() | table["value"].notna()
    lacking = found["missing"].astype(str) + " of " + found["targets"].astype(str) + " missing"
    lacking = lacking.mask(found["missing"].eq(0), NOTHING_COMMON)
    return table.assign(state=lacking.mask(there, MEASURED))


def ranked(table: pd.DataFrame) -> list[str]:
    """Intermediates by the first average, the best first; those without one after them, in order.

    The baseline, which has no gain, is not among them.
    """
    rows = table[~table["own"]]
    first = rows[rows["group"].eq(AVERAGE)].drop_duplicates("intermediate")
    order = first.sort_values("gain", ascending=False, kind="stable", na_position="last")
    return list(dict.fromkeys([*order["intermediate"], *rows["intermediate"]]))


def alongside(figures: pd.DataFrame, table: pd.DataFrame, scale: str) -> pd.DataFrame:
    """Published figures that belong beside a main table: a target's own average, in its metric.

    Columns of `published` and `number`, which counts the sources from 1. They are never in an
    average of ours; whether their languages are ours is not known, and their source says.
    """
    targets = table[table["group"].ne(AVERAGE)]
    metric = dict(zip(targets["column"], targets["metric"], strict=True))
    some = figures[figures["scale"].eq(scale) & figures["lang"].eq("")]
    some = some[some["metric"].eq(some["target"].map(metric))]
    order = some.sort_values("from", key=lambda one: one.ne(SHIPPED), kind="stable")
    return order.assign(number=pd.factorize(order["source"])[0] + 1)
