"""Known answers of the metrics, independent readings of the span rules, and scikit-learn's."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score, precision_score

from training.catalogue import TASKS
from training.catalogue.tagging import NER, UPOS
from training.families.metrics import (
    Counts,
    Span,
    Spans,
    accuracy,
    agreement,
    entities,
    matches,
    runs,
    spans_of,
    wanted,
)

BARE = st.lists(st.sampled_from(["NOUN", "SYM", "SCONJ", "CCONJ", "INTJ", "O"]), max_size=12)
BIO = st.lists(st.sampled_from(NER), max_size=12)


@pytest.mark.parametrize(
    ("tags", "spans"),
    [
        ("", set()),
        ("O O", set()),
        ("NOUN NOUN VERB", {("NOUN", 0, 1), ("VERB", 2, 2)}),
        ("SYM SYM NOUN", {("SYM", 0, 0), ("SYM", 1, 1), ("NOUN", 2, 2)}),
        ("SCONJ SCONJ", {("SCONJ", 0, 0), ("SCONJ", 1, 1)}),
        ("INTJ INTJ O INTJ", {("INTJ", 0, 1), ("INTJ", 3, 3)}),
    ],
)
def test_runs(tags: str, spans: set[Span]) -> None:
    assert runs(tags.split()) == spans


@pytest.mark.parametrize(
    ("tags", "spans"),
    [
        ("", set()),
        ("B-PER I-PER O B-LOC", {("PER", 0, 1), ("LOC", 3, 3)}),
        ("B-PER B-PER", {("PER", 0, 0), ("PER", 1, 1)}),
        ("I-PER I-PER", {("PER", 0, 1)}),
        ("B-PER I-ORG I-ORG", {("PER", 0, 0), ("ORG", 1, 2)}),
        ("O I-LOC B-LOC I-LOC", {("LOC", 1, 1), ("LOC", 2, 3)}),
    ],
)
def test_entities(tags: str, spans: set[Span]) -> None:
    assert entities(tags.split()) == spans


@given(BARE)
def test_runs_are_the_maximal_intervals_of_one_tag(tags: list[str]) -> None:
    def whole(i: int, j: int) -> bool:
        alone = tags[i].startswith("S")
        left = i == 0 or tags[i - 1] != tags[i]
        right = j == len(tags) - 1 or tags[j + 1] != tags[j]
        return i == j if alone else len(set(tags[i : j + 1])) == 1 and left and right

    places = [(i, j) for i in range(len(tags)) for j in range(i, len(tags)) if tags[i] != "O"]
    assert runs(tags) == {(tags[i], i, j) for i, j in places if whole(i, j)}


@given(BIO)
def test_entities_reach_from_an_opening_to_the_next(tags: list[str]) -> None:
    kinds = [tag[2:] for tag in tags]
    opens = [
        tag != "O" and (tag[0] == "B" or i == 0 or kinds[i - 1] != kinds[i])
        for i, tag in enumerate(tags)
    ]
    found = set()
    for i in (i for i, opening in enumerate(opens) if opening):
        j = i
        while j + 1 < len(tags) and tags[j + 1] != "O" and not opens[j + 1]:
            j += 1
        found.add((kinds[i], i, j))
    assert entities(tags) == found


@pytest.mark.parametrize(
    ("labels", "spans", "counted", "f1"),
    [(UPOS, runs, (1033, 697, 696), 59.72824515755998),
     (NER, entities, (870, 543, 525), 61.965811965811966)],
)  # fmt: skip
def test_random_tags_score_as_in_seqeval_0_0_12(
    labels: tuple[str, ...], spans: Spans, counted: tuple[int, int, int], f1: float
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
    assert matches(runs(gold), runs(predicted)).f1 == pytest.approx(200 / 3)


def test_the_tag_set_decides_how_spans_are_read() -> None:
    assert spans_of(UPOS) is runs
    assert spans_of(NER) is entities


@given(BIO, st.data())
def test_swapping_sides_swaps_precision_and_recall(gold: list[str], data: st.DataObject) -> None:
    size = len(gold)
    predicted = data.draw(st.lists(st.sampled_from(NER), min_size=size, max_size=size))
    there = matches(entities(gold), entities(predicted))
    back = matches(entities(predicted), entities(gold))
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
