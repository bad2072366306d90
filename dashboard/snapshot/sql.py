"""Reading a tracking database itself: SQLite or PostgreSQL, never written to.

Ten thousand evaluations of two hundred metrics take mlflow's client minutes of objects, and the
database seconds of rows. Only the schema that was tested is read like this (`known`); any other is
left to mlflow's client.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from dashboard.place import ARTIFACTS, masked, sqlite_path
from dashboard.snapshot.rest import Rest, lying
from dashboard.snapshot.source import (
    EVALUATION,
    STUDY,
    Batch,
    Changes,
    Known,
    Told,
    Unreachable,
)
from training.spec import record

SCHEMAS = {"dc11669786a5"}
"""Alembic's names of the database schemas of MLflow 3.17."""
CHUNK = 500
"""Runs a query."""
WAIT = 20.0
"""Seconds to wait for a database that another process is writing to."""
RUNS = (
    "select t.value, r.run_uuid, r.status, r.start_time, r.end_time, r.artifact_uri from runs r"
    " join tags t on t.run_uuid = r.run_uuid and t.key = ?"
    " where r.experiment_id = ? and r.lifecycle_stage = 'active' order by r.start_time, r.run_uuid"
)
TAGS = "select run_uuid, key, value from tags where run_uuid in ({})"
METRICS = (
    "with asked(run, place) as (values {}) select asked.place, key,"
    " case when is_nan then null else value end"
    " from asked join latest_metrics on run_uuid = asked.run{}"
)
"""Places in place of the runs' ids: of a million rows the same text each time."""
HISTORY = "select key, step, timestamp, value, is_nan from metrics where run_uuid = ?"


class Sql:
    """A tracking database. Its list of runs is compared with what is known, so nothing is missed:
    neither a run that came late with an early date, nor one that is gone for ever."""

    exact = True

    def __init__(self, uri: str) -> None:
        self.uri = uri
        self.connection, self.mark = connected(uri)
        self.schema = self.first("select version_num from alembic_version", absent=None)

    @cached_property
    def experiment(self) -> tuple[Any, ...] | None:
        """(id, time of creation) of ours, or None; who wants an artifact only need not ask."""
        query = "select experiment_id, creation_time from experiments where name = ?"
        told: tuple[Any, ...] | None = self.first(query, record.EXPERIMENT, absent=None)
        return told

    @property
    def known(self) -> bool:
        """Whether this schema is one that was tested, or the database is still empty."""
        return self.schema is None or self.schema[0] in SCHEMAS

    def identity(self) -> str:
        return f"{self.experiment[0]}/{self.experiment[1]}" if self.experiment else "none"

    def studies(self) -> list[Told]:
        return list(self.described(self.listed(STUDY)))

    def changes(self, kind: str, known: Known, metric: str | None = None) -> Changes:
        listed = [row for row in self.listed(kind) if kind != EVALUATION or row[3]]
        new = [row for row in listed if row[3] is None or known.ended.get(row[0]) != float(row[3])]
        gone = set(known.ended) - {row[0] for row in listed}
        return Changes(self.batches(new, metric), gone, set(), len(new))

    def batches(self, rows: list[tuple[Any, ...]], metric: str | None) -> Iterator[Batch]:
        for start in range(0, len(rows), CHUNK):
            some = rows[start : start + CHUNK]
            ids = [row[0] for row in some]
            listed = ", ".join(f"(?, {place})" for place in range(len(ids)))
            one, more = ("", ()) if metric is None else (" and key = ?", (metric,))
            found = self.rows(METRICS.format(listed, one), *ids, *more)
            yield Batch(list(self.described(some)), found)

    def listed(self, kind: str) -> list[tuple[Any, ...]]:
        """Every run of a kind that is not deleted, oldest first."""
        return self.every.get(kind, [])

    @cached_property
    def every(self) -> dict[str, list[tuple[Any, ...]]]:
        """The runs of each kind as of one moment: one look at a long list instead of three."""
        told: dict[str, list[tuple[Any, ...]]] = {}
        found = self.rows(RUNS, record.KIND, self.experiment[0]) if self.experiment else ()
        for kind, *row in found:
            told.setdefault(kind, []).append(tuple(row))
        return told

    def described(self, rows: Sequence[tuple[Any, ...]]) -> Iterator[Told]:
        """Runs with their tags."""
        ids = [row[0] for row in rows]
        tags: dict[str, dict[str, str]] = {id: {} for id in ids}
        for start in range(0, len(ids), CHUNK):
            some = ids[start : start + CHUNK]
            for run, key, value in self.rows(TAGS.format(places(some)), *some):
                tags[run][key] = value
        for id, status, started, ended, place in rows:
            yield Told(
                id, status, started, None if ended is None else float(ended), place, tags[id]
            )

    def history(self, run: str) -> list[tuple[str, int, float, float]]:
        return [
            (key, step, float(time), float("nan") if nan else value)
            for key, step, time, value, nan in self.rows(HISTORY, run)
        ]

    def parameters(self, run: str) -> dict[str, str]:
        return dict(self.rows("select key, value from params where run_uuid = ?", run))

    def fetch(self, run: str, name: str, folder: Path) -> Path | None:
        told = self.first("select artifact_uri from runs where run_uuid = ?", run, absent=("",))
        here = lying(told[0], name) if told and told[0] else None
        if here:
            return here if here.exists() else None
        return Rest(keeper(self.uri, told[0])).fetch(run, name, folder)

    def first(self, query: str, *values: Any, absent: tuple[Any, ...] | None) -> Any:
        """The first row; `absent` where there is none, or no such table yet."""
        try:
            found = self.rows(query, *values)
        except Exception as error:
            if "no such table" in str(error) or type(error).__name__ == "UndefinedTable":
                self.connection.rollback()
                return absent
            raise
        return found[0] if found else absent

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        cursor = self.connection.cursor()
        try:
            cursor.execute(query.replace("?", self.mark), values)
            return list(cursor.fetchall())
        finally:
            cursor.close()

    def close(self) -> None:
        self.connection.close()


def keeper(uri: str, artifacts: str) -> str:
    """Who is asked for an artifact: MLflow by the database's address, or, where only its server
    hands them out, that server. Raises Unreachable where nobody named it."""
    if not artifacts.startswith("mlflow-artifacts:"):
        return uri
    server = os.environ.get(ARTIFACTS, "")
    if not server:
        raise Unreachable(
            f"The database {masked(uri)} has plans and items that only its server hands out: give "
            "the server's address (http://...) in place of the database's, or beside it as "
            f"{ARTIFACTS}."
        )
    return server


def places(values: Sequence[str]) -> str:
    """As many placeholders."""
    return ", ".join("?" * len(values))


def readable(uri: str) -> bool:
    """Whether the address is that of a database which is read like this."""
    return sqlite_path(uri) is not None or uri.startswith("postgresql")


def connected(uri: str) -> tuple[Any, str]:
    """(connection of Python's database interface, its placeholder); a database is never made."""
    path = sqlite_path(uri)
    if path is not None:
        address = f"{path.resolve().as_uri()}?mode=ro"
        return sqlite3.connect(address, uri=True, timeout=WAIT, check_same_thread=False), "?"
    from sqlalchemy import create_engine
    from sqlalchemy.pool import NullPool

    return create_engine(uri, poolclass=NullPool).raw_connection(), "%s"
