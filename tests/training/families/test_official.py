"""XTREME's scores of one language and their averages, against the rules read anew."""

from __future__ import annotations

from typing import Any

import pytest
import xtreme_rules
from answer_rules import PARTS, best
from hypothesis import given, settings
from hypothesis import strategies as st

from training.catalogue.span import MLQA, TYDIQA, XQUAD
from training.families import official
from training.families.official import Question

TAG = st.sampled_from([*xtreme_rules.NER, *xtreme_rules.UPOS, *xtreme_rules.MALFORMED])
SENTENCES = st.lists(st.tuples(st.lists(TAG, max_size=6), st.lists(TAG, max_size=6)), max_size=5)
ID = st.tuples(st.sampled_from("abc"), st.sampled_from("xyz"))
TEXT = st.lists(st.sampled_from(PARTS), max_size=5).map("".join)
ASKED = st.lists(st.tuples(st.lists(TEXT, min_size=1, max_size=3), st.none() | TEXT), min_size=1)


@settings(deadline=None)
@given(SENTENCES, st.booleans())
def test_any_tags_in_sentences_of_any_length(pairs: list[Any], cut: bool) -> None:
    gold = [g for g, _ in pairs]
    said = [(p + g)[: len(g)] if cut else p for g, p in pairs]
    told = official.tagged(gold, said)
    flat = [[tag for one in side for tag in [*one, "O"]] for side in (said, gold)]
    expected = xtreme_rules.precision_recall(*map(xtreme_rules.chunks, flat))
    assert {name: told[name] for name in expected} == pytest.approx(expected, abs=1e-9)
    aligned = any(gold) and [len(g) for g in gold] == [len(p) for p in said]
    assert ("accuracy" in told) == aligned
    if aligned:
        right = sum(a == b for a, b in zip(*flat, strict=True)) - len(gold)
        assert told["accuracy"] == pytest.approx(100 * right / (len(flat[0]) - len(gold)))


@settings(deadline=None)
@given(st.lists(ID), st.lists(ID))
def test_pairs_are_sets(gold: list[Any], said: list[Any]) -> None:
    expected = xtreme_rules.precision_recall(set(said), set(gold))
    assert official.mined(gold, said) == pytest.approx(expected, abs=1e-9)


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from("012"), st.sampled_from("012")), min_size=1))
def test_labels_are_equal_or_not(pairs: list[tuple[str, str]]) -> None:
    gold, said = [g for g, _ in pairs], [p for _, p in pairs]
    share = sum(g == p for g, p in pairs) / len(pairs)
    assert official.labelled(gold, said) == {"accuracy": pytest.approx(100 * share)}


@settings(deadline=None)
@given(ASKED, st.sampled_from([XQUAD, TYDIQA, MLQA]), st.sampled_from(list(MLQA.languages)))
def test_every_question_counts(rows: list[Any], task: Any, lang: str) -> None:
    asked = [Question(str(i), tuple(golds)) for i, (golds, _) in enumerate(rows)]
    said = {str(i): text for i, (_, text) in enumerate(rows) if text is not None}
    found = [
        (0.0, 0.0) if text is None else best(text, golds, lang if task is MLQA else None)
        for golds, text in rows
    ]
    em, f1 = (100 * sum(column) / len(rows) for column in zip(*found, strict=True))
    expected = {"em_f1": (em + f1) / 2, "em": em, "f1": f1}
    assert official.answered(task, lang, asked, said) == pytest.approx(expected, abs=1e-9)


def test_a_question_nobody_answered_may_lack_gold() -> None:
    asked = [Question("a", ()), Question("b", ("x",))]
    assert official.answered(XQUAD, "fin", asked, {"b": "x"})["em"] == 50
    with pytest.raises(ValueError, match="'a' has no gold answer"):
        official.answered(XQUAD, "fin", asked, {"a": "", "b": "x"})


def test_means_are_over_what_all_languages_have() -> None:
    rows = {"eng": {"f1": 10.0, "accuracy": 1.0}, "fin": {"f1": 20.0}}
    assert official.means(rows) == {"f1": 15}


def test_an_incomplete_average_is_none() -> None:
    scores = {"a": 1.0, "b": 2.0, "c": 6.0}
    groups = {"one": ("a", "b"), "other": ("c", "d")}
    assert official.group_scores(scores, groups) == {"one": 1.5}
    assert official.overall(scores, ["a", "b", "c", "d"]) is None
    assert official.overall(scores, ["a", "b", "c"]) == 3
