"""The snapshot's files: parquet files that belong together, named by one `meta.json`.

The meta is replaced last, by rename, so a reader sees one moment or another, never half of each.
"""

from __future__ import annotations

import json
import logging
import os
import time
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

SCHEMA = "silta.snapshot/2"
GRACE = 60.0
"""Seconds after which a file that no meta names is dropped: whoever was reading it has finished."""


def meta(directory: Path) -> dict[str, Any] | None:
    """What the last snapshot says of itself; None where there is none of this schema."""
    try:
        told: dict[str, Any] = json.loads((directory / "meta.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, json.JSONDecodeError):
        return None
    return told if told.get("schema") == SCHEMA else None


def store(directory: Path, told: dict[str, Any], frames: Mapping[str, pd.DataFrame]) -> None:
    """Write the frames, then the meta that names them, then drop what nothing names any more."""
    directory.mkdir(parents=True, exist_ok=True)
    token = uuid.uuid4().hex[:8]
    files = {name: f"{name}-{token}.parquet" for name in frames}
    for name, frame in frames.items():
        frame.to_parquet(directory / files[name], index=False)
    taken = datetime.now(UTC).isoformat(timespec="seconds")
    draft = directory / f"meta-{token}.json"
    draft.write_text(json.dumps(told | {"files": files, "taken": taken}), encoding="utf-8")
    os.replace(draft, directory / "meta.json")
    for old in directory.glob("*-????????.parquet"):
        if old.name not in files.values() and time.time() - old.stat().st_mtime > GRACE:
            old.unlink(missing_ok=True)


def fetch(directory: Path) -> tuple[dict[str, Any], dict[str, pd.DataFrame]] | None:
    """(meta, frames) of one moment, or None where there is no snapshot."""
    for _ in range(3):  # the files may be replaced between the two reads
        told = meta(directory)
        if told is None:
            return None
        try:
            files = told["files"].items()
            return told, {name: pd.read_parquet(directory / file) for name, file in files}
        except FileNotFoundError:
            continue
    return None


def renewed(kept: pd.DataFrame, gone: set[str], fresh: pd.DataFrame) -> pd.DataFrame:
    """`kept` without the runs in `gone`, then `fresh`; an empty side leaves the types alone."""
    sides = [side for side in (kept[~kept["run_id"].isin(gone)], fresh) if len(side)]
    return pd.concat(sides, ignore_index=True) if sides else kept.iloc[:0]


def tables(
    directory: Path, told: dict[str, Any], first: str, second: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Two of the frames that a meta names."""
    one, two = (pd.read_parquet(directory / told["files"][name]) for name in (first, second))
    return one, two


ITEMS = ["cluster_id", "lang", "split", "score", "tp", "fp", "fn"]
"""What intervals over items are computed from; the text of items stays on the server."""


def item_reader(
    folder: Path, runs: Mapping[str, str], fetch: Callable[[str, str], None] | None
) -> Callable[[str], pd.DataFrame]:
    """Evaluation -> its items, without rows where there are none.

    `runs` has the MLflow run of each evaluation, `fetch(run, folder)` downloads its table into a
    folder. Kept by run, so that an evaluation that was measured again is fetched again.
    """

    def read(evaluation: str) -> pd.DataFrame:
        kept = folder / f"{runs.get(evaluation, 'none')}.parquet"
        if not kept.exists() and fetch is not None and evaluation in runs:
            _keep(kept, runs[evaluation], fetch)
        if not kept.exists():
            return pd.DataFrame({name: pd.Series(dtype="str") for name in ITEMS})
        return pd.read_parquet(kept)

    return read


def _keep(kept: Path, run: str, fetch: Callable[[str, str], None]) -> None:
    """Fetch, drop the columns that are not needed, and put the file in its place by rename."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=kept.parent) as draft:
        try:
            fetch(run, draft)
            table = pd.read_parquet(next(Path(draft).iterdir()))
        except Exception as problem:  # without items there is no interval, and the page stands
            logging.getLogger(__name__).info("no items of run %s: %s", run, problem)
            return
        slim = Path(draft) / "slim"
        table[[name for name in ITEMS if name in table]].to_parquet(slim, index=False)
        os.replace(slim, kept)
