"""What of a plan is done, running, waiting and why: read off the store, in which others write."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from training.engine.agenda import DONE, FAILED, INTERRUPTED, NOT_RUN, RUNNING, WAITING
from training.engine.jobs import Job
from training.engine.pace import pace
from training.engine.repair import pruned
from training.engine.runtime import Runtime
from training.engine.store import DOCUMENT, Store
from training.engine.study import jobs_of
from training.plan.plan import Plan
from training.spec import record


def status_of(plan: Plan, runtime: Runtime) -> dict[str, Any]:
    """The plan as rows, by the schema `silta.status/1`; nothing is written."""
    rows = list(rows_of(jobs_of(plan), Store(runtime.work, write=False)))
    return {"schema": record.STATUS_SCHEMA, "study": plan.study, "jobs": rows}


def rows_of(jobs: list[Job], store: Store) -> Iterator[dict[str, Any]]:
    """One row a job, parents first."""
    states: dict[str | None, str] = {}
    for job in jobs:
        owner = None if store.done(job.id) else store.claims.holder(job.id)
        reason = store.failed(job.id) if owner is None else None
        state = states[job.id] = state_of(job, store, bool(owner), reason, states.get(job.needs))
        row = {"id": job.id, "state": state, "reason": reason, **place(job)}
        if state in {RUNNING, INTERRUPTED} and "phase" in job.document:
            row |= pace(job, store, running=state == RUNNING)
        row["owner"] = str(owner) if owner else None
        row["pruned"] = state == DONE and "phase" in job.document and pruned(store, job.id)
        yield row


def state_of(job: Job, store: Store, held: bool, reason: str | None, parent: str | None) -> str:
    """One word for a job; `parent` is the state of what it needs."""
    if store.done(job.id):
        return DONE
    if held:
        return RUNNING
    if reason is not None:
        return FAILED
    if parent in {FAILED, NOT_RUN}:
        return NOT_RUN
    return INTERRUPTED if (store.path(job.id) / DOCUMENT).exists() else WAITING


def place(job: Job) -> dict[str, Any]:
    """Where a job stands in the study, and the columns that not every row fills."""
    told = job.document
    return {
        "phase": told.get("phase", "evaluation"),
        "scale": told["scale"],
        "task": told.get("task") or told.get("target"),
        "seed": told.get("seed", told.get("target_seed")),
        "step": None,
        "steps": None,
        "seconds_left": None,
    }
