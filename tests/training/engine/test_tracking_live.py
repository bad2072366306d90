"""A training's record while it trains, when it ends, and after whoever followed it was killed."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient

from training.engine import publish
from training.engine.live import Live
from training.engine.orphans import sweep
from training.engine.ownership import Busy, identity, owned, sole
from training.engine.publish import Publisher
from training.engine.records import Point
from training.engine.runtime import Runtime
from training.engine.store import Store
from training.engine.study import publish_all
from training.engine.tracking import Tracker
from training.spec import record
from training.spec.recipe import Recipe
from training.spec.run import Run

RUN = Run("mlm", "nano", "text", 3, "miniature/seed=5/sentences=40", Recipe(steps=2))


class World:
    """A store with one training under way, and what MLflow has of it."""

    def __init__(self, work: Path) -> None:
        self.runtime, self.store = Runtime(work), Store(work)
        self.path = self.store.begin(RUN.id, RUN.document())
        self.client = MlflowClient(self.runtime.uri)

    def log(self, step: int, value: float, time: float = 1.0) -> None:
        line = {"step": step, "time": time, "metrics": {"train/loss": value}}
        with (self.path / "metrics.jsonl").open("a") as log:
            log.write(json.dumps(line) + "\n")

    def found(self) -> list[Any]:
        ids = [one.experiment_id for one in self.client.search_experiments()]
        return self.client.search_runs(ids, f"tags.`{record.ID}` = '{RUN.id}'")

    @property
    def run(self) -> Any:
        (one,) = self.found()
        return one

    def told(self) -> tuple[str, str]:
        return self.run.info.status, self.run.data.tags[record.STATE]

    def curve(self) -> list[tuple[int, float]]:
        told = self.client.get_metric_history(self.run.info.run_id, "train/loss")
        return sorted((one.step, one.value) for one in told)

    def follow(self) -> Live:
        live = Live(Tracker(self.runtime), RUN.id)
        live.send()
        return live


@pytest.fixture
def world(tmp_path: Path, mlflow_uri: str) -> World:
    made = World(tmp_path)
    assert made.runtime.uri == mlflow_uri
    return made


@pytest.fixture
def publisher(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Publisher]:
    monkeypatch.setattr(publish, "POLL", 0.05)
    made = Publisher(world.runtime)
    yield made
    made.close(5)


def soon(true: Callable[[], Any], seconds: float = 60) -> None:
    limit = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < limit
        time.sleep(0.05)


def test_the_curve_arrives_while_it_trains(world: World, publisher: Publisher) -> None:
    world.log(1, 2.0)
    publisher.told(RUN.id, "running")
    soon(lambda: world.found() and world.curve() == [(1, 2.0)])
    assert world.told() == ("RUNNING", "running")
    world.log(2, 1.0)
    soon(lambda: world.curve() == [(1, 2.0), (2, 1.0)])
    world.store.finish(RUN.id)
    publisher.told(RUN.id, "done")
    assert publisher.close(60) is None and publisher.sent == 1
    assert world.told() == ("FINISHED", "done")
    assert world.curve() == [(1, 2.0), (2, 1.0)], "nothing is lost or doubled"
    assert publish_all(world.runtime) == (0, None)


@pytest.mark.parametrize(("state", "status"), [("failed", "FAILED"), ("interrupted", "KILLED")])
def test_an_end_before_the_end_and_a_resumption(
    state: str, status: str, world: World, publisher: Publisher
) -> None:
    world.log(1, 2.0)
    publisher.told(RUN.id, "running")
    if state == "failed":
        world.store.fail(RUN.id, "NaN loss\nat step 1")
    publisher.told(RUN.id, state)
    soon(lambda: world.found() and world.told() == (status, state))
    first = world.run
    assert first.data.tags.get(record.REASON) == ("NaN loss" if state == "failed" else None)
    publisher.told(RUN.id, "running")
    soon(lambda: world.told() == ("RUNNING", "running"))
    world.log(2, 1.0)
    world.store.finish(RUN.id)
    publisher.told(RUN.id, "done")
    assert publisher.close(60) is None
    assert world.told() == ("FINISHED", "done")
    assert world.run.info.run_id == first.info.run_id and world.curve() == [(1, 2.0), (2, 1.0)]
    assert not world.run.data.tags.get(record.REASON), "an old reason does not stay"


def test_what_was_sent_before_a_crash_is_not_sent_again(world: World) -> None:
    """The sender dies between the server's answer and anything that it could note."""
    world.log(1, 2.0)
    world.follow().close()
    world.log(2, 1.0)
    sent: list[Point] = []
    tracker = Tracker(world.runtime)
    tracker.log = lambda run, points, *_: sent.extend(points)  # type: ignore[method-assign]
    again = Live(tracker, RUN.id)
    again.send()
    again.close()
    assert [one.step for one in sent] == [2]


