"""What becomes of each job: whose it is, what a failure calls for, what the plan comes to.

Another process may carry out the same jobs: one that it does is left to it while others are done
here, and done here only if that process dies. Nothing here waits or starts a thread: an executor
asks, one question at a time.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from training.engine.agenda import DONE, FAILED, INTERRUPTED, NOT_RUN, RUNNING, WAITING, Agenda
from training.engine.claims import LOOK, Held
from training.engine.failure import DIED, DISK, HELD, LOST, Failure
from training.engine.jobs import Job
from training.engine.store import Store

THEIRS, ELSEWHERE = "running elsewhere", "done elsewhere"
"""What `watch` is told of a job that another process does, or has done: it publishes it, too."""


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
Say = Callable[[str], None]


class Ledger:
    """States of a plan's jobs. `watch(job, state)` is told of every change, `say` what a person
    should know."""

    def __init__(
        self, jobs: Iterable[Job], store: Store, retries: int, watch: Watch, say: Say
    ) -> None:
        self.store, self.retries, self.watch, self.say = store, retries, watch, say
        self.agenda = Agenda(jobs, store.done)
        self.states = self.agenda.states
        self.outcome = Outcome(self.states)
        waiting = (id for id, state in self.states.items() if state == WAITING)
        self.known = {id: at for id in waiting if (at := store.failed_at(id))}
        """When jobs failed in earlier launches, which is no reason not to try them."""
        self.marked: set[str] = set()
        """Jobs that failed by now, of which the store says so."""
        self.here: set[str] = set()
        self.elsewhere: set[str] = set()
        self.tries: Counter[str] = Counter()
        self.looked, self.halted = 0.0, False

    def open(self) -> None:
        for job in self.agenda.open():
            self.watch(job, NOT_RUN)

    @property
    def over(self) -> bool:
        """Whether nothing can come any more."""
        return self.halted or not (self.here or self.elsewhere or self.agenda.queue)

    def next(self) -> Job | None:
        """The best ready job that no other process does or has done; from now on it runs here."""
        while not self.halted and (job := self.agenda.pop()):
            if self.store.done(job.id):
                self.agenda.done(job.id)
                self.watch(job, ELSEWHERE)
            elif self.store.failed_at(job.id) not in (None, self.known.get(job.id)):
                self.fail(job, Failure(self.store.failed(job.id) or "it failed elsewhere"))
            else:
                theirs = self.store.claims.holder(job.id) is not None
                self.begin(job, theirs)
                if not theirs:
                    return job
        return None

    def begin(self, job: Job, theirs: bool) -> None:
        (self.elsewhere if theirs else self.here).add(job.id)
        self.states[job.id] = RUNNING
        self.watch(job, THEIRS if theirs else RUNNING)

    def look(self) -> bool:
        """See, once in LOOK seconds, what other processes did and which failures were cleared;
        whether there is anything new."""
        if time.monotonic() - self.looked < LOOK:
            return False
        self.looked = time.monotonic()
        holder, done = self.store.claims.holder, self.store.done
        free = {id for id in self.elsewhere if done(id) or holder(id) is None}
        cleared = {id for id in self.marked if self.store.failed_at(id) is None}
        self.elsewhere -= free
        self.marked -= cleared
        for id in [*free, *cleared]:
            self.outcome.reasons.pop(id, None)
            self.agenda.again(id)
        return bool(free or cleared)

    def settle(self, job: Job, failure: Failure | None) -> None:
        """Note what became of a job that ran here: done, another try, or given up."""
        self.here.discard(job.id)
        if failure is None:
            self.succeed(job)
        elif failure.kind == HELD:
            self.begin(job, theirs=True)
        elif failure.kind == DIED and self.tries[job.id] < self.retries:
            self.tries[job.id] += 1
            count = f"try {self.tries[job.id] + 1} of {self.retries + 1}"
            self.say(f"{job.title or job.id}: {failure.reason}; {count}")
            self.agenda.again(job.id)
        elif failure.kind == DISK:
            self.halt(job, failure)
        elif failure.kind == LOST and self.mended(job):
            self.agenda.again(job.id)
        else:
            self.fail(job, failure)

    def succeed(self, job: Job) -> None:
        ids = self.outcome.trained if "phase" in job.document else self.outcome.measured
        ids.append(job.id)
        self.agenda.done(job.id)
        self.watch(job, DONE)

    def fail(self, job: Job, failure: Failure) -> None:
        dropped = self.agenda.failed(job.id)
        self.outcome.reasons[job.id] = failure
        self.watch(job, FAILED)
        for one in dropped:
            self.watch(one, NOT_RUN)
        try:
            if self.store.failed(job.id) != failure.reason:  # the worker could not say so itself
                self.store.fail(job.id, failure.reason)
            self.marked.add(job.id)
        except OSError:
            self.say(f"{job.id}: its failure could not be written down: {failure.reason}")

    def halt(self, job: Job, failure: Failure) -> None:
        """Nothing can be written, whichever job tries: begin nothing more."""
        self.halted = True
        self.states[job.id] = INTERRUPTED
        self.outcome.reasons[job.id] = failure

    def mended(self, job: Job) -> bool:
        """Have the run trained again whose damaged encoder a job met; False where it cannot be."""
        parent = job.needs
        if parent not in self.states or self.tries[f"lost/{job.id}"] >= max(1, self.retries):
            return False
        if self.states[parent] != DONE:  # it is trained again already
            return True
        self.tries[f"lost/{job.id}"] += 1
        reason = self.store.lost(parent)
        try:
            if self.store.set_aside(parent):
                self.say(f"the encoder of {parent} cannot be used ({reason}); it is trained again")
        except (Held, OSError):  # another process is at it
            pass
        if not self.store.done(parent):
            self.agenda.again(parent)
        return True

    def interrupt(self) -> None:
        """What runs here ends now, which is neither done nor failed."""
        for ids, state in ((self.here, INTERRUPTED), (self.elsewhere, WAITING)):
            self.states.update(dict.fromkeys(ids, state))
