"""The one comparison that a study named before its numbers were seen, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from dashboard.analysis.coverage import ABSENT, FAILED, MEASURED, NO_BASELINE, NOT_RUN
from dashboard.analysis.frames import PINNED, ScoreFrame
from dashboard.analysis.gains import gains
from dashboard.analysis.health import AT_CHANCE
from dashboard.analysis.replicates import estimate

SEEDS = ["intermediate_seed", "target_seed"]
PLACE = ["scale", "variant"]
GROUPS = ("all", *PINNED)
"""What is averaged: the contrast's languages, each counting the same; one pinned language."""

LINEAGES = (*PLACE, "metric", "split", *SEEDS, "state", "languages", *GROUPS)
"""One row per lineage that the plan asks for; `languages` are in the mean `all`; gains in points,
NaN where a part of them is missing, for the reason in `state`."""

SUMMARY = (
    *PLACE,
    "metric",
    "split",
    "languages",
    "group",
    "gain",
    "low",
    "high",
    "over",
    "lineages",
    "planned",
    "positive",
    "negative",
    "gone",
    "alike",
)
"""One row per scale, way of reading and group. `over` says what was drawn (`5 seeds`), `gone` why
planned lineages are not in it, `alike` whether several seeds are the same to the last digit, and so
tell of no spread."""

PART = "some languages missing"


@dataclass(frozen=True)
class Contrast:
    """`intermediate` against `baseline` on `target`; no languages: all that were measured."""

    name: str
    intermediate: str
    baseline: str
    target: str
    scales: tuple[str, ...]
    languages: tuple[str, ...]
    reuses: bool


def row(study: str, told: Mapping[str, Any]) -> dict[str, Any]:
    """A row of `frames.CONTRASTS` from the `contrast` of a plan.json."""
    lists = {key: " ".join(told.get(key) or ()) for key in ("scales", "languages")}
    names = {key: str(told[key]) for key in ("intermediate", "baseline", "target")}
    name = str(told.get("name") or f"{names['intermediate']}-{names['target']}")
    return {"study": study, "name": name, **names, **lists, "reuses": bool(told.get("reuses"))}


def named(frame: ScoreFrame, study: str) -> Contrast | None:
    """What the study named beforehand, or None where it named nothing."""
    found = frame.contrasts[frame.contrasts["study"].eq(study)]
    if found.empty:
        return None
    one = found.iloc[0]
    return Contrast(
        name=str(one["name"]),
        intermediate=str(one["intermediate"]),
        baseline=str(one["baseline"]),
        target=str(one["target"]),
        scales=tuple(str(one["scales"]).split()),
        languages=tuple(str(one["languages"]).split()),
        reuses=bool(one["reuses"]),
    )


def lineages(
    frame: ScoreFrame, study: str, contrast: Contrast, split: str = "test"
) -> pd.DataFrame:
    """The gain of every planned lineage (columns `LINEAGES`), by the target's main metric.

    A mean over languages is NaN where one of them is missing, so that seeds are compared over the
    same languages. Of several readings of the target the usual one counts, since choosing among
    them afterwards would undo the naming beforehand; where the plan lacks it, each is told.
    """
    plan, scores = frame.planned(study), frame.target(study, contrast.target)
    offered = list(scores["metric"].unique()) or ["score"]
    metric = frame.main_metric(contrast.target, offered)
    scores = scores[scores["metric"].eq(metric) & scores["split"].eq(split)]
    plan = plan[plan["target"].eq(contrast.target) & plan["intermediate"].eq(_trained(contrast)[0])]
    parts = [pd.DataFrame(columns=list(LINEAGES))]
    for scale in contrast.scales:
        asked = plan[plan["scale"].eq(scale)]
        for variant in [""] if asked["variant"].eq("").any() else asked["variant"].unique():
            here = scores[scores["scale"].eq(scale) & scores["variant"].eq(variant)]
            told = _gains(here, asked[asked["variant"].eq(variant)], contrast)
            parts.append(told.assign(scale=scale, variant=variant, metric=metric, split=split))
    whole = [part for part in parts if len(part)] or parts
    return pd.concat(whole, ignore_index=True)[list(LINEAGES)]


def _trained(contrast: Contrast) -> tuple[str, str, int]:
    """(the side with seeds, the other, the sign of the gain): nothing was trained for `none`."""
    pair = (contrast.intermediate, contrast.baseline)
    return (*pair, 1) if pair[0] != "none" else (pair[1], pair[0], -1)


