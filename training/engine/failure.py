"""What becomes of a job that fails: whose it is to mend, and what an executor can do about it."""

from __future__ import annotations

import signal
from dataclasses import dataclass

from training.engine.blame import disk, input_error
from training.engine.claims import Held
from training.engine.manifest import Lost
from training.engine.runtime import Runtime

HELD, LOST, DISK, DIED = "held", "lost", "disk", "died"
"""Kinds of failure that an executor knows what to do about: another process does the job (or has
just done it), what it starts from is damaged, nothing can be written, its worker is gone."""


@dataclass(frozen=True)
class Failure:
    """Why a job failed, in one line, and whether it is the user's to mend."""

    reason: str
    mend: bool = False
    kind: str = ""
    """One of HELD, LOST, DISK, DIED; empty: the job itself failed."""


def failure_of(error: Exception, runtime: Runtime) -> Failure:
    """An error as a failure: whose it is, and what an executor can do about it."""
    if isinstance(error, Held):
        return Failure(str(error), kind=HELD)
    unwritable = disk(error, runtime.work)
    if unwritable:
        return Failure(unwritable, True, DISK)
    mend = input_error(error)
    reason = mend or f"{type(error).__name__}: {error}"
    kind = LOST if isinstance(error, Lost) else ""
    return Failure((reason.splitlines() or [""])[0], mend is not None, kind)


def ending(status: int) -> str:
    """How a process ended, in words."""
    if status >= 0:
        return f"ended with exit status {status}"
    name = signal.Signals(-status).name
    return f"was ended by {name}" + (" (out of memory?)" if name == "SIGKILL" else "")
