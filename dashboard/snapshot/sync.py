"""Renewing the snapshot behind the pages: what is kept is shown at once, a thread reads the rest.

One thread a place serves every visitor of a process; between processes the directory's lock does.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from dataclasses import dataclass

from dashboard import shelf
from dashboard.analysis.frames import ScoreFrame
from dashboard.analysis.joining import ahead
from dashboard.place import Place
from dashboard.snapshot.source import Unreachable
from dashboard.snapshot.whole import load, snapshot

FRESH = 60.0
"""Seconds for which a reading of the server serves everybody."""
PATIENCE = 0.5
"""Seconds that a visitor waits for a renewal; most are over by then."""


@dataclass(frozen=True)
class Sync:
    """How far a place is known just now."""

    frame: ScoreFrame | None
    """The last that was read; None: nothing yet."""
    problem: str = ""
    """Why the server gives no answer."""
    busy: bool = False
    """Whether it is being read."""
    read: int = 0
    total: int | None = None
    """Runs read, and of how many (None: not known yet)."""
    seconds: float = 0.0
    """Since that reading began."""

    @property
    def share(self) -> float:
        """Of the reading that is done, 0 to 1."""
        return min(1.0, self.read / self.total) if self.total else 0.0

    @property
    def progress(self) -> str:
        """`1,500 of 10,000 runs read, about 12 s left`."""
        if not self.read:
            return "asking the server"
        of = f" of {self.total:,}" if self.total else ""
        left = self.seconds * (1 / self.share - 1) if self.share else None
        return f"{self.read:,}{of} runs read" + (f", about {left:.0f} s left" if left else "")


class Renewal:
    """The reading of one place, and what it told last."""

    def __init__(self, where: Place) -> None:
        self.where, self.guard = where, threading.Lock()
        self.frame = load(where.directory) if _ours(where) else None
        self.problem = ""
        self.thread: threading.Thread | None = None
        self.began, self.ended = 0.0, float("-inf")
        self.read = 0
        self.total: int | None = None

    def begin(self, fresh: float) -> None:
        """Start to read, unless that was done less than `fresh` seconds ago, or is being done."""
        with self.guard:
            idle = self.thread is None or not self.thread.is_alive()
            if idle and time.monotonic() - self.ended > fresh:
                self.began, self.read, self.total = time.monotonic(), 0, None
                self.thread = threading.Thread(target=self.work, daemon=True)
                self.thread.start()

    def work(self) -> None:
        """The thread's life."""
        where = self.where
        try:
            frame = snapshot(where.tracking_uri, where.directory, say=self.say, before=self.frame)
            self.frame, self.problem = ahead(frame), ""
        except (Unreachable, OSError) as problem:
            self.frame, self.problem = self.frame or load(where.directory), str(problem)
        except Exception as problem:  # whatever it is, pages must not wait for ever
            logging.getLogger(__name__).exception("the tracking server could not be read")
            self.problem = f"Reading {where.shown} failed ({type(problem).__name__})."
        self.ended = time.monotonic()

    def say(self, read: int, total: int | None) -> None:
        self.read, self.total = read, total

    def told(self) -> Sync:
        busy = self.thread is not None and self.thread.is_alive()
        seconds = time.monotonic() - self.began
        return Sync(self.frame, self.problem, busy, self.read, self.total, seconds)


_renewals: dict[Place, Renewal] = {}
_guard = threading.Lock()


def sync(where: Place, fresh: float = FRESH, patience: float = PATIENCE) -> Sync:
    """What is known of a place. Where that is older than `fresh` seconds, a thread renews it, for
    which this waits at most `patience` seconds: look again while it is `busy`."""
    with _guard:
        if where not in _renewals:
            _renewals[where] = Renewal(where)
        one = _renewals[where]
    one.begin(fresh)
    thread = one.thread
    if thread:
        thread.join(patience)
    return one.told()


def _ours(where: Place) -> bool:
    """Whether what is kept there was read from this address."""
    told = shelf.meta(where.directory)
    return (
        told is not None and told["uri"] == hashlib.sha256(where.tracking_uri.encode()).hexdigest()
    )
