"""Labels dealt out anew: as many of each as before, saying nothing of their texts any more."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.catalogue import TASKS
from training.data.shuffling import shuffled
from training.data.sources import rows
from training.families.examples import ChoiceExample, SpanExample, TagExample

SOURCE = "miniature/seed=3/sentences=200"
LABELLED = ["mnli", "qqp", "hellaswag", "csqa", "ccg", "squad", "squad2"]


def examples(name: str) -> Any:
    return rows(TASKS[name], "train", "eng", SOURCE).read.examples


def gold(one: Any) -> Any:
    return getattr(one, "tags", None) or getattr(one, "answers", None) or getattr(one, "label", ())


@pytest.mark.parametrize("name", LABELLED)
def test_the_seed_alone_decides_and_texts_stay(name: str) -> None:
    before = examples(name)
    made, again, other = shuffled(before, 1), shuffled(before, 1), shuffled(before, 2)
    assert made == again and made != other and list(before) != made
    blank = {"tags": (), "answers": (), "label": None}
    for one, new in zip(before, made, strict=True):
        hidden = {key: value for key, value in blank.items() if hasattr(one, key)}
        assert replace(one, **hidden) == replace(new, **hidden), "only the label may change"


@pytest.mark.parametrize("name", ["mnli", "qqp", "hellaswag", "csqa"])
def test_each_label_is_as_frequent_and_as_good_as_chance(name: str) -> None:
    before = examples(name)
    made = shuffled(before, 1)
    old, new = ([one.label for one in told] for told in (before, made))
    assert Counter(old) == Counter(new)
    agree = np.mean([a == b for a, b in zip(old, new, strict=True)])
    chance = sum((n / len(old)) ** 2 for n in Counter(old).values())
    assert agree == pytest.approx(chance, abs=0.12)


def test_choices_are_dealt_out_among_examples_with_as_many() -> None:
    sizes = [2, 5] * 40
    told = [
        ChoiceExample(str(i), str(i), "eng", "p", tuple("abcde"[:n]), i % n)
        for i, n in enumerate(sizes)
    ]
    made = shuffled(told, 3)
    assert all(one.label < len(one.choices) for one in made)
    for size in (2, 5):
        old, new = (Counter(o.label for o in x if len(o.choices) == size) for x in (told, made))
        assert old == new


def test_tags_are_dealt_out_over_all_words() -> None:
    before: tuple[TagExample, ...] = examples("ccg")
    made = shuffled(before, 1)
    assert all(len(one.tags) == len(one.words) for one in made)
    old, new = ([tag for one in told for tag in one.tags] for told in (before, made))
    assert Counter(old) == Counter(new)
    chance = sum((n / len(old)) ** 2 for n in Counter(old).values())
    assert np.mean([a == b for a, b in zip(old, new, strict=True)]) < chance + 0.1


@pytest.mark.parametrize("name", ["squad", "squad2"])
def test_answers_move_but_stay_answers_of_their_context(name: str) -> None:
    before, made = examples(name), shuffled(examples(name), 1)
    for one in made:
        for text, start in one.answers:
            assert text and one.context[start : start + len(text)] == text
            assert text == text.strip(), "whole words"
    assert sum(not one.answers for one in made) == sum(not one.answers for one in before)
    answered = [(a, b) for a, b in zip(before, made, strict=True) if a.answers and b.answers]
    assert np.mean([a.answers == b.answers for a, b in answered]) < 0.25


@given(st.text(alphabet="ab 中文。\n", max_size=30), st.integers(1, 12), st.integers(0, 99))
def test_spans_of_any_text_are_in_it(context: str, length: int, seed: int) -> None:
    long = SpanExample("1", "1", "eng", "x" * length, "?", (("x" * length, 0),))
    one = SpanExample("0", "0", "cmn", context, "?", ())
    for made in shuffled([one, long], seed):
        for text, start in made.answers:
            assert text and made.context[start : start + len(text)] == text


def test_nothing_to_shuffle() -> None:
    assert shuffled([], 1) == []
