"""What supervised training learns from: tasks with their labels, their batches, English dev."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from training import catalogue
from training.data.features import Read, features
from training.data.module import Planned, Prepared
from training.data.shuffling import shuffled
from training.data.sources import Loaded, languages, rows
from training.data.translated import translated
from training.engine.encoders import Start
from training.engine.runtime import Runtime
from training.families.registry import FAMILIES
from training.families.tagging import labels_of
from training.phases.supervised import Learnt
from training.spec.recipe import Recipe
from training.spec.run import Run
from training.spec.setting import ENGLISH, Part
from training.spec.task import Task


def planned(
    run: Run,
    recipe: Recipe,
    learnt: Mapping[Part, tuple[Learnt, Loaded]],
    encoder: Start,
    runtime: Runtime,
) -> Planned:
    """Supervised batches of all parts; the labels of a shuffled one are dealt out by the seed."""
    prepared: dict[str, Prepared] = {}
    for part, (one, loaded) in learnt.items():
        examples: Any = loaded.read.examples[: recipe.examples or None]
        read = Read(one.family, one.task, recipe, encoder[1], training=True)
        if part.shuffled:
            made: Any = read.encode(shuffled(examples, run.seed))
        else:
            made = features(read, examples, loaded.told, runtime.cache)
        prepared[part.name] = Prepared(one.family, made)
    return Planned(prepared, recipe, run.seed, int(encoder[1].pad_token_id))


def with_labels(part: Part, source: str, runtime: Runtime) -> tuple[Learnt, Loaded]:
    """A task with its training data; open label sets are read off these."""
    task = catalogue.task(part.task)
    if part.lang != ENGLISH:
        loaded = translated(task, "train", part.lang, source, runtime.data, runtime.cache)
    else:
        loaded = rows(task, "train", ENGLISH, source, runtime.data, runtime.cache)
    if not task.labels and task.family == "tagging":
        task = replace(task, labels=labels_of(loaded.read.examples))
    return Learnt(task, FAMILIES[task.family]), loaded


def english_dev(task: Task, source: str, runtime: Runtime) -> Loaded | None:
    """English dev data, where there are any. They select translated settings too: dev in another
    language would be no zero-shot selection."""
    if ENGLISH not in languages(task, "dev", source, runtime.data, runtime.cache):
        return None
    return rows(task, "dev", ENGLISH, source, runtime.data, runtime.cache)
