"""Bringing the kept tables up to date: what is new is read, what is gone is dropped."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from pyarrow import ArrowInvalid

from dashboard import shelf
from dashboard.analysis.coding import coded
from dashboard.analysis.frames import EVALUATION, TRAINING, VALUE, empty
from dashboard.place import masked
from dashboard.snapshot import studies, tables
from dashboard.snapshot.source import EVALUATION as MEASURED
from dashboard.snapshot.source import TRAINING as TRAINED
from dashboard.snapshot.source import Batch, Changes, Known, Say, Source
from training.spec import record

Tables = dict[str, pd.DataFrame]
VALUES = "values"


class Spoilt(Exception):
    """A file of the last snapshot cannot be read."""


@dataclass
class Kept:
    """The tables of the last snapshot; empty where all is to be read. Values, by far the largest,
    are read when they are asked for: mostly they are as they were."""

    told: dict[str, Any] | None
    tables: Tables
    directory: Path

    @classmethod
    def of(cls, directory: Path, identity: dict[str, str], full: bool) -> Kept:
        """What may be built on: of this schema, of this server, and whole."""
        told = None if full else shelf.meta(directory)
        if told and all(told.get(key) == value for key, value in identity.items()):
            found = shelf.fetch(directory, {VALUES: told["files"][VALUES]})
            if found:
                return cls(*found, directory)
        blank = {"evaluations": empty(EVALUATION), "trainings": empty(TRAINING)}
        return cls(None, blank, directory)

    def values(self) -> pd.DataFrame:
        """The scores of the last snapshot. Raises Spoilt."""
        if self.told is None:
            return coded(empty(VALUE))
        try:
            return pd.read_parquet(self.directory / self.told["files"][VALUES])
        except (FileNotFoundError, ArrowInvalid) as error:
            raise Spoilt from error

    def same(self, now: Tables) -> dict[str, str]:
        """Table -> its file, of those that did not change."""
        files = self.told["files"] if self.told else {}
        return {
            name: file
            for name, file in files.items()
            if name not in now or now[name] is self.tables.get(name)
        }

    def known(self, name: str) -> Known:
        removed = self.told["removed"] if self.told else ()
        return Known.of(self.tables[name], removed)


def update(uri: str, source: Source, directory: Path, full: bool, say: Say) -> int:
    """Write the tables as they are now; how many evaluations were read that were not known.

    Raises Spoilt where those of the last snapshot are built on and cannot be read.
    """
    address = hashlib.sha256(uri.encode()).hexdigest()
    identity = {"schema": shelf.SCHEMA, "uri": address, "experiment": source.identity()}
    kept = Kept.of(directory, identity, full)
    asked = studies.studies(source)
    done = {id for one in asked for id in one.done()}
    meter = Meter(say, len(done))
    fresh, removed = renewed(source, kept, meter)
    records = {*fresh["evaluations"]["evaluation"], *fresh["trainings"]["run"]}
    unseen = sorted(done - records)
    if not source.exact and kept.told and unseen != kept.told["unseen"]:
        return update(uri, source, directory, True, say)
    told = identity | {"removed": sorted(removed), "unseen": unseen, "server": masked(uri)}
    now = fresh | studies.tables(asked, states(fresh))
    shelf.store(directory, told, now, kept.same(now))
    was = set(kept.tables["evaluations"]["run_id"])
    return len(set(fresh["evaluations"]["run_id"]) - was)


def states(fresh: Tables) -> dict[str, str]:
    """What records say of themselves; of an id's records the last."""
    trained = fresh["trainings"].sort_values("started", kind="stable")
    told = dict(zip(trained["run"], trained["state"], strict=True))
    return told | dict.fromkeys(fresh["evaluations"]["evaluation"], studies.DONE)


@dataclass
class Meter:
    """Counts runs and says so. `expected` is taken where the server does not tell how many."""

    say: Say
    expected: int
    read: int = 0
    total: int | None = None

    def among(self, changes: Iterable[Changes]) -> None:
        told = [one.total for one in changes]
        known = [one for one in told if one is not None]
        self.total = sum(known) if len(known) == len(told) else self.expected or None

    def count(self, batch: Batch) -> Batch:
        self.read += len(batch.runs)
        total = None if self.total is None else max(self.total, self.read)
        self.say(self.read, total)
        return batch


def renewed(source: Source, kept: Kept, meter: Meter) -> tuple[Tables, set[str]]:
    """(evaluations, trainings and, if they changed, values as they are now, ids of what is
    deleted)."""
    measured = source.changes(MEASURED, kept.known("evaluations"))
    trained = source.changes(TRAINED, kept.known("trainings"), record.PACE)
    meter.among([measured, trained])
    rows, scores = list[pd.DataFrame](), list[pd.DataFrame]()
    for batch in map(meter.count, measured.batches):
        rows.append(tables.evaluations(batch))
        scores.append(tables.values(batch))
    runs = [tables.trainings(meter.count(batch)) for batch in trained.batches]
    gone = measured.gone | trained.gone
    fresh = {
        "evaluations": merged(kept.tables["evaluations"], gone, rows),
        "trainings": merged(kept.tables["trainings"], gone, runs),
    }
    if kept.told is None or fresh["evaluations"] is not kept.tables["evaluations"]:
        fresh[VALUES] = merged(kept.values(), gone | ids(rows), scores)
    return fresh, measured.removed | trained.removed


def ids(frames: Iterable[pd.DataFrame]) -> set[str]:
    return {run for one in frames for run in one["run_id"]}


def merged(kept: pd.DataFrame, gone: set[str], fresh: list[pd.DataFrame]) -> pd.DataFrame:
    """`kept` without the runs in `gone` and without those that were read again, then those."""
    again = gone | ids(fresh)
    sides = [kept[~kept["run_id"].isin(again)], *fresh]
    if len(sides[0]) == len(kept) and not any(map(len, fresh)):
        return kept  # itself: its file stays
    full = [side for side in sides if len(side)]
    if not full:
        return kept.iloc[:0]
    return tables.stacked(full) if VALUE[-1] in kept else pd.concat(full, ignore_index=True)
