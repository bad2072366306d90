"""The official metrics of classification, choice and tagging, in points (0 to 100).

Spans of tags follow seqeval 0.0.12, which XTREME's numbers were made with: `runs` on bare tags
(UDPOS), `entities` on B-/I- tags (PAN-X, as conlleval reads them). Written from the rules, which
were checked against that release; later releases give other UDPOS numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from training.spec.task import Task

Span = tuple[str, int, int]
"""Type, first and last position, both inside."""
Spans = Callable[[Sequence[str]], set[Span]]


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


def runs(tags: Sequence[str]) -> set[Span]:
    """Spans of bare tags: maximal runs of one tag, but tags in S (SCONJ, SYM) never merge.

    seqeval 0.0.12 takes their S for "single" in the IOBES scheme. `O` makes no span.
    """
    found: set[Span] = set()
    at = 0
    for tag, run in groupby(tags):
        length = sum(1 for _ in run)
        if tag.startswith("S"):
            found.update((tag, i, i) for i in range(at, at + length))
        elif tag != "O":
            found.add((tag, at, at + length - 1))
        at += length
    return found


def entities(tags: Sequence[str]) -> set[Span]:
    """Spans of B-/I- tags as conlleval reads them, malformed sequences included.

    `B-` always opens a span, `I-X` where the tag before is `O` or of another type.
    """
    found: set[Span] = set()
    kind, start = "", 0
    for i, tag in enumerate([*tags, "O"]):
        prefix, _, new = tag.partition("-")
        if prefix == "B" or new != kind:
            if kind:
                found.add((kind, start, i - 1))
            kind, start = new, i
    return found


def spans_of(labels: Iterable[str]) -> Spans:
    """How a tag set is read as spans: `entities` where it has B- and I- tags, else `runs`."""
    return entities if any(label.startswith(("B-", "I-")) for label in labels) else runs


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
