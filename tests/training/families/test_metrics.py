"""Known answers of the metrics, independent readings of the span rules, and scikit-learn's."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import pytest
import tag_rules
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score, precision_score

from training.catalogue import TASKS
from training.catalogue.tagging import NER, UPOS
from training.families import official
from training.families.metrics import (
    Counts,
    Span,
    accuracy,
    agreement,
    joined,
    matches,
    spans,
    wanted,
)

BARE = st.lists(st.sampled_from(["NOUN", "SYM", "SCONJ", "CCONJ", "INTJ", "O"]), max_size=12)
BIO = st.lists(st.sampled_from(NER), max_size=12)
ODD = st.lists(st.sampled_from(["S-PER", "E-LOC", "B", "I-", ".", "O-PER", "_", "PER"]), max_size=8)
GOLDEN = json.loads((Path(__file__).parents[2] / "golden/seqeval_0_0_12.json").read_text())
"""kind -> cases: gold, predicted (sentences between slashes), gold's spans, precision/recall/f1."""


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ("", set()),
        ("O O", set()),
        ("NOUN NOUN VERB", {("NOUN", 0, 1), ("VERB", 2, 2)}),
        ("SYM SYM NOUN", {("SYM", 0, 0), ("SYM", 1, 1), ("NOUN", 2, 2)}),
        ("SCONJ SCONJ", {("SCONJ", 0, 0), ("SCONJ", 1, 1)}),
        ("INTJ INTJ O INTJ", {("INTJ", 0, 1), ("INTJ", 3, 3)}),
    ],
)
def test_bare_tags(tags: str, expected: set[Span]) -> None:
    assert spans(tags.split()) == expected


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ("", set()),
        ("B-PER I-PER O B-LOC", {("PER", 0, 1), ("LOC", 3, 3)}),
        ("B-PER B-PER", {("PER", 0, 0), ("PER", 1, 1)}),
        ("I-PER I-PER", {("PER", 0, 1)}),
        ("B-PER I-ORG I-ORG", {("PER", 0, 0), ("ORG", 1, 2)}),
        ("O I-LOC B-LOC I-LOC", {("LOC", 1, 1), ("LOC", 2, 3)}),
        ("E-PER E-PER", {("PER", 0, 0), ("PER", 1, 1)}),
        ("B-PER E-PER I-PER", {("PER", 0, 1), ("PER", 2, 2)}),
    ],
)
def test_b_and_i_tags(tags: str, expected: set[Span]) -> None:
    assert spans(tags.split()) == expected


@given(BARE)
def test_bare_tags_follow_the_stated_rule(tags: list[str]) -> None:
    assert spans(tags) == tag_rules.runs(tags)


@given(BIO)
def test_b_and_i_tags_follow_the_stated_rule(tags: list[str]) -> None:
    assert spans(tags) == tag_rules.entities(tags)


@given(st.lists(BARE | BIO | ODD, max_size=5))
def test_sentences_joined_count_as_sentences_apart(sentences: list[list[str]]) -> None:
    apart, at = set(), 0
    for tags in sentences:
        apart |= {(kind, start + at, stop + at) for kind, start, stop in spans(tags)}
        at += len(tags) + 1
    assert spans(joined(sentences)) == apart


@pytest.mark.parametrize("kind", GOLDEN)
def test_any_tags_score_as_in_seqeval_0_0_12(kind: str) -> None:
    """Malformed ones and sentences of unequal length too; numbers made with that release."""
    for gold, predicted, told, expected in GOLDEN[kind]:
        sides = [[tags.split() for tags in side.split(" / ")] for side in (gold, predicted)]
        assert spans(joined(sides[0])) == {tuple(span) for span in told}
        found = official.tagged(*sides)
        assert [found["precision"], found["recall"], found["f1"]] == pytest.approx(
            expected, abs=1e-9
        )


@pytest.mark.parametrize(
    ("labels", "counted", "f1"),
    [(UPOS, (1033, 697, 696), 59.72824515755998),
     (NER, (870, 543, 525), 61.965811965811966)],
)  # fmt: skip
def test_random_tags_score_as_in_seqeval_0_0_12(
    labels: tuple[str, ...], counted: tuple[int, int, int], f1: float
) -> None:
    """The numbers were made with that release's algorithm, on these very sentences."""
    draw = random.Random(2005)
    gold = [[draw.choice(labels) for _ in range(draw.randint(1, 12))] for _ in range(300)]
    noisy = [[t if draw.random() > 0.4 else draw.choice(labels) for t in tags] for tags in gold]
    found = sum((matches(spans(g), spans(p)) for g, p in zip(gold, noisy, strict=True)), Counts())
    assert (found.tp, found.fp, found.fn) == counted
    assert found.f1 == pytest.approx(f1, abs=1e-9)


def test_conjunctions_are_two_types() -> None:
    """Later releases of seqeval cut the first letter off and call this perfect."""
    gold, predicted = ["DET", "CCONJ", "NOUN", "NOUN"], ["DET", "SCONJ", "NOUN", "NOUN"]
    assert matches(spans(gold), spans(predicted)).f1 == pytest.approx(200 / 3)


@given(BIO, st.data())
def test_swapping_sides_swaps_precision_and_recall(gold: list[str], data: st.DataObject) -> None:
    size = len(gold)
    predicted = data.draw(st.lists(st.sampled_from(NER), min_size=size, max_size=size))
    there = matches(spans(gold), spans(predicted))
    back = matches(spans(predicted), spans(gold))
    assert (there.precision, there.recall, there.f1) == (back.recall, back.precision, back.f1)


@given(*[st.integers(0, 50)] * 3)
def test_f1_is_the_harmonic_mean(tp: int, fp: int, fn: int) -> None:
    one = Counts(tp, fp, fn)
    p, r = one.precision, one.recall
    assert one.f1 == pytest.approx(2 * p * r / (p + r) if p + r else 0.0)
    assert 0 <= one.f1 <= 100


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1)), min_size=1))
def test_class_scores_are_scikit_learns(pairs: list[tuple[int, int]]) -> None:
    gold, predicted = [g for g, _ in pairs], [p for _, p in pairs]
    assert accuracy(gold, predicted) == pytest.approx(100 * accuracy_score(gold, predicted))
    found = agreement(gold, predicted, 1)
    assert found.f1 == pytest.approx(100 * f1_score(gold, predicted, zero_division=0))
    expected = 100 * precision_score(gold, predicted, zero_division=0)
    assert found.precision == pytest.approx(expected)


def test_nothing_to_compare_is_refused() -> None:
    with pytest.raises(ValueError, match="no items"):
        accuracy([], [])
    with pytest.raises(ValueError, match="shorter|longer"):
        accuracy([1, 0], [1])


def test_an_unknown_metric_is_named() -> None:
    task = replace(TASKS["panx"], metrics=("f1", "recal"))
    with pytest.raises(ValueError, match="panx.*'recal'.*recall"):
        wanted(task, {"f1": 1.0, "recall": 2.0})
    assert wanted(TASKS["udpos"], {"accuracy": 1.0, "f1": 2.0}) == {"f1": 2.0, "accuracy": 1.0}
