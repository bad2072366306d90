"""The store seen through MLflow: one MLflow run a training, an evaluation and a study, for ever.

Everything is read from the store, so nothing that a server does or fails to do can touch a result,
and a lost server is rebuilt by sending again. A record is found by its tag `silta.id`. Before it is
called whole, what the server holds is compared with the store: only what is missing is sent, and a
record that says something else than the store goes to MLflow's trash and is written anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from training.engine.client import client, files_of
from training.engine.home import Home
from training.engine.licence import sendable
from training.engine.ownership import identity, sole
from training.engine.records import (
    ARTIFACTS,
    LONGEST,
    SHARED,
    Point,
    contradicts,
    covers,
    datasets,
    measured,
    name_of,
    parameters,
    points_of,
    tags_of,
)
from training.engine.refusals import told
from training.engine.rivals import Rivals
from training.engine.runtime import Runtime
from training.engine.store import DONE, ITEMS, Store
from training.spec import record

BATCH, PARAMETERS = 1000, 100
"""The most metrics and parameters that MLflow takes at a time."""
ENDINGS = {"done": "FINISHED", "failed": "FAILED", "interrupted": "KILLED", "running": "RUNNING"}
"""`silta.state` -> MLflow's status."""


class Tracker:
    """A connection to the tracking server of a runtime. Methods raise Refused, Unfit or Busy."""

    def __init__(self, runtime: Runtime) -> None:
        self.store = Store(runtime.work)
        self.address, self.owner = address(runtime.uri), identity(runtime.work)
        made = client()
        with told():
            self.client = made(tracking_uri=runtime.uri)
            self.home = Home(self.client, runtime.artifacts)
        self.rivals = Rivals(self.client, self.experiment_id, self.owner)

    @property
    def serves(self) -> bool:
        """Whether several may write at once."""
        return self.home.served

    @property
    def server(self) -> str:
        """Names the server and its database; another one of the same address has another name."""
        return f"{self.address}/{self.home.name}"

    @property
    def experiment_id(self) -> str:
        return self.home.id

    def publish(self, id: str, state: str = "done", known: bool = True) -> str:
        """Make a record whole: all that the store has of it, once. Returns MLflow's id of it.

        `state` is "done", or how a training ended that is not: "failed" or "interrupted". What the
        server is not `known` to have is begun before it is asked for.
        """
        with told(), sole(self.store, id):
            return self.complete(id, state, known)

    def complete(self, id: str, state: str, known: bool) -> str:
        document, path = self.store.document(id), self.store.path(id)
        wanted, had = points_of(path, id), dict[tuple[str, int], float]()
        made, found = None if known else self.alone(document, state), None
        if made is None:
            found, had = self.standing(path, state, wanted)
        if found and self.rivals.foreign(found):
            return str(found.info.run_id)
        run = made or found or self.begin(document, state, self.began(document))
        with self.rivals.sending(id, run, alone=bool(made)):
            missing = [one for one in wanted if (one.key, one.step) not in had]
            self.write(run, document, state, missing)
            self.attach(run, path, document, bool(found))
            self.describe(run, document)
            if missing or run.info.status != ENDINGS[state]:
                ended = None if measured(id) else self.ended(id)
                self.client.set_terminated(run.info.run_id, ENDINGS[state], ended)
        return str(run.info.run_id)

    def alone(self, document: dict[str, Any], state: str) -> Any | None:
        """A new MLflow run that no one has to give way to; None: there is another of this id."""
        run = self.create(document, state, self.began(document))
        if not self.rivals.beside(document["id"], run):
            return run
        self.client.delete_run(run.info.run_id)
        return None

    def standing(
        self, path: Path, state: str, wanted: list[Point]
    ) -> tuple[Any | None, dict[tuple[str, int], float]]:
        """(The server's record of an id, the points that it holds of this store's); one that may
        not stay goes to the trash."""
        found, had = self.rivals.find(path.name), dict[tuple[str, int], float]()
        if found is None:
            return None, had
        if self.rivals.foreign(found):
            stays = self.rivals.stays(found, state, lambda: self.whole(found, path, state))
        else:
            had = self.held(found, measured(path.name))
            stays = not contradicts(had, wanted, 0.0 if measured(path.name) else SHARED)
        if stays:
            return found, had
        self.client.delete_run(found.info.run_id)
        return None, {}

    def whole(self, run: Any, path: Path, state: str) -> bool:
        """Whether another store's record says all that this store's says."""
        if run.info.status != ENDINGS[state]:
            return False
        there = {one.path for one in files_of(self.client, run).list_artifacts()}
        files = {name for name in ARTIFACTS if (path / name).exists()}
        return files <= there and covers(self.held(run, measured(path.name)), path)

    def begin(self, document: dict[str, Any], state: str, began: int | None = None) -> Any:
        """A new MLflow run that no other store began at the same moment. Raises Contested."""
        return self.rivals.first(document["id"], self.create(document, state, began))

    def create(self, document: dict[str, Any], state: str, began: int | None = None) -> Any:
        """A new MLflow run in the experiment that was connected to."""
        self.home.still()
        tags = tags_of(document, state) | {record.STORE: self.owner}
        name = name_of(document)
        return self.client.create_run(self.experiment_id, began, tags, name)

    def held(self, run: Any, scores: bool) -> dict[tuple[str, int], float]:
        """What the server holds of a record: (key, step) -> value."""
        if scores:
            return {(key, 0): value for key, value in run.data.metrics.items()}
        histories = (
            self.client.get_metric_history(run.info.run_id, key) for key in run.data.metrics
        )
        return {(one.key, one.step): one.value for history in histories for one in history}

    def write(self, run: Any, document: dict[str, Any], state: str, missing: list[Point]) -> None:
        """Parameters, tags and points that are not there yet, in as few requests as can be."""
        from mlflow.entities import Param

        params = [
            Param(key, value)
            for key, value in parameters(document).items()
            if key not in run.data.params
        ]
        first, rest = params[:PARAMETERS], params[PARAMETERS:]
        for start in range(0, len(rest), PARAMETERS):
            self.client.log_batch(run.info.run_id, params=rest[start : start + PARAMETERS])
        self.log(run.info.run_id, missing, first, self.labels(run, document, state))

    def labels(self, run: Any, document: dict[str, Any], state: str) -> list[Any]:
        """The tags of a state that the server has not; an earlier failure's reason does not outlive
        it."""
        from mlflow.entities import RunTag

        reason = self.store.failed(document["id"]) if state == "failed" else None
        told = tags_of(document, state) | {record.STORE: self.owner}
        if reason or record.REASON in run.data.tags:
            told[record.REASON] = (reason or "")[:LONGEST]
        had = run.data.tags
        return [RunTag(key, value) for key, value in told.items() if had.get(key) != value]

    def log(
        self, run: str, points: list[Point], params: Sequence[Any] = (), tags: Sequence[Any] = ()
    ) -> None:
        """Points, and before them at most `PARAMETERS` parameters and some tags; MLflow takes
        `BATCH` of all three at a time."""
        from mlflow.entities import Metric

        room = BATCH - len(params) - len(tags)
        first, rest = points[:room], points[room:]
        if first or params or tags:
            metrics = [Metric(*one) for one in first]
            self.client.log_batch(run, metrics, list(params), list(tags))
        for start in range(0, len(rest), BATCH):
            batch = rest[start : start + BATCH]
            self.client.log_batch(run, metrics=[Metric(*one) for one in batch])

    def attach(self, run: Any, path: Path, document: dict[str, Any], again: bool) -> None:
        """The record's files, where the server has none of this size."""
        kept = files_of(self.client, run)
        there = {one.path: one.file_size for one in kept.list_artifacts()} if again else {}
        for file in (path / name for name in ARTIFACTS):
            if file.exists() and there.get(file.name) != file.stat().st_size:
                kept.log_artifact(str(file))
        if (path / ITEMS).exists():
            with sendable(path, document) as items:
                if there.get(ITEMS) != items.stat().st_size:
                    kept.log_artifact(str(items))

    def describe(self, run: Any, document: dict[str, Any]) -> None:
        """The data sets that a record learnt from or was measured on, once each."""
        from mlflow.entities import Dataset, DatasetInput, InputTag

        inputs = run.inputs.dataset_inputs if run.inputs else ()
        there = {(one.dataset.name, one.dataset.digest) for one in inputs}
        made = [
            DatasetInput(
                Dataset(one["name"], one["digest"], "silta", one["source"], None, one["profile"]),
                [InputTag("mlflow.data.context", one["context"])],
            )
            for one in datasets(document)
            if (one["name"], one["digest"]) not in there
        ]
        if made:
            self.client.log_inputs(run.info.run_id, made)

    def began(self, document: dict[str, Any]) -> int | None:
        """When a finished training began, in milliseconds; None: now."""
        if measured(document["id"]) or "seconds" not in document:
            return None
        ended = self.ended(document["id"])
        return ended and ended - int(document["seconds"] * 1000)

    def ended(self, id: str) -> int | None:
        marker = self.store.path(id) / DONE
        return int(marker.stat().st_mtime * 1000) if marker.exists() else None


def address(uri: str) -> str:
    """Names a tracking URI in files without giving away a password in it."""
    return hashlib.sha256(uri.encode()).hexdigest()[:12]
