"""Means over languages and over targets, each of which says what it averages."""

from __future__ import annotations

from typing import Any

import pandas as pd

from dashboard.analysis.coverage import ABSENT, MEASURED, NO_BASELINE
from dashboard.analysis.intervals import cells, t_half_width
from dashboard.analysis.results import PLACE, Results, records
from dashboard.analysis.rollup import common, over_languages
from dashboard.analysis.xtreme import OFFICIAL

XTREME = tuple(OFFICIAL)
"""The nine tasks of XTREME's official average."""

TARGET_MEANS = (*PLACE, "metric", "split", "intermediate", "state", "languages", "gained", "gain")
"""One row per target, scale, way of reading and intermediate, the baseline's own row among them;
beside these `baseline`, `value`, `low`, `high`, `seeds`, `at_chance`, `reuses` as in a CellTable.
`languages` are in every mean, each counting the same; `gained` are those with a gain of their own.
A mean is NaN where one of its languages is missing, for the reason in `state`."""


def target_means(results: Results) -> pd.DataFrame:
    """The paper's cells (columns `TARGET_MEANS`): a target's mean over its languages.

    The mean is taken within each lineage first, so that its t interval over seeds (from three on)
    carries what a seed moves in all languages alike.
    """
    whole = over_languages(results.lineages)
    found = cells(whole).drop(columns=["lang", "interval_over"])
    asked = results.plan[[*PLACE, "intermediate"]].drop_duplicates()
    told = asked.merge(found, on=[*PLACE, "intermediate"], how="left")
    states = [_state(results.cells, row) for row in records(told)]
    told = told.assign(**{name: [one[name] for one in states] for name in states[0]})
    own = told["intermediate"].eq(results.over)
    told.loc[own & told["value"].notna(), "state"] = MEASURED
    told.loc[own, ["gain", "low", "high"]] = float("nan")
    about = results.cells.drop_duplicates(PLACE)[[*PLACE, "metric", "split"]]
    told = told.drop(columns=["metric", "split"]).merge(about, on=PLACE, how="left")
    return told[[*TARGET_MEANS, *(name for name in told if name not in TARGET_MEANS)]]


def _state(rows: pd.DataFrame, row: dict[str, Any]) -> dict[str, Any]:
    """`state`, `languages` and `gained` of one target mean, told by the cells below it."""
    some = rows[rows["intermediate"].eq(row["intermediate"])]
    for name in PLACE:
        some = some[some[name].eq(row[name])]
    some = some[some["state"].ne(ABSENT)]
    there = int(some["gain"].notna().sum())
    if pd.notna(row["gain"]):
        state = MEASURED
    elif there == len(some) and there:
        state = "no seed has every language"
    elif there:
        state = f"{there} of {len(some)} languages"
    else:
        state = str(some["state"].mode()[0]) if len(some) else NO_BASELINE
    return {"state": state, "languages": len(some), "gained": there}


def retrieval(results: Results) -> set[str]:
    """Targets that nothing is trained for: they are read off an encoder (no target seed)."""
    plan = results.plan
    return {*plan["target"]} - {*plan.loc[plan["target_seed"].ne(""), "target"]}


def groups(results: Results) -> dict[str, list[str]]:
    """Name of an average -> its targets: with and without retrieval, and those beyond XTREME."""
    targets = list(dict.fromkeys(results.plan["target"]))
    xtreme = [one for one in targets if one in XTREME]
    read = retrieval(results)
    rest = [one for one in xtreme if one not in read]
    official = set(xtreme) == set(XTREME)
    first = "XTREME's average" if official else f"mean of {len(xtreme)} XTREME tasks"
    told = {first: xtreme, f"mean of {len(rest)} without retrieval": rest}
    told["targets beyond XTREME"] = [one for one in targets if one not in XTREME]
    return {name: some for name, some in told.items() if some}


