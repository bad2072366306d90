"""Who carries a job out, and who sends it: no two processes of a store do it at once."""

from __future__ import annotations

import fcntl
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from training.engine.store import Store

FOLDER = "tracking"
"""Under the work directory: the store's name, and a lock for each record that is being sent."""


class Busy(Exception):
    """Another process of this store is sending the record."""


def owned(store: Store, id: str) -> bool:
    """Whether a living process carries the job out just now."""
    return store.claims.holder(id) is not None


def held(lock: Path) -> bool:
    """Whether a living process holds a lock file."""
    with lock.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


@contextmanager
def sole(store: Store, id: str, shared: bool = False) -> Iterator[None]:
    """Be the only one that sends a record (or one of those that hold it). Raises Busy; any death
    frees it."""
    with lock_of(store, id).open("a") as lock:
        try:
            fcntl.flock(lock, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(f"{id} is being sent by another process") from None
        yield


def lock_of(store: Store, id: str) -> Path:
    folder = store.runs.parent / FOLDER
    folder.mkdir(exist_ok=True)
    return folder / f"{id}.lock"


def identity(work: Path) -> str:
    """A name of a work directory that no other has, drawn when it is first asked for."""
    path = work / FOLDER / "store"
    path.parent.mkdir(exist_ok=True)
    if not path.exists():
        drawn = path.with_name(f".{uuid.uuid4().hex[:12]}")
        drawn.write_text(drawn.name[1:])
        try:
            path.hardlink_to(drawn)  # of several processes, the first one's
        except FileExistsError:
            pass
        finally:
            drawn.unlink()
    return path.read_text()
