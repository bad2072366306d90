"""What a person does to a store: have failures tried again, remove encoders nobody needs."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from training.catalogue.names import suggestion
from training.engine import manifest
from training.engine.claims import Held
from training.engine.jobs import Job
from training.engine.repair import pruned
from training.engine.store import Store, StoreError, read_json, sync, write_json
from training.engine.study import PLAN, jobs_of, started
from training.plan.plan import Plan


def retry(plan: Plan, ids: Iterable[str], store: Store) -> list[str]:
    """Clear the failures of a plan (or of some of its jobs); a line on each that was changed.

    Of a finished run that is named and whose encoder is damaged, the folder is set aside.
    Raises StoreError for a name that is not in the plan.
    """
    jobs = {job.id: job for job in jobs_of(plan)}
    chosen = list(ids)
    for id in chosen:
        if id not in jobs:
            raise StoreError(f"{id!r} is not in {plan.study}" + suggestion(id, jobs))
    if chosen:
        return [cleared(jobs[id], store) for id in chosen]
    return [cleared(job, store) for job in jobs.values() if store.failed(job.id)]


def cleared(job: Job, store: Store) -> str:
    """What was done about a job."""
    reason = store.failed(job.id)
    kept = store.forget(job.id)
    if kept:
        return f"{job.id}: cleared ({reason}); its text is kept in {kept}"
    if not store.done(job.id):
        return f"{job.id}: it has not failed"
    lost = store.lost(job.id) if "phase" in job.document else None
    try:
        aside = store.set_aside(job.id) if lost else None
    except Held as error:
        return str(error)
    return f"{job.id}: {lost}; set aside as {aside}" if aside else f"{job.id}: it is done"


@dataclass(frozen=True)
class Spare:
    """An encoder that nothing known still needs."""

    id: str
    title: str
    bytes: int


def spare(plans: Iterable[Plan], store: Store) -> list[Spare]:
    """Encoders of finished runs of `plans` of which every child and evaluation is done, in these
    plans and in every study that was started in this work directory; largest first."""
    named = [plan.document() for plan in plans]
    known = [read_json(folder / PLAN) for folder in started(store.work)]
    needed = {id for plan in [*named, *known] for id in needs(plan, store)}
    runs = {run["id"]: run for plan in named for run in plan["runs"]}
    found = [
        Spare(id, f"{run['phase']} {run['task']} on {run['scale']}, seed {run['seed']}", size)
        for id, run in runs.items()
        if id not in needed and store.done(id) and (size := weight(store, id))
    ]
    return sorted(found, key=lambda one: (-one.bytes, one.id))


def needs(plan: dict[str, Any], store: Store) -> Iterator[str]:
    """Runs whose encoder something still to be done starts from or is measured on."""
    for run in plan["runs"]:
        lost = store.done(run["id"]) and store.lost(run["id"]) and not pruned(store, run["id"])
        if run["parent"] and (lost or not store.done(run["id"])):
            yield run["parent"]
    for one in plan["evaluations"]:
        if one["run"] and not store.done(one["id"]):
            yield one["run"]


def weight(store: Store, id: str) -> int:
    """Bytes of an encoder on disk."""
    files = (store.path(id) / manifest.ENCODER).rglob("*")
    return sum(file.stat().st_size for file in files if file.is_file())


def prune(ids: Iterable[str], store: Store) -> None:
    """Remove encoders; the manifest says so first. Scores, curve, head and documents stay."""
    for id in ids:
        with store.claim(id, wait=False):
            path = store.path(id)
            if not manifest.read(path):
                manifest.write(path)
            now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
            write_json(path / manifest.MANIFEST, manifest.read(path) | {manifest.PRUNED: now})
            sync(path / manifest.MANIFEST)
            sync(path)
            shutil.rmtree(path / manifest.ENCODER)
