"""Jobs that others do, whose worker dies, that meet a full disk or a damaged parent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from training.engine import ledger as ledger_module
from training.engine.claims import Claims
from training.engine.executor import DONE, FAILED, INTERRUPTED, NOT_RUN, WAITING
from training.engine.failure import DIED, DISK, HELD, LOST, Failure
from training.engine.jobs import Job
from training.engine.ledger import ELSEWHERE, THEIRS, Ledger
from training.engine.manifest import DAMAGED
from training.engine.store import Store

FOREST = [("a", None), ("b", "a"), ("c", "b"), ("d", None)]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at once, as often as one is asked to."""
    monkeypatch.setattr(ledger_module, "LOOK", 0.0)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


class Told(Ledger):
    """A ledger of the forest that remembers what it said."""

    def __init__(self, store: Store, retries: int = 2) -> None:
        self.said: list[str] = []
        self.seen: list[tuple[str, str]] = []
        jobs = [Job(id, needs, {"id": id, "phase": "target"}) for id, needs in FOREST]
        watch = lambda job, state: self.seen.append((job.id, state))  # noqa: E731
        super().__init__(jobs, store, retries, watch, self.said.append)
        self.open()

    def do(self, failures: Callable[[str], Failure | None] = lambda _: None) -> Counter[str]:
        """Take jobs until there is none; how often each was taken."""
        taken: Counter[str] = Counter()
        while job := self.next():
            taken[job.id] += 1
            failure = failures(job.id)
            if failure is None:
                done(self.store, job.id)
            self.settle(job, failure)
        return taken


def done(store: Store, id: str) -> None:
    store.begin(id, {"id": id})
    encoder = store.path(id) / "encoder"
    encoder.mkdir()
    (encoder / "model.safetensors").write_text(f"weights of {id}")
    store.finish(id)


def test_a_job_that_another_process_does_is_left_to_it(store: Store) -> None:
    told = Told(store)
    theirs = Claims(store.claims.folder).take("a")
    assert theirs
    assert told.do() == {"d": 1} and not told.over, "a is waited for"
    done(store, "a")
    theirs.release(finished=True)
    assert told.look()
    assert told.do() == {"b": 1, "c": 1} and told.over
    assert set(told.states.values()) == {DONE} and "a" not in told.outcome.trained
    assert [state for id, state in told.seen if id == "a"] == [THEIRS, ELSEWHERE]


def test_a_job_whose_holder_died_is_done_here(store: Store) -> None:
    told = Told(store)
    theirs = store.claims.take("a")
    assert theirs
    told.do()
    assert not told.look(), "it is still held"
    theirs.release(finished=False)
    assert told.look() and told.do() == dict.fromkeys("abc", 1)


def test_a_job_that_its_worker_found_held_is_left_to_the_other(store: Store) -> None:
    """Two processes drew it at the same moment."""
    told = Told(store)
    taken = told.do(lambda id: Failure("done elsewhere", kind=HELD) if id == "a" else None)
    assert taken == {"a": 1, "d": 1} and told.outcome.reasons == {}
    done(store, "a")
    assert told.look() and told.do() == {"b": 1, "c": 1}
    assert sorted(told.outcome.trained) == ["b", "c", "d"]


def test_what_was_done_meanwhile_is_not_done_again(store: Store) -> None:
    told = Told(store)
    for id in "ad":
        done(store, id)
    assert told.do() == {"b": 1, "c": 1}


def test_what_another_process_failed_meanwhile_has_failed(store: Store) -> None:
    store.fail("d", "long ago")
    told = Told(store)
    store.fail("a", "no memory")
    assert told.do() == {"d": 1}, "an old failure is tried again"
    assert told.states == {"a": FAILED, "b": NOT_RUN, "c": NOT_RUN, "d": DONE}
    assert told.outcome.reasons["a"].reason == "no memory"


