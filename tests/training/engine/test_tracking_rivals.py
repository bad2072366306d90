"""Several stores, one id, one server: one MLflow run stays, and it is whole and one store's."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from training.engine import rivals
from training.engine.live import Live
from training.engine.rivals import Contested
from training.engine.runtime import Runtime
from training.engine.store import Store
from training.engine.study import publish_all
from training.engine.tracking import Tracker
from training.spec import record
from training.spec.recipe import Recipe
from training.spec.run import Run

RUN = Run("mlm", "nano", "text", 3, "miniature/seed=5/sentences=40", Recipe(steps=2))
POINTS = 30


def trained(work: Path, uri: str, began: float, values: float = 1.0, done: bool = True) -> Runtime:
    """A store that trained RUN at a time of its own, as another machine does it."""
    store = Store(work)
    path = store.begin(RUN.id, RUN.document() | {"seconds": 1000.0 - began})
    for step in range(1, POINTS + 1):
        line = {"step": step, "time": began + step, "metrics": {"train/loss": values / step}}
        load = {"step": step, "time": began + step, "metrics": {"system/cpu": began * step}}
        for name, told in (("metrics.jsonl", line), ("system.jsonl", load)):
            with (path / name).open("a") as log:
                log.write(json.dumps(told) + "\n")
    if done:
        store.finish(RUN.id)
    return Runtime(work, tracking_uri=uri)


@pytest.fixture
def make(tmp_path: Path, mlflow_uri: str) -> Callable[..., Tracker]:
    """Trackers of stores of their own, all at one server."""

    def one(name: str, began: float = 0.0, **more: Any) -> Tracker:
        return Tracker(trained(tmp_path / name, mlflow_uri, began, **more))

    return one


def told(tracker: Tracker) -> tuple[Any, list[tuple[str, int, int]]]:
    """The one run of the id, and every point that it holds: key, step, time in seconds."""
    query = f"tags.`{record.ID}` = '{RUN.id}'"
    (run,) = tracker.client.search_runs([tracker.experiment_id], query)
    histories = (
        tracker.client.get_metric_history(run.info.run_id, key)
        for key in ("train/loss", "system/cpu")
    )
    points = [(one.key, one.step, one.timestamp // 1000) for each in histories for one in each]
    return run, sorted(points)


def whole(tracker: Tracker, began: int) -> bool:
    """Whether the one run holds the points of the store that began then, each once, no others."""
    run, points = told(tracker)
    expected = [
        (key, step, began + step)
        for key in ("system/cpu", "train/loss")
        for step in range(1, POINTS + 1)
    ]
    return run.info.status == "FINISHED" and points == expected


def meanwhile(tracker: Tracker, name: str, act: Callable[[], object], monkeypatch: Any) -> None:
    """Do something once, just before a method of the tracker works."""
    method, left = getattr(tracker, name), [act]

    def first(*arguments: Any) -> Any:
        if left:
            left.pop()()
        return method(*arguments)

    monkeypatch.setattr(tracker, name, first)


def test_what_another_store_finished_stays_as_it_is(make: Callable[..., Tracker]) -> None:
    first, second = make("a", 100), make("b", 50)
    kept = first.publish(RUN.id)
    before = first.client.get_run(kept).data.tags
    assert second.publish(RUN.id) == kept and whole(first, 100)
    assert told(first)[0].data.tags == before, "not even its owner"


def test_a_store_that_says_something_else_puts_its_own_in_the_place(
    make: Callable[..., Tracker],
) -> None:
    make("a", 100, values=9.0).publish(RUN.id)
    second = make("b", 50)
    second.publish(RUN.id)
    assert whole(second, 50)


@pytest.mark.parametrize("began", [50, 150])
def test_two_that_found_nothing_leave_one(
    make: Callable[..., Tracker], monkeypatch: pytest.MonkeyPatch, began: int
) -> None:
    """The second publishes all between the first one's look and its creation."""
    first, second = make("a", 100), make("b", began)
    meanwhile(first, "create", lambda: second.publish(RUN.id), monkeypatch)
    with pytest.raises(Contested):
        first.publish(RUN.id)
    assert whole(first, began)
    assert first.publish(RUN.id) == told(first)[0].info.run_id and whole(first, began)


