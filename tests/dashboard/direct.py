"""The part of MLflow's client that made-up studies are logged by, straight into a SQLite database.

MLflow's own takes 0.2 s an evaluation; the demo study of `conftest.py` goes through that, so what
this writes is what that writes.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import tempfile
import time
import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag

from dashboard.place import sqlite_path
from training.spec import record

PUT = {
    "runs": "insert into runs (run_uuid, name, source_type, source_name, entry_point_name, user_id,"
    " source_version, status, start_time, lifecycle_stage, artifact_uri, experiment_id)"
    " values (?, '', 'UNKNOWN', '', '', 'unknown', '', 'RUNNING', ?, 'active', ?, ?)",
    "tags": "insert or replace into tags (run_uuid, key, value) values (?, ?, ?)",
    "params": "insert into params (run_uuid, key, value) values (?, ?, ?)",
    "metrics": "insert into metrics (run_uuid, key, value, timestamp, step, is_nan)"
    " values (?, ?, ?, ?, ?, 0)",
    "latest": "insert or replace into latest_metrics"
    " (run_uuid, key, value, timestamp, step, is_nan) values (?, ?, ?, ?, ?, 0)",
}


class Direct:
    """Writes on `close`; times of runs differ, in the order in which they came."""

    def __init__(self, uri: str) -> None:
        path = sqlite_path(uri)
        assert path is not None, uri
        self.base, self.clock = sqlite3.connect(path), 0

    def now(self) -> int:
        self.clock = max(self.clock + 1, int(time.time() * 1000))
        return self.clock

    def get_experiment_by_name(self, name: str) -> SimpleNamespace | None:
        query = "select experiment_id from experiments where name = ?"
        found = self.base.execute(query, (name,)).fetchone()
        return SimpleNamespace(experiment_id=str(found[0])) if found else None

    def create_experiment(self, name: str, place: str) -> str:
        made = self.base.execute(
            "insert into experiments (name, artifact_location, lifecycle_stage, creation_time,"
            " last_update_time) values (?, ?, 'active', ?, ?)",
            (name, place, self.now(), self.now()),
        )
        return str(made.lastrowid)

    def create_run(self, experiment: str, tags: Mapping[str, str]) -> SimpleNamespace:
        query = "select artifact_location from experiments where experiment_id = ?"
        (root,) = self.base.execute(query, (int(experiment),)).fetchone()
        run = uuid.uuid4().hex
        place = f"{root}/{run}/artifacts"
        self.base.execute(PUT["runs"], (run, self.now(), place, int(experiment)))
        self.base.executemany(PUT["tags"], [(run, *one) for one in tags.items()])
        return SimpleNamespace(info=SimpleNamespace(run_id=run))

    def log_batch(
        self,
        run: str,
        metrics: Iterable[Metric] = (),
        params: Iterable[Param] = (),
        tags: Iterable[RunTag] = (),
    ) -> None:
        rows = [(run, one.key, one.value, one.timestamp, one.step) for one in metrics]
        self.base.executemany(PUT["metrics"], rows)
        rows.sort(key=lambda row: row[-1])  # of a key the highest step is the latest
        self.base.executemany(PUT["latest"], rows)
        self.base.executemany(PUT["params"], [(run, one.key, one.value) for one in params])
        self.base.executemany(PUT["tags"], [(run, one.key, one.value) for one in tags])

    def folder(self, run: str) -> Path:
        query = "select artifact_uri from runs where run_uuid = ?"
        (place,) = self.base.execute(query, (run,)).fetchone()
        path = Path(place.removeprefix("file://"))
        path.mkdir(parents=True, exist_ok=True)
        return path

    def log_dict(self, run: str, told: Mapping[str, Any], name: str) -> None:
        (self.folder(run) / name).write_text(json.dumps(told))

    def log_artifact(self, run: str, path: str) -> None:
        shutil.copy(path, self.folder(run))

    def set_terminated(self, run: str, status: str | None = None) -> None:
        told = (status or "FINISHED", self.now(), run)
        self.base.execute("update runs set status = ?, end_time = ? where run_uuid = ?", told)

    def close(self) -> None:
        self.base.commit()
        self.base.close()


Client = MlflowClient | Direct


def attach(client: Client, run: str, table: pd.DataFrame, name: str) -> None:
    with tempfile.TemporaryDirectory() as draft:
        table.to_parquet(Path(draft) / name, index=False)
        client.log_artifact(run, str(Path(draft) / name))


def log_scores(client: Client, run: str, table: pd.DataFrame, metric: str) -> None:
    now = int(time.time() * 1000)
    metrics = []
    for (split, lang), some in table.groupby(["split", "lang"]):
        score = 100 * float(some["score"].mean())
        key = record.score_key(str(split), str(lang), metric)
        metrics.append(Metric(key, score, now, 0))
        metrics.append(Metric(record.score_key(str(split), str(lang), "n"), len(some), now, 0))
    for start in range(0, len(metrics), 1000):
        client.log_batch(run, metrics=metrics[start : start + 1000], tags=[RunTag("x", "y")])
