"""One language of one task: the file of predictions beside the file of gold labels."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from training.data import submission
from training.data.errors import DataError
from training.families import official
from training.spec.task import Task

UNITS = {"classification": "labels", "tagging": "sentences", "retrieval": "indices"}


def compared(
    task: Task, lang: str, said: Path, gold: Path, warnings: list[str]
) -> dict[str, float]:
    """Metrics in points; what the official script passes over is added to `warnings`.

    Raises DataError where it stops: other numbers of lines, nothing to compare, no answers.
    """
    if task.family == "span":
        return _answers(task, lang, said, gold, warnings)
    if task.schema == "bucc":
        return _pairs(said, gold, warnings)
    if task.family == "tagging":
        return _tags(task, said, gold, warnings)
    return _labels(task, said, gold, warnings)


def _labels(task: Task, said: Path, gold: Path, warnings: list[str]) -> dict[str, float]:
    predicted, wanted = submission.labels(said), submission.labels(gold)
    _equally_many(task, predicted, wanted, said, gold)
    if not wanted:
        raise DataError(str(said), None, "no label in it", f"{gold} is empty as well")
    _unknown(task, wanted, predicted, said, warnings)
    return official.labelled(wanted, predicted)


def _tags(task: Task, said: Path, gold: Path, warnings: list[str]) -> dict[str, float]:
    predicted, wanted = submission.tags(said), submission.tags(gold)
    _equally_many(task, predicted, wanted, said, gold)
    other = [i for i, (p, g) in enumerate(zip(predicted, wanted, strict=True)) if len(p) != len(g)]
    if other:
        warnings.append(
            f"{said}: {len(other)} sentences have another number of tags than in {gold}, the first "
            f"is sentence {other[0] + 1}; all behind it are shifted, as in the official script"
        )
    if not any(wanted):
        warnings.append(f"{gold}: no tags in it, so the score is 0")
    known, flat = (list(chain.from_iterable(side)) for side in (wanted, predicted))
    _unknown(task, known, flat, said, warnings)
    return official.tagged(wanted, predicted)


def _pairs(said: Path, gold: Path, warnings: list[str]) -> dict[str, float]:
    predicted, wanted = submission.pairs(said), submission.pairs(gold)
    for path, pairs in ((said, predicted), (gold, wanted)):
        odd = [i for i, pair in enumerate(pairs, start=1) if len(pair) != 2]
        if odd:
            warnings.append(
                f"{path}: {len(odd)} lines are no two ids with a tab, the first is line {odd[0]}"
            )
        if len(set(pairs)) < len(pairs):
            warnings.append(
                f"{path}: {len(pairs) - len(set(pairs))} pairs are repeated, count once"
            )
    return official.mined(wanted, predicted)


def _answers(
    task: Task, lang: str, said: Path, gold: Path, warnings: list[str]
) -> dict[str, float]:
    predicted, wanted = submission.answers(said), submission.questions(gold)
    if not wanted:
        raise DataError(str(gold), None, "no question in it", "name a folder of gold labels")
    lacking = [one.id for one in wanted if one.id not in predicted]
    if lacking:
        warnings.append(
            f"{said}: {len(lacking)} of {len(wanted)} questions have no prediction and score 0, "
            f"for instance {lacking[0]!r}"
        )
    for one in wanted:
        text = predicted.get(one.id, "")
        if not isinstance(text, str):
            raise DataError(
                str(said), None, f"the answer of {one.id!r} is {text!r}", "write a text"
            )
    if not any(text for one in wanted for text in one.answers):
        warnings.append(f"{gold}: no gold answer in it; XTREME's own download removes them")
    try:
        return official.answered(task, lang, wanted, predicted)
    except ValueError as error:
        raise DataError(str(gold), None, str(error), "take the published labels") from None


def _equally_many(
    task: Task, predicted: Sequence[Any], wanted: Sequence[Any], said: Path, gold: Path
) -> None:
    if len(predicted) != len(wanted):
        unit = UNITS[task.family]
        raise DataError(
            str(said),
            None,
            f"{len(predicted)} {unit} where {len(wanted)} are expected",
            f"one for each of {gold}, without blank lines between or at the end",
        )


def _unknown(
    task: Task, wanted: Sequence[str], predicted: Sequence[str], said: Path, warnings: list[str]
) -> None:
    """Predictions that can never be right. Any number may be a position (Tatoeba)."""
    odd = set(predicted) - set(wanted) - set(task.labels)
    if task.family != "retrieval" and odd:
        count = sum(one in odd for one in predicted)
        some = ", ".join(map(repr, sorted(odd)[:5]))
        warnings.append(f"{said}: {count} predictions are none of the task's labels ({some})")
