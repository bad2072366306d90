"""Reading a study's JSON artifacts, from the tracking server or from a local folder."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import unquote, urlparse


def document(client: Any, run: Any, name: str) -> dict[str, Any]:
    """A JSON artifact of an MLflow run; empty where there is none (the study was interrupted).

    Local artifacts are read where they lie.
    """
    place = urlparse(run.info.artifact_uri)
    if place.scheme == "file":
        path = Path(unquote(place.path)) / name
        return _read(path) if path.exists() else {}
    try:
        with TemporaryDirectory() as folder:
            return _read(Path(client.download_artifacts(run.info.run_id, name, folder)))
    except Exception as error:
        told = (run.info.run_id, name, error)
        logging.getLogger(__name__).warning("study %s has no readable %s: %s", *told)
        return {}


def _read(path: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return told
