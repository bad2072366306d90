"""Simple baselines of span and retrieval tasks: what needs no model.

Those of span tasks are generous: the constant is the one that happens to suit the test set best,
so that a model that beats it has read the question. Values are the task's main metric, in points.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from random import Random
from typing import Any

from training.families.examples import Bitext, SpanExample
from training.families.metrics import Counts
from training.families.squad import rule, summary
from training.spec.task import Task

PLACES = 20
"""Constant spans begin at one of the first or of the last 20 words."""
WORDS = 4
"""The longest constant span."""
ANSWERS = 20
"""The commonest answers are tried as constants."""
DRAWS = 5
"""Random spans a question."""
WORD = re.compile("[\u4e00-\u9fff]|[^\\W\u4e00-\u9fff]+")
"""A Chinese character, or a run of letters and digits."""


def of_spans(
    task: Task, train: Sequence[SpanExample], test: Sequence[SpanExample]
) -> dict[str, float]:
    """Three baselines on the examples of one language, and their main metric.

    `constant span`: the same words of every context (the third and fourth, the last ...), best on
    the test set; `constant answer`: the same text for every question (none at all is one of them),
    best on the test set; `random span`: of as many words as some answer of the training set has.
    Raises ValueError where there is no test example.
    """
    if not test:
        raise ValueError(f"task {task.name}: baselines need a test example at least")
    words = [word_spans(example.context) for example in test]

    def main(said: Iterable[str]) -> float:
        pairs = [
            rule(task, example.lang)(text, [answer for answer, _ in example.answers])
            for example, text in zip(test, said, strict=True)
        ]
        return summary(pairs)[task.metric]

    def constant(place: int, count: int) -> float:
        return main(_cut(one.context, w, place, count) for one, w in zip(test, words, strict=True))

    places = [*range(PLACES), *range(-PLACES, 0)]
    random, lengths = Random(0), answer_lengths(train or test)
    return {
        "constant span": max(constant(p, n) for p in places for n in range(1, WORDS + 1)),
        "constant answer": max(main([text] * len(test)) for text in ["", *common_answers(test)]),
        "random span": sum(
            main(_drawn(one, w, lengths, random) for one, w in zip(test, words, strict=True))
            for _ in range(DRAWS)
        )
        / DRAWS,
    }


def word_spans(text: str) -> list[tuple[int, int]]:
    """Characters [from, to) of each word, punctuation left out."""
    return [found.span() for found in WORD.finditer(text)]


def answer_lengths(examples: Sequence[SpanExample]) -> list[int]:
    """Words of every answer; [1] where there is none."""
    return [max(1, len(word_spans(a))) for one in examples for a, _ in one.answers] or [1]


def common_answers(examples: Sequence[SpanExample]) -> list[str]:
    """The commonest answers; of equally common ones the first by alphabet, whatever their order."""
    counted = Counter(text for one in examples for text in {text for text, _ in one.answers})
    return sorted(counted, key=lambda text: (-counted[text], text))[:ANSWERS]


def _cut(context: str, words: list[tuple[int, int]], place: int, count: int) -> str:
    """`count` words from the one at `place` (negative: from the end); held inside the context."""
    if not words:
        return ""
    low = max(0, min(place if place >= 0 else len(words) + place, len(words) - 1))
    high = min(low + count, len(words)) - 1
    return context[words[low][0] : words[high][1]]


def _drawn(
    example: SpanExample, words: list[tuple[int, int]], lengths: list[int], random: Random
) -> str:
    count = min(random.choice(lengths), max(1, len(words)))
    return _cut(example.context, words, random.randrange(max(1, len(words) - count + 1)), count)


def of_bitext(task: Task, train: Sequence[Any], test: Sequence[Bitext]) -> dict[str, float]:
    """`chance`: each English sentence gets a foreign one at random.

    BUCC: of the expected counts of a random matching that uses up the smaller side.
    Raises ValueError unless `test` holds one bitext with sentences on both sides.
    """
    if len(test) != 1 or not test[0].foreign or not test[0].english:
        raise ValueError(f"task {task.name}: one bitext with sentences on both sides is expected")
    foreign, english = len(test[0].foreign), len(test[0].english)
    if task.schema == "tatoeba":
        return {"chance": 100 / foreign}
    found, wanted = min(foreign, english), len(test[0].gold)
    right = found * wanted / (foreign * english)
    return {"chance": Counts(right, found - right, wanted - right).f1}


BASELINES: dict[str, Callable[..., dict[str, float]]] = {"span": of_spans, "retrieval": of_bitext}
"""By family, to be joined with those of `families.baselines`. Neither needs training examples."""
