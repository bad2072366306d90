"""Simple baselines: what needs no model, or only a count of the English training set.

A score means something where it beats these. Values are the task's main metric, in points.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from statistics import fmean
from typing import Any

from training.families import measures
from training.families.examples import ChoiceExample, PairExample, TagExample
from training.families.metrics import Counts
from training.spec.task import Task

Baselines = Callable[[Task, Sequence[Any], Sequence[Any]], dict[str, float]]


def baselines(task: Task, train: Sequence[Any], test: Sequence[Any]) -> dict[str, float]:
    """Main metric of every simple baseline by name.

    `train` is the English training set, `test` the examples of one language. Raises ValueError
    where either is empty, or for a family that has its baselines elsewhere.
    """
    if task.family not in BASELINES:
        raise ValueError(f"no baselines here for the family {task.family!r} of task {task.name}")
    if not train or not test:
        raise ValueError(f"task {task.name}: baselines need a training and a test example at least")
    return BASELINES[task.family](task, train, test)


def of_pairs(
    task: Task, train: Sequence[PairExample], test: Sequence[PairExample]
) -> dict[str, float]:
    """`majority`: the commonest label of the training set; `chance`: guessing evenly."""
    gold = [one.label for one in test]
    common = most_common(one.label for one in train)
    majority = measures.of_labels(task, gold, [common] * len(gold))[task.metric]
    return {"majority": majority, "chance": _guessed(task, gold)}


def _guessed(task: Task, gold: Sequence[int]) -> float:
    """Expected main metric of even guessing (F1: of the expected counts)."""
    share = 1 / len(task.labels)
    if task.metric == "accuracy":
        return 100 * share
    wanted = gold.count(1)
    f1 = Counts(share * wanted, share * (len(gold) - wanted), (1 - share) * wanted).f1
    return f1 if task.metric == "f1" else (100 * share + f1) / 2


def of_choices(
    task: Task, train: Sequence[ChoiceExample], test: Sequence[ChoiceExample]
) -> dict[str, float]:
    """`majority`: always the commonest place of the answer; `chance`: guessing evenly."""
    common = most_common(one.label for one in train)
    return {
        "majority": 100 * sum(one.label == common for one in test) / len(test),
        "chance": fmean(100 / len(one.choices) for one in test),
    }


def of_tags(
    task: Task, train: Sequence[TagExample], test: Sequence[TagExample]
) -> dict[str, float]:
    """`majority`: one tag for all; `lookup`: a form's commonest tag, for new forms `majority`'s."""
    common = most_common(tag for one in train for tag in one.tags)
    forms = lexicon(train)

    def main(predicted: list[list[str]]) -> float:
        found = measures.matched(test, predicted)
        return measures.of_tags(task, test, predicted, found)[task.metric]

    return {
        "majority": main([[common] * len(one.words) for one in test]),
        "lookup": main([[forms.get(word, common) for word in one.words] for one in test]),
    }


def lexicon(train: Sequence[TagExample]) -> dict[str, str]:
    """The commonest tag of every word form."""
    seen: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for one in train:
        for word, tag in zip(one.words, one.tags, strict=True):
            seen[word][tag] += 1
    return {word: most_common(tags) for word, tags in seen.items()}


def most_common(values: Iterable[Any]) -> Any:
    """The commonest value; of equally common ones the smallest, whatever their order."""
    counted = Counter(values)  # of a Counter: the same counts
    return min(counted, key=lambda value: (-counted[value], value))


BASELINES: dict[str, Baselines] = {
    "classification": of_pairs,
    "choice": of_choices,
    "tagging": of_tags,
}
