"""MLflow's client as it is used here: impatient, quiet, its password from a file if so told."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any

PASSWORD = "MLFLOW_TRACKING_PASSWORD"
"""What MLflow's client logs in with; `..._FILE` names a file that holds it."""
LIMITS = {
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0",  # the publisher tries again, by its own clock
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "20",
    "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_LOGGING_LEVEL": "ERROR",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_SQLALCHEMYSTORE_POOLCLASS": "NullPool",  # a kept connection reads a replaced file
}


def client() -> type[Any]:
    """The class of clients, which is slow to import, with its surroundings set."""
    for name, value in LIMITS.items():
        os.environ.setdefault(name, value)
    if (file := os.environ.get(f"{PASSWORD}_FILE")) and not os.environ.get(PASSWORD):
        os.environ[PASSWORD] = Path(file).read_text(encoding="utf-8").rstrip("\r\n")
    logging.getLogger("alembic").setLevel(logging.ERROR)
    from mlflow import MlflowClient

    made: type[Any] = MlflowClient
    return made


def files_of(client: Any, run: Any) -> Any:
    """Where a record's files lie (mlflow's ArtifactRepository). The client's own methods first ask
    the server for all that it has of the record, to learn the address that the record tells."""
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

    return get_artifact_repository(run.info.artifact_uri, tracking_uri=client.tracking_uri)
