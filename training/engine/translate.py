"""`silta translate`: an intermediate task's rows in other languages, labels and ids kept.

Writes `<out>/translated/<task>/<split>.<lang>.jsonl` in the task's published column schema, and
beside it `<split>.<lang>.json` with how it came about. Rows are translated in windows that are a
function of the row's number alone: a killed run goes on at the first window that is not on disk,
and ends with the bytes of an uninterrupted one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from training.catalogue.languages import LANGUAGES
from training.catalogue.names import UnknownName
from training.data.columns import Place
from training.data.rows import read
from training.data.sources import digest, published
from training.data.translating import SHAPES
from training.engine.journal import Journal
from training.engine.meter import Meter
from training.engine.provenance import versions
from training.engine.runtime import Runtime
from training.engine.store import StoreError, read_json, write_json
from training.engine.translator import DTYPES, Translator, load, way
from training.engine.writing import sha256_of
from training.plan.errors import MatrixError
from training.spec import record
from training.spec.task import Split, Task

WINDOW = 8
"""Batches' worth of rows between two points to go on from; texts are sorted by length inside."""
WRITTEN = "written"
SPLITS: dict[str, Split] = {"train": "train", "dev": "dev"}
"""Labels of the others are hidden."""
Say = Callable[[str], None]


@dataclass(frozen=True)
class Order:
    """What is to be translated, and by what. All of it enters the settings of the file."""

    task: Task
    split: str
    source: str
    model: str
    limit: int = 0
    batch: int = 32
    beams: int = 1
    max_length: int = 256
    dtype: str = "fp32"
    device: str = "cpu"
    threads: int = 1


def translate(
    order: Order, into: Iterable[str], out: Path, runtime: Runtime, say: Say
) -> list[Path]:
    """Translate into each language; a file that is there already is left alone.

    Raises MatrixError before any work where the task, a language or the device cannot be had.
    """
    languages = list(into)
    split = checked(order, languages)
    _, (rows, where, parallel) = published(
        order.task, split, "eng", order.source, runtime.data, runtime.work / "cache"
    )
    read(order.task, rows, "eng", where, parallel)  # nothing malformed is translated
    rows = rows[: order.limit] if order.limit else rows
    torch.set_num_threads(order.threads)
    model = load(order.model, runtime, order.dtype, order.device)
    ways = {lang: way(model, lang) for lang in languages}
    made = []
    for lang, one in ways.items():
        told = settings(order, rows) | {"revision": model.revision, "type": model.kind}
        path = place(out, order, lang)
        if path.exists():
            say(unchanged(path, told))
        else:
            way(model, lang)  # the source language is a state of the tokenizer
            translator = Translator(model, one, order.batch, order.beams, order.max_length)
            counts = written(path, rows, Place(order.task, lang, where), translator, told)
            say(f"{path}: {summary(counts)}")
        made.append(path)
    return made


def checked(order: Order, languages: list[str]) -> Split:
    """The split. Raises MatrixError or UnknownName for what makes no sense or is not there."""
    if order.dtype not in DTYPES:
        raise UnknownName("dtype", order.dtype, DTYPES)
    if order.split not in SPLITS:
        raise UnknownName("split", order.split, SPLITS)
    if order.task.schema not in SHAPES or "intermediate" not in order.task.roles:
        raise MatrixError(
            f"{order.task.title} cannot be translated: mnli, anli, qqp, hellaswag, cosmosqa, csqa, "
            "squad and squad2 can"
        )
    if "eng" in languages:
        raise MatrixError("--into: English is what is translated from; name other languages")
    if order.device.startswith("cuda") and not torch.cuda.is_available():
        raise MatrixError(f"--device {order.device}: there is no GPU here; leave it out")
    if order.device == "cpu" and order.dtype != "fp32":
        raise MatrixError(f"--dtype {order.dtype} is for GPUs; leave it out on a CPU")
    return SPLITS[order.split]


def place(out: Path, order: Order, lang: str) -> Path:
    """Where the translated rows of a split lie."""
    return out / "translated" / order.task.name / f"{order.split}.{lang}.jsonl"


def settings(order: Order, rows: list[Any]) -> dict[str, Any]:
    """What the bytes of the file depend on."""
    told = {**asdict(order), "task": order.task.name, "device": order.device.split(":")[0]}
    del told["model"]  # its content counts, not where it lies
    packages = {name: versions()[name] for name in ("torch", "transformers")}
    return told | {"data": digest(rows)} | packages


def written(
    path: Path, rows: list[Any], place: Place, translator: Translator, told: dict[str, Any]
) -> Counter[str]:
    """Translate what is not yet on disk, then the manifest, then the file's own name."""
    journal = Journal(path, told)
    size = WINDOW * translator.batch
    with Meter(f"{place.task.name} {place.lang}", len(rows), journal.reached.next) as meter:
        try:
            for at in range(journal.reached.next, len(rows), size):
                window = rows[at : at + size]
                made, counts = translated(window, place, translator)
                journal.append(made, at + len(window), counts)
                meter.reached(at + len(window))
        except BaseException:
            journal.close()
            raise
    counts = journal.reached.counts
    beside = manifest(journal.part, place, told, len(rows), counts)
    write_json(path.with_suffix(".json"), {"model": translator.model.name} | beside)
    journal.finish()
    return counts


def translated(
    window: list[Any], place: Place, translator: Translator
) -> tuple[list[dict[str, Any]], Counter[str]]:
    """The rows of a window that could be translated, and what became of all of them."""
    shape, counts, kept = SHAPES[place.task.schema], Counter[str](), []
    for row in window:
        found = read(place.task, [row], "eng", place.where)
        counts.update(found.dropped)
        kept += [row] if found.examples else []
    before = translator.cut
    said = translator([one for row in kept for one in shape.needed(row, place)])
    counts["sentences cut to the longest"] += translator.cut - before
    built = [shape.build(row, place, said) for row in kept]
    counts.update(one for one in built if isinstance(one, str))
    rows = [one for one in built if not isinstance(one, str)]
    counts[WRITTEN] += len(rows)
    return rows, +counts


def manifest(
    part: Path, place: Place, told: dict[str, Any], rows: int, counts: Counter[str]
) -> dict[str, Any]:
    """How the file came about; nothing in it changes from one making to the next."""
    task, language = place.task, LANGUAGES[place.lang]
    return {
        "schema": record.TRANSLATED_SCHEMA,
        "lang": language.code,
        "where": place.where,
        "settings": told,
        "rows": rows,
        "counts": dict(sorted(counts.items())),
        "sha256": sha256_of(part),
        "licence": f"that of {task.title}: {task.licence}; and the model's",
        "redistribute": task.redistribute,
    }


def unchanged(path: Path, told: dict[str, Any]) -> str:
    """What to say of a file that is there. Raises StoreError where other settings made it."""
    beside = path.with_suffix(".json")
    known = read_json(beside)["settings"] if beside.exists() else {}
    other = sorted(key for key in told if known.get(key) != told[key])
    if other:
        raise StoreError(
            f"{path}: there already, made with other settings ({', '.join(other)}); "
            "delete it or choose another --out"
        )
    return f"{path}: there already"


def summary(counts: Counter[str]) -> str:
    """`391 rows; 9 left out: ...`"""
    rest = [f"{n} {why}" for why, n in sorted(counts.items()) if why != WRITTEN]
    return "; ".join([f"{counts[WRITTEN]} rows", *rest])
