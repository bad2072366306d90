"""One door to all data: miniature, original files and hub, alone or tried in an order.

Whatever the source, rows arrive in the published column schema and leave as examples, with a
digest of the rows for the provenance in `run.json`. `files` are the originals, else a hub data set
saved under `--data`; `hub` takes such a copy too, else it asks the hub. Of several sources the
first that has the task gives its data, and the real ones after it fill in languages and splits
that it lacks. A miniature stands in for a task as a whole or not at all: it is never mixed with
real data, for what is trained on the one says nothing about the other.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from training.catalogue import origin
from training.catalogue.languages import LANGUAGES
from training.catalogue.names import UnknownName
from training.data import corpora, files, hub, saved
from training.data.errors import MissingData
from training.data.rows import Read, read
from training.data.synthetic import word_order
from training.spec.source import known, tried, world
from training.spec.task import Split, Task

SOURCES = ("miniature/seed=N/sentences=M", "files", "hub")
SPLITS: tuple[Split, ...] = ("train", "dev", "test")


@dataclass(frozen=True)
class Loaded:
    """One split of a task in one language."""

    read: Read
    digest: str
    """16 hexadecimal digits of the SHA-256 of the rows: equal data, equal digest."""
    where: str
    source: str = ""
    """Which of the sources that were tried."""

    @property
    def told(self) -> str:
        """For `run.json`: what was read, and from which source (`data/notes.py` says the rest)."""
        return f"{self.digest} {self.source}"


def chosen(
    task: Task, source: str, data: Path | None = None, cache: Path | None = None
) -> tuple[str, ...]:
    """The sources that give a task's data: one miniature, or real ones in their order.

    All that are told where none has the task. Raises UnknownName for what names no source.
    """
    names = tried(source, task.name)
    for one in names:
        if not known(one):
            raise UnknownName("source", one, SOURCES)
    if len(names) == 1:
        return names
    there = [one for one in names if has(task, one, data, cache)]
    if there and world(there[0]):
        return (there[0],)
    return tuple(one for one in there if not world(one)) or names


def artificial(
    task: Task, source: str, data: Path | None = None, cache: Path | None = None
) -> tuple[int, int] | None:
    """(seed, sentences) of the miniature that gives a task's data; None where they are real."""
    return world(chosen(task, source, data, cache)[0])


def has(task: Task, one: str, data: Path | None, cache: Path | None) -> bool:
    """Whether a source has anything of a task."""
    if task.made_from:
        return has(origin(task), one, data, cache)
    if world(one):
        return task.family == "text" or bool(_offered(task, "test") or _offered(task, "train"))
    if one == "files":
        return any(_in_files(task, split, data) for split in SPLITS)
    if any(saved.languages(task, split, data) for split in SPLITS):
        return True
    first = task.languages[0]
    return bool(task.hub) and all(hub.reachable(one, first, cache) for one in task.hub)


def rows(
    task: Task,
    split: Split,
    lang: str,
    source: str,
    data: Path | None = None,
    cache: Path | None = None,
) -> Loaded:
    """Examples of one split in one language.

    `data` is the folder of the original files (and of hub copies), `cache` the hub's cache.
    Raises MissingData, DataError, or UnknownName for the source.
    """
    if task.made_from:
        loaded = rows(origin(task), split, lang, source, data, cache)
        return replace(loaded, read=Read(tuple(word_order(loaded.read.examples))))
    one, (found, where, parallel) = published(task, split, lang, source, data, cache)
    loaded = Loaded(read(task, found, lang, where, parallel), digest(found), where, one)
    if not loaded.read.examples:
        told = ", ".join(f"{n} rows: {why}" for why, n in loaded.read.dropped.items())
        raise MissingData(
            f"{task.title} {split} in {LANGUAGES[lang].name}",
            f"examples in {where} ({told or 'no rows'})",
            "use another split: there is nothing to learn from or to measure on",
        )
    return loaded


Published = tuple[list[Any], str, bool]
"""Rows in the published schema, where they come from, and whether they run parallel."""


def published(
    task: Task, split: Split, lang: str, source: str, data: Path | None, cache: Path | None
) -> tuple[str, Published]:
    """The source that has a split, and its rows. Raises MissingData: what every source lacks."""
    missed: dict[str, MissingData] = {}
    for one in chosen(task, source, data, cache):
        try:
            return one, _rows(task, split, lang, one, data, cache)
        except MissingData as missing:
            missed[one] = missing
    if len(missed) == 1:
        raise missed.popitem()[1]
    raise MissingData(
        f"{task.title} {split} in {LANGUAGES[lang].name}",
        "; ".join(f"({one}) {why.looked}" for one, why in missed.items()),
        "; or ".join(dict.fromkeys(why.todo for why in missed.values())),
        tuple(dict.fromkeys(one for why in missed.values() for one in why.fetch)),
        next((why.terms for why in missed.values() if why.terms), ""),
    )


