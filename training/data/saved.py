"""A hub data set that lies on disk under `DATA/hub/OWNER__NAME/CONFIG`, in any layout it comes in.

`save_to_disk` of the whole data set or of single splits (`CONFIG/test/`); parquet files named after
their split as the hub holds them (`CONFIG/test-00000-of-00001.parquet`, `CONFIG/test/0000.parquet`)
or as people write them (`CONFIG/test.parquet`). A data set without configurations lies in
`default/`, or as `hf download` leaves it: in `data/`, `plain_text/` or beside its README.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from training.catalogue.languages import LANGUAGES
from training.data.errors import DataError
from training.spec.task import Hub, Split, Task

NO_CONFIG = ("default", "data", "plain_text", "")
DICT, STATE = "dataset_dict.json", "state.json"


def config(hub: Hub, lang: str) -> str:
    """The configuration's name in the data set's own spelling of the language."""
    return hub.config.format(lang=hub.codes.get(lang, LANGUAGES[lang].short))


def folder(hub: Hub, lang: str, data: Path) -> Path:
    """Where a copy of a configuration belongs under `--data`."""
    return data / "hub" / hub.id.replace("/", "__") / (config(hub, lang) or NO_CONFIG[0])


def find(hub: Hub, theirs: str, lang: str, data: Path | None) -> Path | None:
    """The folder that holds these splits (`train_r1+train_r2`), or None."""
    if data is None:
        return None
    first = folder(hub, lang, data)
    places = [first] if config(hub, lang) else [first.parent / name for name in NO_CONFIG]
    return next((one for one in places if all(_holds(one, s) for s in theirs.split("+"))), None)


def languages(task: Task, split: Split, data: Path | None) -> tuple[str, ...]:
    """Languages of which the copies on disk hold the split (train: English, if anything)."""
    asked = ("eng",) if split == "train" else task.languages
    without = task.no_dev if split == "dev" else ()
    found = (lang for lang in asked if lang not in without)
    return tuple(lang for lang in found if has(task, split, lang, data))


def has(task: Task, split: Split, lang: str, data: Path | None) -> bool:
    """Whether copies of all of a task's data sets hold a split in a language."""
    theirs = [(hub, hub.splits.get(split)) for hub in task.hub]
    if any(hub.languages and lang not in hub.languages for hub in task.hub):
        return False
    return bool(theirs) and all(
        names is not None and find(hub, names, lang, data) is not None for hub, names in theirs
    )


def read(place: Path, theirs: str) -> Any:
    """The `Dataset` of these splits, one after the other. Raises DataError for a broken copy."""
    from datasets import concatenate_datasets

    try:
        return concatenate_datasets([_split(place, name) for name in theirs.split("+")])
    except DataError:
        raise
    except Exception as error:  # whatever Arrow and datasets raise for a broken copy
        raise DataError(
            str(place), None, f"cannot be read ({error})", "make the copy again with save_to_disk"
        ) from error


def _holds(place: Path, split: str) -> bool:
    # One split where all belong is found too, so that reading says what is wrong with it.
    if (place / DICT).is_file():
        return split in _splits(place / DICT)
    alone = (place / STATE, place / split / STATE)
    return any(one.is_file() for one in alone) or bool(_parquet(place, split))


def _splits(path: Path) -> list[str]:
    try:
        return list(json.loads(path.read_text(encoding="utf-8"))["splits"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(
            str(path), None, f"does not list the splits ({error})", "make the copy again"
        ) from error


def _parquet(place: Path, split: str) -> list[Path]:
    patterns = (f"{split}.parquet", f"{split}-*.parquet", f"*-{split}.parquet")
    found = {path for one in (*patterns, f"{split}/*.parquet") for path in place.glob(one)}
    return sorted(found)


def _split(place: Path, split: str) -> Any:
    from datasets import load_from_disk

    if (place / DICT).is_file():
        return load_from_disk(str(place))[split]
    if (place / split / STATE).is_file():
        return load_from_disk(str(place / split))
    if (place / STATE).is_file():
        raise ValueError("it is one split: save the whole data set, not dataset['train']")
    return _table(_parquet(place, split))


def _table(paths: list[Path]) -> Any:
    """Parquet files as one data set; their own metadata name its classes."""
    import pyarrow as pa
    import pyarrow.parquet as pq
    from datasets import Dataset
    from datasets.table import InMemoryTable

    tables = []
    for path in paths:
        try:
            tables.append(pq.read_table(path))
        except Exception as error:  # Arrow's own kinds, none of which names the file
            wrong = f"cannot be read ({error}): cut or damaged"
            raise DataError(str(path), None, wrong, "fetch the file again") from error
    return Dataset(InMemoryTable(pa.concat_tables(tables)))
