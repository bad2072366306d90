"""Progress through one long list: a bar with the time left on a terminal, lines elsewhere."""

from __future__ import annotations

import sys
import time
from typing import Any

from training.engine.progress import EVERY, duration


class Meter:
    """Told how far the work is; `begun`: what was done by an earlier process."""

    def __init__(self, title: str, total: int, begun: int = 0) -> None:
        self.title, self.total, self.begun = title, total, begun
        self.began = self.told = time.monotonic()
        self.bar = bar() if sys.stderr.isatty() else None

    def __enter__(self) -> Meter:
        if self.bar:
            self.bar.start()
            self.task = self.bar.add_task(self.title, total=self.total, completed=self.begun)
        return self

    def __exit__(self, *_: Any) -> None:
        if self.bar:
            self.bar.stop()

    def reached(self, done: int) -> None:
        """`done` of the total are finished."""
        if self.bar:
            self.bar.update(self.task, completed=done)
            return
        now = time.monotonic()
        if now - self.told >= EVERY:
            self.told = now
            print(self.line(done, now - self.began), file=sys.stderr, flush=True)

    def line(self, done: int, spent: float) -> str:
        """`mnli deu: 512/1000 rows, 10 s, about 9 s left`; the pace is this process's own."""
        left = spent * (self.total - done) / max(1, done - self.begun)
        told = f"{self.title}: {done}/{self.total} rows, {duration(spent)}"
        return f"{told}, about {duration(left)} left"


def bar() -> Any:
    """rich's bar on the error stream."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left:"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )
