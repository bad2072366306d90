"""Simple baselines of span and retrieval tasks."""

from __future__ import annotations

import random

import pytest

from training.catalogue.retrieval import BUCC, TATOEBA
from training.catalogue.span import MLQA, SQUAD2, XQUAD
from training.data.sources import rows
from training.families.baselines_span import (
    BASELINES,
    answer_lengths,
    common_answers,
    of_bitext,
    of_spans,
    word_spans,
)
from training.families.examples import Bitext, SpanExample

SOURCE = "miniature/seed=3/sentences=600"


def example(context: str, *answers: str, lang: str = "eng") -> SpanExample:
    return SpanExample(
        context, context, lang, context, "Who?", tuple((a, context.index(a)) for a in answers)
    )


def test_words_have_no_punctuation_and_chinese_has_words() -> None:
    text = "Anna, 北京!"
    assert [text[low:high] for low, high in word_spans(text)] == ["Anna", "北", "京"]


def test_the_best_constant_span_is_found_from_both_ends() -> None:
    names = ["Anna", "Maria", "Peter", "Eva", "Simon", "Ida"]
    last = [
        example(" ".join(["so"] * 6 * i) + f" came in {name}.", name)
        for i, name in enumerate(names)
    ]
    assert of_spans(XQUAD, [], last)["constant span"] == 100
    third = [
        example(f"so came old {name} " + "then " * i, f"old {name}") for i, name in enumerate(names)
    ]
    assert of_spans(XQUAD, [], third)["constant span"] == 100


def test_the_best_constant_answer() -> None:
    test = [example("Anna ran.", "Anna"), example("Then Anna sat.", "Anna"), example("Eva.", "Eva")]
    assert of_spans(XQUAD, [], test)["constant answer"] == pytest.approx(200 / 3)
    none = [example("Anna ran."), example("Eva sat."), example("Ida lay.", "Ida")]
    assert of_spans(SQUAD2, [], none)["constant answer"] == pytest.approx(200 / 3)


def test_common_answers_in_any_order() -> None:
    test = [example(c, a) for c, a in [("b", "b"), ("a x", "a"), ("c", "c"), ("a y", "a")]]
    assert common_answers(test) == ["a", "b", "c"]
    assert common_answers(random.sample(test, 4)) == ["a", "b", "c"]


def test_random_spans_are_as_long_as_answers_are() -> None:
    train = [example("the old dog sat", "the old dog")]
    assert answer_lengths(train) == [3]
    assert answer_lengths([example("no answer")]) == [1]
    test = [example("x y z", "x y z")]
    assert of_spans(XQUAD, train, test)["random span"] == 100
    assert of_spans(XQUAD, [example("one", "one")], test)["random span"] == pytest.approx(25)


def test_a_random_word_of_many_is_seldom_right() -> None:
    test = [example(" ".join(f"w{i}" for i in range(50)), f"w{n}") for n in range(50)]
    assert of_spans(XQUAD, test, test)["random span"] < 10


def test_the_same_numbers_every_time() -> None:
    test = rows(MLQA, "test", "fin", SOURCE).read.examples
    assert of_spans(MLQA, [], test) == of_spans(MLQA, [], test)


@pytest.mark.parametrize("lang", ["eng", "fin", "hun", "cmn"])
def test_the_miniature_is_not_answered_by_position(lang: str) -> None:
    for task in (XQUAD, MLQA):
        told = of_spans(task, [], rows(task, "test", lang, SOURCE).read.examples)
        assert set(told) == {"constant span", "constant answer", "random span"}
        assert 0 < max(told.values()) < 40, (task.name, told)


def test_an_empty_context_is_no_accident() -> None:
    assert of_spans(XQUAD, [], [example("")])["random span"] == 50  # "" to "": EM 1, F1 0


def bitext(foreign: int, english: int, gold: int) -> Bitext:
    sides = tuple("f" * foreign), tuple("e" * english)
    return Bitext("fin", *sides, frozenset((i, i) for i in range(gold)), *sides)


def test_chance_of_tatoeba() -> None:
    assert of_bitext(TATOEBA, [], [bitext(200, 200, 200)]) == {"chance": 0.5}


def test_chance_of_bucc_is_that_of_a_random_matching() -> None:
    """By hand: matchings of 2 and 3 sentences, one gold pair; 1 of 3 holds it, F1 of the mean."""
    assert of_bitext(BUCC, [], [bitext(2, 3, 1)])["chance"] == pytest.approx(100 * 2 * (1 / 3) / 3)
    drawn = random.Random(0)
    hits = sum(
        sum(i == j for i, j in enumerate(drawn.sample(range(30), 20)) if i < 10)
        for _ in range(4000)
    )
    simulated = 100 * 2 * (hits / 4000) / (20 + 10)
    assert of_bitext(BUCC, [], [bitext(20, 30, 10)])["chance"] == pytest.approx(simulated, rel=0.1)


def test_nothing_to_measure_is_refused() -> None:
    with pytest.raises(ValueError, match="xquad: baselines need a test example"):
        BASELINES["span"](XQUAD, [], [])
    for wrong in ([], [bitext(0, 3, 0)], [bitext(1, 1, 1)] * 2):
        with pytest.raises(ValueError, match="tatoeba: one bitext"):
            BASELINES["retrieval"](TATOEBA, [], wrong)