def test_a_dead_workers_job_is_tried_again_within_a_bound(store: Store) -> None:
    told = Told(store, retries=2)
    taken = told.do(
        lambda id: Failure("the worker was ended by SIGKILL", kind=DIED) if id == "a" else None
    )
    assert taken == {"a": 3, "d": 1}
    assert [line.rpartition("; ")[2] for line in told.said] == ["try 2 of 3", "try 3 of 3"]
    assert told.states["a"] == FAILED and told.states["c"] == NOT_RUN
    assert store.failed("a") == "the worker was ended by SIGKILL"


def test_a_job_that_fails_by_itself_is_not_tried_again(store: Store) -> None:
    told = Told(store)
    assert told.do(lambda id: Failure("bad") if id == "a" else None) == {"a": 1, "d": 1}


def test_a_cleared_failure_is_tried_at_once(store: Store) -> None:
    told = Told(store)
    told.do(lambda id: Failure("bad") if id == "b" else None)
    assert told.states["c"] == NOT_RUN
    kept = store.forget("b")
    assert kept and kept.read_text() == "bad" and kept.parent.name == "failures"
    assert told.look() and told.do() == {"b": 1, "c": 1}
    assert told.outcome.reasons == {} and set(told.states.values()) == {DONE}


def test_when_nothing_can_be_written_nothing_more_is_begun(store: Store) -> None:
    told = Told(store)
    full = Failure("the disk is full", mend=True, kind=DISK)
    assert told.do(lambda id: full) == {"a": 1} and told.over
    assert told.states == {"a": INTERRUPTED} | dict.fromkeys("bcd", WAITING)
    assert told.outcome.mend == ["the disk is full"] and store.failed("a") is None


def test_a_damaged_parent_is_trained_again_and_what_is_done_stays(store: Store) -> None:
    told = Told(store)
    lost = iter([Failure("the encoder of a is damaged", True, LOST)])

    def harmed(id: str) -> Failure | None:
        if id != "b" or (failure := next(lost, None)) is None:
            return None
        (store.path("a") / DAMAGED).write_text("other bytes\n")
        return failure

    assert told.do(harmed) == {"a": 2, "b": 2, "c": 1, "d": 1}
    assert set(told.states.values()) == {DONE} and told.outcome.reasons == {}
    assert (store.work / "aside" / "a.1" / "DONE").exists()
    assert told.said == ["the encoder of a cannot be used (other bytes); it is trained again"]


def test_a_parent_that_stays_damaged_fails_its_child(store: Store) -> None:
    told = Told(store)
    taken = told.do(lambda id: Failure("damaged", True, LOST) if id == "b" else None)
    assert taken["b"] == 3 and told.states["b"] == FAILED and told.states["c"] == NOT_RUN


def test_ending_makes_what_runs_interrupted_and_leaves_the_rest_waiting(store: Store) -> None:
    told = Told(store)
    theirs = store.claims.take("a")
    job = told.next()
    assert theirs and job and job.id == "d" and told.elsewhere == {"a"}
    told.interrupt()
    assert told.states == {"a": WAITING, "b": WAITING, "c": WAITING, "d": INTERRUPTED}
    theirs.release(finished=False)


def test_many_jobs_cost_no_more_each_than_few(store: Store) -> None:
    """Counted, not timed: how often a job is compared with another or looked up."""
    looks = {size: cost(store, size) / size for size in (300, 3000)}
    assert looks[3000] < 2 * looks[300], looks


def cost(store: Store, size: int) -> int:
    """Calls of Python functions while jobs in a tree of seven branches are carried out."""
    import sys

    jobs = [
        Job(f"j{size}-{i}", f"j{size}-{i // 7}" if i else None, {"phase": "x"}, i % 5 + 1.0)
        for i in range(size)
    ]
    calls = 0

    def count(*_: object) -> None:
        nonlocal calls
        calls += 1

    ledger = Ledger(jobs, store, 2, lambda job, state: None, lambda line: None)
    ledger.store.done = lambda id: False  # type: ignore[method-assign]
    previous = sys.getprofile()
    sys.setprofile(count)
    try:
        ledger.open()
        while job := ledger.next():
            ledger.settle(job, None)
    finally:
        sys.setprofile(previous)
    assert len(ledger.outcome.trained) == size
    return calls
