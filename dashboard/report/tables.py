"""The tables of results, each written from a frame that goes beside it as CSV."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from dashboard.analysis.answer import points
from dashboard.analysis.coverage import ABSENT, MEASURED
from dashboard.analysis.frames import PINNED
from dashboard.analysis.means import as_means, averages
from dashboard.analysis.results import PLACE, Results, records
from dashboard.report.parts import Cell, Table, cell
from dashboard.report.terminal import MARKS, others

DASH = "–"


def main_tables(results: Results, means: pd.DataFrame) -> Iterator[Table]:
    """For each scale the paper's main table: the baseline's row, then a row of gains a task."""
    found = averages(results, means)
    for scale, here in means.groupby("scale", sort=False):
        mine = found[found["scale"].eq(scale)]
        yield _main(results, str(scale), here, mine)


def _main(results: Results, scale: str, here: pd.DataFrame, mean: pd.DataFrame) -> Table:
    targets = here[["target", "variant", "metric"]].drop_duplicates()
    names = list(dict.fromkeys(mean["average"]))
    rows = []
    for task in ordered(here["intermediate"], results.over):
        own = task == results.over
        label = f"{results.title(task)} (score)" if own else results.title(task)
        row = [cell(label)]
        for target, variant, _ in targets.itertuples(index=False):
            place = here["target"].eq(target) & here["variant"].eq(variant)
            row.append(_place(here[place & here["intermediate"].eq(task)], own))
        for name in names:
            some = mean[mean["average"].eq(name) & mean["intermediate"].eq(task)]
            row.append(_place(some, own, "baseline"))
        rows.append(tuple(row))
    heads = [
        f"{_read(results, row.target, row.variant)}, {row.metric}" for row in targets.itertuples()
    ]
    data = pd.concat([here, as_means(mean)], ignore_index=True)
    note = (
        f"First row: the score of {results.title(results.over)}, mean over languages and seeds. "
        "Below it: gains over it in points. * the 95 % t interval over three or more seeds "
        "excludes zero (with fewer, a mean over languages has none here); ^ reuses the target's "
        "own training data. A word instead of a number says why a mean over all languages of the "
        "target is missing; an average is left out where one of its targets is."
    )
    title = f"Main table, scale {scale}"
    return Table(f"main-{scale}", title, ("intermediate", *heads, *names), tuple(rows), data, note)


def _place(found: pd.DataFrame, own: bool, score: str = "value") -> Cell:
    """One cell of the main table; nothing where the study does not plan it."""
    if found.empty:
        return cell("")
    row = records(found)[0]
    if own:
        return cell(_score(row[score]))
    if pd.isna(row["gain"]):
        return cell(row.get("state", DASH))
    return gain(row)


def gain(row: dict[str, Any]) -> Cell:
    """A gain with its marks; the interval goes below it."""
    low, high = row.get("low", float("nan")), row.get("high", float("nan"))
    sure = low > 0 or high < 0
    over = row.get("interval_over", "seeds")
    mark = {"seeds": "*", "items": "°"}.get(str(over), "") if sure else ""
    reuse = "^" if row.get("reuses") is True else ""
    span = "" if pd.isna(low) else f"{points(low)} to {points(high)}"
    return cell(f"{points(row['gain'])}{mark}{reuse}", row["gain"], span)


def _score(value: float) -> str:
    return DASH if pd.isna(value) else f"{value:.1f}"


def _read(results: Results, target: object, variant: object) -> str:
    """The target, and how it was read where not as usual."""
    return f"{results.title(str(target))} ({variant})" if variant else results.title(str(target))


def ordered(tasks: pd.Series[str], over: str) -> list[str]:
    """In the order of the plan, the baseline first."""
    return [over, *(task for task in dict.fromkeys(tasks) if task != over)]


def average_table(results: Results, means: pd.DataFrame) -> Table:
    """Averages with and without retrieval side by side, with what each is over."""
    found = averages(results, means)
    names = list(dict.fromkeys(found["average"]))
    head = ["scale", "intermediate"]
    for name in names:
        head += [name, "95 % interval", "common cells only"]
    rows = []
    for (scale, task), some in found.groupby(["scale", "intermediate"], sort=False):
        row = [cell(scale), cell(results.title(str(task)))]
        for name in names:
            row += _average(some[some["average"].eq(name)], task == results.over)
        rows.append(tuple(row))
    note = (
        "An average is the unweighted mean over its targets of each target's unweighted mean "
        f"over its languages, as XTREME averages: {_sizes(found)}. The row of "
        f"{results.title(results.over)} holds scores, the others gains over it in points. "
        "Intervals are t intervals over seeds, from three on. “Common cells only” averages the "
        "same way over the targets and languages that every intermediate of the scale has: "
        f"{_shared(found, results.over)}. “x of y missing”: so many of its targets have no mean "
        "over all their languages."
    )
    return Table("averages", "Averages", tuple(head), tuple(rows), found, note, 2)


def _sizes(found: pd.DataFrame) -> str:
    """How many targets each average is over."""
    first = found.drop_duplicates("average")
    return "; ".join(
        f"{row.average}, {row.targets} target{'s' * (row.targets != 1)}"
        for row in first.itertuples()
    )


def _shared(found: pd.DataFrame, over: str) -> str:
    """How many cells the averages over common cells are over, scale by scale."""
    rows = found[found["intermediate"].ne(over)].drop_duplicates(["scale", "average"])
    return "; ".join(f"{row.scale}, {row.average}: {row.over} cells" for row in rows.itertuples())


def _average(some: pd.DataFrame, own: bool) -> list[Cell]:
    if some.empty:
        return [cell(""), cell(""), cell("")]
    row = records(some)[0]
    if row["missing"]:
        first = cell(f"{row['missing']} of {row['targets']} missing")
    else:
        first = cell(_score(row["baseline"])) if own else gain(row | {"low": float("nan")})
    span = DASH if pd.isna(row["low"]) else f"{points(row['low'])} to {points(row['high'])}"
    shared = DASH if own or pd.isna(row["common"]) else points(row["common"])
    return [first, cell("" if own else span), cell("" if own else shared)]


def pinned_table(results: Results) -> Table:
    """Finnish, then Hungarian, then the mean of the other languages, target by target."""
    tasks = list(dict.fromkeys(results.cells["intermediate"]))
    rows, parts = [], []
    for (_, *place), some in others(results.cells).groupby(["lang", *PLACE], sort=False):
        first = some.iloc[0]
        row = [first["language"], _read(results, place[0], place[2]), place[1], first["metric"]]
        rows.append((*map(cell, row), *by_task(some, tasks)))
        parts.append(some)
    head = ("language", "target", "scale", "metric", "baseline", *map(results.title, tasks))
    data = pd.concat(parts, ignore_index=True)
    title = f"{' and '.join(PINNED.values())}, and the mean of the others"
    return Table("pinned", title, head, tuple(rows), data, MARKS, 4)


def by_task(some: pd.DataFrame, tasks: list[str]) -> list[Cell]:
    """The baseline's score, then the gain (or why there is none) after each of `tasks`."""
    found = {str(row["intermediate"]): row for row in records(some)}
    base = cell(_score(some["baseline"].mean()))
    return [base, *(_or_why(found[task]) if task in found else cell("") for task in tasks)]


def _or_why(row: dict[str, Any]) -> Cell:
    if pd.notna(row["gain"]):
        return gain(row)
    return cell(DASH if row["state"] in {ABSENT, MEASURED} else row["state"])


def language_table(results: Results, some: pd.DataFrame, name: str) -> Table:
    """One target at one scale: a row a language."""
    tasks = list(dict.fromkeys(some["intermediate"]))
    rows = []
    for _, here in some.groupby("lang", sort=False):
        about = here.iloc[0]
        rows.append((cell(about["language"]), cell(about["family"]), *by_task(here, tasks)))
    head = ("language", "family", "baseline", *map(results.title, tasks))
    first = some.iloc[0]
    title = f"{_read(results, first['target'], first['variant'])} at scale {first['scale']}"
    return Table(name, f"Gains by language: {title}", head, tuple(rows), some, MARKS, 2)
