"""Carry a plan out: parents first, several jobs at a time, failures contained, nothing done twice."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from training.engine.jobs import Job, Worker, write
from training.engine.runtime import Runtime
from training.engine.store import Store

DONE, FAILED, NOT_RUN, RUNNING, WAITING = "done", "failed", "not run", "running", "waiting"


@dataclass
class Outcome:
    """What became of every job, and which were carried out just now."""

    states: dict[str, str] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    trained: list[str] = field(default_factory=list)
    measured: list[str] = field(default_factory=list)

    def count(self, state: str) -> int:
        return sum(one == state for one in self.states.values())


Watch = Callable[[Job, str], None]


class Executor:
    """Runs jobs in warm workers. `watch(job, state)` is told of every change."""

    def __init__(self, jobs: Iterable[Job], runtime: Runtime, watch: Watch) -> None:
        self.jobs = {job.id: job for job in jobs}
        self.runtime, self.watch = runtime, watch
        self.store = Store(runtime.work)
        self.outcome = Outcome({id: self.before(id) for id in self.jobs})
        self.change = threading.Condition()
        self.stopping = False

    def before(self, id: str) -> str:
        return DONE if self.store.done(id) else WAITING

    def run(self) -> Outcome:
        """Carry out what is not done. Ctrl-C stops at the current jobs and leaves the store sound."""
        self.skip_orphans()
        todo = sum(state == WAITING for state in self.outcome.states.values())
        count = min(self.runtime.workers, todo)
        threads = [threading.Thread(target=self.work, daemon=True) for _ in range(count)]
        for thread in threads:
            thread.start()
        try:
            while any(thread.is_alive() for thread in threads):
                time.sleep(0.1)
        except KeyboardInterrupt:
            with self.change:
                self.stopping = True
                self.change.notify_all()
            raise
        return self.outcome

    def work(self) -> None:
        """One worker's life: take the heaviest ready job until none can come any more."""
        worker = Worker(self.runtime)
        try:
            while job := self.take():
                reason = worker.do(write(job, self.runtime.work))
                self.settle(job, reason)
        finally:
            worker.stop()

    def take(self) -> Job | None:
        """The next ready job, waiting for one while others run."""
        with self.change:
            while not self.stopping:
                ready = [job for job in self.jobs.values() if self.ready(job)]
                if ready:
                    job = max(
                        ready, key=lambda one: (one.document.get("phase") is not None, one.weight)
                    )
                    self.outcome.states[job.id] = RUNNING
                    self.watch(job, RUNNING)
                    return job
                if not any(state == RUNNING for state in self.outcome.states.values()):
                    return None
                self.change.wait()
        return None

    def ready(self, job: Job) -> bool:
        states = self.outcome.states
        return states[job.id] == WAITING and (job.needs is None or self.met(job.needs))

    def met(self, id: str) -> bool:
        """A parent outside the plan (train --from) counts when the store has it."""
        return self.outcome.states.get(id, DONE if self.store.done(id) else NOT_RUN) == DONE

    def settle(self, job: Job, reason: str | None) -> None:
        with self.change:
            state = DONE if reason is None else FAILED
            self.outcome.states[job.id] = state
            if reason:
                self.outcome.reasons[job.id] = reason
            else:
                kind = self.outcome.trained if "phase" in job.document else self.outcome.measured
                kind.append(job.id)
            self.watch(job, state)
            self.skip_orphans()
            self.change.notify_all()

    def skip_orphans(self) -> None:
        """What waits for something that failed will not run."""
        lost = {id for id, state in self.outcome.states.items() if state in {FAILED, NOT_RUN}}
        while True:
            more = {
                job.id
                for job in self.jobs.values()
                if self.outcome.states[job.id] == WAITING and self.hopeless(job, lost)
            }
            if not more:
                return
            for id in more:
                self.outcome.states[id] = NOT_RUN
                self.watch(self.jobs[id], NOT_RUN)
            lost |= more

    def hopeless(self, job: Job, lost: set[str]) -> bool:
        if job.needs is None:
            return False
        return job.needs in lost or (job.needs not in self.jobs and not self.store.done(job.needs))
