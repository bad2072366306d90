"""MLflow into columnar files that pages read: only what is new is asked for.

The one module of the dashboard that imports mlflow, or anything of `training` (its spec and its
catalogue); `shelf` keeps what it read.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pandas as pd

from dashboard import shelf
from dashboard.analysis import contrast, coverage
from dashboard.analysis.frames import (
    CONTRASTS,
    EVALUATION,
    PLAN,
    TASKS,
    TRAITS,
    VALUE,
    ScoreFrame,
    empty,
    filled,
)
from dashboard.artifacts import document
from dashboard.place import advice, masked, sqlite_path
from training.spec import record

OVERLAP = 600_000
"""Milliseconds read again: writers on other machines stamp the end of a run by their own clock."""


class Unreachable(Exception):
    """The tracking server gave no answer; the message says what to do."""


def snapshot(tracking_uri: str, directory: Path, full: bool = False) -> ScoreFrame:
    """Bring `directory` up to date with the server and return what it holds.

    Reads evaluations that ended since the last known, all studies, and which runs were deleted.
    A rebuilt server, a changed schema, `full`, or an evaluation called done that nobody has seen
    lead to a full reading. Raises Unreachable; the last snapshot then stays as it was.
    """
    known = None if full else shelf.meta(directory)
    path = sqlite_path(tracking_uri)
    if path is not None and not path.exists():
        if shelf.meta(directory):
            raise Unreachable(f"There is no database at {path} any more.")
        return ScoreFrame(server=masked(tracking_uri))
    try:
        return _update(tracking_uri, directory, known)
    except Exception as error:
        foreign = type(error).__module__.split(".")[0] in {"mlflow", "sqlalchemy", "requests"}
        if not (foreign or isinstance(error, ModuleNotFoundError)):
            raise
        raise Unreachable(advice(tracking_uri, error)) from error


def load(directory: Path) -> ScoreFrame | None:
    """The last snapshot, without asking the server; None where there is none of this schema."""
    found = shelf.fetch(directory)
    if found is None:
        return None
    told, frames = found
    named = {*frames["plan"]["intermediate"], *frames["evaluations"]["intermediate"]}
    tasks = _tasks(named)
    return ScoreFrame.joined(frames, _languages(), tasks, told["taken"], told["server"])


def items(
    tracking_uri: str, directory: Path, frame: ScoreFrame, offline: bool = False
) -> Callable[[str], pd.DataFrame]:
    """Reader of an evaluation's per-item table, fetched once and kept beside the snapshot.

    `offline`: only what is kept already; asking a server that is away takes its time.
    """
    runs = dict(zip(frame.evaluations["evaluation"], frame.evaluations["run_id"], strict=True))

    def fetch(run: str, folder: str) -> None:
        _client(tracking_uri).download_artifacts(run, record.ITEMS_ARTIFACT, folder)

    return shelf.item_reader(directory / "items", runs, None if offline else fetch)


def _client(uri: str) -> Any:
    # one try and a short wait: a page must say that a server is away, not hang for minutes
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "20")
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    if sqlite_path(uri):  # a kept connection would go on reading a file that was replaced
        os.environ.setdefault("MLFLOW_SQLALCHEMYSTORE_POOLCLASS", "NullPool")
    from mlflow import MlflowClient  # costs a second, and `load` does not need it

    for noisy in ("alembic", "mlflow"):  # mlflow sets its own level when it is imported
        logging.getLogger(noisy).setLevel(logging.WARNING)
    return MlflowClient(uri)


def _update(uri: str, directory: Path, known: dict[str, Any] | None) -> ScoreFrame:
    client = _client(uri)
    experiment = client.get_experiment_by_name(record.EXPERIMENT)
    where = f"{experiment.experiment_id}/{experiment.creation_time}" if experiment else "none"
    address = hashlib.sha256(uri.encode()).hexdigest()
    identity = {"schema": shelf.SCHEMA, "uri": address, "experiment": where}
    if known and any(known[key] != value for key, value in identity.items()):
        known = None
    found = [experiment.experiment_id] if experiment else []
    plan, contrasts = _studies(client, found)
    evaluations, values, removed, read = _evaluations(client, found, directory, known)
    done = set(plan.loc[plan["state"].eq("done"), "evaluation"])
    unseen = sorted(done - set(evaluations["evaluation"]))
    if known and unseen != known["unseen"]:
        return _update(uri, directory, None)
    told = identity | {"removed": removed, "unseen": unseen, "server": masked(uri)}
    tables = {"evaluations": evaluations, "values": values, "plan": plan, "contrasts": contrasts}
    shelf.store(directory, told, tables)
    stored = load(directory)
    assert stored is not None
    return replace(stored, read=read)


def _evaluations(
    client: Any, experiments: list[str], directory: Path, known: dict[str, Any] | None
) -> tuple[pd.DataFrame, pd.DataFrame, list[str], int]:
    """(evaluations, values, ids of deleted runs, how many were read anew)."""
    old = (empty(EVALUATION), empty(VALUE))
    since, was_removed = 0, set[str]()
    if known:
        old = shelf.tables(directory, known, "evaluations", "values")
        since = int(old[0]["ended"].max() - OVERLAP) if len(old[0]) else 0
        was_removed = set(known["removed"])
    told = f" and attributes.end_time >= {since}" if since else ""
    runs = _search(client, experiments, "evaluation", told)
    removed = {run.info.run_id for run in _search(client, experiments, "evaluation", deleted=True)}
    runs += [client.get_run(run) for run in was_removed - removed]  # restored since
    gone = removed | {run.info.run_id for run in runs}
    coordinates = [_coordinates(run) for run in runs]
    scores = [score for run in runs for score in _scores(run)]
    tables = (
        shelf.renewed(old[0], gone, pd.DataFrame(coordinates, columns=list(EVALUATION))),
        shelf.renewed(old[1], gone, pd.DataFrame(scores, columns=list(VALUE))),
    )
    read = len({run.info.run_id for run in runs} - set(old[0]["run_id"]))
    return *tables, sorted(removed), read


def _search(
    client: Any, experiments: list[str], kind: str, told: str = "", deleted: bool = False
) -> list[Any]:
    """Every run of a kind, oldest first."""
    if not experiments:
        return []
    from mlflow.entities import ViewType

    view = ViewType.DELETED_ONLY if deleted else ViewType.ACTIVE_ONLY
    runs: list[Any] = []
    token = None
    while True:
        condition = f"tags.`{record.KIND}` = '{kind}'{told}"
        order = ["attributes.start_time ASC"]
        page = client.search_runs(experiments, condition, view, 1000, order, token)
        runs += page
        token = page.token
        if not token:
            return [run for run in runs if deleted or kind == "study" or run.info.end_time]


def _coordinates(run: Any) -> dict[str, Any]:
    """One row of `EVALUATION`."""
    tags: Mapping[str, str] = run.data.tags
    return {
        "run_id": run.info.run_id,
        "evaluation": tags.get(record.ID, run.info.run_id),
        "run": tags.get(record.RUN, ""),
        "scale": tags.get(record.SCALE, ""),
        "target": tags.get(record.TARGET, ""),
        "intermediate": tags.get(record.INTERMEDIATE) or "none",
        "intermediate_seed": tags.get(record.INTERMEDIATE_SEED, ""),
        "target_seed": tags.get(record.TARGET_SEED, ""),
        "mlm": tags.get(record.MLM, ""),
        "source": tags.get(record.SOURCE, ""),
        "variant": coverage.variant(json.loads(tags.get(record.SETTINGS) or "{}")),
        "reuses": tags.get(record.REUSES) == "true",
        "state": tags.get(record.STATE, "done"),
        "health": tags.get(record.HEALTH, record.UNJUDGED),
        "ended": float(run.info.end_time),
    }


def _scores(run: Any) -> list[tuple[Any, ...]]:
    """Rows of `VALUE`, the count of items beside each score."""
    parsed = {record.parse_score_key(key): value for key, value in run.data.metrics.items()}
    return [
        (run.info.run_id, *key, value, parsed.get((*key[:2], "n"), float("nan")))
        for key, value in parsed.items()
        if key and key[2] != "n"
    ]


def _studies(client: Any, experiments: list[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of `PLAN` and of `CONTRASTS`, the latest study first."""
    rows: list[dict[str, Any]] = []
    contrasts: list[dict[str, Any]] = []
    names: set[str] = set()
    studies = _search(client, experiments, "study")
    for run in sorted(studies, key=lambda one: one.info.end_time or float("inf"), reverse=True):
        name = run.data.tags.get(record.STUDY) or run.data.tags.get(record.ID, run.info.run_id)
        if name in names:  # published again: the older plan is the past
            continue
        names.add(name)
        plan = document(client, run, record.PLAN_ARTIFACT)
        state = coverage.states(plan, document(client, run, record.STATE_ARTIFACT))
        rows += [coverage.planned(name, row, state) for row in plan.get("evaluations", ())]
        if plan.get("contrast"):
            contrasts.append(contrast.row(name, plan["contrast"]))
    return filled(rows, PLAN), filled(contrasts, CONTRASTS)


def _languages() -> pd.DataFrame:
    from training.catalogue import LANGUAGES

    rows = pd.DataFrame([asdict(one) for one in LANGUAGES.values()])
    return rows.rename(columns={"code": "lang", "name": "language"})[["lang", *TRAITS]]


def _tasks(named: Iterable[str] = ()) -> pd.DataFrame:
    """Titles, main metrics and published languages; titles alone of the settings that are named."""
    from training.catalogue import TASKS as CATALOGUE
    from training.catalogue.settings import title

    rows = [(t.name, t.title, t.metric, " ".join(t.languages)) for t in CATALOGUE.values()]
    rows += [(name, title(name), "", "") for name in sorted({*named} - {*CATALOGUE, "none"})]
    return pd.DataFrame(rows, columns=list(TASKS))
