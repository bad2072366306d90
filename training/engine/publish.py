"""Sending to MLflow beside the work: a background thread that can fail without hurting anything.

Trainings are followed while they train; what is over is sent whole. After a refusal the thread
tries again after 1, 2, 4 ... at most 60 s, so a server that comes back gets everything; at the end
it gives up after three refusals in a row, or when `--patience` (60 s) is used up.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from training.engine.live import Live
from training.engine.orphans import sweep
from training.engine.ownership import Busy, sole
from training.engine.records import measured
from training.engine.refusals import Lost, Refused, Unfit
from training.engine.replay import mark, unfinished, unsent
from training.engine.rivals import Contested
from training.engine.runtime import Runtime
from training.engine.store import DOCUMENT, Store
from training.engine.studies import send_study, study_id
from training.engine.tracking import Tracker

ADVICE = "results are safe in the work directory; run `silta publish` when it is back"
POLL = 5.0
"""Seconds between looks at the logs of what trains."""
LONGEST_PAUSE = 60.0
"""Seconds between tries while a server refuses and the work goes on."""
TRIES = 3
"""Refusals in a row, once the work is over, after which the rest is left to `silta publish`."""
HURRY = 10.0
"""Seconds at most that work which was interrupted or failed waits for MLflow at its end."""
TOLD = 5.0
"""Seconds between words on what is left to send."""

Key = tuple[str, str]


class Publisher:
    """Sends what it is told of. Never raises; a refusal is told at the end."""

    def __init__(self, runtime: Runtime) -> None:
        self.store, self.runtime = Store(runtime.work), runtime
        self.pending: dict[Key, Any] = {}
        """("record", id) -> its state; ("study", name) -> plan and state; ("rest", "") -> all?"""
        self.live: dict[str, Live | None] = {}
        """Trainings under way, and how each is followed."""
        self.tracker: Tracker | None = None
        self.held = ExitStack()
        self.refused: str | None = None
        self.unfit: dict[str, str] = {}
        self.sent = self.failures = 0
        self.next = 0.0
        """When to try next, on the monotonic clock."""
        self.cpu = 0.0
        """Seconds of processor time that sending took."""
        self.closing = False
        self.change = threading.Condition()
        self.thread = threading.Thread(target=self.work, daemon=True)
        self.thread.start()

    def told(self, id: str, state: str) -> None:
        """What became of a job. Of evaluations, only those that are done have a record."""
        if state == "done" or (state in {"failed", "interrupted"} and not measured(id)):
            self.put(("record", id), state)
        elif state == "running" and not measured(id):
            with self.change:
                self.pending.pop(("record", id), None)
                self.live.setdefault(id, None)
                self.wake()

    def finished(self, id: str) -> None:
        """A training or an evaluation is in the store."""
        self.told(id, "done")

    @contextmanager
    def following(self, id: str) -> Iterator[None]:
        """Tell of a job that is carried out in here; where it ends early, send that too."""
        self.told(id, "running")
        try:
            yield
        except BaseException as error:
            self.told(id, "failed" if isinstance(error, Exception) else "interrupted")
            self.close(min(HURRY, self.runtime.patience))
            raise
        self.told(id, "done")

    def study(self, plan: dict[str, Any], state: dict[str, str]) -> None:
        """A study and what became of its jobs so far."""
        self.put(("study", plan["study"]), (plan, dict(state)))

    def rest(self, everything: bool = False) -> None:
        """All in the store that this server was not sent (or all there is)."""
        self.put(("rest", ""), everything)

    def put(self, key: Key, value: Any) -> None:
        with self.change:
            self.pending[key] = value
            self.wake()

    def wake(self) -> None:
        """Do not wait, unless for a server that refuses."""
        self.next = self.next if self.failures else 0.0
        self.change.notify_all()

    def close(
        self, patience: float | None = None, say: Callable[[str], None] = lambda _: None
    ) -> str | None:
        """Wait (at most `patience` seconds, else as long as the runtime says) until all is sent or
        refused; why it was refused."""
        patience = self.runtime.patience if patience is None else patience
        with self.change:
            self.closing, self.failures = True, 0
            self.wake()
        limit = time.monotonic() + patience
        while self.thread.is_alive() and (left := limit - time.monotonic()) > 0:
            self.thread.join(min(TOLD, left))
            if self.thread.is_alive() and self.pending:
                most = f"; at most {max(0, left - TOLD):.0f} s more" if left < float("inf") else ""
                say(f"  left for MLflow: {len(self.pending)}{most}")
        return self.verdict(patience)

    def verdict(self, patience: float) -> str | None:
        """Why not all was sent, or None."""
        if self.pending:
            return self.refused or f"it was not done within {patience:.0f} s"
        for id, reason in self.unfit.items():
            return f"{id}: {reason}" + (f", and {len(self.unfit) - 1} more" * (len(self.unfit) > 1))
        return None

    def work(self) -> None:
        """The thread's life."""
        while self.wait():
            self.turn()
            self.cpu = time.thread_time()
        for id in list(self.live):
            self.drop(id)
        self.held.close()

    def wait(self) -> bool:
        """Sleep until there is something to send; False once the work is over."""
        with self.change:
            while not (self.closing and (not self.pending or self.failures >= TRIES)):
                busy = bool(self.pending or self.live)
                left = self.next - time.monotonic()
                if busy and left <= 0:
                    return True
                self.change.wait(left if busy else None)
        return False

    def turn(self) -> None:
        """Send what there is, until it is all sent or refused; say when to go on."""
        try:
            self.follow()
            self.send_pending()
            self.failures, self.refused, pause = 0, None, POLL
        except Exception as error:  # whatever it is, it must not end the thread
            self.refused = str(error) or type(error).__name__
            self.failures += 1
            pause = min(LONGEST_PAUSE, 2.0 ** (self.failures - 1))
            for id in list(self.live):
                self.drop(id)
            if isinstance(error, Lost) or not isinstance(error, Refused):
                self.tracker = None
        with self.change:
            waiting = 1.0 if self.pending else POLL
            self.next = time.monotonic() + (pause if self.failures else waiting)

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
        """What is over, one by one; a record that cannot be sent does not keep others back."""
        followed, busy = time.monotonic(), set[Key]()
        while key := next((one for one in list(self.pending) if one not in busy), None):
            value, kept = self.pending[key], False
            try:
                self.send(*key, value)
            except Unfit as error:
                self.unfit[key[1]] = str(error)
            except Busy as error:  # another process sends it; at the end it is left to that one,
                busy.add(key)  # but another store's process is waited for
                kept = isinstance(error, Contested) or not self.closing
            except Exception:
                with self.change:
                    self.pending[key] = self.pending.pop(key)
                raise
            with self.change:
                if self.pending.get(key) is value and not kept:
                    del self.pending[key]
            self.failures = 0
            if time.monotonic() - followed > POLL:
                self.follow()
                followed = time.monotonic()

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
        run = tracker.publish(id, state)
        if state == "done":
            mark(self.store, id, tracker.server, run)
            self.sent += 1
