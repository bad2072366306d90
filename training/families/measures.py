"""A task's metrics from answers, whoever gave them: a model, a simple baseline. Without torch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from training.families import metrics
from training.families.examples import TagExample
from training.spec.task import Task


def of_labels(task: Task, gold: Sequence[int], predicted: Sequence[int]) -> dict[str, float]:
    """The task's metrics, in points, from label indices."""
    known = {"accuracy": metrics.accuracy(gold, predicted)}
    if len(task.labels) == 2:
        known["f1"] = metrics.agreement(gold, predicted, 1).f1
        known["accuracy_f1"] = (known["accuracy"] + known["f1"]) / 2
    return metrics.wanted(task, known)


def matched(
    examples: Sequence[TagExample], predicted: Sequence[Sequence[str]]
) -> list[metrics.Counts]:
    """Of each sentence, the spans that were found, missed and made up."""
    return [
        metrics.matches(metrics.spans(one.tags), metrics.spans(tags))
        for one, tags in zip(examples, predicted, strict=True)
    ]


def of_tags(
    task: Task,
    examples: Sequence[TagExample],
    predicted: Sequence[Sequence[str]],
    found: Iterable[metrics.Counts],
) -> dict[str, float]:
    """The task's metrics, in points; raises ValueError where a word has no prediction."""
    gold = [tag for one in examples for tag in one.tags]
    tags = [tag for sentence in predicted for tag in sentence]
    if "" in tags:
        raise ValueError(f"task {task.name}: word {tags.index('')} has no prediction")
    total = sum(found, metrics.Counts())
    known = {"f1": total.f1, "precision": total.precision, "recall": total.recall}
    known["accuracy"] = metrics.accuracy(gold, tags)
    labels = set(task.labels)
    unseen = sum(tag not in labels for tag in gold)
    more = {"unseen": 100 * unseen / len(gold)} if unseen else {}
    return metrics.wanted(task, known) | more
