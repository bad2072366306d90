"""The store seen through MLflow: one MLflow run a training, an evaluation and a study.

Everything is read from the store, so nothing that a server does or fails to do can touch a result,
and a lost server is rebuilt by sending again. A record is found by its tag `silta.id` and created
only if absent.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from training.catalogue import settings
from training.engine.runtime import Runtime
from training.engine.store import CURVE, ITEMS, PUBLISHED, SCORES, SWEEP, Store, read_json
from training.spec import record

TAGS_OF_TRAINING = {
    record.PHASE: "phase",
    record.SCALE: "scale",
    record.TASK: "task",
    record.SEED: "seed",
    record.PARENT: "parent",
    record.SOURCE: "source",
    record.HEALTH: "health",
}
TAGS_OF_EVALUATION = {
    record.RUN: "run",
    record.SCALE: "scale",
    record.TARGET: "target",
    record.SOURCE: "source",
    record.INTERMEDIATE: "intermediate",
    record.INTERMEDIATE_SEED: "intermediate_seed",
    record.TARGET_SEED: "target_seed",
    record.MLM: "mlm",
    record.HEALTH: "health",
}


class Refused(Exception):
    """The tracking server cannot be reached or does not take what it is sent."""


class Tracker:
    """A connection to the tracking server of a runtime. Raises Refused when it cannot be used."""

    def __init__(self, runtime: Runtime) -> None:
        os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
        os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "20")
        os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
        os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "ERROR")
        logging.getLogger("alembic").setLevel(logging.ERROR)
        from mlflow import MlflowClient

        self.store, self.uri = Store(runtime.work), runtime.uri
        try:
            self.client = MlflowClient(tracking_uri=runtime.uri)
            self.experiment = self.experiment_id(runtime.artifacts)
        except Exception as error:  # mlflow raises many kinds; any of them means: not now
            raise Refused(first_line(error)) from error

    def experiment_id(self, artifacts: str | None) -> str:
        """The one experiment; another process may create it at the same time."""
        from mlflow.exceptions import MlflowException

        found = self.client.get_experiment_by_name(record.EXPERIMENT)
        if found is None:
            try:
                return str(self.client.create_experiment(record.EXPERIMENT, artifacts))
            except MlflowException:
                found = self.client.get_experiment_by_name(record.EXPERIMENT)
                if found is None:
                    raise
        return str(found.experiment_id)

    def publish(self, id: str) -> None:
        """Send one finished training or evaluation, unless it is there."""
        marker = self.store.path(id) / PUBLISHED
        try:
            found = self.find(id)
            if found is None or found.info.status != "FINISHED":
                self.send(id, found and found.info.run_id)
            marker.write_text(self.uri)
        except Exception as error:
            raise Refused(first_line(error)) from error

    def published(self, id: str) -> bool:
        marker = self.store.path(id) / PUBLISHED
        return marker.exists() and marker.read_text() == self.uri

    def find(self, id: str) -> Any | None:
        """The MLflow run of an id, finished or not."""
        query = f"tags.`{record.ID}` = '{id}'"
        found = self.client.search_runs([self.experiment], query, max_results=1)
        return found[0] if found else None

    def send(self, id: str, begun: str | None = None) -> None:
        """Write a record, or write one again that was cut short: what is there stays as it is."""
        document = self.store.document(id)
        measured = id.startswith("evaluation-")
        tags = evaluation_tags(document) if measured else training_tags(document)
        run = begun or self.create(tags, name_of(document))
        self.log_parameters(run, document)
        path = self.store.path(id)
        self.log_metrics(run, path, measured)
        for file in (SCORES, ITEMS, SWEEP):
            if (path / file).exists():
                self.client.log_artifact(run, str(path / file))
        self.client.set_terminated(run, "FINISHED")

    def create(self, tags: dict[str, str], name: str) -> str:
        """A new MLflow run, by id."""
        made = self.client.create_run(self.experiment, tags=tags, run_name=name)
        return str(made.info.run_id)

    def log_parameters(self, run: str, document: dict[str, Any]) -> None:
        from mlflow.entities import Param

        told = document.get("recipe") or {
            key: document[key] for key in ("layer", "pooling", "target")
        }
        self.client.log_batch(run, params=[Param(key, str(value)) for key, value in told.items()])

    def log_metrics(self, run: str, path: Path, measured: bool) -> None:
        from mlflow.entities import Metric

        metrics = [Metric(*one) for one in (scores(path) if measured else curve(path))]
        for start in range(0, len(metrics), 1000):
            self.client.log_batch(run, metrics=metrics[start : start + 1000])

    def study(self, plan: dict[str, Any], state: dict[str, str]) -> None:
        """Create or refresh the study's run: its plan and what became of it."""
        try:
            id = f"study-{plan['study']}"
            found = self.find(id)
            tags = {
                record.KIND: "study",
                record.ID: id,
                record.STUDY: plan["study"],
                record.SCHEMA: plan["schema"],
            }
            run = str(found.info.run_id) if found else self.create(tags, id)
            self.client.log_dict(run, plan, record.PLAN_ARTIFACT)
            self.client.log_dict(run, state, record.STATE_ARTIFACT)
            self.client.set_tag(run, record.STATE, overall(state.values()))
            self.client.set_terminated(run, "FINISHED")
        except Exception as error:
            raise Refused(first_line(error)) from error


