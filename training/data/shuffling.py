"""The control that asks what labels are worth: the same texts, the labels dealt out anew.

How often each label occurs stays as it was; what it says about its text is gone.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from training.families.examples import ChoiceExample, SpanExample, TagExample

SPACED = 3
"""A context of fewer words is in a script without spaces: its characters are its words."""
STREAM = 41
"""Keeps these draws apart from the other draws of a run's seed."""


def shuffled(examples: Sequence[Any], seed: int) -> list[Any]:
    """The examples of one family with their labels permuted among them by the seed.

    Classification: labels. Choice: right answers, among examples with as many choices. Tagging:
    tags, over all words. Span: lengths of answers (none: unanswerable), each at a random place.
    """
    rng = np.random.default_rng((seed, STREAM))
    if not examples:
        return []
    if isinstance(examples[0], TagExample):
        return _tags(examples, rng)
    if isinstance(examples[0], SpanExample):
        return _spans(examples, rng)
    groups: dict[int, list[int]] = defaultdict(list)
    for i, one in enumerate(examples):
        groups[len(one.choices) if isinstance(one, ChoiceExample) else 0].append(i)
    made = list(examples)
    for group in groups.values():
        for i, other in zip(group, rng.permutation(group), strict=True):
            made[i] = replace(examples[i], label=examples[other].label)
    return made


def _tags(examples: Sequence[TagExample], rng: np.random.Generator) -> list[TagExample]:
    tags = [tag for one in examples for tag in one.tags]
    dealt = iter([tags[i] for i in rng.permutation(len(tags))])
    return [replace(one, tags=tuple(next(dealt) for _ in one.tags)) for one in examples]


def _spans(examples: Sequence[SpanExample], rng: np.random.Generator) -> list[SpanExample]:
    order = rng.permutation(len(examples))
    return [_moved(one, examples[other], rng) for one, other in zip(examples, order, strict=True)]


def _moved(one: SpanExample, other: SpanExample, rng: np.random.Generator) -> SpanExample:
    """An answer as long as the other's first, which begins and ends with a word of the context."""
    if not other.answers:
        return replace(one, answers=())
    spans = [found.span() for found in re.finditer(r"\S+", one.context)]
    if len(spans) < SPACED:
        spans = [found.span() for found in re.finditer(r"\S", one.context)]
    length = len(other.answers[0][0])
    fitting = [i for i, (start, _) in enumerate(spans) if start + length <= len(one.context)]
    if not spans:
        return one
    first = fitting[rng.integers(len(fitting))] if fitting else 0
    start = spans[first][0]
    end = next((stop for _, stop in spans[first:] if stop >= start + length), spans[-1][1])
    return replace(one, answers=((one.context[start:end], start),))
