"""One evaluation: every language of a target, dev and test, from a finished run."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd
import torch

from training import catalogue
from training.data.errors import MissingData
from training.data.features import Read, features
from training.data.module import cost
from training.data.notes import noted as left_out
from training.data.sources import Loaded, artificial, languages, rows
from training.engine.encoders import ENCODER, here, start, whole
from training.engine.licence import ARTIFICIAL
from training.engine.provenance import provenance
from training.engine.retrieve import retrieval
from training.engine.runtime import Runtime
from training.engine.selection import outputs_of
from training.engine.store import ITEMS, SCORES, SWEEP, Store, read_json, write_json
from training.families.base import Feature, Scores
from training.families.health import health, inherited, retrieval_health
from training.families.registry import FAMILIES
from training.phases.encoder import load, tokenizer_of
from training.phases.flat import laid_out
from training.phases.supervised import Learnt
from training.phases.target import Target
from training.spec import record
from training.spec.evaluation import Evaluation
from training.spec.recipe import Recipe
from training.spec.run import Run
from training.spec.setting import ENGLISH
from training.spec.task import Split, Task

MEASURED: tuple[Split, ...] = ("dev", "test")
JUDGED: Split = "test"
Cell = tuple[Split, str, Scores]
Part = tuple[Split, str, Any, list[Feature]]
"""Split, language, its examples and their features."""
POOL = 2**21
"""Tokens whose features are in memory at once: up to a quarter of a gigabyte (of answers, with the
characters behind each token, one). Sorted by length they make hundreds of even batches."""


@dataclass
class Noted:
    """What is found out beside the scores."""

    digests: dict[str, str] = field(default_factory=dict)
    health: str = record.UNJUDGED
    """As the English test set tells it, or of retrieval all test sets."""


def evaluate(evaluation: Evaluation, coordinates: dict[str, Any], runtime: Runtime) -> Path:
    """Measure and store scores and items; a finished evaluation is left alone."""
    store = Store(runtime.work)
    path = store.path(evaluation.id)
    if store.done(evaluation.id):
        return path
    began = time.time()
    torch.set_num_threads(runtime.threads)
    task = catalogue.task(evaluation.target)
    noted = Noted()
    measure = retrieved if task.family == "retrieval" else predicted
    cells = list(measure(evaluation, task, runtime, noted))
    if not cells:
        asked = ", ".join(evaluation.languages) or "any language"
        raise MissingData(
            f"{task.title} in {asked}", evaluation.source, "name other languages or another source"
        )
    store.begin(evaluation.id, evaluation.document() | coordinates)
    run = store.document(evaluation.run) if evaluation.run else {}
    told: dict[str, Any] = {"health": inherited(noted.health, run)}
    write_json(path / SCORES, document(evaluation, cells) | told)
    made = artificial(task, evaluation.source, runtime.data, runtime.cache) is not None
    table(cells, task.redistribute or made).to_parquet(path / ITEMS)
    sweep = [row for _, _, scores in cells for row in scores.sweep]
    if sweep:
        pd.DataFrame(sweep, columns=list(record.SWEEP_COLUMNS)).to_parquet(path / SWEEP)
    told |= {"seconds": round(time.time() - began, 2), ARTIFICIAL: made}
    store.update(evaluation.id, told | provenance(noted.digests))
    store.finish(evaluation.id)
    return path


def offered(
    evaluation: Evaluation, task: Task, runtime: Runtime, noted: Noted
) -> Iterator[tuple[Split, str, Loaded]]:
    """The data of every split and language that is asked for and exists."""
    where = (evaluation.source, runtime.data, runtime.cache)
    for split in MEASURED:
        for lang in languages(task, split, *where):
            if evaluation.languages and lang not in evaluation.languages:
                continue
            loaded = rows(task, split, lang, *where)
            noted.digests[f"{task.name}/{split}/{lang}"] = loaded.told
            noted.digests |= left_out(task, split, lang, loaded)
            yield split, lang, loaded


def predicted(evaluation: Evaluation, task: Task, runtime: Runtime, noted: Noted) -> Iterator[Cell]:
    """Cells of a target with a head, from the fine-tuned model: many in one pass over batches."""
    assert evaluation.run is not None
    module, tokenizer = fine_tuned(evaluation.run, task, runtime)
    module.to(here())
    one = module.tasks[module.name]
    read = Read(one.family, one.task, module.recipe, tokenizer, training=False)
    parts = (
        (split, lang, found, [*features(read, found, loaded.told, runtime.cache)])
        for split, lang, loaded in offered(evaluation, task, runtime, noted)
        for found in [loaded.read.examples]
    )
    for pool in pools(parts):
        together = [feature for part in pool for feature in part[-1]]
        outputs = iter(outputs_of(module, module.name, together, int(tokenizer.pad_token_id)))
        for split, lang, examples, mine in pool:
            scores = one.family.score(examples, mine, list(islice(outputs, len(mine))), one.task)
            if (split, lang) == (JUDGED, ENGLISH):
                noted.health = health(one.task, examples, scores)
            yield split, lang, scores


def pools(parts: Iterable[Part], most: int = POOL) -> Iterator[list[Part]]:
    """Splits and languages in order, together as long as they hold at most `most` tokens."""
    pool: list[Part] = []
    held = 0
    for part in parts:
        size = sum(map(cost, part[-1]))
        if pool and held + size > most:
            yield pool
            pool, held = [], 0
        pool.append(part)
        held += size
    if pool:
        yield pool


def fine_tuned(id: str, target: Task, runtime: Runtime) -> tuple[Target, Any]:
    """The model of a target run, measured by the rules of `target`."""
    path = whole(id, runtime)
    run = Run.read(read_json(path / "run.json"))
    measured = replace(target, labels=tuple(read_json(path / "labels.json")))
    learnt = Learnt(measured, FAMILIES[target.family])
    encoder = laid_out(load(path / ENCODER, computed_in(run.recipe)), runtime.layout)
    module = Target(encoder, {run.task: learnt}, run.recipe, run.seed, 1)
    module.load_head(path)
    return module.eval(), tokenizer_of(path / ENCODER)


def computed_in(recipe: Recipe) -> torch.dtype:
    """As dev was while it trained; merged adapters are fp32, which bf16 would round away."""
    plain = recipe.precision == "fp32" or recipe.method == "lora"
    return torch.float32 if plain else torch.bfloat16


def retrieved(evaluation: Evaluation, task: Task, runtime: Runtime, noted: Noted) -> Iterator[Cell]:
    """Cells of a target that is read off an encoder."""
    scale = catalogue.scale(evaluation.scale)
    encoder, tokenizer = start(evaluation.run, scale, evaluation.source, runtime)
    layer = evaluation.layer if evaluation.layer >= 0 else scale.retrieval_layer
    texts = {(s, lang): loaded for s, lang, loaded in offered(evaluation, task, runtime, noted)}
    official = evaluation.layer < 0 and evaluation.pooling == "mean"
    told = (task, texts, encoder.to(here()).eval(), tokenizer, layer, evaluation.pooling)
    cells = list(retrieval(*told, sweep=official))
    tests = [(texts[s, lang].read.examples[0], one) for s, lang, one in cells if s == JUDGED]
    noted.health = retrieval_health(task, tests)
    yield from cells


def document(evaluation: Evaluation, cells: list[Cell]) -> dict[str, Any]:
    """scores.json: metrics in points and the number of items, by split and language."""
    told: dict[str, dict[str, dict[str, float]]] = {}
    for split, lang, scores in cells:
        told.setdefault(split, {})[lang] = scores.metrics | {"n": float(len(scores.items))}
    return {"schema": record.SCORES_SCHEMA, "target": evaluation.target, "scores": told}


def table(cells: list[Cell], passed_on: bool) -> pd.DataFrame:
    """One row an item; text stays out where the data set's licence forbids passing it on."""
    frames = [
        pd.DataFrame(scores.items).assign(split=split, lang=lang) for split, lang, scores in cells
    ]
    frame = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()
    frame = frame.reindex(columns=list(record.ITEM_COLUMNS))
    for column in ("gold", "prediction", "text", "feats"):
        frame[column] = frame[column].astype("string")
    return frame if passed_on else frame.drop(columns=["text"])
