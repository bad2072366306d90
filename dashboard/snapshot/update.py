"""Bringing the kept tables up to date: what is new is read, what is gone is dropped."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from pyarrow import ArrowInvalid

from dashboard import shelf
from dashboard.analysis.coding import below, coded, pruned
from dashboard.analysis.frames import EVALUATION, TRAINING, VALUE, empty
from dashboard.place import masked
from dashboard.snapshot import studies, tables
from dashboard.snapshot.source import EVALUATION as MEASURED
from dashboard.snapshot.source import TRAINING as TRAINED
from dashboard.snapshot.source import Batch, Changes, Known, Say, Source
from training.spec import record

Tables = dict[str, pd.DataFrame]
VALUES, RECENT = "values", "recent"
"""Where scores are kept: most of them, in a file that is seldom written, and those of evaluations
that were read since."""
FEW = 0.1
"""How many may be beside the most, as a share of them."""


class Spoilt(Exception):
    """A file of the last snapshot cannot be read."""


@dataclass
class Kept:
    """The tables of the last snapshot; empty where all is to be read."""

    told: dict[str, Any] | None
    tables: Tables
    directory: Path

    @classmethod
    def of(cls, directory: Path, identity: dict[str, str], full: bool) -> Kept:
        """What may be built on: of this schema, of this server, and whole."""
        told = None if full else shelf.meta(directory)
        if told and all(told.get(key) == value for key, value in identity.items()):
            found = shelf.fetch(directory, ("evaluations", "trainings", RECENT))
            if found:
                return cls(*found, directory)
        blank = {"evaluations": empty(EVALUATION), "trainings": empty(TRAINING)}
        return cls(None, blank, directory)

    def has(self, now: Tables) -> bool:
        """Whether the records are as they were."""
        return self.told is not None and all(
            now[name] is self.tables[name] for name in ("evaluations", "trainings")
        )

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

    def scores(self, again: set[str], fresh: list[pd.DataFrame]) -> tuple[Tables, dict[str, Any]]:
        """(Tables that hold the scores now, what the meta says of them): `fresh` in place of what
        the runs in `again` had. Where they are few, the many are left as they are, and `over` names
        the runs whose scores among them count no more. Raises Spoilt."""
        if self.told is None:
            return whole(fresh)
        recent = merged(self.tables[RECENT], again, fresh)
        had = self.tables["evaluations"]["run_id"]
        over = {*self.told["over"], *(again & set(had))}
        if len(recent) > FEW * self.told["rows"] or len(over) > FEW * len(had):
            return whole([self.left(over), recent])
        return {RECENT: recent}, {"over": sorted(over), "rows": self.told["rows"]}

    def left(self, over: set[str]) -> pd.DataFrame:
        """The many scores without those of some runs. Raises Spoilt."""
        assert self.told is not None
        try:
            values = shelf.table(self.directory, self.told, VALUES)
        except (FileNotFoundError, ArrowInvalid) as error:
            raise Spoilt from error
        return values[~values["run_id"].isin(over)]


def whole(scores: list[pd.DataFrame]) -> tuple[Tables, dict[str, Any]]:
    """Scores as one table, and what the meta says of it."""
    blank = coded(empty(VALUE))
    values = pruned(below([*scores, blank]))
    return {VALUES: values, RECENT: blank}, {"over": [], "rows": len(values)}


def update(uri: str, source: Source, directory: Path, full: bool, say: Say) -> int:
    """Write the tables as they are now; how many evaluations were read that were not known.

    Raises Spoilt where those of the last snapshot are built on and cannot be read.
    """
    address = hashlib.sha256(uri.encode()).hexdigest()
    identity = {"schema": shelf.SCHEMA, "uri": address, "experiment": source.identity()}
    kept = Kept.of(directory, identity, full)
    asked = studies.published(source)
    fresh, told = renewed(source, kept, Meter(say, lambda: len(studies.done(asked))))
    told |= identity | {"studies": studies.mark(asked), "server": masked(uri)}
    if kept.told and kept.has(fresh) and all(kept.told[name] == told[name] for name in told):
        shelf.store(directory, kept.told, {}, kept.told["files"])
        return 0
    records = {*fresh["evaluations"]["evaluation"], *fresh["trainings"]["run"]}
    told["unseen"] = sorted(studies.done(asked) - records)
    if not source.exact and kept.told and told["unseen"] != kept.told["unseen"]:
        return update(uri, source, directory, True, say)
    now = fresh | studies.tables([one.study for one in asked], states(fresh))
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
    expected: Callable[[], int]
    read: int = 0
    total: int | None = None

    def among(self, changes: Iterable[Changes]) -> None:
        told = [one.total for one in changes]
        known = [one for one in told if one is not None]
        self.total = sum(known) if len(known) == len(told) else self.expected() or None

    def count(self, batch: Batch) -> Batch:
        self.read += len(batch.runs)
        total = None if self.total is None else max(self.total, self.read)
        self.say(self.read, total)
        return batch


def renewed(source: Source, kept: Kept, meter: Meter) -> tuple[Tables, dict[str, Any]]:
    """(Evaluations, trainings and, where they changed, scores as they are now; what the meta says
    of the scores and of what is deleted)."""
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
    told: dict[str, Any] = {"removed": sorted(measured.removed | trained.removed)}
    if kept.told and fresh["evaluations"] is kept.tables["evaluations"]:
        return fresh, told | {name: kept.told[name] for name in ("over", "rows")}
    now, about = kept.scores(gone | ids(rows), scores)
    return fresh | now, told | about


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
    return pruned(below(full)) if VALUE[-1] in kept else pd.concat(full, ignore_index=True)
