"""Data sets on the hub, as rows with label names; copies on disk come first.

Looked up in this order: a copy under `--data` (`data/saved.py`); the pinned revision; the default
branch; `refs/convert/parquet` (for repositories that still hold a loading script, which datasets
4 and later refuse). That branch has no card, so no named configurations: they are its folders.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from training.catalogue.languages import LANGUAGES
from training.data import saved
from training.data.errors import DataError, MissingData
from training.spec.task import PARQUET, Hub, Split, Task

Row = dict[str, Any]
LOGIN = "hf auth login"
"""The command that leaves a token by which gated data and models are fetched."""


def rows(
    task: Task,
    split: Split,
    lang: str,
    data: Path | None,
    cache: Path | None,
    network: bool = True,
) -> tuple[list[Row], str]:
    """Rows of a split, those of all the task's data sets one after the other, and where from.

    `network`: False for copies under `--data` alone. Raises MissingData where a data set has no
    such split or cannot be had.
    """
    found: list[Row] = []
    wheres = []
    for hub in task.hub:
        loaded, where = _dataset(task, hub, split, lang, data, cache, network)
        part = {"part": hub.id.split("/")[-1]} if len(task.hub) > 1 else {}
        found.extend({**row, **part} for row in _named(loaded, task, where))
        wheres.append(where)
    if not wheres:
        raise MissingData(
            f"{task.title}",
            "a hub copy (its licence allows none)",
            f"use files: {task.files}",
            (f"{task.licence}: put your copy under --data in {task.files}/, source files",),
        )
    return found, " + ".join(wheres)


def _dataset(
    task: Task,
    hub: Hub,
    split: Split,
    lang: str,
    data: Path | None,
    cache: Path | None,
    network: bool,
) -> tuple[Any, str]:
    theirs = hub.splits.get(split)
    if theirs is None:
        raise MissingData(
            f"{task.title} {split} in {LANGUAGES[lang].name}",
            f"a split of {hub.id} (it publishes labels for {', '.join(hub.splits)} only)",
            f"it learns from {task.trains_on!r}" if split == "train" else "use another split",
        )
    copy = saved.find(hub, theirs, lang, data)
    if copy is not None:
        return saved.read(copy, theirs), str(copy / theirs)
    if not network:
        raise _missing(task, hub, theirs, lang, data, "")
    return _from_hub(task, hub, theirs, lang, data, cache)


def _from_hub(
    task: Task, hub: Hub, theirs: str, lang: str, data: Path | None, cache: Path | None
) -> tuple[Any, str]:
    from datasets import load_dataset

    name = saved.config(hub, lang)
    reasons, gate = [], False
    for revision in dict.fromkeys((hub.revision, None, PARQUET)):
        try:
            loaded = load_dataset(
                hub.id,
                **_named_by(name, tuple(theirs.split("+")), revision),
                split=theirs,
                revision=revision,
                cache_dir=str(cache) if cache else None,
            )
            at = revision or "default"
            return loaded, f"hub {hub.id} {name} {theirs} ({at}, {_fingerprint(loaded)})"
        except Exception as error:  # offline, gone, gated, a script, an unknown split: all the same
            reasons.append(f"{revision or 'default branch'}: {_first_line(error)}")
            gate = gate or gated(error)
    also = f" and on the hub ({'; '.join(reasons)})"
    raise _missing(task, hub, theirs, lang, data, also, gate)


def _named_by(name: str, theirs: Iterable[str], revision: str | None) -> dict[str, Any]:
    """How `load_dataset` is told of a configuration: by name, on the parquet branch by files."""
    if revision != PARQUET:
        return {"name": name or None}
    return {"data_files": {split: f"{name or '*'}/{split}/*.parquet" for split in theirs}}


def gated(error: BaseException | None) -> bool:
    """Whether the hub refused because its terms are not accepted, or no token was given."""
    from huggingface_hub.errors import GatedRepoError

    while error is not None:
        if isinstance(error, GatedRepoError) or "gated dataset" in str(error):
            return True
        error = error.__cause__ or error.__context__
    return False


def accepting(page: str) -> str:
    """How a message begins that tells to fetch what `page` gates; nothing where it is empty."""
    return f"accept its terms at {page}, run `{LOGIN}`, then " if page else ""


def _missing(
    task: Task,
    hub: Hub,
    theirs: str,
    lang: str,
    data: Path | None,
    also: str,
    gate: bool = False,
) -> MissingData:
    """What to say where a configuration is not to be had."""
    name, where = saved.config(hub, lang), saved.folder(hub, lang, data or Path("DATA"))
    page = f"https://huggingface.co/datasets/{hub.id}" if gate else ""
    return MissingData(
        f"{task.title} ({hub.id}, {name or 'default'}, {theirs})",
        f"{where}{also}",
        f"{accepting(page)}on a machine with a network run: {fetch(hub, (lang,), data)} "
        "and copy the folder to the same place under --data",
        (*[LOGIN] * gate, fetch(hub, (lang,), data)),
        page,
    )


def missing(task: Task, split: Split, lang: str, data: Path | None) -> MissingData:
    """That a split is not on the hub where another language of it was just missed too."""
    return _missing(task, task.hub[0], task.hub[0].splits[split], lang, data, " and on the hub")


def fetch(hub: Hub, languages: tuple[str, ...], data: Path | None) -> str:
    """The command that saves the configurations of these languages where they are looked for."""
    names = list(dict.fromkeys(saved.config(hub, lang) for lang in languages))
    at = f", revision={hub.revision!r}" if hub.revision else ""
    where = saved.folder(hub, languages[0], data or Path("DATA"))
    one, place = repr(names[0] or None), repr(str(where))
    loop = ""
    if len(names) > 1:
        one, place, loop = "c", f"{str(where.parent)!r} + '/' + c", f" for c in {names}"
    by = f"data_dir={one}" if hub.revision == PARQUET else one
    load = f"load_dataset({hub.id!r}, {by}{at}).save_to_disk({place})"
    return f'python -c "from datasets import load_dataset; {f"[{load}{loop}]" if loop else load}"'


def reachable(hub: Hub, lang: str, cache: Path | None) -> bool:
    """Whether the hub or its cache has a data set; no more than its description is fetched."""
    splits = tuple(one for told in hub.splits.values() for one in told.split("+"))
    return _reachable(hub.id, saved.config(hub, lang), splits, hub.revision, cache)


@lru_cache(maxsize=256)
def _reachable(
    id: str, name: str, splits: tuple[str, ...], pinned: str | None, cache: Path | None
) -> bool:
    from datasets import load_dataset_builder

    where = str(cache) if cache else None
    for revision in dict.fromkeys((pinned, None, PARQUET)):
        told = _named_by(name, splits, revision)
        try:
            load_dataset_builder(id, **told, revision=revision, cache_dir=where)
            return True
        except Exception:  # offline, gone, gated, a script: all the same
            continue
    return False


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
    known = set(task.labels)
    if known and names and not any(set(found) <= known for found in names.values()):
        told = " and ".join(f"column {column!r} has the classes {n}" for column, n in names.items())
        wanted = f"{list(task.labels)} are expected: another configuration or revision"
        raise DataError(where, None, told, wanted)
    for row in loaded.to_list():
        for column, found in names.items():
            row[column] = _spelt(row[column], found)
        yield row


def _spelt(value: Any, names: list[str]) -> Any:
    if isinstance(value, list):
        return [_spelt(one, names) for one in value]
    return names[value] if isinstance(value, int) and 0 <= value < len(names) else value
