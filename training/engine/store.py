"""The store: `runs/<id>/` for trained and measured things. The store is the truth, MLflow a view.

A result exists when its marker does; the marker is written last, by rename, after fsync. A folder
without one is half-written: it is set aside when its job starts again, and never read. What a run
hands over is vouched for by the hashes in its manifest.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from training.engine import manifest
from training.engine.claims import HELD, Claims, Held, hold
from training.engine.manifest import StoreError
from training.engine.writing import read_json, sync, write_json

__all__ = ["Store", "StoreError", "read_json", "sync", "write_json"]

DONE = "DONE"
FAILED = "FAILED"
INTERRUPTED = "INTERRUPTED"
"""A training was asked to end and can be taken up again; the file says how far it is."""
DOCUMENT = "run.json"
SCORES = "scores.json"
ITEMS = "items.parquet"
SWEEP = "sweep.parquet"
CURVE = "metrics.jsonl"


class Store:
    """Results under `<work>/runs`."""

    def __init__(self, work: Path, write: bool = True) -> None:
        """`write=False`: only to look, which a full or read-only disk allows.

        Raises StoreError where the folder cannot be written to.
        """
        self.work, self.runs = work, work / "runs"
        self.claims = Claims(work / "claims")
        if not write:
            if work.exists() and not work.is_dir():
                raise StoreError(f"{work} is no work directory: name another with --work")
            return
        try:
            self.runs.mkdir(parents=True, exist_ok=True)
            self.claims.folder.mkdir(exist_ok=True)
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
        if self.done(id):
            return None
        try:
            told = (self.path(id) / FAILED).read_text()
        except OSError:
            return None
        return (told.splitlines() or ["no reason is known"])[0]

    def failed_at(self, id: str) -> int | None:
        """When a job failed, in nanoseconds; None where it did not."""
        try:
            return (self.path(id) / FAILED).stat().st_mtime_ns
        except OSError:
            return None

    @contextmanager
    def claim(self, id: str, wait: bool = True) -> Iterator[None]:
        """Hold a job alone. Whoever else wants it waits for its end (or the holder's), or, with
        `wait=False`, is told by Held."""
        claim = hold(self.claims, id, wait)
        try:
            yield
        finally:
            claim.release(self.done(id))

    def begin(self, id: str, document: dict[str, Any]) -> Path:
        """An empty folder for a job, holding only its document; leftovers are removed."""
        path = self.path(id)
        if path.exists():
            shutil.rmtree(path)
        path.mkdir()
        write_json(path / DOCUMENT, document)
        return path

    def finish(self, id: str) -> None:
        """Vouch for what is handed over, make everything durable, then the marker.

        Raises Held where another process has taken the job over.
        """
        path = self.path(id)
        manifest.write(path)
        for file in [*path.rglob("*"), path, self.runs]:
            sync(file)
        marker = path / f".{DONE}"
        marker.write_text("")
        sync(marker)
        claim = HELD.get(self.claims.folder / id)
        if claim and claim.lost:
            raise Held(id, self.claims.holder(id))
        marker.rename(path / DONE)
        sync(path)

    def fail(self, id: str, reason: str) -> None:
        """Say why a job failed; the next launch tries it again."""
        self.path(id).mkdir(exist_ok=True)
        temporary = self.path(id) / f".{FAILED}"
        temporary.write_text(reason)
        temporary.rename(self.path(id) / FAILED)

    def forget(self, id: str) -> Path | None:
        """Clear a job's failure; its text is kept under `failures/`."""
        marker, history = self.path(id) / FAILED, self.work / "failures"
        if self.done(id) or not marker.exists():
            return None
        history.mkdir(exist_ok=True)
        return move(marker, history, id)

    def lost(self, id: str) -> str | None:
        """What is amiss with what a finished run hands over, at a glance; None: it looks whole."""
        return manifest.amiss(self.path(id))

    def set_aside(self, id: str) -> Path | None:
        """Move a finished run whose encoder is lost out of the way, whole, so that it is trained
        again; None where it is whole by now. Raises Held where another process trains it."""
        with self.claim(id, wait=False):
            if not self.done(id) or self.lost(id) is None:
                return None
            (self.work / "aside").mkdir(exist_ok=True)
            return move(self.path(id), self.work / "aside", id)

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


def move(path: Path, folder: Path, name: str) -> Path:
    """Rename to `<folder>/<name>.<n>`, the first that is free; nothing is overwritten."""
    n = 1 + max((int(one.suffix[1:]) for one in folder.glob(f"{name}.*[0-9]")), default=0)
    target = folder / f"{name}.{n}"
    path.rename(target)
    sync(folder)
    return target
