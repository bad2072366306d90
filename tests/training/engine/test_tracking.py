"""MLflow as a view of the store: sent once, found again, rebuilt, and never in the way."""

from __future__ import annotations

import http.server
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from commands import REFUSING, silta
from mlflow import MlflowClient

from training.engine.refusals import Refused
from training.engine.replay import unpublished
from training.engine.runtime import Runtime
from training.engine.store import Store, write_json
from training.engine.studies import overall, send_study
from training.engine.study import publish_all
from training.engine.tracking import Tracker
from training.spec import record
from training.spec.evaluation import Evaluation
from training.spec.recipe import Recipe
from training.spec.run import Run

RUN = Run("target", "nano", "mnli", 3, "miniature/seed=5/sentences=40", Recipe(steps=2))
EVALUATION = Evaluation(RUN.id, "nano", "xnli", RUN.source)
PLACE = {"intermediate": "none", "intermediate_seed": None, "target_seed": 3, "mlm": None}
SCORES = {"dev": {"eng": {"accuracy": 50.0}}, "test": {"fin": {"accuracy": 41.5, "n": 40.0}}}


@pytest.fixture
def runtime(tmp_path: Path, mlflow_uri: str) -> Runtime:
    """A store with a finished training, a finished evaluation and a half-written one."""
    store = Store(tmp_path)
    path = store.begin(RUN.id, RUN.document())
    lines = [
        {"step": step, "time": 1000.0 + step, "metrics": {"train/loss": 2.0 - step / 2}}
        for step in (1, 2)
    ]
    (path / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    store.finish(RUN.id)
    path = store.begin(EVALUATION.id, EVALUATION.document() | PLACE | {"reuses": True})
    write_json(path / "scores.json", {"scores": SCORES})
    (path / "items.parquet").write_bytes(b"rows")
    (path / "sweep.parquet").write_bytes(b"rows")
    store.finish(EVALUATION.id)
    store.begin("evaluation-xnli-half", {"id": "evaluation-xnli-half"})
    assert mlflow_uri == Runtime(tmp_path).uri
    return Runtime(tmp_path)


def runs(runtime: Runtime) -> dict[str, Any]:
    client = MlflowClient(runtime.uri)
    found = client.search_runs([one.experiment_id for one in client.search_experiments()])
    assert len({run.data.tags[record.ID] for run in found}) == len(found), "no id twice"
    return {run.data.tags[record.ID]: run for run in found}


def test_what_is_done_is_sent_with_its_names(runtime: Runtime) -> None:
    assert publish_all(runtime) == (2, None)
    found = runs(runtime)
    assert set(found) == {RUN.id, EVALUATION.id}
    trained, measured = found[RUN.id], found[EVALUATION.id]
    assert trained.data.metrics == {"train/loss": 1.0}
    assert trained.data.params["steps"] == "2" and trained.data.tags[record.SEED] == "3"
    assert measured.data.metrics == {
        "dev/eng/accuracy": 50.0,
        "test/fin/accuracy": 41.5,
        "test/fin/n": 40.0,
    }
    tags = measured.data.tags
    assert tags[record.KIND] == "evaluation" and tags[record.REUSES] == "true"
    assert (tags[record.TARGET_SEED], tags[record.INTERMEDIATE_SEED]) == ("3", "")
    assert json.loads(tags[record.SETTINGS]) == {}
    curve = MlflowClient(runtime.uri).get_metric_history(trained.info.run_id, "train/loss")
    assert [(one.step, one.value) for one in curve] == [(1, 1.5), (2, 1.0)]
    names = {one.path for one in MlflowClient(runtime.uri).list_artifacts(measured.info.run_id)}
    assert names == {"run.json", "scores.json", "items.parquet", "sweep.parquet"}


def test_publishing_twice_makes_one_record(runtime: Runtime) -> None:
    publish_all(runtime)
    before = {id: run.info.run_id for id, run in runs(runtime).items()}
    assert publish_all(runtime) == (0, None)
    publish_all(runtime, everything=True)
    assert {id: run.info.run_id for id, run in runs(runtime).items()} == before


def test_a_record_that_was_cut_short_is_completed(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server went away between the creation and the scores."""

    def away(*_: Any) -> None:
        raise ConnectionError("gone")

    with monkeypatch.context() as patch:
        patch.setattr(Tracker, "log", away)
        with pytest.raises(Refused, match="gone"):
            Tracker(runtime).publish(EVALUATION.id)
    assert unpublished(Store(runtime.work), runtime.uri) == [RUN.id, EVALUATION.id]
    assert runs(runtime)[EVALUATION.id].info.status == "RUNNING"
    assert publish_all(runtime) == (2, None)
    whole = runs(runtime)[EVALUATION.id]
    assert whole.info.status == "FINISHED" and whole.data.metrics["test/fin/accuracy"] == 41.5


def test_a_lost_server_is_rebuilt(runtime: Runtime, migrated: Path, tmp_path: Path) -> None:
    publish_all(runtime)
    (tmp_path / "mlflow.db").write_bytes(migrated.read_bytes())
    assert runs(runtime) == {}
    assert publish_all(runtime) == (2, None), "the marks are of another database"
    assert set(runs(runtime)) == {RUN.id, EVALUATION.id}


def test_data_sets_are_logged_once(runtime: Runtime) -> None:
    data = {"mnli/train/eng": "0123456789abcdef miniature"}
    Store(runtime.work).update(RUN.id, {"provenance": {"commit": "abc", "data": data}})
    for _ in range(2):
        publish_all(runtime, everything=True)
    (one,) = runs(runtime)[RUN.id].inputs.dataset_inputs
    assert (one.dataset.name, one.dataset.digest) == ("mnli/train", "0123456789abcdef")
    assert one.dataset.source == RUN.source and one.dataset.source_type == "silta"
    assert {tag.key: tag.value for tag in one.tags} == {"mlflow.data.context": "train"}
    assert runs(runtime)[RUN.id].data.tags[record.COMMIT] == "abc"


def test_a_record_that_cannot_be_sent_does_not_keep_others_back(runtime: Runtime) -> None:
    scores = Store(runtime.work).path(EVALUATION.id) / "scores.json"
    whole = scores.read_text()
    scores.write_text("{")
    sent, refused = publish_all(runtime)
    assert sent == 1 and refused and EVALUATION.id in refused
    scores.write_text(whole)
    assert publish_all(runtime) == (1, None)


def test_a_study_is_refreshed_and_not_doubled(runtime: Runtime) -> None:
    tracker = Tracker(runtime)
    plan = {"schema": record.PLAN_SCHEMA, "study": "s", "runs": []}
    send_study(tracker, plan, {"a": "running", "b": "waiting"})
    assert runs(runtime)["study-s"].data.tags[record.STATE] == "running"
    send_study(tracker, plan, {"a": "done", "b": "done"})
    (study,) = [run for id, run in runs(runtime).items() if id == "study-s"]
    assert study.data.tags[record.STATE] == "done"


@pytest.mark.parametrize(
    ("states", "word"),
    [
        (["done", "done"], "done"),
        ([], "done"),
        (["done", "failed", "not run"], "failed"),
        (["done", "waiting"], "running"),
        (["running", "failed"], "running"),
        (["interrupted", "waiting", "failed"], "interrupted"),
    ],
)
def test_a_studys_state_in_one_word(states: list[str], word: str) -> None:
    assert overall(states) == word


class Broken(http.server.BaseHTTPRequestHandler):
    """A server that answers everything with 500."""

    asked = 0

    def do_GET(self) -> None:
        type(self).asked += 1
        self.send_error(500)

    do_POST = do_GET

    def log_message(self, *_: Any) -> None:
        """Silent."""


@pytest.fixture
def broken() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Broken)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.mark.parametrize("kind", ["refused", "error 500"])
def test_a_server_that_refuses_is_given_up_soon(kind: str, runtime: Runtime, broken: str) -> None:
    uri = REFUSING if kind == "refused" else broken
    began = time.monotonic()
    sent, refused = publish_all(Runtime(runtime.work, tracking_uri=uri))
    assert time.monotonic() - began < 30
    assert sent == 0 and refused and "\n" not in refused
    assert Broken.asked > 0 or kind == "refused"
    assert unpublished(Store(runtime.work), uri) == [RUN.id, EVALUATION.id]


def test_the_command_says_what_it_sent_or_who_refuses(runtime: Runtime) -> None:
    done = silta("publish", "--work", runtime.work, "--tracking-uri", REFUSING)
    assert done.returncode == 2 and "refuses" in done.stderr and "Traceback" not in done.stderr
    done = silta("publish", "--work", runtime.work)
    assert (done.returncode, done.stdout.strip()) == (0, "published 2 records"), done.stderr
