"""Data sets on the hub, as rows with label names; copies on disk come first.

Looked up in this order: a `save_to_disk` copy under `--data`; the pinned revision; the default
branch; `refs/convert/parquet` (for repositories that still hold a loading script, which datasets
4 and later refuse).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from training.catalogue.languages import LANGUAGES
from training.data.errors import DataError, MissingData
from training.spec.task import Hub, Split, Task

Row = dict[str, Any]
PARQUET = "refs/convert/parquet"


def rows(
    task: Task, split: Split, lang: str, data: Path | None, cache: Path | None
) -> tuple[list[Row], str]:
    """Rows of a split, those of all the task's data sets one after the other, and where from.

    Raises MissingData where a data set has no such split or cannot be had.
    """
    found: list[Row] = []
    wheres = []
    for hub in task.hub:
        loaded, where = _dataset(task, hub, split, lang, data, cache)
        part = {"part": hub.id.split("/")[-1]} if len(task.hub) > 1 else {}
        found.extend({**row, **part} for row in _named(loaded, task, where))
        wheres.append(where)
    if not wheres:
        raise MissingData(
            f"{task.title}", "a hub copy (its licence allows none)", f"use files: {task.files}"
        )
    return found, " + ".join(wheres)


def config(hub: Hub, lang: str) -> str:
    """The configuration's name in the data set's own spelling of the language."""
    return hub.config.format(lang=hub.codes.get(lang, LANGUAGES[lang].short))


def copy(hub: Hub, lang: str, data: Path) -> Path:
    """Where a `save_to_disk` copy of a configuration lies under `--data`."""
    return data / "hub" / hub.id.replace("/", "__") / (config(hub, lang) or "default")


def _dataset(
    task: Task, hub: Hub, split: Split, lang: str, data: Path | None, cache: Path | None
) -> tuple[Any, str]:
    theirs = hub.splits.get(split)
    if theirs is None:
        raise MissingData(
            f"{task.title} {split} in {LANGUAGES[lang].name}",
            f"a split of {hub.id} (it publishes labels for {', '.join(hub.splits)} only)",
            f"it learns from {task.trains_on!r}" if split == "train" else "use another split",
        )
    if data is not None and copy(hub, lang, data).is_dir():
        return _from_disk(copy(hub, lang, data), theirs), str(copy(hub, lang, data) / theirs)
    return _from_hub(task, hub, theirs, lang, data, cache)


def _from_disk(folder: Path, theirs: str) -> Any:
    from datasets import DatasetDict, concatenate_datasets, load_from_disk

    try:
        stored = load_from_disk(str(folder))
        if not isinstance(stored, DatasetDict):
            raise ValueError("it is one split: save the whole data set, not dataset['train']")
        return concatenate_datasets([stored[name] for name in theirs.split("+")])
    except Exception as error:  # whatever Arrow and datasets raise for a broken copy
        raise DataError(
            str(folder), None, f"cannot be read ({error})", "make the copy again with save_to_disk"
        ) from error


def _from_hub(
    task: Task, hub: Hub, theirs: str, lang: str, data: Path | None, cache: Path | None
) -> tuple[Any, str]:
    from datasets import load_dataset

    name = config(hub, lang)
    reasons = []
    for revision in dict.fromkeys((hub.revision, None, PARQUET)):
        try:
            loaded = load_dataset(
                hub.id,
                name or None,
                split=theirs,
                revision=revision,
                cache_dir=str(cache) if cache else None,
            )
            at = revision or "default"
            return loaded, f"hub {hub.id} {name} {theirs} ({at}, {_fingerprint(loaded)})"
        except Exception as error:  # offline, gone, gated, a script, an unknown split: all the same
            reasons.append(f"{revision or 'default branch'}: {_first_line(error)}")
    where = copy(hub, lang, data or Path("DATA"))
    raise MissingData(
        f"{task.title} ({hub.id}, {name or 'default'}, {theirs})",
        f"{where} and on the hub ({'; '.join(reasons)})",
        'on a machine with a network run: python -c "from datasets import load_dataset; '
        f'load_dataset({hub.id!r}, {name or None!r}).save_to_disk({str(where)!r})" '
        "and copy the folder to the same place under --data",
    )


def _fingerprint(loaded: Any) -> str:
    return str(getattr(loaded, "_fingerprint", "") or "no fingerprint")


def _first_line(error: Exception) -> str:
    told = str(error).strip().splitlines()
    return f"{type(error).__name__} {told[0][:160] if told else ''}".strip()


def _named(loaded: Any, task: Task, where: str) -> Iterator[Row]:
    """Rows with class labels by name: numbers differ between data sets, names do not."""
    names = {
        column: found
        for column, feature in loaded.features.items()
        if (found := getattr(getattr(feature, "feature", feature), "names", None))
    }
    for column, found in names.items():
        if task.labels and not set(found) <= set(task.labels):
            raise DataError(
                where,
                None,
                f"column {column!r} has the classes {found}",
                f"{list(task.labels)} are expected: another configuration or revision",
            )
    for row in loaded.to_list():
        for column, found in names.items():
            row[column] = _spelt(row[column], found)
        yield row


def _spelt(value: Any, names: list[str]) -> Any:
    if isinstance(value, list):
        return [_spelt(one, names) for one in value]
    return names[value] if isinstance(value, int) and 0 <= value < len(names) else value
