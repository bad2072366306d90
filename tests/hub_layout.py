"""Hub data sets on disk as people have them, written by `datasets` from the miniature's rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from training.catalogue import TASKS
from training.data.saved import folder
from training.miniature import tasks
from training.spec.task import Split


def made(name: str, split: Split, lang: str, seed: int = 3, sentences: int = 64) -> list[Any]:
    """Rows of a task in its published schema."""
    return list(tasks.rows(name, split, lang, seed, sentences))


def copied(data: Path, name: str, lang: str, splits: tuple[Split, ...], layout: str) -> Path:
    """A task's splits in a language: `disk` (save_to_disk), `splits` (one by one) or `parquet`."""
    from datasets import Dataset, DatasetDict

    hub = TASKS[name].hub[0]
    place = folder(hub, lang, data)
    sets = {hub.splits[one]: Dataset.from_list(made(name, one, lang)) for one in splits}
    if layout == "disk":
        DatasetDict(sets).save_to_disk(str(place))
    for theirs, one in sets.items():
        if layout == "splits":
            one.save_to_disk(str(place / theirs))
        if layout == "parquet":
            place.mkdir(parents=True, exist_ok=True)
            one.to_parquet(str(place / f"{theirs}-00000-of-00001.parquet"))
    return place
