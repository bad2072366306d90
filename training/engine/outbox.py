"""What is to be sent to MLflow, record by record, several of them at once."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack
from itertools import islice, takewhile
from typing import Any

from training.engine.live import Live
from training.engine.orphans import sweep
from training.engine.ownership import Busy, sole
from training.engine.records import measured
from training.engine.refusals import Unfit
from training.engine.replay import mark, marked, unfinished, unsent
from training.engine.rivals import Contested
from training.engine.runtime import Runtime
from training.engine.store import DOCUMENT, Store
from training.engine.studies import send_study, study_id
from training.engine.tracking import Tracker

POLL = 5.0
"""Seconds between looks at the logs of what trains."""
SENDERS = 3
"""Records that are sent to a server at once. With four, those that write to SQLite wait for each
other's locks longer than a single one takes (`benchmarks/publishing.py`)."""

Key = tuple[str, str]
Job = tuple[Key, Any]


class Outbox:
    """What is left to send, and what is followed while it trains. One thread calls its methods;
    others only add to `pending` and `live`, holding `change`."""

    def __init__(self, runtime: Runtime) -> None:
        self.store, self.runtime = Store(runtime.work), runtime
        self.pending: dict[Key, Any] = {}
        """("record", id) -> its state; ("study", name) -> plan and state; ("rest", "") -> all?"""
        self.live: dict[str, Live | None] = {}
        """Trainings under way, and how each is followed."""
        self.tracker: Tracker | None = None
        self.held = ExitStack()
        self.unfit: dict[str, str] = {}
        self.sent = self.failures = 0
        self.closing = False
        self.change = threading.Condition()

    def connected(self) -> Tracker:
        """The tracker; a new one first gives orphaned records their status."""
        if self.tracker is None:
            tracker = Tracker(self.runtime)
            sweep(tracker, {*self.live})
            self.tracker = tracker
        return self.tracker

    def follow(self) -> None:
        """The curves of what trains."""
        for id in [id for id in list(self.live) if ("record", id) not in self.pending]:
            live = self.live[id] = self.live[id] or Live(self.connected(), id)
            try:
                live.send()
            except (Unfit, Busy):  # being begun anew, or followed by another process: later
                self.drop(id)

    def drop(self, id: str) -> None:
        if live := self.live[id]:
            live.close()
        self.live[id] = None

    def send_pending(self) -> None:
        """What is over; a record that cannot be sent does not keep others back."""
        followed, busy = time.monotonic(), set[Key]()
        while jobs := self.some(busy):
            pairs = zip(jobs, self.attempts(jobs), strict=True)
            settled = [self.settle(*job, outcome, busy) for job, outcome in pairs]
            if trouble := next(filter(None, settled), None):
                raise trouble
            if time.monotonic() - followed > POLL:
                self.follow()
                followed = time.monotonic()

    def some(self, busy: set[Key]) -> list[Job]:
        """What to send next: several records at once, anything else alone."""
        left = (job for job in list(self.pending.items()) if job[0] not in busy)
        first = next(left, None)
        if first is None:
            return []
        alone = first[0][0] != "record" or not self.many
        more = takewhile(lambda job: job[0][0] == "record", left)
        return [first, *islice(more, 0 if alone else SENDERS - 1)]

    @property
    def many(self) -> bool:
        """Whether several may write at once."""
        return self.connected().serves

    def attempts(self, jobs: list[Job]) -> list[Exception | None]:
        """Send them at once, in threads that the end of the program does not wait for."""
        found: list[Exception | None] = [None] * len(jobs)

        def one(at: int) -> None:
            found[at] = self.attempt(jobs[at])

        others = [
            threading.Thread(target=one, args=(at,), daemon=True) for at in range(1, len(jobs))
        ]
        for thread in others:
            thread.start()
        one(0)
        for thread in others:
            thread.join()
        return found

    def attempt(self, job: Job) -> Exception | None:
        """Send one; why that did not go."""
        try:
            self.send(*job[0], job[1])
        except Exception as error:
            return error
        return None

    def settle(
        self, key: Key, value: Any, error: Exception | None, busy: set[Key]
    ) -> Exception | None:
        """Take what was sent off the list; returned is what is the server's trouble."""
        kept = False
        if isinstance(error, Unfit):
            self.unfit[key[1]] = str(error)
        elif isinstance(error, Busy):  # another process sends it; at the end it is left to that
            busy.add(key)  # one, but another store's process is waited for
            kept = isinstance(error, Contested) or not self.closing
        elif error:
            with self.change:
                self.pending[key] = self.pending.pop(key)
            return error
        self.sent += error is None and key[0] == "record" and value == "done"
        with self.change:
            if self.pending.get(key) is value and not kept:
                del self.pending[key]
        self.failures = 0
        return None

    def send(self, kind: str, name: str, value: Any) -> None:
        tracker = self.connected()
        if kind == "rest":
            for id in unsent(self.store, tracker.server, value):
                self.pending.setdefault(("record", id), "done")
            for id, state in unfinished(self.store).items():
                self.pending.setdefault(("record", id), state)
        elif kind == "study":
            self.send_study(tracker, *value)
        else:
            self.send_record(tracker, name, value)

    def send_study(self, tracker: Tracker, plan: dict[str, Any], state: dict[str, str]) -> None:
        """The study's record, which nobody sweeps while this process lives."""
        self.held.enter_context(sole(self.store, study_id(plan), shared=True))
        send_study(tracker, plan, state)

    def send_record(self, tracker: Tracker, id: str, state: str) -> None:
        """A record as a whole; what failed before it began has none."""
        if id in self.live:
            self.drop(id)
            del self.live[id]
        if not (self.store.path(id) / DOCUMENT).exists():
            return
        known = not measured(id) or marked(self.store, id) == tracker.server
        run = tracker.publish(id, state, known)
        if state == "done":
            mark(self.store, id, tracker.server, run)
