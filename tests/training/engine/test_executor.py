"""The executor with workers that only pretend: order, containment, nothing twice."""

from __future__ import annotations

import json
import random
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.engine import executor as module
from training.engine.executor import DONE, FAILED, INTERRUPTED, NOT_RUN, WAITING, Executor
from training.engine.failure import Failure
from training.engine.jobs import Job
from training.engine.runtime import Runtime
from training.engine.store import Store


class Pretend:
    """A worker that marks jobs as done, or fails those it is told to."""

    failing: dict[str, Failure] = {}
    log: list[str] = []
    running: list[int] = [0, 0]
    lock = threading.Lock()
    pause = 0.0

    def __init__(self, runtime: Runtime) -> None:
        self.runtime, self.stopped = runtime, threading.Event()

    def do(self, path: Path) -> Failure | None:
        id = json.loads(path.read_text())["id"]
        with self.lock:
            self.log.append(id)
            self.running[0] += 1
            self.running[1] = max(self.running)
        ended = self.stopped.wait(self.pause)
        with self.lock:
            self.running[0] -= 1
        if ended:
            return Failure("ended")
        if id == "raises":
            raise RuntimeError("the worker itself is broken")
        if id not in self.failing:
            store = Store(self.runtime.work)
            store.begin(id, {"id": id})
            store.finish(id)
        return self.failing.get(id)

    def stop(self) -> None:
        self.stopped.set()


@pytest.fixture(autouse=True)
def pretend(monkeypatch: pytest.MonkeyPatch) -> type[Pretend]:
    fresh: type[Pretend] = type("Fresh", (Pretend,), {})
    fresh.failing, fresh.log, fresh.running = {}, [], [0, 0]
    monkeypatch.setattr(module, "Worker", fresh)
    return fresh


def job(id: str, needs: str | None = None, weight: float = 1.0, phase: str = "target") -> Job:
    return Job(id, needs, {"id": id} | ({"phase": phase} if phase else {}), weight, id)


def ignore(one: Job, state: str) -> None:
    """Nobody watches."""


FOREST = [
    job("a"),
    job("b", "a"),
    job("c", "a"),
    job("d", "b", phase=""),
    job("e"),
    job("f", "e", phase=""),
]


def test_parents_come_first_and_each_job_once(pretend: type[Pretend], tmp_path: Path) -> None:
    told: list[tuple[str, str]] = []
    watch = lambda one, state: told.append((one.id, state))  # noqa: E731
    outcome = Executor(FOREST, Runtime(tmp_path, jobs=2), watch).run()
    assert sorted(pretend.log) == list("abcdef")
    for one in FOREST:
        if one.needs:
            assert pretend.log.index(one.needs) < pretend.log.index(one.id)
    assert set(outcome.states.values()) == {DONE}
    assert sorted(outcome.trained) == ["a", "b", "c", "e"]
    assert sorted(outcome.measured) == ["d", "f"]
    for one in FOREST:
        assert [state for id, state in told if id == one.id] == ["running", "done"]


def test_trainings_come_before_evaluations_and_heavy_before_light(
    pretend: type[Pretend], tmp_path: Path
) -> None:
    jobs = [job("small", weight=1), job("measure", weight=9, phase=""), job("big", weight=5)]
    Executor(jobs, Runtime(tmp_path, jobs=1), ignore).run()
    assert pretend.log == ["big", "small", "measure"]


def test_a_failure_takes_its_descendants_and_nothing_else(
    pretend: type[Pretend], tmp_path: Path
) -> None:
    pretend.failing = {"b": Failure("no memory")}
    outcome = Executor(FOREST, Runtime(tmp_path, jobs=2), ignore).run()
    expected = dict.fromkeys("acef", DONE) | {"b": FAILED, "d": NOT_RUN}
    assert outcome.states == expected and "d" not in pretend.log
    assert outcome.mend == [] and Store(tmp_path).failed("b") == "no memory"


def test_what_the_user_can_mend_is_told_once(pretend: type[Pretend], tmp_path: Path) -> None:
    same = Failure("f.tsv, row 3: broken", mend=True)
    pretend.failing = {"b": same, "c": same}
    outcome = Executor(FOREST, Runtime(tmp_path, jobs=1), ignore).run()
    assert outcome.mend == ["f.tsv, row 3: broken"] and outcome.count(FAILED) == 2


def test_the_next_launch_does_only_what_is_not_done(pretend: type[Pretend], tmp_path: Path) -> None:
    pretend.failing = {"b": Failure("no memory")}
    Executor(FOREST, Runtime(tmp_path, jobs=1), ignore).run()
    pretend.failing, pretend.log = {}, []
    outcome = Executor(FOREST, Runtime(tmp_path, jobs=1), ignore).run()
    assert pretend.log == ["b", "d"] and outcome.count(DONE) == 6
    assert Store(tmp_path).failed("b") is None


def test_an_error_of_the_executor_itself_fails_one_job(tmp_path: Path) -> None:
    jobs = [job("raises"), job("child", "raises"), job("other")]
    outcome = Executor(jobs, Runtime(tmp_path, jobs=2), ignore).run()
    assert outcome.states == {"raises": FAILED, "child": NOT_RUN, "other": DONE}
    assert "broken" in outcome.reasons["raises"].reason


def test_a_parent_outside_the_plan_must_be_in_the_store(tmp_path: Path) -> None:
    jobs = [job("mine", "outside"), job("lost", "nowhere")]
    store = Store(tmp_path)
    store.begin("outside", {"id": "outside"})
    store.finish("outside")
    outcome = Executor(jobs, Runtime(tmp_path, jobs=1), ignore).run()
    assert outcome.states == {"mine": DONE, "lost": NOT_RUN}


def test_ctrl_c_leaves_the_running_job_interrupted(pretend: type[Pretend], tmp_path: Path) -> None:
    pretend.pause = 30.0
    executor = Executor(FOREST, Runtime(tmp_path, jobs=1), ignore, tick=interrupt)
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        executor.run()
    assert time.monotonic() - began < 5
    (running,) = pretend.log
    assert executor.outcome.states[running] == INTERRUPTED
    assert executor.outcome.count(WAITING) == 5 and executor.outcome.reasons == {}
    assert Store(tmp_path).failed(running) is None


def interrupt() -> None:
    raise KeyboardInterrupt


@settings(max_examples=25, deadline=None)
@given(
    count=st.integers(1, 12),
    workers=st.integers(1, 4),
    chance=st.randoms(use_true_random=False),
)
def test_any_forest_with_any_failures(
    count: int, workers: int, chance: random.Random, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Every job is done, failed, or below a failed one; none runs twice or before its parent."""
    jobs = [
        job(f"j{i}", f"j{chance.randrange(i)}" if i and chance.random() < 0.7 else None)
        for i in range(count)
    ]
    fresh: type[Pretend] = type("Fresh", (Pretend,), {"log": [], "running": [0, 0]})
    fresh.failing = {one.id: Failure("bad") for one in jobs if chance.random() < 0.3}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "Worker", fresh)
        work = tmp_path_factory.mktemp("forest")
        states = Executor(jobs, Runtime(work, jobs=workers), ignore).run().states
    assert len(set(fresh.log)) == len(fresh.log) and fresh.running[1] <= workers
    for one in jobs:
        below = one.needs is not None and states[one.needs] in {FAILED, NOT_RUN}
        own = FAILED if one.id in fresh.failing else DONE
        assert states[one.id] == (NOT_RUN if below else own)
        if one.needs and one.id in fresh.log:
            assert fresh.log.index(one.needs) < fresh.log.index(one.id)
