"""One door to all data: `miniature/seed=N/sentences=M`, `files` or `hub`.

Whatever the source, rows arrive in the published column schema and leave as examples, with a
digest of the rows for the provenance in `run.json`.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training.catalogue.languages import LANGUAGES
from training.catalogue.names import UnknownName
from training.data import corpora, files, hub
from training.data.errors import MissingData
from training.data.rows import Read, read
from training.spec.task import Split, Task

SOURCES = ("miniature/seed=N/sentences=M", "files", "hub")
_MINIATURE = re.compile(r"miniature/seed=(\d+)/sentences=(\d+)")


@dataclass(frozen=True)
class Loaded:
    """One split of a task in one language."""

    read: Read
    digest: str
    """16 hexadecimal digits of the SHA-256 of the rows: equal data, equal digest."""
    where: str


def miniature(source: str) -> tuple[int, int] | None:
    """(seed, sentences) of a miniature source, None for the others.

    Raises UnknownName for a string that names no source.
    """
    found = _MINIATURE.fullmatch(source)
    if found:
        return int(found[1]), int(found[2])
    if source not in ("files", "hub"):
        raise UnknownName("source", source, SOURCES)
    return None


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
    found, where, parallel = _rows(task, split, lang, source, data, cache)
    loaded = Loaded(read(task, found, lang, where, parallel), digest(found), where)
    if not loaded.read.examples:
        told = ", ".join(f"{n} rows: {why}" for why, n in loaded.read.dropped.items())
        raise MissingData(
            f"{task.title} {split} in {LANGUAGES[lang].name}",
            f"examples in {where} ({told or 'no rows'})",
            "use another split: there is nothing to learn from or to measure on",
        )
    return loaded


def _rows(
    task: Task, split: Split, lang: str, source: str, data: Path | None, cache: Path | None
) -> tuple[list[Any], str, bool]:
    """Rows in the published schema, where they come from, and whether they run parallel."""
    world = miniature(source)
    if world is not None:
        return _miniature(task, split, lang, *world), source, True
    if source == "hub":
        found, where = hub.rows(task, split, lang, data, cache)
        return found, where, False
    folder = _folder(task, data)
    if task.schema == "text":
        return [{"text": one} for one in corpora.text((lang,), folder)[lang]], str(folder), False
    found, paths = files.marked(task, split, lang, folder)
    return found, ", ".join(str(path) for path in paths), False


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


def languages(task: Task, split: Split, source: str, data: Path | None = None) -> tuple[str, ...]:
    """Languages that have the split in this source; train means English, if anything."""
    if miniature(source) is not None:
        return _offered(task, split)
    if source == "files":
        folder = _folder(task, data)
        if task.schema == "text":
            return corpora.languages(folder) if split == "train" else ()
        return files.languages(task, split, folder)
    if any(split not in one.splits for one in task.hub) or not task.hub:
        return ()
    if split == "train":
        return ("eng",)
    without = task.no_dev if split == "dev" else ()
    return tuple(lang for lang in task.languages if lang not in without)


def digest(rows: Iterable[Any]) -> str:
    """16 hexadecimal digits over the rows in their order."""
    seen = hashlib.sha256()
    for row in rows:
        seen.update(json.dumps(row, sort_keys=True, ensure_ascii=False, default=str).encode())
        seen.update(b"\n")
    return seen.hexdigest()[:16]
