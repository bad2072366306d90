"""The store: `runs/<id>/` for trained and measured things. The store is the truth, MLflow a view.

A result exists when its marker does; the marker is written last, by rename, after fsync. A folder
without one is half-written: it is set aside when its job starts again, and never read.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

DONE = "DONE"
FAILED = "FAILED"
DOCUMENT = "run.json"
SCORES = "scores.json"
ITEMS = "items.parquet"
SWEEP = "sweep.parquet"
CURVE = "metrics.jsonl"


class StoreError(Exception):
    """The work directory cannot be used; the message says what to do."""


class Store:
    """Results under `<work>/runs`."""

    def __init__(self, work: Path) -> None:
        self.runs, self.locks = work / "runs", work / "locks"
        try:
            self.runs.mkdir(parents=True, exist_ok=True)
            self.locks.mkdir(exist_ok=True)
            TemporaryFile(dir=self.runs).close()
        except OSError as error:
            raise StoreError(
                f"cannot write to the work directory {work} ({error.strerror}): "
                "choose another with --work, or make it writable"
            ) from error

    def path(self, id: str) -> Path:
        return self.runs / id

    def done(self, id: str) -> bool:
        return (self.path(id) / DONE).exists()

    def failed(self, id: str) -> str | None:
        """The first line of why a job failed, or None."""
        marker = self.path(id) / FAILED
        if self.done(id) or not marker.exists():
            return None
        return (marker.read_text().splitlines() or ["no reason is known"])[0]

    @contextmanager
    def claim(self, id: str) -> Iterator[None]:
        """Hold a job alone: whoever else wants it waits, and finds it done. Freed by any death."""
        with (self.locks / id).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def begin(self, id: str, document: dict[str, Any]) -> Path:
        """An empty folder for a job, holding only its document; leftovers are removed."""
        path = self.path(id)
        if path.exists():
            shutil.rmtree(path)
        path.mkdir()
        write_json(path / DOCUMENT, document)
        return path

    def finish(self, id: str) -> None:
        """Make everything durable, then the marker."""
        path = self.path(id)
        for file in [*path.rglob("*"), path]:
            sync(file)
        marker = path / f".{DONE}"
        marker.write_text("")
        sync(marker)
        marker.rename(path / DONE)
        sync(path)

    def fail(self, id: str, reason: str) -> None:
        """Say why a job failed; the next launch tries it again."""
        self.path(id).mkdir(exist_ok=True)
        temporary = self.path(id) / f".{FAILED}"
        temporary.write_text(reason)
        temporary.rename(self.path(id) / FAILED)

    def document(self, id: str) -> dict[str, Any]:
        told: dict[str, Any] = read_json(self.path(id) / DOCUMENT)
        return told

    def update(self, id: str, told: dict[str, Any]) -> None:
        """Add provenance to a job's document."""
        write_json(self.path(id) / DOCUMENT, self.document(id) | told)

    def finished(self) -> Iterator[str]:
        """Ids of everything done, oldest first."""
        markers = sorted(self.runs.glob(f"*/{DONE}"), key=lambda marker: marker.stat().st_mtime)
        return (marker.parent.name for marker in markers)


def sync(path: Path) -> None:
    """fsync a file or a folder."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_json(path: Path, value: Any) -> None:
    """Write by rename, so that no reader sees half a file."""
    temporary = path.with_name(f".{path.name}")
    temporary.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n")
    temporary.rename(path)


def read_json(path: Path) -> Any:
    return json.loads(path.read_text())
