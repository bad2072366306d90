"""The official metrics of classification, choice and tagging, in points (0 to 100).

Spans of tags follow seqeval 0.0.12, which XTREME's numbers were made with. Written from the rule,
which was checked against that release; later releases give other UDPOS numbers. Training and
`silta score` share these functions: no torch here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from training.spec.task import Task

Span = tuple[str, int, int]
"""Type, first and last position, both inside."""


@dataclass(frozen=True)
class Counts:
    """What was found rightly, found wrongly and missed. Whole numbers, or expected ones."""

    tp: float = 0
    fp: float = 0
    fn: float = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.tp + other.tp, self.fp + other.fp, self.fn + other.fn)

    @property
    def precision(self) -> float:
        """Share of the found that is right, in points; 0 where nothing was found."""
        return 100 * self.tp / (self.tp + self.fp) if self.tp else 0.0

    @property
    def recall(self) -> float:
        """Share of the wanted that was found, in points; 0 where nothing was wanted."""
        return 100 * self.tp / (self.tp + self.fn) if self.tp else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of the two, in points; 0 where nothing was rightly found."""
        return 200 * self.tp / (2 * self.tp + self.fp + self.fn) if self.tp else 0.0


def accuracy(gold: Sequence[Any], predicted: Sequence[Any]) -> float:
    """Share of equal places, in points. Raises ValueError where there is nothing to compare."""
    if not gold:
        raise ValueError("accuracy of no items: check that the split holds examples")
    return 100 * sum(g == p for g, p in zip(gold, predicted, strict=True)) / len(gold)


def agreement(gold: Sequence[Any], predicted: Sequence[Any], positive: Any) -> Counts:
    """Counts of one class, for its F1 (QQP: the duplicates)."""
    both = sum(g == p == positive for g, p in zip(gold, predicted, strict=True))
    found, wanted = (sum(one == positive for one in side) for side in (predicted, gold))
    return Counts(both, found - both, wanted - both)


def spans(tags: Sequence[str]) -> set[Span]:
    """The spans of one sentence, whatever its tags: the rule of seqeval 0.0.12.

    Only a tag's first letter and its type (what follows the last hyphen, or the whole tag) matter.
    So B-/I- tags are read as conlleval reads them, malformed sequences included (PAN-X), and bare
    tags as maximal runs of one tag (UDPOS), but SCONJ and SYM never merge: their S means "single".
    """
    read = [("O", "O"), *((tag[:1] or "O", tag.rpartition("-")[2]) for tag in tags), ("O", "O")]
    found: set[Span] = set()
    start = 0
    for i, ((before, old), (now, new)) in enumerate(pairwise(read)):
        if _ends(before, now, old != new):
            found.add((old, start, i - 1))
        if _starts(before, now, old != new):
            start = i
    return found


def _ends(before: str, now: str, changes: bool) -> bool:
    """Whether a span ends between two tags, from their first letters."""
    closed = before in "ES" or (before in "BI" and now in "BSO")
    return closed or (changes and before not in "O.")


def _starts(before: str, now: str, changes: bool) -> bool:
    """Whether a span starts with the second of two tags."""
    opened = now in "BS" or (before in "ESO" and now in "EI")
    return opened or (changes and now not in "O.")


def joined(sentences: Iterable[Sequence[str]]) -> list[str]:
    """All sentences as one, an `O` behind each: how seqeval counts, so that no span crosses."""
    return [tag for tags in sentences for tag in (*tags, "O")]


def matches(gold: set[Span], predicted: set[Span]) -> Counts:
    """Counts over the spans of one sentence; a span is right in type, start and end or wrong."""
    both = len(gold & predicted)
    return Counts(both, len(predicted) - both, len(gold) - both)


def wanted(task: Task, known: Mapping[str, float]) -> dict[str, float]:
    """The metrics that a task declares, in its order. Raises ValueError for one we do not know."""
    for name in task.metrics:
        if name not in known:
            told = ", ".join(known)
            raise ValueError(
                f"task {task.name}: metric {name!r} is unknown to the family {task.family}, "
                f"which has {told}: correct `metrics` in training/catalogue"
            )
    return {name: known[name] for name in task.metrics}
