"""The experiment of a tracking server that records are kept in, and whether it is still there."""

from __future__ import annotations

import threading
import time
from typing import Any

from training.engine.refusals import Lost
from training.spec import record

FRESH = 1.0
"""Seconds that a look holds: nobody stops a server, replaces its database and starts it within."""


class Home:
    """The experiment as it was when this process connected. Safe between threads."""

    def __init__(self, client: Any, artifacts: str | None) -> None:
        self.client, self.artifacts = client, artifacts
        self.lock = threading.Lock()
        self.name, self.seen = self.find(), time.monotonic()

    @property
    def id(self) -> str:
        """MLflow's id of it."""
        return self.name.split("/")[0]

    @property
    def served(self) -> bool:
        """Whether it is a server's, which several may write to at once, or a file's."""
        return str(self.client.tracking_uri).startswith("http")

    def find(self) -> str:
        """`<id>/<creation>` of the one experiment; another process may create it just now."""
        from mlflow.exceptions import MlflowException

        found = self.client.get_experiment_by_name(record.EXPERIMENT)
        if found is None:
            try:
                self.client.create_experiment(record.EXPERIMENT, self.artifacts)
            except MlflowException:
                if self.client.get_experiment_by_name(record.EXPERIMENT) is None:
                    raise
            found = self.client.get_experiment_by_name(record.EXPERIMENT)
        return f"{found.experiment_id}/{found.creation_time}"

    def still(self) -> None:
        """Raise Lost where the database is not the one that was connected to."""
        with self.lock:
            asked = time.monotonic()
            if self.served and asked - self.seen <= FRESH:
                return
            if self.find() != self.name:
                raise Lost("its database was replaced")
            self.seen = asked
