"""Carry a plan out: parents first, several jobs at a time, failures contained."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from training.engine.jobs import Doer, Failure, Job, Worker, write
from training.engine.runtime import Runtime
from training.engine.store import Store

DONE, FAILED, NOT_RUN, RUNNING, WAITING = "done", "failed", "not run", "running", "waiting"
INTERRUPTED = "interrupted"
TICK = 0.2
"""Seconds between looks at the threads, at Ctrl-C and at the clock."""


@dataclass
class Outcome:
    """What became of every job, and which were carried out just now."""

    states: dict[str, str] = field(default_factory=dict)
    reasons: dict[str, Failure] = field(default_factory=dict)
    trained: list[str] = field(default_factory=list)
    measured: list[str] = field(default_factory=list)

    def count(self, state: str) -> int:
        return sum(one == state for one in self.states.values())

    @property
    def mend(self) -> list[str]:
        """What the user has to mend, each thing told once."""
        return list(dict.fromkeys(one.reason for one in self.reasons.values() if one.mend))


Watch = Callable[[Job, str], None]


def no_tick() -> None:
    """Nobody looks at the clock."""


class Executor:
    """Runs jobs in warm workers. `watch(job, state)` is told of every change, `tick()` often."""

    def __init__(
        self,
        jobs: Iterable[Job],
        runtime: Runtime,
        watch: Watch,
        tick: Callable[[], None] = no_tick,
    ) -> None:
        self.jobs = {job.id: job for job in jobs}
        self.runtime, self.watch, self.tick = runtime, watch, tick
        self.store = Store(runtime.work)
        self.outcome = Outcome({id: self.before(id) for id in self.jobs})
        self.change = threading.Condition()
        self.workers: Sequence[Doer] = ()
        self.stopping = False

    def before(self, id: str) -> str:
        return DONE if self.store.done(id) else WAITING

    def run(self) -> Outcome:
        """Carry out what is not done. Ctrl-C ends the current jobs and leaves the store sound."""
        self.skip_orphans()
        self.workers = self.crew(self.outcome.count(WAITING))
        threads = [
            threading.Thread(target=self.work, args=(worker,), daemon=True)
            for worker in self.workers
        ]
        try:
            for thread in threads:
                thread.start()
            while any(thread.is_alive() for thread in threads):
                with (
                    self.change
                ):  # no join: Ctrl-C inside one marks the thread as ended (bpo-45274)
                    self.change.wait(TICK)
                    self.tick()
        finally:
            self.stop(threads)
        return self.outcome

    def crew(self, most: int) -> Sequence[Doer]:
        """Workers, as many as the machine or the cluster has room for."""
        if self.runtime.executor == "ray":
            from training.engine.distributed import crew  # needs the extra `distributed`

            return crew(self.runtime, most)
        return [Worker(self.runtime) for _ in range(min(self.runtime.workers, most))]

    def stop(self, threads: list[threading.Thread]) -> None:
        """End what still runs, which is then neither done nor failed."""
        with self.change:
            self.stopping = True
            for id, state in self.outcome.states.items():
                if state == RUNNING:
                    self.outcome.states[id] = INTERRUPTED
            self.change.notify_all()
        while any(thread.is_alive() for thread in threads):
            for worker in self.workers:  # again: one may just have been starting
                worker.stop()
            time.sleep(0.02)

    def work(self, worker: Doer) -> None:
        """One worker's life: take the heaviest ready job until none can come any more."""
        try:
            while job := self.take():
                self.settle(job, self.attempt(worker, job))
        finally:
            worker.stop()

    def attempt(self, worker: Doer, job: Job) -> Failure | None:
        """A job's failure, whatever happens: an error here must not leave others waiting."""
        try:
            return worker.do(write(job, self.runtime.work))
        except Exception as error:
            return Failure(f"{type(error).__name__}: {error}")

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

    def settle(self, job: Job, failure: Failure | None) -> None:
        """Note what became of a job, and wake who waits for it."""
        with self.change:
            try:
                if failure is None:
                    self.succeed(job)
                elif not self.stopping:  # else it was ended, it did not fail
                    self.fail(job, failure)
                self.skip_orphans()
            finally:
                self.change.notify_all()

    def succeed(self, job: Job) -> None:
        self.outcome.states[job.id] = DONE
        ids = self.outcome.trained if "phase" in job.document else self.outcome.measured
        ids.append(job.id)
        self.watch(job, DONE)

    def fail(self, job: Job, failure: Failure) -> None:
        self.outcome.states[job.id] = FAILED
        self.outcome.reasons[job.id] = failure
        self.watch(job, FAILED)
        if self.store.failed(job.id) != failure.reason:  # the worker could not say so itself
            self.store.fail(job.id, failure.reason)

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
