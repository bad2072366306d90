"""XTREME's scores of one language from what the two files of its layout hold, in points.

What the official `evaluate.py` computes, written from its rules; the functions beneath are those
that score an evaluation. No torch here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from training.families import metrics
from training.families.squad import rule, summary
from training.spec.task import Task

Pair = tuple[str, ...]
"""Ids of a foreign and an English sentence."""


@dataclass(frozen=True)
class Question:
    """A question of a label file and its gold answers."""

    id: str
    answers: tuple[str, ...]


def labelled(gold: Sequence[str], said: Sequence[str]) -> dict[str, float]:
    """`accuracy` of labels (XNLI, PAWS-X) or of positions (Tatoeba): equal strings."""
    return {"accuracy": metrics.accuracy(gold, said)}


def tagged(gold: Sequence[Sequence[str]], said: Sequence[Sequence[str]]) -> dict[str, float]:
    """`f1`, `precision` and `recall` of spans, and `accuracy` of tags.

    A sentence with too few or too many tags shifts those behind it, as in the official script;
    accuracy, which that does not know, is then left out.
    """
    found = metrics.matches(
        metrics.spans(metrics.joined(gold)), metrics.spans(metrics.joined(said))
    )
    told = {"f1": found.f1, "precision": found.precision, "recall": found.recall}
    if any(gold) and all(len(g) == len(p) for g, p in zip(gold, said, strict=True)):
        flat = [[tag for tags in side for tag in tags] for side in (gold, said)]
        told["accuracy"] = metrics.accuracy(*flat)
    return told


def mined(gold: Collection[Pair], said: Collection[Pair]) -> dict[str, float]:
    """`f1`, `precision` and `recall` of pairs as two sets (BUCC)."""
    wanted, found = frozenset(gold), frozenset(said)
    both = len(wanted & found)
    counts = metrics.Counts(both, len(found) - both, len(wanted) - both)
    return {"f1": counts.f1, "precision": counts.precision, "recall": counts.recall}


def answered(
    task: Task, lang: str, gold: Sequence[Question], said: Mapping[str, str]
) -> dict[str, float]:
    """`em_f1`, `em` and `f1` of all questions; one without a prediction counts as wrong.

    Raises ValueError where a question that is answered has no gold answer, or there is none.
    """
    score = rule(task, lang)
    pairs = []
    for question in gold:
        if question.id not in said:
            pairs.append((0.0, 0.0))
        elif not question.answers:
            raise ValueError(f"question {question.id!r} has no gold answer")
        else:
            pairs.append(score(said[question.id], question.answers))
    return summary(pairs)


def means(languages: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """The mean over the languages of every metric that all of them have."""
    rows = list(languages.values())
    shared = [name for name in rows[0] if all(name in row for row in rows)]
    return {name: mean([row[name] for row in rows]) for name in shared}


def group_scores(
    scores: Mapping[str, float], groups: Mapping[str, Sequence[str]]
) -> dict[str, float]:
    """The mean task score of every group of which all tasks are there."""
    return {
        group: mean([scores[task] for task in tasks])
        for group, tasks in groups.items()
        if all(task in scores for task in tasks)
    }


def overall(scores: Mapping[str, float], tasks: Collection[str]) -> float | None:
    """The unweighted mean of the task scores, or None unless all `tasks` are there."""
    return mean([scores[task] for task in tasks]) if set(tasks) <= set(scores) else None


def mean(values: Sequence[float]) -> float:
    """The plain mean."""
    return sum(values) / len(values)
