"""A server that lost everything is rebuilt from the store: a snapshot of it equals the old one."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pandas as pd
import pytest

from dashboard.analysis.frames import ScoreFrame
from dashboard.snapshot import snapshot
from training.engine.executor import Outcome
from training.engine.publish import Publisher
from training.engine.replay import marked, settled, unpublished
from training.engine.runtime import Runtime
from training.engine.store import Store, write_json
from training.engine.study import document_of, keep, publish_all
from training.plan.expand import expand
from training.plan.matrix import read

MATRIX = """
study: {name}
source: {{kind: miniature, seed: 5, sentences: 40}}
scales: [nano]
intermediates: [none, csqa]
targets: [xnli, tatoeba]
seeds: [1, 2]
languages: [en, fi]
recipe:
  intermediate: {{steps: 2}}
  target: {{steps: 2}}
"""
BY_NATURE = ["run_id", "ended"]
"""Columns that MLflow makes up: another run id and another time of publication."""


@pytest.fixture
def runtime(tmp_path: Path, mlflow_uri: str) -> Runtime:
    """Two studies carried out, in an order that is not that of their names; nothing published."""
    made = Runtime(tmp_path)
    assert made.uri == mlflow_uri
    for turn, name in enumerate(("zebra", "adder")):
        study(made, name, turn)
    return made


def study(runtime: Runtime, name: str, turn: int, matrix: str = MATRIX, points: int = 1) -> None:
    (runtime.work / "matrix.yaml").write_text(matrix.format(name=name))
    plan, store = expand(read(runtime.work / "matrix.yaml")), Store(runtime.work)
    for run in plan.runs:
        path = store.begin(run.id, run.document())
        lines = (
            {"step": step, "time": 5.0 + step, "metrics": {"train/loss": 1.0 / step}}
            for step in range(1, points + 1)
        )
        (path / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
        store.finish(run.id)
    for number, one in enumerate(plan.evaluations):
        path = store.begin(one.id, document_of(one))
        told = {"fin": {"accuracy": 40.0 + number, "n": 50.0}, "eng": {"accuracy": 80.0, "n": 50.0}}
        write_json(path / "scores.json", {"scores": {"test": told, "dev": {}}})
        store.finish(one.id)
    ids = [run.id for run in plan.runs] + [one.id for one in plan.evaluations]
    keep(plan, Outcome(dict.fromkeys(ids, "done")), runtime)
    state = runtime.work / "studies" / name / "state.json"
    os.utime(state, (1e9 + turn, 1e9 + turn))


def told(frame: ScoreFrame) -> dict[str, pd.DataFrame]:
    """What a page can show, without what MLflow makes up."""
    scores = frame.scores.drop(columns=BY_NATURE)
    evaluations = frame.evaluations.drop(columns=BY_NATURE)
    return {
        "scores": scores.sort_values(list(scores.columns[:3]) + ["split", "lang", "metric"]),
        "evaluations": evaluations.sort_values("evaluation"),
        "plan": frame.plan,
        "contrasts": frame.contrasts,
    }


def test_the_snapshot_of_a_rebuilt_server_equals_the_old_one(
    runtime: Runtime, migrated: Path, tmp_path: Path
) -> None:
    sent, refused = publish_all(runtime)
    assert refused is None and sent == len(list(Store(runtime.work).finished())) > 10
    before = snapshot(runtime.uri, tmp_path / "old")
    assert len(before.scores) and len(before.evaluations) == 7 and before.studies()
    shutil.copy(migrated, tmp_path / "mlflow.db")
    assert len(snapshot(runtime.uri, tmp_path / "empty").scores) == 0
    assert publish_all(runtime, everything=True) == (sent, None)
    after = snapshot(runtime.uri, tmp_path / "new")
    assert after.studies() == before.studies() == ["adder", "zebra"]
    for name, frame in told(before).items():
        pd.testing.assert_frame_equal(
            frame.reset_index(drop=True), told(after)[name].reset_index(drop=True), obj=name
        )


def test_an_empty_database_at_the_same_address_is_noticed(
    runtime: Runtime, migrated: Path, tmp_path: Path
) -> None:
    """Without `--all`, and by a publisher that was connected before."""
    publisher = Publisher(runtime)
    publisher.rest()
    ids = list(Store(runtime.work).finished())
    while publisher.pending:
        publisher.thread.join(0.05)
    assert publisher.sent == len(ids) and not unpublished(Store(runtime.work), runtime.uri)
    old = {marked(Store(runtime.work), id) for id in ids}
    assert len(old) == 1
    shutil.copy(migrated, tmp_path / "mlflow.db")
    publisher.finished(ids[0])
    publisher.rest()
    assert publisher.close(120) is None
    new = {marked(Store(runtime.work), id) for id in ids}
    assert len(new) == 1 and new != old, "all of it is in the new database"


def test_a_study_that_was_killed_is_not_called_running(runtime: Runtime) -> None:
    store = Store(runtime.work)
    done, *_ = store.finished()
    plan = {"study": "killed"}
    state = {done: "running", "lost": "waiting", "never": "not run"}
    assert settled(store, plan, state) == {done: "done", "lost": "interrupted", "never": "not run"}
    assert settled(store, plan, {done: "done", "x": "failed"}) == {done: "done", "x": "failed"}
