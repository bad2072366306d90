"""Every task of the paper, made from the miniature's events in the published column schema.

`rows` is the miniature's counterpart of a data set on the hub: the readers of `training.data`
cannot tell the two apart. Train exists in English only, dev and test in every language, item by
item parallel.
"""

from __future__ import annotations

from functools import lru_cache
from types import ModuleType

from training.miniature.languages import CODES
from training.miniature.tasks import (
    commonsense,
    cosmos,
    inference,
    paraphrase,
    reading,
    retrieval,
    words,
)
from training.miniature.tasks.items import Item, Row, take
from training.miniature.world import World
from training.spec.task import Split

MAKERS: dict[str, ModuleType] = {
    **dict.fromkeys(("mnli", "anli", "xnli"), inference),
    **dict.fromkeys(("qqp", "pawsx"), paraphrase),
    **dict.fromkeys(("squad", "squad2", "xquad", "mlqa", "tydiqa"), reading),
    "cosmosqa": cosmos,
    **dict.fromkeys(("hellaswag", "csqa"), commonsense),
    **dict.fromkeys(("udpos", "panx", "ccg"), words),
}
RETRIEVAL = {"tatoeba": retrieval.tatoeba, "bucc": retrieval.bucc}
TASKS = (*MAKERS, *RETRIEVAL)
UNTRAINED = {"xnli", "xquad", "mlqa", *RETRIEVAL}
"""Targets that learn from another task's training set, or from nothing."""


def size(task: str, split: Split, sentences: int) -> int:
    """Items of a split: as many training items as the world has lines of text, fewer held out."""
    if split == "train":
        return 0 if task in UNTRAINED else sentences
    return max(40, sentences // (40 if split == "dev" else 16))


def languages(task: str, split: Split) -> tuple[str, ...]:
    """Languages that a split exists in."""
    if split == "train":
        return () if task in UNTRAINED else ("eng",)
    return tuple(code for code in CODES if code != "eng" or task not in RETRIEVAL)


@lru_cache(maxsize=64)
def items(task: str, split: Split, seed: int, sentences: int) -> list[Item]:
    """The items as meanings, the same for every language."""
    world = World(seed, task, split)
    return take(MAKERS[task].items(task, world), size(task, split, sentences), world)


def rows(task: str, split: Split, lang: str, seed: int, sentences: int) -> list[Row]:
    """Rows of one task, split and language in its published column schema."""
    if lang not in languages(task, split):
        return []
    if task in RETRIEVAL:
        count = size(task, split, sentences)
        return RETRIEVAL[task](World(seed, task, split), lang, count)
    made = items(task, split, seed, sentences)
    return [MAKERS[task].row(item, lang, index, task, split) for index, item in enumerate(made)]
