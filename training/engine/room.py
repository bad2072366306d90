"""Writing to a disk that may be full: wait for room and say so, within a bound.

A write that is tried again must be able to: it begins anew, or ends in a rename.
"""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from training.engine.blame import FULL, NO_ROOM
from training.engine.progress import duration
from training.engine.store import StoreError

T = TypeVar("T")
PAUSE = 2.0
"""Seconds between tries."""


def full(error: BaseException) -> bool:
    """Whether an error says that there is no room on the disk, or none left of a quota."""
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno in FULL
    return os.strerror(errno.ENOSPC) in str(error)  # as libraries tell of it that hide the number


def patiently(write: Callable[[], T], where: Path, patience: float) -> T:
    """Write; while the disk is full, wait up to `patience` seconds and try again.

    Raises StoreError, one line, where there is no room then; any other error as it is.
    """
    limit = time.monotonic() + patience
    told = False
    while True:
        try:
            return write()
        except Exception as error:
            if not full(error):
                raise
        if time.monotonic() >= limit:
            raise StoreError(
                f"{where}: {NO_ROOM} (waited {duration(patience)}): make room, then run "
                "the same command again; what is finished is kept"
            )
        if not told:
            say(f"{where}: {NO_ROOM}; waiting up to {duration(patience)} for some")
            told = True
        time.sleep(min(PAUSE, max(0.0, limit - time.monotonic())))


def append(path: Path, line: str) -> None:
    """Add a line to a file, the whole of it or, where there is no room, nothing."""
    size = path.stat().st_size if path.exists() else 0
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
    except OSError:
        with suppress(OSError):
            os.truncate(path, size)
        raise


def say(message: str) -> None:
    """A line on the error stream, which may lie on the full disk itself."""
    with suppress(OSError):
        print(message, file=sys.stderr, flush=True)
