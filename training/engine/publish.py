"""Sending to MLflow beside the work: a background thread that can fail without hurting anything."""

from __future__ import annotations

import queue
import threading
from typing import Any

from training.engine.runtime import Runtime
from training.engine.store import PUBLISHED, Store

ADVICE = "results are safe in the work directory; run `silta publish` when it is back"


class Publisher:
    """Publishes ids as they are finished. Never raises; a refusal is told at the end."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.queue: queue.Queue[tuple[str, Any] | None] = queue.Queue()
        self.refused: str | None = None
        self.sent = 0
        self.thread = threading.Thread(target=self.work, daemon=True)
        self.thread.start()

    def finished(self, id: str) -> None:
        """A training or an evaluation is in the store."""
        self.queue.put(("record", id))

    def study(self, plan: dict[str, Any], state: dict[str, str]) -> None:
        self.queue.put(("study", (plan, dict(state))))

    def close(self, patience: float | None = None) -> str | None:
        """Wait (at most `patience` seconds) until all is sent or refused; why it was refused."""
        self.queue.put(None)
        self.thread.join(patience)
        return self.refused

    def work(self) -> None:
        from training.engine.tracking import Refused, Tracker

        tracker: Tracker | None = None
        while (told := self.queue.get()) is not None:
            if self.refused:
                continue
            try:
                tracker = tracker or Tracker(self.runtime)
                self.send(tracker, *told)
            except Refused as error:
                self.refused = str(error)

    def send(self, tracker: Any, kind: str, told: Any) -> None:
        if kind == "study":
            tracker.study(*told)
        elif not tracker.published(told):
            tracker.publish(told)
            self.sent += 1


def unpublished(store: Store, uri: str) -> list[str]:
    """Finished ids that this server was not sent."""
    missing = []
    for id in store.finished():
        marker = store.path(id) / PUBLISHED
        if not marker.exists() or marker.read_text() != uri:
            missing.append(id)
    return missing


def publish_all(runtime: Runtime, everything: bool = False) -> tuple[int, str | None]:
    """Send what is missing (or all) and every study's plan; how many were sent, why it stopped."""
    from training.engine.study import studies

    store = Store(runtime.work)
    publisher = Publisher(runtime)
    for id in store.finished() if everything else unpublished(store, runtime.uri):
        if everything:
            (store.path(id) / PUBLISHED).unlink(missing_ok=True)
        publisher.finished(id)
    for plan, state in studies(runtime):
        publisher.study(plan, state)
    refused = publisher.close()
    return publisher.sent, refused