AVERAGES = ("scale", "intermediate", "average", "targets", "missing", "baseline", "gain", "low")
"""One row per scale, intermediate and average; beside these `high`, `seeds`, `common`, `over`.
`common` is the mean gain over the cells (target and language) that every intermediate of the scale
has, `over` how many cells those are."""


def averages(results: Results, means: pd.DataFrame) -> pd.DataFrame:
    """Unweighted means over targets of `target_means`; NaN where one of the targets is missing."""
    plain, whole = usual(means), over_languages(results.lineages)
    rows = []
    for scale, here in plain.groupby("scale", sort=False):
        same = _common(results.cells, str(scale), here)
        for name, targets in groups(results).items():
            mine = here[here["target"].isin(targets)]
            for task, some in mine.groupby("intermediate", sort=False):
                told = {"scale": scale, "intermediate": task, "average": name}
                seeds = whole[whole["intermediate"].eq(task) & whole["scale"].eq(scale)]
                own = task == results.over
                told |= _average(some.set_index("target").reindex(targets), seeds, own)
                shared = same[same["target"].isin(targets) & same["intermediate"].eq(task)]
                told["common"] = shared.groupby("target")["gain"].mean().mean()
                told["over"] = len(shared)
                rows.append(told)
    return pd.DataFrame(rows)[[*AVERAGES, "high", "seeds", "common", "over"]]


def as_means(mean: pd.DataFrame) -> pd.DataFrame:
    """`averages` in the columns of `target_means`, for one table of both."""
    told = mean.rename(columns={"average": "target"}).drop(columns=["common", "over"])
    own = told["gain"].isna() & told["missing"].eq(0)
    return told.assign(
        variant="",
        metric="average",
        value=told["baseline"].where(own, told["baseline"] + told["gain"]),
    ).drop(columns=["targets", "missing"])


def usual(means: pd.DataFrame) -> pd.DataFrame:
    """Of a target that is read in several ways, the usual one; an only way is the usual one."""
    ways = means.groupby(["target", "scale"])["variant"].transform("nunique")
    return means[means["variant"].eq("") | ways.eq(1)]


def _average(some: pd.DataFrame, seeds: pd.DataFrame, own: bool) -> dict[str, Any]:
    """Mean over targets, NaN where one is missing, and its t interval over seeds.

    `own`: the baseline's row, which has no gain.
    """
    gain = float("nan") if own else some["gain"].mean(skipna=False)
    half, count = _half(some, seeds) if pd.notna(gain) else (float("nan"), 0)
    column = "value" if own else "gain"
    return {
        "targets": len(some),
        "missing": int(some[column].isna().sum()),
        "baseline": some["value" if own else "baseline"].mean(skipna=False),
        "gain": gain,
        "low": gain - half,
        "high": gain + half,
        "seeds": count,
    }


def _half(some: pd.DataFrame, seeds: pd.DataFrame) -> tuple[float, int]:
    """(half width of the 95 % t interval over intermediate seeds, their number).

    NaN where a target lacks a seed that another has, and in a crossed design, whose lineages are
    not independent.
    """
    ways = some.reset_index()[["target", "variant"]]
    table = seeds[seeds["gain"].notna()].merge(ways, on=["target", "variant"])
    if table.duplicated(["target", "intermediate_seed"]).any():
        return float("nan"), 0
    wide = table.pivot(index="intermediate_seed", columns="target", values="gain")
    if wide.isna().any(axis=None):
        return float("nan"), len(wide)
    each = wide.mean(axis=1)
    half = t_half_width(pd.Series([each.std(ddof=1)]), pd.Series([len(each)]), 0.95, 3)
    return float(half.iloc[0]), len(each)


def _common(rows: pd.DataFrame, scale: str, usual: pd.DataFrame) -> pd.DataFrame:
    """The cells of a scale, read the usual way, that have a gain after every intermediate."""
    ways = usual[["target", "variant"]].drop_duplicates()
    return common(rows[rows["scale"].eq(scale)].merge(ways), ["intermediate"])
