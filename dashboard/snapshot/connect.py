"""Which way a tracking address is read, and what to say of one that cannot be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from dashboard.place import advice
from dashboard.snapshot.rest import Rest
from dashboard.snapshot.source import Source, Unreachable
from dashboard.snapshot.sql import Sql, readable

FOREIGN = {"mlflow", "sqlalchemy", "sqlite3", "psycopg2", "psycopg", "requests", "urllib3"}
"""Packages whose errors mean that the server gives no answer."""


def source(uri: str) -> Source:
    """The database itself where its schema is one that was tested, else mlflow's client."""
    if readable(uri):
        direct = Sql(uri)
        if direct.known:
            return direct
        direct.close()
    return Rest(uri)


@contextmanager
def answering(uri: str) -> Iterator[None]:
    """Raise Unreachable, with advice, where the server gives no answer."""
    try:
        yield
    except Exception as error:
        foreign = type(error).__module__.split(".")[0] in FOREIGN
        if not (foreign or isinstance(error, ModuleNotFoundError)):
            raise
        raise Unreachable(advice(uri, error)) from error
