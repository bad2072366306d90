"""How large the tasks are, for reckoning costs. Nothing here changes a result.

Example counts are those of the published data sets. Lengths in XLM-R tokens were measured for NLI,
SQuAD and UD English; the others are estimates (`rough`), right to a third or so.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from training.catalogue import TASKS, origin
from training.catalogue.settings import setting
from training.catalogue.sizes import published
from training.catalogue.sizes import sizes as published_by
from training.spec.source import artificial, every, tried, world


@dataclass(frozen=True)
class Size:
    """English training data of a task."""

    examples: int
    tokens: float
    """Mean tokens of one example, over all its windows or choices."""
    parts: float = 1.0
    """Windows (span) or choices of one example; `tokens / parts` fits into the model at once."""
    rough: bool = True


SIZES: dict[str, Size] = {
    "mnli": Size(392_702, 39.9, rough=False),
    "anli": Size(1_104_934, 42.0),
    "qqp": Size(363_846, 31.0),
    "squad": Size(87_599, 212.0, parts=1.05, rough=False),
    "squad2": Size(130_319, 212.0, parts=1.05),
    "hellaswag": Size(39_905, 340.0, parts=4),
    "ccg": Size(38_015, 31.0),
    "ccg_ud": Size(12_543, 23.0),
    "cosmosqa": Size(25_262, 460.0, parts=4),
    "csqa": Size(9_741, 100.0, parts=5),
    "pawsx": Size(49_401, 55.0),
    "udpos": Size(21_253, 23.0, rough=False),
    "panx": Size(20_000, 13.0),
    "tydiqa": Size(3_696, 270.0, parts=1.3),
    "sib200": Size(701, 32.0),
    "wordorder": Size(392_702, 14.0),
    "text": Size(100_000, 128.0),
}
"""`text` is whatever corpus is given: 100,000 lines of 128 tokens stand for it."""

USUAL: dict[str, tuple[float, float]] = {
    "classification": (30.0, 1.0),
    "tagging": (20.0, 1.0),
    "span": (300.0, 1.3),
    "choice": (300.0, 4.0),
    "retrieval": (60.0, 1.0),
}
"""Tokens and parts of an example, for tasks whose own are not told: rough."""

MEASURED: dict[str, float] = {
    "xnli": 3.5e6,
    "pawsx": 0.9e6,
    "udpos": 2.6e6,
    "panx": 3.2e6,
    "xquad": 3.2e6,
    "mlqa": 10.3e6,
    "tydiqa": 1.5e6,
    "tatoeba": 0.8e6,
    "bucc": 75e6,
    "sib200": 0.35e6,
    "xcopa": 0.3e6,
    "turku_ner": 0.06e6,
    "nerkor": 0.2e6,
}
"""Tokens of the published test sets, all languages together."""

HELD_OUT = 1 / 40 + 1 / 16
"""Dev and test items of a task of the miniature, beside its training items."""


@cache
def size(task: str, source: str, cap: int) -> Size:
    """What a run on a setting learns from, a mixture as its parts with `cap` examples each.

    MLM beside tasks is not counted here; alone it has the size of what it is matched with.

    A miniature has no more than its number of sentences in a task, and short ones.
    """
    if artificial(source) or task in TASKS and not TASKS[task].members:
        return _of(task, source)
    one = setting(task)
    if not one.parts:
        return size(one.matched, source, cap) if one.matched else SIZES["text"]
    sizes = [_of(part.task, source) for part in one.parts]
    if len(sizes) == 1:
        return sizes[0]
    counts = [(min(one.examples, cap), one) for one in sizes]
    total = sum(count for count, _ in counts)
    tokens = sum(count * one.tokens for count, one in counts) / total
    parts = sum(count * one.parts for count, one in counts) / total
    return Size(total, tokens, parts)


def _of(task: str, source: str) -> Size:
    """Of the first source that is named: whether it has the data is not known when planning."""
    if artificial(source):
        made = world(every(source)[0])
    else:
        made = world(tried(source, origin(TASKS[task]).name)[0])
    if made:
        return Size(made[1], 20.0)
    return SIZES.get(task) or Size(published(task, "train", "eng") or 1000, *USUAL[_family(task)])


@cache
def measured(target: str, source: str, languages: tuple[str, ...]) -> float:
    """Tokens read to measure a target, in these languages (none: all it is published in)."""
    made = world(tried(source, target)[0])
    if made:
        return 20.0 * HELD_OUT * made[1] * (len(languages) or 8)
    offered = TASKS[target].languages
    share = len(set(languages) & set(offered)) / len(offered) if languages else 1.0
    return share * (MEASURED.get(target) or _rows_measured(target) * USUAL[_family(target)][0])


def _family(task: str) -> str:
    return TASKS[task].family


def _rows_measured(target: str) -> int:
    return sum(sum(published_by(target, split).values()) for split in ("dev", "test"))
