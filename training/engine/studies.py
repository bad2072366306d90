"""The record of a study in MLflow: its plan, what became of it, and who is at it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from training.engine.refusals import told
from training.engine.tracking import ENDINGS, Tracker
from training.spec import record


def send_study(tracker: Tracker, plan: dict[str, Any], state: dict[str, str]) -> None:
    """Create or refresh the study's record. Raises Refused or Unfit."""
    with told():
        id, word = study_id(plan), overall(state.values())
        tags = {
            record.KIND: "study",
            record.ID: id,
            record.STUDY: plan["study"],
            record.SCHEMA: plan["schema"],
            record.STORE: tracker.owner,
        }
        found = tracker.rivals.find(id)
        if found is None:
            tracker.home.still()
            made = tracker.client.create_run(tracker.experiment_id, tags=tags, run_name=id)
            found = tracker.rivals.first(id, made)
        with tracker.rivals.sending(id, found):
            write_study(tracker, found, plan, state, tags | {record.STATE: word})


def write_study(
    tracker: Tracker, found: Any, plan: dict[str, Any], state: dict[str, str], tags: dict[str, str]
) -> None:
    """Plan, state and tags of a study's record; whichever store wrote last is what it says."""
    run, word = str(found.info.run_id), tags[record.STATE]
    tracker.client.log_dict(run, plan, record.PLAN_ARTIFACT)
    tracker.client.log_dict(run, state, record.STATE_ARTIFACT)
    for key, value in tags.items():
        if found.data.tags.get(key) != value:
            tracker.client.set_tag(run, key, value)
    if word == "running":
        tracker.client.update_run(run, ENDINGS[word])
    else:
        tracker.client.set_terminated(run, ENDINGS[word])


def study_id(plan: dict[str, Any]) -> str:
    return f"study-{plan['study']}"


def overall(states: Iterable[str]) -> str:
    """One word for a study, of those that `record.STATE` may hold."""
    seen = set(states)
    if "interrupted" in seen:
        return "interrupted"
    if seen & {"running", "waiting"}:
        return "running"
    return "failed" if seen & {"failed", "not run"} else "done"
