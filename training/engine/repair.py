"""Encoders of finished runs that are damaged, deleted or pruned: which are trained again, and when.

What descends from such a run and is done stays as it is: it needs the encoder no more, and a CPU
training of the same run gives the same bytes again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from training.engine import manifest
from training.engine.claims import Held
from training.engine.jobs import Job
from training.engine.store import Store

Say = Callable[[str], None]


def repair(jobs: Iterable[Job], store: Store, say: Say) -> None:
    """Set aside the finished runs (parents first in `jobs`) whose encoder is lost, so that they
    are trained again. A pruned one only where something still to be done needs it."""
    wanted: set[str | None] = set()
    for job in reversed(list(jobs)):
        finished = store.done(job.id)
        reason = store.lost(job.id) if finished and "phase" in job.document else None
        if reason and (job.id in wanted or not pruned(store, job.id)):
            finished = not set_aside(job.id, reason, store, say)
        if not finished:
            wanted.add(job.needs)


def pruned(store: Store, id: str) -> bool:
    """Whether a run's encoder was removed on purpose."""
    return bool(manifest.read(store.path(id)).get(manifest.PRUNED))


def set_aside(id: str, reason: str, store: Store, say: Say) -> bool:
    """Whether a run has to be trained again; says so, and where its folder went."""
    try:
        aside = store.set_aside(id)
    except Held:  # another process sees to it
        return True
    if aside:
        say(f"the encoder of {id} cannot be used ({reason}): kept in {aside}, trained again")
    return not store.done(id)


def changed(id: str, store: Store) -> str | None:
    """Whether a run that was trained again gave another encoder: then what was done from the old
    one cannot be made again bit by bit (it stays valid)."""
    kept = sorted((store.work / "aside").glob(f"{id}.*[0-9]"), key=lambda one: one.stat().st_mtime)
    if not kept:
        return None
    before, now = (manifest.read(path).get("files") for path in (kept[-1], store.path(id)))
    if not before or not now or before == now:
        return None
    return f"{id} was trained again and gave another encoder than before (GPUs and versions do)"