def _rows(
    task: Task, split: Split, lang: str, one: str, data: Path | None, cache: Path | None
) -> Published:
    made = world(one)
    if made is not None:
        return _miniature(task, split, lang, *made), one, True
    if one == "hub":
        return *hub.rows(task, split, lang, data, cache), False
    return *_from_files(task, split, lang, _folder(task, data)), False


def _from_files(task: Task, split: Split, lang: str, folder: Path) -> tuple[list[Any], str]:
    """The originals, else a saved copy of the hub's."""
    if task.schema == "text":
        return [{"text": one} for one in corpora.text((lang,), folder)[lang]], str(folder)
    if not files.find(task, split, lang, folder) and saved.has(task, split, lang, folder):
        return hub.rows(task, split, lang, folder, None, network=False)
    try:
        found, paths = files.marked(task, split, lang, folder)
        return found, ", ".join(str(path) for path in paths)
    except MissingData as missing:
        copies = [f"{saved.folder(one, lang, folder)} (hub copy)" for one in task.hub]
        looked = ", ".join([missing.looked, *copies])
        raise MissingData(missing.what, looked, missing.todo, missing.fetch) from None


def local(task: Task, split: Split, lang: str, data: Path | None) -> bool:
    """Whether original files or a saved copy of a split are on this machine."""
    if data is None or not data.is_dir():
        return False
    return bool(files.find(task, split, lang, data)) or saved.has(task, split, lang, data)


def _miniature(task: Task, split: Split, lang: str, seed: int, sentences: int) -> list[Any]:
    # Imported here: the generated world is not needed to read real data.
    from training.miniature import tasks

    if lang not in _offered(task, split):
        raise MissingData(
            f"{task.title} {split} in {LANGUAGES[lang].name}",
            f"the miniature world ({', '.join(_offered(task, split)) or 'it has none of it'})",
            "name one of these, or another source",
        )
    return list(tasks.rows(task.name, split, lang, seed, sentences))


def _offered(task: Task, split: Split) -> tuple[str, ...]:
    from training.miniature import tasks

    return tuple(tasks.languages(task.name, split)) if task.name in tasks.TASKS else ()


def _folder(task: Task, data: Path | None) -> Path:
    if data is None or not data.is_dir():
        raise MissingData(
            f"the folder of original files for {task.title}",
            str(data) if data else "--data, which was not given",
            "name it with --data",
        )
    return data


def languages(
    task: Task, split: Split, source: str, data: Path | None = None, cache: Path | None = None
) -> tuple[str, ...]:
    """Languages that have the split in this source; train means English, if anything."""
    if task.made_from:
        whence = languages(origin(task), split, source, data, cache)
        return ("eng",) if "eng" in whence else ()
    there = chosen(task, source, data, cache)
    if len(there) == 1:
        return _languages(task, split, there[0], data)
    found = {lang for one in there for lang in _languages(task, split, one, data)}
    return tuple(lang for lang in dict.fromkeys(("eng", *task.languages)) if lang in found)


def _languages(task: Task, split: Split, one: str, data: Path | None) -> tuple[str, ...]:
    if world(one):
        return _offered(task, split)
    if one == "files":
        return _in_files(task, split, _folder(task, data))
    if any(split not in one.splits for one in task.hub) or not task.hub:
        return ()
    if split == "train":
        return ("eng",)
    without = task.no_dev if split == "dev" else ()
    held = task.hub[0].languages or task.languages
    return tuple(lang for lang in task.languages if lang in held and lang not in without)


def _in_files(task: Task, split: Split, data: Path | None) -> tuple[str, ...]:
    """Original files, else copies of the hub's."""
    if data is None or not data.is_dir():
        return ()
    if task.schema == "text":
        return corpora.languages(data) if split == "train" else ()
    originals = files.languages(task, split, data)
    return tuple(dict.fromkeys([*originals, *saved.languages(task, split, data)]))


def digest(rows: Iterable[Any]) -> str:
    """16 hexadecimal digits over the rows in their order."""
    seen = hashlib.sha256()
    for row in rows:
        seen.update(json.dumps(row, sort_keys=True, ensure_ascii=False, default=str).encode())
        seen.update(b"\n")
    return seen.hexdigest()[:16]
