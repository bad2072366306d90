"""Whose an error is: the user's to mend (bad input, one message, exit code 2), or the program's."""

from __future__ import annotations

import errno
import os
from pathlib import Path

FULL = (errno.ENOSPC, errno.EDQUOT)
UNWRITABLE = (*FULL, errno.EROFS)
"""What hinders all writing, whichever job meets it."""
NO_ROOM = "no room on the disk"
"""What Silta itself says of a full one."""
TOLD = (*map(os.strerror, UNWRITABLE), NO_ROOM)
"""How libraries that hide the number tell of it."""

SHORT = ("can't allocate memory", "not enough memory", "CUBLAS_STATUS_ALLOC_FAILED")
"""How torch tells of short memory where it has no exception for it."""


def short_of_memory(told: str) -> bool:
    """Whether an error's text, after its type's name perhaps, says that memory was short."""
    return any(one in told for one in (*SHORT, "OutOfMemoryError"))


def disk(error: BaseException | None, work: Path | str) -> str | None:
    """What to tell where the disk cannot be written to any more; None for any other error.

    Libraries wrap what the system says in errors of their own, so causes and texts are read too.
    """
    while error is not None:
        number = error.errno if isinstance(error, OSError) else None
        said = next((one for one in TOLD if one.lower() in str(error).lower()), None)
        if said or number in UNWRITABLE:
            told = said or os.strerror(number or 0)
            return (
                f"{work}: {told}. What is finished is safe: make room or make it writable, then "
                "run the same command again"
            )
        error = error.__cause__ or error.__context__
    return None


def input_error(error: BaseException) -> str | None:
    """What to tell the user, who can mend it; None for an error that is the program's own."""
    from training.catalogue import UnknownName
    from training.data.errors import DataError, MissingData
    from training.engine.claims import Held
    from training.engine.store import StoreError
    from training.plan.errors import MatrixError
    from training.plan.fit import CannotFit

    known = MatrixError | UnknownName | DataError | MissingData | StoreError | Held | CannotFit
    if isinstance(error, known):
        return str(error)
    full = disk(error, getattr(error, "filename", None) or "the disk")
    if full:
        return full
    if isinstance(error, OSError) and error.filename is not None and error.strerror:
        return f"{error.filename}: {error.strerror}; check the path, its rights and the disk"
    return None