def searches(tracker: Tracker, known: bool, monkeypatch: pytest.MonkeyPatch) -> int:
    """How often the server is searched while a record is published."""
    asked, search = list[str](), tracker.client.search_runs

    def counted(ids: list[str], query: str, **more: Any) -> Any:
        asked.append(query)
        return search(ids, query, **more)

    with monkeypatch.context() as patch:
        patch.setattr(tracker.client, "search_runs", counted)
        patch.setattr(tracker.client, "get_run", lambda run: pytest.fail("asked for all of it"))
        tracker.publish(RUN.id, known=known)
    return len(asked)


def test_what_the_server_is_not_known_to_have_is_begun_without_a_look(
    make: Callable[..., Tracker], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = make("a", 100)
    assert searches(first, False, monkeypatch) == 1 and whole(first, 100)
    first.client.delete_run(told(first)[0].info.run_id)
    assert searches(first, True, monkeypatch) == 3 and whole(first, 100)


@pytest.mark.parametrize("began", [50, 150])
def test_what_it_has_unknown_to_the_store_stays(make: Callable[..., Tracker], began: int) -> None:
    """Another store's record, and this store's own that it died before it noted."""
    first, second = make("a", 100), make("b", began)
    kept = first.publish(RUN.id)
    assert second.publish(RUN.id, known=False) == kept == first.publish(RUN.id, known=False)
    assert whole(first, 100)


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("place", ["write", "attach", "describe"])
def test_a_run_deleted_while_it_is_written_to_is_noticed(
    make: Callable[..., Tracker], monkeypatch: pytest.MonkeyPatch, place: str, known: bool
) -> None:
    first, second = make("a", 100), make("b", 50)

    def instead() -> None:
        """As a store that looked before the first one created: its own, earlier run."""
        document = second.store.document(RUN.id)
        second.begin(document, "done", second.began(document))

    monkeypatch.setattr(rivals, "GRACE", 0.0)
    meanwhile(first, place, instead, monkeypatch)
    with pytest.raises(Contested):
        first.publish(RUN.id, known=known)
    second.publish(RUN.id)
    assert whole(second, 50)


def test_what_another_store_is_sending_is_waited_for_until_it_stands_still(
    make: Callable[..., Tracker], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = make("a", 100), make("b", 50)
    run = first.begin(first.store.document(RUN.id), "done")
    clock = [0.0]
    monkeypatch.setattr("training.engine.rivals.time.monotonic", lambda: clock[0])
    for at, key in ((0.0, ""), (15.0, "x"), (34.0, "")):  # alive at 15, so dead from 35 on
        clock[0] = at
        if key:
            first.client.log_metric(run.info.run_id, key, 1.0)
        with pytest.raises(Contested, match="another store"):
            second.publish(RUN.id)
    clock[0] = 35.5
    second.publish(RUN.id)
    assert whole(second, 50), "nothing of the dead one's is left in it"


def test_a_result_goes_before_a_curve_and_a_curve_before_none(
    make: Callable[..., Tracker],
) -> None:
    training, done, late = make("a", 100, done=False), make("b", 50), make("c", 70, done=False)
    live = Live(training, RUN.id)
    live.send()
    with pytest.raises(Contested):
        Live(late, RUN.id).send()
    assert late.publish(RUN.id, "interrupted") == live.run
    done.publish(RUN.id)
    assert whole(done, 50)
    kept = told(done)[0].info.run_id
    assert late.publish(RUN.id, "failed") == kept, "a failure does not replace a result"
    live.close()
    with pytest.raises(Contested):
        Live(training, RUN.id).send()
    training.store.finish(RUN.id)
    assert training.publish(RUN.id) == kept and whole(done, 50)


def test_stores_that_publish_at_once_leave_one_whole_run(
    make: Callable[..., Tracker], tmp_path: Path, mlflow_uri: str
) -> None:
    """With threads that really meet, over SQLite; over PostgreSQL in test_postgres.py."""
    runtimes = [trained(tmp_path / str(n), mlflow_uri, 100.0 + n) for n in range(4)]
    gate, tracker = threading.Barrier(len(runtimes)), Tracker(runtimes[0])
    said: list[Any] = []

    def send(runtime: Runtime) -> None:
        gate.wait()
        said.append(publish_all(runtime))

    threads = [threading.Thread(target=send, args=(one,)) for one in runtimes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert said == [(1, None)] * len(runtimes)
    assert any(whole(tracker, 100 + n) for n in range(4)), told(tracker)
