"""Which job comes next: every job's state, and a queue of those that are ready.

Every change costs the logarithm of the number of jobs, so that a study of 100,000 has no more
overhead a job than one of ten.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

from training.engine.jobs import Job

DONE, FAILED, NOT_RUN, RUNNING, WAITING = "done", "failed", "not run", "running", "waiting"
INTERRUPTED = "interrupted"


class Agenda:
    """States of jobs; ready ones come out trainings first, heavy before light."""

    def __init__(self, jobs: Iterable[Job], done: Callable[[str], bool]) -> None:
        """`done` tells whether the store has a job, of this plan or of another."""
        self.jobs = {job.id: job for job in jobs}
        self.stored = done
        self.states = {id: DONE if done(id) else WAITING for id in self.jobs}
        self.order = {id: place for place, id in enumerate(self.jobs)}
        self.below: dict[str, list[str]] = defaultdict(list)
        self.queue: list[tuple[bool, float, int, str]] = []
        for job in self.jobs.values():
            if job.needs is not None:
                self.below[job.needs].append(job.id)

    def open(self) -> list[Job]:
        """Queue what is ready; jobs that cannot run, since nothing makes what they need."""
        for job in self.jobs.values():
            self.push(job.id)
        orphans = [
            job.id
            for job in self.jobs.values()
            if self.states[job.id] == WAITING and job.needs and self.of(job.needs) == NOT_RUN
        ]
        return [job for id in orphans for job in self.drop(id)]

    def of(self, id: str) -> str:
        """A job's state; one outside the plan (train --from) is done where the store has it."""
        return self.states.get(id) or (DONE if self.stored(id) else NOT_RUN)

    def push(self, id: str) -> None:
        """Queue a job if it is ready."""
        job = self.jobs[id]
        if self.states[id] == WAITING and (job.needs is None or self.of(job.needs) == DONE):
            measured = job.document.get("phase") is None
            heapq.heappush(self.queue, (measured, -job.weight, self.order[id], id))

    def pop(self) -> Job | None:
        """The next ready job."""
        while self.queue:
            job = self.jobs[heapq.heappop(self.queue)[-1]]
            if self.states[job.id] == WAITING and (not job.needs or self.of(job.needs) == DONE):
                return job
        return None

    def again(self, id: str) -> None:
        """A job is to be done (once more); what was given up because of it is to be done too."""
        for one in self.descent(id, {NOT_RUN}):
            self.states[one] = WAITING
        self.states[id] = WAITING
        self.push(id)

    def done(self, id: str) -> None:
        """A job is done: what needs it is ready."""
        self.states[id] = DONE
        for one in self.below[id]:
            self.push(one)

    def drop(self, id: str) -> list[Job]:
        """A job cannot run, nor can what needs it: all of them."""
        lost = [id, *self.descent(id, {WAITING})]
        for one in lost:
            self.states[one] = NOT_RUN
        return [self.jobs[one] for one in lost]

    def failed(self, id: str) -> list[Job]:
        """A job has failed: what does not run because of it."""
        dropped = self.drop(id)[1:]
        self.states[id] = FAILED
        return dropped

    def descent(self, id: str, states: set[str]) -> Iterator[str]:
        """What lies below a job in an unbroken line of such states."""
        pending = list(self.below[id])
        while pending:
            one = pending.pop()
            if self.states[one] in states:
                pending += self.below[one]
                yield one
