"""What is there, what is not, and why: missing is told apart from zero and by its reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from dashboard.analysis.frames import PINNED, pinned_place
from dashboard.analysis.health import AT_CHANCE

MEASURED, NOT_RUN, FAILED, RUNNING = "measured", "not run", "failed", "running"
NO_BASELINE, ABSENT = "no baseline", "not in this benchmark"
REASONS = (AT_CHANCE, RUNNING, NOT_RUN, FAILED, NO_BASELINE, ABSENT)
"""Why a cell has no gain, in the order of legends and captions."""


def states(
    evaluations: Iterable[tuple[str, str]], parents: Mapping[str, str], state: Mapping[str, str]
) -> list[str]:
    """The states of evaluations, each told with its training; `parents` of trainings.

    An evaluation whose training failed, or an ancestor of it, is itself said to have failed; one
    whose own training is under way is running.
    """

    def failed(run: str) -> bool:
        while run:
            if state.get(run) == FAILED:
                return True
            run = parents.get(run, "")
        return False

    told = []
    for id, run in evaluations:
        own = state.get(id, NOT_RUN)
        if own not in {"done", FAILED} and failed(run):
            own = FAILED
        elif own not in {"done", FAILED} and state.get(run) == RUNNING:
            own = RUNNING
        told.append(own)
    return told


def planned(study: str, row: Mapping[str, Any]) -> dict[str, str]:
    """A row of `frames.PLAN` from an entry of plan.json, as if nothing had been run."""
    seeds = {key: row.get(key) for key in ("intermediate_seed", "target_seed")}
    return {
        "study": study,
        "evaluation": row["id"],
        "run": row.get("run") or "",
        "scale": row.get("scale") or "",
        "target": row["target"],
        "intermediate": row.get("intermediate") or "none",
        **{key: "" if seed is None else str(seed) for key, seed in seeds.items()},
        "variant": variant(row.get("settings") or {}),
        "state": NOT_RUN,
    }


def planned_run(study: str, row: Mapping[str, Any]) -> dict[str, str]:
    """A row of `frames.PLANNED_RUN` from an entry of plan.json, as if nothing had been run."""
    place = ("phase", "task", "scale", "seed", "parent")
    told = {key: "" if row.get(key) is None else str(row[key]) for key in place}
    return {"study": study, "run": row["id"], **told, "state": NOT_RUN}


def variant(settings: Mapping[str, Any]) -> str:
    """What a target is read with beyond the usual, `layer=14 pooling=cls`; empty: nothing."""
    usual = {"source", "scale", "languages"}
    return " ".join(f"{key}={settings[key]}" for key in sorted(set(settings) - usual))


def grid(
    cells: pd.DataFrame,
    plan: pd.DataFrame,
    languages: pd.DataFrame,
    measured: Sequence[str],
    shown: Sequence[str],
    baseline: str = "none",
) -> pd.DataFrame:
    """Every place of one picture, language by intermediate task, the empty ones with their reason.

    `cells` and `plan` are of one scale, target and variant (and `cells` of one split and metric);
    `measured` are the languages that this target has, `shown` those to give a row. The pinned ones
    always get one, first; then by family, genus and name. Adds to the cell columns: language,
    family, genus, planned (seeds asked for) and state.
    """
    order = [t for t in dict.fromkeys([*plan["intermediate"], *cells["intermediate"]])]
    tasks = [t for t in order if t != baseline]
    rows = pd.DataFrame({"lang": list(dict.fromkeys([*PINNED, *shown]))})
    table = rows.merge(pd.DataFrame({"intermediate": pd.Series(tasks, dtype="str")}), how="cross")
    table = table.merge(cells, on=["lang", "intermediate"], how="left")
    table = table.merge(languages, on="lang", how="left")
    names = table["lang"].map(PINNED).fillna(table["lang"])
    table["language"] = table["language"].fillna(names)
    for trait in ("family", "genus"):
        table[trait] = table[trait].fillna("other")
    for count in ("seeds", "at_chance"):
        table[count] = table[count].fillna(0).astype(int)
    table["planned"] = table["intermediate"].map(plan["intermediate"].value_counts())
    table["planned"] = table["planned"].fillna(table["seeds"]).astype(int)
    broken = set(plan.loc[plan["state"].eq(FAILED), "intermediate"])
    busy = set(plan.loc[plan["state"].eq(RUNNING), "intermediate"])
    there = set(measured)
    table = in_order(table)
    table["state"] = [_state(row, there, broken, busy) for row in table.itertuples()]
    return table


def in_order(table: pd.DataFrame) -> pd.DataFrame:
    """Rows as in every picture of languages: the pinned first, then by family, genus and name."""
    place = ["rank", "family", "genus", "language"]
    told = table.assign(rank=pinned_place(table["lang"]))
    return told.sort_values(place, kind="stable", ignore_index=True).drop(columns="rank")


def _state(row: Any, measured: set[str], broken: set[str], busy: set[str]) -> str:
    if pd.notna(row.gain):
        return MEASURED
    if row.lang not in measured:
        return ABSENT
    if row.at_chance:
        return AT_CHANCE
    if pd.notna(row.value):
        return NO_BASELINE
    if row.intermediate in busy:
        return RUNNING
    return FAILED if row.intermediate in broken else NOT_RUN


def counts(table: pd.DataFrame) -> dict[str, int]:
    """How many cells of a grid have a gain, and how many lack one for each reason."""
    found = table["state"].value_counts()
    return {reason: int(found.get(reason, 0)) for reason in (MEASURED, *REASONS)}


def caption(table: pd.DataFrame) -> str:
    """Counts in words: `38 of 44 cells measured; 2 left out, at chance; missing: 4 not run`."""
    found = counts(table)
    told = f"{found[MEASURED]} of {len(table)} cells measured"
    if found[AT_CHANCE]:
        told += f"; {found[AT_CHANCE]} left out, {AT_CHANCE}"
    gone = [f"{found[one]} {one}" for one in REASONS if found[one] and one != AT_CHANCE]
    if gone:
        told += "; missing: " + ", ".join(gone)
    some = int((table["state"].eq(MEASURED) & table["at_chance"].gt(0)).sum())
    if some:
        told += f"; {some} with some runs {AT_CHANCE}"
    fewer = int((table["state"].eq(MEASURED) & (table["seeds"] < table["planned"])).sum())
    return told + (f"; {fewer} with fewer seeds than planned" if fewer else "")
