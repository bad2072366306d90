"""Carry a plan out: parents first, several jobs at a time, failures contained, work shared."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence

from training.engine.agenda import DONE, FAILED, INTERRUPTED, NOT_RUN, RUNNING, WAITING
from training.engine.claims import LOOK
from training.engine.failure import Failure, failure_of
from training.engine.jobs import Doer, Job, Worker, write
from training.engine.ledger import ELSEWHERE, Ledger, Outcome, Say, Watch
from training.engine.runtime import Runtime
from training.engine.store import Store

__all__ = [
    "DONE",
    "ELSEWHERE",
    "FAILED",
    "INTERRUPTED",
    "NOT_RUN",
    "RUNNING",
    "WAITING",
    "Executor",
    "Outcome",
]

TICK = 0.2
"""Seconds between looks at the threads, at Ctrl-C and at the clock."""


def no_tick() -> None:
    """Nobody looks at the clock."""


def unheard(message: str) -> None:
    """Nobody listens."""


class Executor:
    """Runs jobs in warm workers. `watch(job, state)` is told of every change, `tick()` often, and
    `say(message)` what a person should know."""

    def __init__(
        self,
        jobs: Iterable[Job],
        runtime: Runtime,
        watch: Watch,
        tick: Callable[[], None] = no_tick,
        say: Say = unheard,
    ) -> None:
        self.runtime, self.tick = runtime, tick
        self.ledger = Ledger(jobs, Store(runtime.work), runtime.retries, watch, say)
        self.outcome = self.ledger.outcome
        self.change = threading.Condition()
        self.workers: Sequence[Doer] = ()
        self.stopping = False

    def run(self) -> Outcome:
        """Carry out what is not done. Ctrl-C ends the current jobs and leaves the store sound."""
        self.ledger.open()
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
                    if self.ledger.look():
                        self.change.notify_all()
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
            self.ledger.interrupt()
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
            return failure_of(error, self.runtime)

    def take(self) -> Job | None:
        """The next ready job, waiting for one while others run."""
        with self.change:
            while not self.stopping:
                job = self.ledger.next()
                if job or self.ledger.over:
                    return job
                self.change.wait(LOOK)
        return None

    def settle(self, job: Job, failure: Failure | None) -> None:
        """Note what became of a job, and wake who waits for it."""
        with self.change:
            try:
                if failure is None or not self.stopping:  # else it was ended, it did not fail
                    self.ledger.settle(job, failure)
            finally:
                self.change.notify_all()
