"""Sending to MLflow beside the work: a background thread that can fail without hurting anything.

Trainings are followed while they train; what is over is sent whole. After a refusal the thread
tries again after 1, 2, 4 ... at most 60 s, so a server that comes back gets everything; at the end
it gives up after three refusals in a row, or when `--patience` (60 s) is used up.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from training.engine.outbox import POLL, Key, Outbox
from training.engine.records import measured
from training.engine.refusals import Lost, Refused
from training.engine.runtime import Runtime

ADVICE = "results are safe in the work directory; run `silta publish` when it is back"
LONGEST_PAUSE = 60.0
"""Seconds between tries while a server refuses and the work goes on."""
TRIES = 3
"""Refusals in a row, once the work is over, after which the rest is left to `silta publish`."""
HURRY = 10.0
"""Seconds at most that work which was interrupted or failed waits for MLflow at its end."""
TOLD = 5.0
"""Seconds between words on what is left to send."""


class Publisher(Outbox):
    """Sends what it is told of. Never raises; a refusal is told at the end."""

    def __init__(self, runtime: Runtime) -> None:
        super().__init__(runtime)
        self.refused: str | None = None
        self.next = 0.0
        """When to try next, on the monotonic clock."""
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
