"""Why something was not sent: the server's trouble, or the record's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from training.engine.ownership import Busy

AWAY = {"mlflow", "requests", "urllib3", "sqlalchemy", "sqlite3", "alembic"}
"""Packages whose errors mean that the server, not the record, is the trouble."""


class Refused(Exception):
    """The tracking server cannot be reached or does not take anything now."""


class Lost(Refused):
    """The server does not know what it was told before: its database was replaced."""


class Unfit(Exception):
    """This one record cannot be sent; others can."""


@contextmanager
def told() -> Iterator[None]:
    """Turn the many kinds of errors into Refused, Lost and Unfit."""
    try:
        yield
    except (Refused, Unfit, Busy):
        raise
    except Exception as error:
        code = getattr(error, "error_code", "")
        if code == "RESOURCE_DOES_NOT_EXIST":
            raise Lost(first_line(error)) from error
        if code == "INVALID_PARAMETER_VALUE" or not away(error):
            raise Unfit(first_line(error)) from error
        raise Refused(first_line(error)) from error


def away(error: Exception) -> bool:
    """Whether an error is the server's or the way's to it, not the record's."""
    if isinstance(error, ConnectionError | TimeoutError):
        return True
    return any(one.__module__.split(".")[0] in AWAY for one in type(error).__mro__)


def first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0][:300]
