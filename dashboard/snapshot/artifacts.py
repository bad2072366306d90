"""Files that runs carry on the server: JSON that is read, tables that are kept beside the snapshot.

A file that cannot be had is no reason to show nothing: without items there is no interval over
them, and the page stands.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from dashboard.snapshot.source import Source, Unreachable

Make = Callable[[Path], Path | None]
"""Puts what is wanted somewhere, a folder being lent; None where there is nothing."""


def content(source: Source, run: str, name: str) -> bytes:
    """What an artifact of an MLflow run holds; nothing where there is none (the study was
    interrupted) or where it cannot be had."""
    with TemporaryDirectory() as folder:
        try:
            path = source.fetch(run, name, Path(folder))
            return path.read_bytes() if path else b""
        except Unreachable:
            raise  # nothing of the kind can be had: no gap, but a wrong address
        except Exception as error:
            _gap(run, name, error)
            return b""


def document(data: bytes, run: str, name: str) -> dict[str, Any]:
    """`content` that is JSON; empty where it is none."""
    try:
        return dict(json.loads(data)) if data else {}
    except (ValueError, TypeError) as error:
        _gap(run, name, error)
        return {}


def _gap(run: str, name: str, error: Exception) -> None:
    logging.getLogger(__name__).warning("run %s has no readable %s: %s", run, name, error)


def kept(path: Path, make: Make | None) -> Path | None:
    """The file at `path`, made first where it is not there; None where it cannot be had.

    Put in its place by rename, so whoever reads beside us meets a whole file or none.
    """
    if path.exists() or make is None:
        return path if path.exists() else None
    path.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=path.parent) as folder:
        try:
            made = make(Path(folder))
            if made is None:
                return None
            draft = Path(folder) / "draft"
            draft.write_bytes(made.read_bytes())
            os.replace(draft, path)
        except Exception as problem:
            logging.getLogger(__name__).info("no %s: %s", path.name, problem)
            return None
    return path


def slim(path: Path, folder: Path, columns: list[str]) -> Path:
    """A parquet file with some of its columns."""
    import pyarrow.parquet as parquet

    named = [name for name in columns if name in parquet.read_schema(path).names]
    made = folder / "slim"
    pd.read_parquet(path, columns=named).to_parquet(made, index=False)
    return made
