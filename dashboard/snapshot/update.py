"""Bringing the kept tables up to date: what is new is read, what is gone is dropped."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable
from dataclasses import astuple, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from dashboard import shelf
from dashboard.analysis.coding import below, pruned
from dashboard.analysis.frames import EVALUATION, TRAINING, VALUE, empty
from dashboard.place import masked
from dashboard.snapshot import studies, tables
from dashboard.snapshot.folding import MANY, OVER, RECENT, Folding, Tables
from dashboard.snapshot.looks import Looks
from dashboard.snapshot.source import EVALUATION as MEASURED
from dashboard.snapshot.source import TRAINING as TRAINED
from dashboard.snapshot.source import Batch, Changes, Known, Say, Source
from training.spec import record


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
        blank = {"evaluations": EVALUATION, "trainings": TRAINING, RECENT: VALUE}
        return cls(None, {name: empty(columns) for name, columns in blank.items()}, directory)

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

    def plans(self, mark: str) -> Tables | None:
        """What studies ask for, where that is as it was. Raises shelf.Spoilt."""
        if self.told is None or self.told["plans"] != mark:
            return None
        found = {name: shelf.table(self.directory, self.told, name) for name in studies.PLANS}
        self.tables |= found
        return found

    def known(self, name: str) -> Known:
        removed = self.told["removed"] if self.told else ()
        return Known.of(self.tables[name], removed, self.looks(name))

    def looks(self, name: str) -> Looks:
        return Looks(*self.told["looks"][name]) if self.told else Looks()


def update(uri: str, source: Source, directory: Path, full: bool, say: Say) -> tuple[int, Tables]:
    """Write the tables as they are now: (how many evaluations were read that were not known, what
    was written).

    Raises shelf.Spoilt where those of the last snapshot are built on and cannot be read.
    """
    address = hashlib.sha256(uri.encode()).hexdigest()
    identity = {"schema": shelf.SCHEMA, "uri": address, "experiment": source.identity()}
    kept, began = Kept.of(directory, identity, full), time.time()
    asked = studies.published(source)
    marks = studies.marks(asked)
    plans = cache(lambda: kept.plans(marks["plans"]) or studies.outline(asked))
    fresh, told = renewed(source, kept, Meter(say, lambda: len(studies.done(plans(), asked))))
    told |= identity | marks | {"server": masked(uri)}
    if kept.told and kept.has(fresh) and all(kept.told[name] == told[name] for name in told):
        looks = looked(kept, fresh, began)
        shelf.store(directory, kept.told | looks, {}, kept.told["files"])
        return 0, {}
    records = {*fresh["evaluations"]["evaluation"].tolist(), *fresh["trainings"]["run"].tolist()}
    told["unseen"] = sorted(studies.done(plans(), asked) - records)
    if not source.exact and kept.told and told["unseen"] != kept.told["unseen"]:
        return update(uri, source, directory, True, say)
    written = fresh | studies.reached(plans(), asked, states(fresh))
    shelf.store(directory, told | looked(kept, fresh, began), written, kept.same(written))
    now, was = (ids([one["evaluations"]]) for one in (fresh, kept.tables))
    return len(now - was), written


def looked(kept: Kept, fresh: Tables, began: float) -> dict[str, Any]:
    """What the meta says of when a server was looked at, with the reading that began then."""
    ended = {name: fresh[name]["ended"].dropna().tolist() for name in ("evaluations", "trainings")}
    made = {name: astuple(kept.looks(name).after(some, began)) for name, some in ended.items()}
    return {"looks": made}


def states(fresh: Tables) -> dict[str, str]:
    """What records say of themselves; of an id's records the last."""
    trained = fresh["trainings"].sort_values("started", kind="stable")
    told = dict(zip(trained["run"], trained["state"], strict=True))
    return told | dict.fromkeys(fresh["evaluations"]["evaluation"].tolist(), studies.DONE)


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
        return fresh, told | {name: kept.told[name] for name in (MANY, OVER)}
    again, keeping = gone | ids(rows), Folding(kept.directory, kept.told)
    keeping.outdated(kept.tables["evaluations"], again)
    recent = merged(kept.tables[RECENT], again, scores)
    now, about = keeping.folded(recent, fresh["evaluations"])
    return fresh | now, told | about


def ids(frames: Iterable[pd.DataFrame]) -> set[str]:
    return {run for one in frames for run in one["run_id"].tolist()}


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
