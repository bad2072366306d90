"""The paper's main table as one long frame: targets and averages, a row per intermediate each."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from dashboard.analysis.answer import points
from dashboard.analysis.comparisons import MIXTURE, single
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


def finding(table: pd.DataFrame, title: Callable[[str], str] = str) -> str:
    """The best single task and the mixture on average, each with and without retrieval.

    Chosen by the scores that it is told with, which flatters it: a choice that was made beforehand
    is `comparisons.best_intermediate`.
    """
    rows = table[table["group"].eq(AVERAGE) & ~table["own"]]
    names = list(dict.fromkeys(rows["column"]))[:2]
    wide = rows.pivot(index="intermediate", columns="column", values="gain").reindex(columns=names)
    there = wide[wide.notna().any(axis=1)] if names else wide
    if there.empty:
        return (
            "No intermediate task has been measured on all of its targets, so there is no average "
            "to rank them by: averages over common cells can be asked for."
        )
    plain = there[[single(str(task)) for task in there.index]]
    best = [str(plain[one].idxmax()) for one in names if plain[one].notna().any()]
    told = []
    for at, task in enumerate(dict.fromkeys(best)):
        opening = "Without retrieval it is" if at else f"By the {names[0]} the best single task is"
        told.append(f"{opening} {_both(there, task, names, title)}.")
    if MIXTURE in there.index:
        told.append(f"The mixture is {_both(there, MIXTURE, names, title)}.")
    return " ".join(told)


def _both(wide: pd.DataFrame, task: str, names: list[str], title: Callable[[str], str]) -> str:
    """`MNLI (+7.5, without retrieval −0.2)`."""
    gains: list[float] = wide.loc[[task], names].to_numpy(dtype=float)[0].tolist()
    told = ["missing" if pd.isna(gain) else points(gain) for gain in gains]
    return f"{title(task)} ({', without retrieval '.join(told)})"


def shown(table: pd.DataFrame, order: list[str], title: Callable[[str], str] = str) -> pd.DataFrame:
    """The table as it is read: a row per intermediate, the baseline's scores first, then gains."""
    own = list(dict.fromkeys(table.loc[table["own"], "intermediate"]))
    number = table["gain"].where(~table["own"], table["value"])
    wide = table.assign(number=number).pivot(
        index="intermediate", columns="column", values="number"
    )
    columns = list(dict.fromkeys(table.sort_values("group", key=_last, kind="stable")["column"]))
    wide = wide.reindex(index=[*own, *order], columns=columns)
    averages = set(table.loc[table["group"].eq(AVERAGE), "column"])
    heads = {one: one if one in averages else title(one) for one in columns}
    names = [f"{title(task)}, score" if task in own else title(task) for task in wide.index]
    wide = wide.rename(columns=heads)
    wide.insert(0, "intermediate", names)
    return wide.reset_index(drop=True)


def _last(group: pd.Series[str]) -> pd.Series[bool]:
    return group.eq(AVERAGE)
