"""Whether a model has learnt anything: the one place of the rules that keep a run out of gains.

Judged in English, so that no other language takes part in the choice of what counts: on English dev
at the end of a training, on the English test set of what is measured. Retrieval has no training and
no English test set: there all test languages are taken together.

`nonfinite`: a loss, a weight or a score is no number.
`constant`: the same answer for at least `SAME` of the items (of a tagger: the same tag for that
    share of the words), where the gold answers are not that uniform themselves.
`chance`: the main metric is not above what guessing, or the best constant answer, reaches on these
    very items, by more than the draw of so few items explains: the upper limit of Wilson's 95 %
    interval (Wilson 1927) around that baseline. For F1 the items stand in for its trials; a
    tagger's are sentences, which makes its limit wider than words would.
`ok`: none of these. Empty: not judged, there were fewer than `LEAST` items or none in English.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from functools import lru_cache
from math import isfinite, sqrt
from typing import Any

from training import catalogue
from training.families import baselines, baselines_span
from training.families.base import Scores
from training.families.examples import Bitext
from training.spec.record import CHANCE, CONSTANT, DEGENERATE, HEALTHY, NONFINITE, UNJUDGED
from training.spec.task import Task

SAME = 0.99
LEAST = 20
Z = 1.959964
"""Quantile of a 95 % interval."""
LOOKED_UP = "lookup"
"""A baseline that has learnt from the training set: to be below it is no sign of failure."""
TRIED = 250
"""Span examples, at most, that constant answers are tried on: each is compared 165 times."""


def health(task: Task, examples: Sequence[Any], scores: Scores) -> str:
    """What became of a model on one language of a task that is trained for."""
    if not all(map(isfinite, scores.metrics.values())):
        return NONFINITE
    if len(scores.items) < LEAST:
        return UNJUDGED
    if constant(task, scores.items):
        return CONSTANT
    limit = above(chance(task, examples), len(scores.items))
    return HEALTHY if scores.metrics[task.metric] > limit else CHANCE


def retrieval_health(task: Task, cells: Iterable[tuple[Bitext, Scores]]) -> str:
    """The same of sentences that were matched, all languages together, by their items."""
    told = [(len(s.items), _main(task, s), chance(task, [one])) for one, s in cells]
    count = sum(n for n, _, _ in told)
    if not all(isfinite(score) for _, score, _ in told):
        return NONFINITE
    if count < LEAST:
        return UNJUDGED
    score, guessed = (sum(one[0] * one[at] for one in told) / count for at in (1, 2))
    return HEALTHY if score > above(guessed, count) else CHANCE


def _main(task: Task, scores: Scores) -> float:
    """The main metric; BUCC without a dev set has only the one with the threshold of an oracle."""
    return next(value for name, value in scores.metrics.items() if name.startswith(task.metric))


def worst(found: Iterable[str]) -> str:
    """Of several tasks that one run learns: the first degenerate one decides."""
    told = list(found)
    bad = [one for one in DEGENERATE if one in told]
    return bad[0] if bad else UNJUDGED if UNJUDGED in told or not told else HEALTHY


def inherited(own: str, run: Mapping[str, Any]) -> str:
    """The health of a cell: its own English test's; without one, that of the target run."""
    trained = str(run.get("health", UNJUDGED))
    if trained == NONFINITE or (not own and run.get("phase") == "target"):
        return trained
    return own


def finite(losses: Iterable[float]) -> bool:
    """Whether a training's losses are numbers."""
    return all(map(isfinite, losses))


def above(baseline: float, count: int) -> float:
    """Upper limit of Wilson's interval around a share in points, for `count` trials."""
    share, z2 = baseline / 100, Z * Z
    spread = Z * sqrt(max(0.0, share * (1 - share)) / count + z2 / (4 * count * count))
    return 100 * (share + z2 / (2 * count) + spread) / (1 + z2 / count)


def constant(task: Task, items: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the predictions are one answer, and the gold answers are not."""
    said, gold = (_answers(task, [one[key] for one in items]) for key in ("prediction", "gold"))
    return _share(said) >= SAME > _share(gold)


def _answers(task: Task, told: Iterable[str]) -> list[Hashable]:
    """Tags of taggers, else answers; gold answers of a question are a list."""
    if task.family == "tagging":
        return [tag for one in told for tag in one.split(" ")]
    return list(told)


def _share(answers: Sequence[Hashable]) -> float:
    return Counter(answers).most_common(1)[0][1] / len(answers) if answers else 0.0


def chance(task: Task, examples: Sequence[Any]) -> float:
    """Points of the main metric that the best baseline reaches which has learnt nothing."""
    if task.family == "span":
        step = -(-len(examples) // TRIED)
        return _spans(task.name, tuple(examples[:: max(1, step)]))
    if task.family == "retrieval":
        return max(baselines_span.of_bitext(task, (), examples).values())
    found = baselines.baselines(task, examples, examples)
    return max(value for name, value in found.items() if name != LOOKED_UP)


@lru_cache(maxsize=16)
def _spans(name: str, examples: tuple[Any, ...]) -> float:
    """Kept, since all runs of a study are judged on the same questions."""
    return max(baselines_span.of_spans(catalogue.task(name), (), examples).values())
