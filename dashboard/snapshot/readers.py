"""What pages ask for one by one: a record's items, sweep, curve or recipe, fetched once and kept.

A reader is made for a frame and then called with an id; `offline`: only what is kept already,
since asking a server that is away takes its time.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from dashboard.analysis.frames import ScoreFrame
from dashboard.place import Place
from dashboard.shelf import ITEMS
from dashboard.snapshot.artifacts import Make, kept, slim
from dashboard.snapshot.connect import source
from training.spec import record

Reader = Callable[[str], pd.DataFrame]
CURVE = ("metric", "step", "time", "value")
"""Columns of a curve; time is in milliseconds since 1970."""
DOCUMENT = "run.json"
"""The artifact that holds all of a record's facts."""


def items(uri: str, directory: Path, frame: ScoreFrame, offline: bool = False) -> Reader:
    """Evaluation -> its items, as far as intervals need them (columns `shelf.ITEMS`)."""
    where = Place(uri, directory)

    def make(run: str, folder: Path) -> Path | None:
        found = _artifact(where, run, record.ITEMS_ARTIFACT, folder)
        return slim(found, folder, ITEMS) if found else None

    return _table(where, "items", frame.mlflow_run, ITEMS, make, offline)


def texts(where: Place, frame: ScoreFrame, offline: bool = False) -> Reader:
    """Evaluation -> its items as they were sent (columns `record.ITEM_COLUMNS`)."""

    def make(run: str, folder: Path) -> Path | None:
        return _artifact(where, run, record.ITEMS_ARTIFACT, folder)

    columns = list(record.ITEM_COLUMNS)
    return _table(where, "texts", frame.mlflow_run, columns, make, offline)


def sweep(where: Place, frame: ScoreFrame, offline: bool = False) -> Reader:
    """Evaluation -> its sweep over layers and poolings (columns `record.SWEEP_COLUMNS`)."""

    def make(run: str, folder: Path) -> Path | None:
        return _artifact(where, run, record.SWEEP_ARTIFACT, folder)

    columns = list(record.SWEEP_COLUMNS)
    return _table(where, "sweeps", frame.mlflow_run, columns, make, offline)


def curves(where: Place, frame: ScoreFrame, offline: bool = False) -> Reader:
    """Training -> the points of its curves (columns `CURVE`), step by step.

    One that is still running is asked anew each time.
    """
    ended, known = frame.trainings.set_index("run")["ended"], _trained(frame)

    def runs(id: str) -> str:
        return known.get(id, "")

    def make(run: str, folder: Path) -> Path:
        with closing(source(where.tracking_uri)) as server:
            points = pd.DataFrame(server.history(run), columns=list(CURVE))
        made = folder / "curve"
        points.sort_values(["metric", "step"], kind="stable").to_parquet(made, index=False)
        return made

    def edition(run: str) -> str:
        return "live" if pd.isna(ended[run]) else str(int(ended[run]))

    return _table(where, "curves", runs, list(CURVE), make, offline, edition)


def recipe(
    where: Place, frame: ScoreFrame, offline: bool = False
) -> Callable[[str], dict[str, Any]]:
    """Training -> all that it was trained with: its recipe's knobs by name, and the other facts of
    its record, nested ones by dotted names (`provenance.packages.torch`)."""
    runs = _trained(frame)

    def read(run: str) -> dict[str, Any]:
        if run not in runs:
            return {}

        def make(folder: Path) -> Path:
            made = folder / "recipe"
            made.write_text(json.dumps(_facts(where, runs[run], folder)))
            return made

        path = where.directory / "recipes" / f"{runs[run]}.json"
        found = kept(path, None if offline else make)
        return dict(json.loads(found.read_text())) if found else {}

    return read


def _facts(where: Place, run: str, folder: Path) -> dict[str, Any]:
    """Of the record's document, or where that was not sent, MLflow's parameters."""
    with closing(source(where.tracking_uri)) as server:
        path = server.fetch(run, DOCUMENT, folder)
        if path is None:
            return dict(server.parameters(run))
    told = json.loads(path.read_text(encoding="utf-8"))
    knobs = told.pop("recipe", {})
    return dict(_flat(knobs)) | dict(_flat(told))


def _flat(told: Mapping[str, Any], lead: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in told.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{lead}{key}.")
        else:
            yield f"{lead}{key}", value


def _trained(frame: ScoreFrame) -> dict[str, str]:
    """Training -> MLflow run."""
    return dict(zip(frame.trainings["run"], frame.trainings["run_id"], strict=True))


def _artifact(where: Place, run: str, name: str, folder: Path) -> Path | None:
    with closing(source(where.tracking_uri)) as server:
        return server.fetch(run, name, folder)


def _table(
    where: Place,
    kind: str,
    run_of: Callable[[str], str],
    columns: list[str],
    make: Callable[[str, Path], Path | None],
    offline: bool,
    edition: Callable[[str], str] = lambda _: "",
) -> Reader:
    """Id -> its table, without rows where there is none. Kept by MLflow run, so that what was
    measured again is fetched again, and by `edition` where a run goes on changing."""

    def read(id: str) -> pd.DataFrame:
        run = run_of(id)
        if not run:
            return _blank(tuple(columns))
        which = edition(id)
        path = where.directory / kind / f"{run}{which and '-'}{which}.parquet"
        if which == "live" and not offline:
            path.unlink(missing_ok=True)

        def made(folder: Path) -> Path | None:
            return make(run, folder)

        asked: Make | None = None if offline else made
        found = kept(path, asked)
        return pd.read_parquet(found) if found else _blank(tuple(columns))

    return read


@cache
def _blank(columns: tuple[str, ...]) -> pd.DataFrame:
    """The same for all who ask: whoever reads a table must not write into it."""
    return pd.DataFrame({name: pd.Series(dtype="str") for name in columns})