def _gains(scores: pd.DataFrame, plan: pd.DataFrame, contrast: Contrast) -> pd.DataFrame:
    """Seeds, state and gains by group, for the planned lineages of one scale."""
    mine, other, sign = _trained(contrast)
    pairs = gains(scores[scores["intermediate"].isin([mine, other])], other)
    pairs = pairs[pairs["intermediate"].eq(mine)]
    languages = list(contrast.languages or sorted(set(pairs["lang"])))
    told = plan.drop_duplicates(SEEDS)[[*SEEDS, "state"]].reset_index(drop=True)
    wide = pairs.pivot(index=SEEDS, columns="lang", values="gain").mul(sign)
    wide = wide.reindex(pd.MultiIndex.from_frame(told[SEEDS]))
    wide = wide.reindex(columns=list(dict.fromkeys([*languages, *PINNED])))
    told["all"] = wide[languages].mean(axis=1, skipna=False).to_numpy()
    for lang in PINNED:
        told[lang] = wide[lang].to_numpy()
    scored, lost = (_among(told, some) for some in (pairs, pairs[pairs["at_chance"]]))
    there = wide.notna().any(axis=1).tolist()
    about = zip(told["state"], scored, lost, there, told["all"].notna(), strict=True)
    told["state"] = [_state(*one) for one in about]
    return told.assign(languages=len(languages))


def _among(told: pd.DataFrame, pairs: pd.DataFrame) -> list[bool]:
    """Which lineages have a row there."""
    seen = set(pairs[SEEDS].itertuples(index=False, name=None))
    return [key in seen for key in told[SEEDS].itertuples(index=False, name=None)]


def _state(planned: str, scored: bool, lost: bool, some: bool, whole: bool) -> str:
    if whole:
        return MEASURED
    if lost:
        return AT_CHANCE
    if scored:
        return PART if some else NO_BASELINE
    return FAILED if planned == FAILED else NOT_RUN


def factors(table: pd.DataFrame) -> list[str]:
    """The columns of seeds that were drawn on their own: one, or both in a crossed design.

    In a paired design the n-th seed of either kind makes one lineage, so one column tells both.
    """
    drawn = [name for name in SEEDS if table[name].ne("").any()]
    apart = len(drawn) == 2 and any(table[name].duplicated().any() for name in drawn)
    return drawn if apart else drawn[:1]


def by_seed(table: pd.DataFrame) -> pd.DataFrame:
    """Columns factor, seed and `GROUPS`: one row a seed; in a crossed design, its lineages' mean.

    `table` holds the lineages of one scale and way of reading.
    """
    parts = []
    for factor in factors(table):
        mean = table.groupby(factor, sort=False)[list(GROUPS)].mean()
        parts.append(mean.rename_axis("seed").reset_index().assign(factor=factor))
    told = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["seed", *GROUPS])
    return told.reindex(columns=["factor", "seed", *GROUPS])


def summary(table: pd.DataFrame, confidence: float = 0.95, least: int = 3) -> pd.DataFrame:
    """Columns `SUMMARY`: the mean over lineages and its t interval over seeds.

    With fewer than `least` seeds of a kind there is none (`low` and `high` are NaN); in a crossed
    design both kinds count (`replicates.estimate`, as for the registered contrasts).
    """
    rows = []
    for place, some in table.groupby(PLACE, sort=False):
        for group in GROUPS:
            told = _summary(some, group, confidence, least)
            rows.append(some.iloc[0][["metric", "split", "languages"]].to_dict() | told)
            rows[-1] |= dict(zip(PLACE, place, strict=True))
    return pd.DataFrame(rows, columns=list(SUMMARY))


def _summary(table: pd.DataFrame, group: str, confidence: float, least: int) -> dict[str, Any]:
    found = table[table[group].notna()]
    drawn = factors(table)
    means = [found.groupby(name)[group].mean() for name in drawn]
    seeds = [(str(first), str(second)) for first, second in found[SEEDS].to_numpy()]
    whole = estimate(found[group].to_numpy(dtype=float), seeds)
    low, high = whole.interval(confidence, least)
    lost = (
        table.loc[table[group].isna(), "state"].replace(MEASURED, ABSENT).value_counts(sort=False)
    )
    return {
        "group": group,
        "gain": whole.mean,
        "low": low,
        "high": high,
        "over": _drawn([len(one) for one in means]),
        "lineages": len(found),
        "planned": len(table),
        "positive": int(found[group].gt(0).sum()),
        "negative": int(found[group].lt(0).sum()),
        "gone": ", ".join(f"{count} {reason}" for reason, count in lost.items()),
        "alike": whole.alike and whole.seeds >= least,
    }


def _drawn(counts: list[int]) -> str:
    if len(counts) == 2:
        return f"{counts[0]} intermediate × {counts[1]} target seeds"
    return "1 seed" if counts == [1] else f"{sum(counts)} seeds"
