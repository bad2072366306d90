"""What of a data set's items may leave the store: text only where its licence allows it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from training import catalogue
from training.engine.store import ITEMS
from training.spec.source import artificial
from training.spec.task import Task

ARTIFICIAL = "artificial"
"""Of an evaluation's run.json: whether a miniature gave its data, whose text is nobody's."""
WRITTEN = ("text",)
ANSWERS = ("gold", "prediction")
"""Columns of items.parquet that quote the text of a span task; elsewhere they are labels or ids."""


def passed_on(task: Task, document: dict[str, Any]) -> bool:
    """Whether the text of an evaluation's items may go to servers, pages and reports."""
    made = document.get(ARTIFICIAL, artificial(document["source"]))  # not kept by older versions
    return task.redistribute or bool(made)


def quoting(task: Task) -> tuple[str, ...]:
    """The columns of items.parquet that hold text of the data set."""
    return (*WRITTEN, *ANSWERS) if task.family == "span" else WRITTEN


@contextmanager
def sendable(path: Path, document: dict[str, Any]) -> Iterator[Path]:
    """The items of an evaluation as they may be sent, under the same file name."""
    task = catalogue.task(document["target"])
    if passed_on(task, document):
        yield path / ITEMS
        return
    import pandas as pd

    items = pd.read_parquet(path / ITEMS)
    blank = [one for one in quoting(task) if one in items]
    with TemporaryDirectory() as folder:
        made = Path(folder) / ITEMS
        items[blank] = None
        items.astype(dict.fromkeys(blank, "string")).to_parquet(made)
        yield made
