"""What a tracking server is asked, whichever way it is read: its runs, in batches, as plain rows.

`rest` asks through mlflow's client; `sql` reads a SQLite or PostgreSQL database itself, which is
many times quicker and knows exactly what changed. Both give the same rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import pandas as pd

from dashboard.snapshot.looks import Looks

EVALUATION, TRAINING, STUDY = "evaluation", "training", "study"
"""Values of the tag `silta.kind`."""

Say = Callable[[int, int | None], None]
"""Told how many runs were read so far, and of how many (None: nobody knows)."""


class Unreachable(Exception):
    """The tracking server gave no answer; the message says what to do."""


@dataclass(frozen=True)
class Told:
    """One MLflow run. Times are milliseconds since 1970, None where it has not ended."""

    id: str
    status: str
    started: float | None
    ended: float | None
    artifacts: str
    """Where its artifacts lie, as the server names it."""
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Batch:
    """Some runs and their last metrics: (place of its run among `runs`, key, value or None where
    it is no number)."""

    runs: list[Told]
    metrics: list[tuple[int, str, float | None]]


@dataclass(frozen=True)
class Known:
    """What a snapshot holds of one kind: run -> when it ended (NaN: had not), what was deleted
    when it was taken, and when a server was looked at again."""

    ended: dict[str, float] = field(default_factory=dict)
    removed: frozenset[str] = frozenset()
    looks: Looks = Looks()

    @classmethod
    def of(cls, frame: pd.DataFrame, removed: Iterable[str], looks: Looks) -> Known:
        ended = zip(frame["run_id"].tolist(), frame["ended"].tolist(), strict=True)
        return cls(dict(ended), frozenset(removed), looks)


@dataclass(frozen=True)
class Changes:
    """What a snapshot lacks: batches to read, and the runs that it must forget."""

    batches: Iterator[Batch]
    gone: set[str]
    removed: set[str]
    """All that are deleted now, known or not."""
    total: int | None = None
    """How many runs the batches hold, where that is known beforehand."""


class Source(Protocol):
    """A tracking server."""

    exact: bool
    """Whether `changes` misses nothing: then nothing need be read anew to be sure."""

    def identity(self) -> str:
        """Names our experiment in this very database; `none` where there is none yet."""

    def studies(self) -> list[Told]:
        """Every study that is not deleted."""

    def changes(self, kind: str, known: Known, metric: str | None = None) -> Changes:
        """Runs of a kind that ended since, that are not over, or that were restored; `metric`:
        only this one is needed."""

    def history(self, run: str) -> list[tuple[str, int, float, float]]:
        """Every point of a run: (metric, step, time in ms, value)."""

    def parameters(self, run: str) -> dict[str, str]:
        """The parameters of a run."""

    def fetch(self, run: str, name: str, folder: Path) -> Path | None:
        """An artifact of a run: where it lies, or a copy in `folder`; None where it has none."""

    def close(self) -> None:
        """Let go of connections."""
