"""Whose an error is: the user's to mend (bad input, one message, exit code 2), or the program's."""

from __future__ import annotations


def input_error(error: BaseException) -> str | None:
    """What to tell the user, who can mend it; None for an error that is the program's own."""
    from training.catalogue import UnknownName
    from training.data.errors import DataError, MissingData
    from training.engine.store import StoreError
    from training.plan.errors import MatrixError
    from training.plan.fit import CannotFit

    if isinstance(
        error, MatrixError | UnknownName | DataError | MissingData | StoreError | CannotFit
    ):
        return str(error)
    if isinstance(error, OSError) and error.filename is not None and error.strerror:
        return f"{error.filename}: {error.strerror}; check the path, its rights and the disk"
    return None
