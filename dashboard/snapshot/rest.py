"""Reading through mlflow's client: any tracking address, a server's first of all."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

from dashboard.place import sqlite_path
from dashboard.snapshot.source import EVALUATION, STUDY, Batch, Changes, Known, Told
from training.spec import record

PAGE = 500
"""Runs an answer."""
SETTINGS = {
    # one try and a short wait: a page must say that a server is away, not hang for minutes
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "20",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
}


class Rest:
    """A tracking server asked through mlflow's client. Deleted runs are learnt from its trash."""

    exact = False

    def __init__(self, uri: str) -> None:
        for name, value in SETTINGS.items():
            os.environ.setdefault(name, value)
        if sqlite_path(uri):  # a kept connection would go on reading a file that was replaced
            os.environ.setdefault("MLFLOW_SQLALCHEMYSTORE_POOLCLASS", "NullPool")
        from mlflow import MlflowClient  # costs a second, and `load` does not need it

        for noisy in ("alembic", "mlflow"):  # mlflow sets its own level when it is imported
            logging.getLogger(noisy).setLevel(logging.WARNING)
        self.client: Any = MlflowClient(uri)

    @cached_property
    def experiment(self) -> Any:
        """Ours, or None; who wants an artifact only need not ask for it."""
        return self.client.get_experiment_by_name(record.EXPERIMENT)

    def identity(self) -> str:
        one = self.experiment
        return f"{one.experiment_id}/{one.creation_time}" if one else "none"

    def studies(self) -> list[Told]:
        return [told(run) for page in self.pages(STUDY) for run in page]

    def changes(self, kind: str, known: Known, metric: str | None = None) -> Changes:
        removed = {run.info.run_id for page in self.pages(kind, deleted=True) for run in page}
        restored = sorted(known.removed - removed)
        return Changes(self.fresh(kind, known, restored, metric), removed, removed)

    def fresh(
        self, kind: str, known: Known, restored: list[str], metric: str | None
    ) -> Iterator[Batch]:
        """What ended since, what is not over (only evaluations are worth nothing until then)."""
        ended = [one for one in known.ended.values() if one == one]
        since = int(known.looks.since(ended, time.time())) if ended else 0
        for page in self.pages(kind, f" and attributes.end_time >= {since}" if since else ""):
            yield batch([run for run in page if kind != EVALUATION or run.info.end_time], metric)
        if since and kind != EVALUATION:
            for page in self.pages(kind, " and attributes.status = 'RUNNING'"):
                yield batch(page, metric)
        back = [run for run in map(self.find, restored) if run]
        if back:
            yield batch(back, metric)

    def find(self, run: str) -> Any | None:
        """A run; None where it is gone for ever."""
        from mlflow.exceptions import MlflowException

        try:
            return self.client.get_run(run)
        except MlflowException as error:
            if error.error_code != "RESOURCE_DOES_NOT_EXIST":
                raise
            return None

    def pages(self, kind: str, told: str = "", deleted: bool = False) -> Iterator[list[Any]]:
        """Every run of a kind, oldest first."""
        if self.experiment is None:
            return
        from mlflow.entities import ViewType

        view = ViewType.DELETED_ONLY if deleted else ViewType.ACTIVE_ONLY
        condition = f"tags.`{record.KIND}` = '{kind}'{told}"
        asked = ([self.experiment.experiment_id], condition, view, PAGE)
        token = None
        while True:
            page = self.client.search_runs(*asked, ["attributes.start_time ASC"], token)
            yield list(page)
            token = page.token
            if not token:
                return

    def history(self, run: str) -> list[tuple[str, int, float, float]]:
        names = self.client.get_run(run).data.metrics
        points = (one for key in names for one in self.client.get_metric_history(run, key))
        return [(one.key, one.step, float(one.timestamp), one.value) for one in points]

    def parameters(self, run: str) -> dict[str, str]:
        return dict(self.client.get_run(run).data.params)

    def fetch(self, run: str, name: str, folder: Path) -> Path | None:
        place = self.client.get_run(run).info.artifact_uri
        here = lying(place, name)
        if here:
            return here if here.exists() else None
        return Path(self.client.download_artifacts(run, name, str(folder)))

    def close(self) -> None:
        """Connections are the library's."""


def lying(place: str, name: str) -> Path | None:
    """Where an artifact of this machine lies; None for one that must be asked for."""
    parts = urlparse(place)
    if parts.scheme not in {"", "file"}:
        return None
    return Path(unquote(parts.path)) / name


def told(run: Any) -> Told:
    info = run.info
    ended = None if info.end_time is None else float(info.end_time)
    return Told(
        info.run_id, info.status, info.start_time, ended, info.artifact_uri, dict(run.data.tags)
    )


def batch(runs: list[Any], metric: str | None) -> Batch:
    values = [
        (place, key, value)
        for place, run in enumerate(runs)
        for key, value in run.data.metrics.items()
        if metric is None or key == metric
    ]
    return Batch([told(run) for run in runs], values)
