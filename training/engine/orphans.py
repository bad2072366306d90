"""Records that MLflow calls RUNNING although nobody carries them out: a process was killed."""

from __future__ import annotations

from typing import Any

from training.engine.ownership import held, lock_of, owned
from training.engine.records import measured
from training.engine.refusals import told
from training.engine.tracking import ENDINGS, Tracker
from training.spec import record


def sweep(tracker: Tracker, mine: set[str]) -> None:
    """Give every orphan of this store its true status; what is done is sent whole later.

    `mine` are the ids that this process has begun. Raises Refused.
    """
    with told():
        for run in running(tracker):
            id = run.data.tags[record.ID]
            kind = run.data.tags[record.KIND]
            if id in mine or tracker.store.done(id) or measured(id):
                continue
            if kind == "study" and not held(lock_of(tracker.store, id)):
                end(tracker, run, "interrupted")
            elif kind == "training" and not owned(tracker.store, id):
                end(tracker, run, "failed" if tracker.store.failed(id) else "interrupted")


def running(tracker: Tracker) -> list[Any]:
    """What this store sent and nobody ended."""
    query = f"tags.`{record.STORE}` = '{tracker.owner}' and attributes.status = 'RUNNING'"
    found: list[Any] = []
    token = None
    while True:
        page = tracker.client.search_runs(
            [tracker.experiment_id], query, max_results=1000, page_token=token
        )
        found += page
        token = page.token
        if not token:
            return found


def end(tracker: Tracker, run: Any, state: str) -> None:
    tracker.client.set_tag(run.info.run_id, record.STATE, state)
    tracker.client.set_terminated(run.info.run_id, ENDINGS[state])
