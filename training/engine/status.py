"""What of a plan is done, running, waiting and why: read off the store, in which others write."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

from training.engine.agenda import DONE, FAILED, INTERRUPTED, NOT_RUN, RUNNING, WAITING
from training.engine.jobs import Job
from training.engine.repair import pruned
from training.engine.runtime import Runtime
from training.engine.store import CURVE, DOCUMENT, Store, read_json
from training.engine.study import jobs_of
from training.plan.plan import Plan
from training.spec import record

TAIL = 16384
"""Bytes of a curve that are read: enough for the pace of the last lines."""


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


def pace(job: Job, store: Store, running: bool) -> dict[str, Any]:
    """How far a training is, and how long it takes at the pace of its last lines."""
    lines = curve(store.path(job.id) / CURVE)
    steps = total(job, store)
    told: dict[str, Any] = {"step": lines[-1]["step"] if lines else 0, "steps": steps}
    if running and steps and len(lines) > 1:
        first, last = lines[0], lines[-1]
        seconds = (last["time"] - first["time"]) / max(1, last["step"] - first["step"])
        told["seconds_left"] = round(max(0.0, seconds * (steps - last["step"])), 1)
    return told


def curve(path: Any) -> list[dict[str, Any]]:
    """The last whole lines of a curve that may be growing."""
    try:
        with path.open("rb") as log:
            log.seek(max(0, os.fstat(log.fileno()).st_size - TAIL))
            text = log.read()
    except OSError:
        return []
    found = []
    for line in text[: text.rfind(b"\n") + 1].splitlines():
        try:
            found.append(json.loads(line))
        except ValueError:  # the first one, cut off
            continue
    return [one for one in found if {"step", "time"} <= set(one)][-10:]


def total(job: Job, store: Store) -> int | None:
    """Steps of a training: it writes them down when it starts."""
    try:
        told = read_json(store.path(job.id) / DOCUMENT).get("steps")
    except (OSError, ValueError):
        told = None
    return told or (job.document.get("recipe") or {}).get("steps") or None
