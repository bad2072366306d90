"""The snapshot's files: parquet files that belong together, named by one `meta.json`.

The meta is replaced last, by rename, so a reader sees one moment or another, never half of each.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pandas as pd
from pyarrow import ArrowInvalid, Table
from pyarrow.parquet import ParquetFile, write_table

SCHEMA = "silta.snapshot/6"
GRACE = 60.0
"""Seconds after which a file that no meta names is dropped: whoever was reading it has finished."""


class Spoilt(Exception):
    """A file of the last snapshot cannot be read."""


ITEMS = ["cluster_id", "lang", "split", "score", "tp", "fp", "fn"]
"""What intervals over items are computed from; the text of items is kept apart."""


@contextmanager
def alone(directory: Path) -> Iterator[None]:
    """Be the only process and thread that renews a directory; others wait. Any death frees it.

    Readers need no lock. Without it, two that renew at once could drop each other's files.
    """
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def meta(directory: Path) -> dict[str, Any] | None:
    """What the last snapshot says of itself; None where there is none of this schema."""
    try:
        told: dict[str, Any] = json.loads((directory / "meta.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, json.JSONDecodeError):
        return None
    return told if told.get("schema") == SCHEMA else None


def store(
    directory: Path,
    told: dict[str, Any],
    frames: Mapping[str, pd.DataFrame],
    same: Mapping[str, str] | None = None,
) -> None:
    """Write the frames, then the meta that names them, then drop what nothing names any more.

    `same`: tables that are as they were, and the file that each is in; of `frames` only others are
    written.
    """
    directory.mkdir(parents=True, exist_ok=True)
    token = uuid.uuid4().hex[:8]
    files = {name: f"{name}-{token}.parquet" for name in frames} | dict(same or {})
    for name, frame in frames.items():
        if name not in (same or {}):
            # Side by side, as pandas would turn the columns, each thread's start costs more.
            rows = Table.from_pandas(frame, preserve_index=False, nthreads=1)
            write_table(rows, directory / files[name])
    taken = datetime.now(UTC).isoformat(timespec="seconds")
    draft = directory / f"meta-{token}.json"
    draft.write_text(json.dumps(told | {"files": files, "taken": taken}), encoding="utf-8")
    os.replace(draft, directory / "meta.json")
    for old in directory.glob("*-????????.parquet"):
        if old.name not in files.values() and time.time() - old.stat().st_mtime > GRACE:
            old.unlink(missing_ok=True)


def fetch(
    directory: Path, names: Collection[str] | None = None
) -> tuple[dict[str, Any], dict[str, pd.DataFrame]] | None:
    """(meta, frames of these names or of all) of one moment, or None where there is no snapshot,
    or none that can be read."""
    for _ in range(3):  # the files may be replaced between the two reads
        told = meta(directory)
        if told is None:
            return None
        try:
            return told, {name: table(directory, told, name) for name in names or told["files"]}
        except Spoilt:  # or gone meanwhile: then read anew
            continue
    return None


def table(directory: Path, told: Mapping[str, Any], name: str) -> pd.DataFrame:
    """A table of the snapshot that has this meta. Raises Spoilt."""
    return opened(directory, told, name)()


def opened(directory: Path, told: Mapping[str, Any], name: str) -> Callable[[], pd.DataFrame]:
    """What reads a table, which stays there for it however long ago others replaced it.

    Raises Spoilt, now or when it is called; then the next renewal reads everything anew.
    """
    try:
        file = ParquetFile(directory / told["files"][name])
    except (OSError, ArrowInvalid) as error:
        raise Spoilt(f"{directory / told['files'][name]} cannot be read: {error}") from error

    def read() -> pd.DataFrame:
        try:
            return cast(pd.DataFrame, file.read().to_pandas())
        except (OSError, ArrowInvalid) as error:
            (directory / "meta.json").unlink(missing_ok=True)
            told = f"The copy of the scores in {directory} is damaged, and will be read anew."
            raise Spoilt(told) from error

    return read