def test_an_attempt_that_was_begun_anew_is_told_as_it_is(world: World) -> None:
    """Another curve under the same id: the old record goes to the trash, one is left."""
    for step in (1, 2):
        world.log(step, 2.0)
    world.follow().close()
    old = world.run.info.run_id
    world.store.begin(RUN.id, RUN.document())
    for step in (1, 2):
        world.log(step, 3.0)
    world.store.finish(RUN.id)
    assert publish_all(world.runtime) == (1, None)
    assert world.curve() == [(1, 3.0), (2, 3.0)] and world.run.info.run_id != old
    assert world.client.get_run(old).info.lifecycle_stage == "deleted"


def test_only_one_process_follows_a_training(world: World) -> None:
    world.log(1, 2.0)
    live = world.follow()
    with pytest.raises(Busy):
        world.follow()
    with pytest.raises(Busy):
        Tracker(world.runtime).publish(RUN.id)
    live.close()
    world.follow().close()
    assert len(world.found()) == 1


def test_two_processes_that_publish_at_once_make_one_record(world: World) -> None:
    world.log(1, 2.0)
    world.store.finish(RUN.id)
    trackers = [Tracker(world.runtime) for _ in range(3)]
    refused: list[Exception] = []

    def send(tracker: Tracker) -> None:
        try:
            tracker.publish(RUN.id)
        except Busy as error:
            refused.append(error)

    threads = [threading.Thread(target=send, args=(one,)) for one in trackers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) < 3 and len(world.found()) == 1 and world.curve() == [(1, 2.0)]


def test_of_two_records_of_one_id_the_oldest_is_kept(world: World) -> None:
    """As two machines without a common lock leave them."""
    tracker, document = Tracker(world.runtime), RUN.document()
    first = tracker.create(document, "running", 1000)
    tracker.create(document, "running", 2000)
    world.log(1, 2.0)
    world.store.finish(RUN.id)
    assert publish_all(world.runtime) == (1, None)
    assert world.run.info.run_id == first.info.run_id


def test_orphans_are_swept_and_the_living_are_not(world: World) -> None:
    world.log(1, 2.0)
    world.follow().close()
    assert world.told() == ("RUNNING", "running"), "as SIGKILL leaves it"
    with world.store.claim(RUN.id):
        assert owned(world.store, RUN.id)
        sweep(Tracker(world.runtime), set())
        assert world.told() == ("RUNNING", "running"), "somebody is at it"
    sweep(Tracker(world.runtime), {RUN.id})
    assert world.told() == ("RUNNING", "running"), "this process has begun it"
    assert not owned(world.store, RUN.id)
    sweep(Tracker(world.runtime), set())
    assert world.told() == ("KILLED", "interrupted")


def test_another_stores_records_are_not_swept(world: World, tmp_path: Path) -> None:
    world.follow().close()
    other = Tracker(Runtime(tmp_path / "other", tracking_uri=world.runtime.uri))
    sweep(other, set())
    assert world.told() == ("RUNNING", "running")
    assert identity(tmp_path) == identity(tmp_path) != identity(tmp_path / "other")


def test_publish_sends_what_a_killed_training_left(world: World) -> None:
    world.log(1, 2.0)
    assert publish_all(world.runtime) == (0, None), "nothing is finished"
    assert world.told() == ("KILLED", "interrupted") and world.curve() == [(1, 2.0)]


def test_a_lock_is_shared_by_those_who_say_so(world: World) -> None:
    with sole(world.store, "study-x", shared=True), sole(world.store, "study-x", shared=True):
        with pytest.raises(Busy), sole(world.store, "study-x"):
            pass