def training_tags(document: dict[str, Any]) -> dict[str, str]:
    told = {tag: text(document.get(key)) for tag, key in TAGS_OF_TRAINING.items()}
    if document.get("phase") == "intermediate":
        told[record.SETTING] = settings.kind(document["task"])
    return told | shared_tags(document, "training", record.RUN_SCHEMA)


def evaluation_tags(document: dict[str, Any]) -> dict[str, str]:
    told = {tag: text(document.get(key)) for tag, key in TAGS_OF_EVALUATION.items()}
    reuses = str(bool(document.get("reuses"))).lower()
    more = {record.REUSES: reuses, record.SETTINGS: json.dumps(document.get("settings", {}))}
    if document.get("intermediate"):
        more[record.SETTING] = settings.kind(document["intermediate"])
    return told | more | shared_tags(document, "evaluation", record.SCORES_SCHEMA)


def shared_tags(document: dict[str, Any], kind: str, schema: str) -> dict[str, str]:
    commit = document.get("provenance", {}).get("commit")
    return {
        record.KIND: kind,
        record.ID: document["id"],
        record.SCHEMA: schema,
        record.STATE: "done",
        record.COMMIT: text(commit),
    }


def text(value: Any) -> str:
    """A tag's text; nothing is the empty string."""
    return "" if value is None else str(value)


def name_of(document: dict[str, Any]) -> str:
    """A name that a person can scan in MLflow's list."""
    if "target" in document:
        seeds = [document.get("intermediate_seed"), document.get("target_seed")]
        seed = next((one for one in seeds if one is not None), None)
        lead = (
            f"{document['target']} after {document.get('intermediate', '?')}, {document['scale']}"
        )
        return f"{lead}, seed {seed}" if seed is not None else lead
    return f"{document['phase']} {document['task']}, {document['scale']}, seed {document['seed']}"


def scores(path: Path) -> Iterable[tuple[str, float, int, int]]:
    """(key, value, timestamp, step) of an evaluation."""
    stamp = int((path / SCORES).stat().st_mtime * 1000)
    for split, by_lang in read_json(path / SCORES)["scores"].items():
        for lang, metrics in by_lang.items():
            for metric, value in metrics.items():
                yield record.score_key(split, lang, metric), value, stamp, 0


def curve(path: Path) -> Iterable[tuple[str, float, int, int]]:
    """(key, value, timestamp, step) of a training's local log."""
    log = path / CURVE
    for line in log.read_text().splitlines() if log.exists() else []:
        told = json.loads(line)
        for key, value in told["metrics"].items():
            yield key, value, int(told["time"] * 1000), told["step"]


def overall(states: Iterable[str]) -> str:
    """One word for a study, of those that `record.STATE` may hold."""
    seen = set(states)
    if "interrupted" in seen:
        return "interrupted"
    if seen & {"running", "waiting"}:
        return "running"
    return "failed" if seen & {"failed", "not run"} else "done"


def first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0][:300]
