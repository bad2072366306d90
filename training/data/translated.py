"""Machine-translated training data, which `silta translate` writes or anyone brings along.

They lie under `--data` at `translated/<task>/<split>.<lang>.jsonl` (or `.jsonl.gz`), whatever the
source of the English data: one row a line, in the task's published column schema. The miniature
needs no files: its translation is the same items told in the other language by its own grammar.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from training.catalogue.languages import LANGUAGES
from training.data.errors import MissingData
from training.data.opening import jsonl
from training.data.rows import read
from training.data.sources import Loaded, artificial, digest
from training.spec.source import tried
from training.spec.task import Split, Task

FOLDER = "translated"
MODEL = "facebook/nllb-200-distilled-600M"
"""It knows all languages of the catalogue."""


def place(task: Task, split: Split, lang: str, data: Path) -> Path:
    """Where the translation of a split lies under `data`."""
    return data / FOLDER / task.name / f"{split}.{lang}.jsonl"


def translated(
    task: Task,
    split: Split,
    lang: str,
    source: str,
    data: Path | None = None,
    cache: Path | None = None,
) -> Loaded:
    """A split of an English task in another language. Raises MissingData or DataError."""
    world = artificial(task, source, data, cache)
    if world is not None:
        found, where = _told(task, split, lang, *world), source
    else:
        path = _path(task, split, lang, source, data)
        found, where = list(jsonl(path)), str(path)
    parallel = world is not None
    whence = source if parallel else FOLDER
    loaded = Loaded(read(task, found, lang, where, parallel), digest(found), where, whence)
    if not loaded.read.examples:
        raise MissingData(
            f"{task.title} {split} in {LANGUAGES[lang].name}", f"rows in {where}", "translate again"
        )
    return loaded


def _told(task: Task, split: Split, lang: str, seed: int, sentences: int) -> list[Any]:
    from training.miniature import tasks
    from training.miniature.languages import CODES

    if task.name not in tasks.MAKERS or lang not in CODES:
        raise MissingData(
            f"{task.title} {split} in {LANGUAGES[lang].name}",
            "the miniature world",
            f"it tells {', '.join(tasks.MAKERS)} in {', '.join(CODES)}",
        )
    items = tasks.items(task.name, split, seed, sentences)
    make = tasks.MAKERS[task.name].row
    return [make(item, lang, index, task.name, split) for index, item in enumerate(items)]


def _path(task: Task, split: Split, lang: str, source: str, data: Path | None) -> Path:
    wanted = place(task, split, lang, data or Path("DATA"))
    paths = (wanted, wanted.with_name(f"{wanted.name}.gz"))
    for path in paths if data else ():
        if path.is_file():
            return path
    have = sorted(path.name for path in wanted.parent.glob("*.jsonl*"))
    there = f" (there: {', '.join(have)})" if have else ""
    make = command(task, split, lang, source, data)
    raise MissingData(
        f"{task.title} {split} translated into {LANGUAGES[lang].name}",
        f"{wanted}{there}",
        (f"make it with `{make}`" if data else "name the folder with --data")
        + ", one JSON row a line in the task's published columns",
        (make,),
    )


def command(task: Task, split: Split, lang: str, source: str, data: Path | None) -> str:
    """The command that makes a translation where it is looked for; any other model will do."""
    english = ",".join(tried(source, task.name))
    more = f" --split {split}" * (split != "train") + f" --source {english}" * (english != "files")
    where = data or Path("DATA")
    return f"silta translate {task.name} --into {lang} --model {MODEL} --data {where}{more}"
