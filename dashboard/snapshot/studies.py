"""What studies ask for: their plans, and what became of each job."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
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
Tables = dict[str, pd.DataFrame]
JOBS = {"plan": "evaluation", "planned_runs": "run"}
"""Tables of a study's jobs, and the column of each that names them."""
PLANS = (*JOBS, "contrasts", "costs")
"""All tables of what studies ask for."""


@dataclass(frozen=True)
class Published:
    """A study's artifacts as they lie there: mostly they are as they were, and need no reading."""

    name: str
    run: str
    contents: bytes
    states: bytes

    @cached_property
    def plan(self) -> Mapping[str, Any]:
        """What it asks for."""
        return document(self.contents, self.run, record.PLAN_ARTIFACT)

    @cached_property
    def state(self) -> Mapping[str, str]:
        """What became of each job, as the study told it last."""
        return document(self.states, self.run, record.STATE_ARTIFACT)


def published(source: Source) -> list[Published]:
    """The latest first."""
    found = latest(source.studies()).items()
    return [Published(name, run.id, *artifacts(source, run.id)) for name, run in found]


def artifacts(source: Source, run: str) -> Iterator[bytes]:
    """Plan and state."""
    return (content(source, run, name) for name in (record.PLAN_ARTIFACT, record.STATE_ARTIFACT))


def marks(told: Iterable[Published]) -> dict[str, str]:
    """Other ones where their plans, or anything of theirs, are others."""
    plans, whole = hashlib.sha256(), hashlib.sha256()
    for one in told:
        plan = hashlib.sha256(f"{one.name}\n{one.run}\n".encode() + one.contents).digest()
        plans.update(plan)
        whole.update(plan + hashlib.sha256(one.states).digest())
    return {"plans": plans.hexdigest(), "studies": whole.hexdigest()}


def latest(found: Iterable[Told]) -> dict[str, Told]:
    """By name; of a study that was published again, the older plan is the past."""
    newest: dict[str, Told] = {}
    for run in sorted(found, key=lambda one: one.ended or float("inf"), reverse=True):
        newest.setdefault(run.tags.get(record.STUDY) or run.tags.get(record.ID, run.id), run)
    return newest


def outline(asked: list[Published]) -> Tables:
    """The tables `PLANS`, as if nothing had been run."""
    plan: list[dict[str, Any]] = []
    runs: list[dict[str, Any]] = []
    contrasts: list[dict[str, Any]] = []
    for one in asked:
        plan += [coverage.planned(one.name, row) for row in one.plan.get("evaluations", ())]
        runs += [coverage.planned_run(one.name, row) for row in one.plan.get("runs", ())]
        if one.plan.get("contrast"):
            contrasts.append(contrast.row(one.name, one.plan["contrast"]))
    return {
        "plan": filled(plan, PLAN),
        "planned_runs": filled(runs, PLANNED_RUN),
        "contrasts": filled(contrasts, CONTRASTS),
        "costs": filled([row for one in asked for row in costs(one)], COSTS),
    }


def reached(plans: Tables, asked: list[Published], states: Mapping[str, str]) -> Tables:
    """An outline with what became of each job.

    A study tells states at its start and its end, a record its own whenever it changes: `states`,
    those of the records, go before the study's.
    """
    told: dict[str, list[str]] = {name: [] for name in JOBS}
    for one in asked:
        now = {**one.state, **states}
        jobs, runs = (plans[name][plans[name]["study"].eq(one.name)] for name in JOBS)
        pairs = zip(jobs["evaluation"].tolist(), jobs["run"].tolist(), strict=True)
        parents = dict(zip(runs["run"].tolist(), runs["parent"].tolist(), strict=True))
        told["plan"] += coverage.states(pairs, parents, now)
        told["planned_runs"] += [now.get(run, coverage.NOT_RUN) for run in runs["run"].tolist()]
    return plans | {name: stated(plans[name], states) for name, states in told.items()}


def stated(jobs: pd.DataFrame, states: list[str]) -> pd.DataFrame:
    """The jobs in these states: themselves where they are in them already."""
    if jobs["state"].tolist() == states:
        return jobs
    return jobs.assign(state=pd.Series(states, dtype="str"))


def done(plans: Tables, asked: Iterable[Published]) -> set[str]:
    """Ids of all planned trainings and evaluations that their studies call done."""
    named = {id for name, column in JOBS.items() for id in plans[name][column].tolist()}
    return {id for one in asked for id, state in one.state.items() if state == DONE} & named


def costs(study: Published) -> list[dict[str, Any]]:
    """Rows of `frames.COSTS`; an older plan tells none."""
    told = study.plan.get("cost") or {}
    about = {"study": study.name, "device": told.get("device", {}).get("title", "")}
    names = ("scale", "phase", "task", "hours")
    return [about | {name: kind[name] for name in names} for kind in told.get("kinds", ())]
