"""A training's curve on the server while it trains, read off the run's local logs."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

from training.engine.ownership import sole
from training.engine.records import LOGS, SHARED, Point, contradicts, points_of
from training.engine.refusals import told
from training.engine.rivals import Contested
from training.engine.store import DOCUMENT
from training.engine.tail import Tail
from training.engine.tracking import ENDINGS, Tracker

RUNNING = "running"
OTHERS = {"RUNNING", "FINISHED"}
"""MLflow's status of another store's record that a curve under way does not replace."""


class Live:
    """Held by one process of a store at a time. After an error it is closed and opened anew: what
    arrived is then asked of the server. Methods raise Refused, Unfit or Busy."""

    def __init__(self, tracker: Tracker, id: str) -> None:
        self.tracker, self.id = tracker, id
        self.path = tracker.store.path(id)
        self.stack = ExitStack()
        self.run = ""
        self.sent: set[tuple[str, int]] = set()
        self.tails = [Tail(self.path / name) for name in LOGS]

    def send(self) -> None:
        """Send what the logs have that the server has not. Nothing before the run's document."""
        if not (self.path / DOCUMENT).exists():
            return
        with told():
            if not self.run:
                self.open()
            new: dict[tuple[str, int], Point] = {}
            for one in (point for tail in self.tails for point in tail.read()):
                if (one.key, one.step) not in self.sent:
                    new.setdefault((one.key, one.step), one)
            self.tracker.log(self.run, list(new.values()))
            self.sent |= set(new)

    def open(self) -> None:
        """Find or make the record, RUNNING, and learn what it holds."""
        self.stack.enter_context(sole(self.tracker.store, self.id))
        document = self.tracker.store.document(self.id)
        rivals = self.tracker.rivals
        found: Any = rivals.find(self.id)
        if found:
            foreign = rivals.foreign(found)
            if foreign and found.info.status in OTHERS:
                raise Contested(f"another store has a record of {self.id}")
            had = self.tracker.held(found, scores=False)
            if foreign or contradicts(had, points_of(self.path, self.id), SHARED):
                self.tracker.client.delete_run(found.info.run_id)
                found = None
            else:
                self.sent = set(had)
        run = found or self.tracker.begin(document, RUNNING)
        if run.info.status != ENDINGS[RUNNING]:
            self.tracker.client.update_run(run.info.run_id, ENDINGS[RUNNING])
        self.tracker.write(run, document, RUNNING, [])
        self.run = str(run.info.run_id)

    def close(self) -> None:
        """Let another process, or `Tracker.publish`, have the record."""
        self.stack.close()
