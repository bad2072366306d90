"""What studies ask for: their plans, and what became of each job."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from dashboard.analysis import contrast, coverage
from dashboard.analysis.frames import CONTRASTS, COSTS, PLAN, PLANNED_RUN, filled
from dashboard.snapshot.artifacts import content, document
from dashboard.snapshot.source import Source, Told
from training.spec import record

DONE = "done"


@dataclass(frozen=True)
class Study:
    """A plan as published, and the state of its jobs as the study told it last."""

    name: str
    plan: Mapping[str, Any]
    state: Mapping[str, str]

    def done(self) -> set[str]:
        """Ids of its trainings and evaluations that it calls done."""
        listed = [*self.plan.get("runs", ()), *self.plan.get("evaluations", ())]
        return {row["id"] for row in listed if self.state.get(row["id"]) == DONE}


@dataclass(frozen=True)
class Published:
    """A study's artifacts as they lie there: mostly they are as they were, and need no reading."""

    name: str
    run: str
    plan: bytes
    state: bytes

    @cached_property
    def study(self) -> Study:
        plan = document(self.plan, self.run, record.PLAN_ARTIFACT)
        return Study(self.name, plan, document(self.state, self.run, record.STATE_ARTIFACT))


def published(source: Source) -> list[Published]:
    """The latest first."""
    names = record.PLAN_ARTIFACT, record.STATE_ARTIFACT
    return [
        Published(name, run.id, *(content(source, run.id, one) for one in names))
        for name, run in latest(source.studies()).items()
    ]


def mark(told: Iterable[Published]) -> str:
    """Another one where anything of theirs is another."""
    whole = hashlib.sha256()
    for one in told:
        for part in (one.name.encode(), one.run.encode(), one.plan, one.state):
            whole.update(hashlib.sha256(part).digest())
    return whole.hexdigest()


def done(told: Iterable[Published]) -> set[str]:
    """Ids of all that they call done."""
    return {id for one in told for id in one.study.done()}


def latest(found: Iterable[Told]) -> dict[str, Told]:
    """By name; of a study that was published again, the older plan is the past."""
    newest: dict[str, Told] = {}
    for run in sorted(found, key=lambda one: one.ended or float("inf"), reverse=True):
        newest.setdefault(run.tags.get(record.STUDY) or run.tags.get(record.ID, run.id), run)
    return newest


def tables(asked: list[Study], states: Mapping[str, str]) -> dict[str, pd.DataFrame]:
    """The tables `plan`, `planned_runs`, `contrasts` and `costs`.

    A study tells states at its start and its end, a record its own whenever it changes: `states`,
    those of the records, go before the study's.
    """
    plan: list[dict[str, Any]] = []
    runs: list[dict[str, Any]] = []
    contrasts: list[dict[str, Any]] = []
    for one in asked:
        now = {**one.state, **states}
        reached = coverage.states(one.plan, now)
        plan += [
            coverage.planned(one.name, row, reached) for row in one.plan.get("evaluations", ())
        ]
        runs += [coverage.planned_run(one.name, row, now) for row in one.plan.get("runs", ())]
        if one.plan.get("contrast"):
            contrasts.append(contrast.row(one.name, one.plan["contrast"]))
    return {
        "plan": filled(plan, PLAN),
        "planned_runs": filled(runs, PLANNED_RUN),
        "contrasts": filled(contrasts, CONTRASTS),
        "costs": filled([row for one in asked for row in costs(one)], COSTS),
    }


def costs(study: Study) -> list[dict[str, Any]]:
    """Rows of `frames.COSTS`; an older plan tells none."""
    told = study.plan.get("cost") or {}
    about = {"study": study.name, "device": told.get("device", {}).get("title", "")}
    names = ("scale", "phase", "task", "hours")
    return [about | {name: kind[name] for name in names} for kind in told.get("kinds", ())]
