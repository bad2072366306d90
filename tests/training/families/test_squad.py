"""The scoring rules of SQuAD 1.1, SQuAD 2.0 and MLQA."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import pytest
from answer_rules import ALEF_LAM, PARTS, best, best2
from hypothesis import given, settings
from hypothesis import strategies as st

from training.catalogue.span import MLQA, SQUAD, SQUAD2, TYDIQA, XQUAD
from training.families.squad import MLQA_LANGUAGES, mlqa, rule, squad1, squad2, summary

# --- known answers -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "golds", "em", "f1"),
    [
        ("The  Cat!", ["cat"], 1, 1),
        ("cat", ["a dog", "the cat"], 1, 1),
        ("black cat", ["cat"], 0, 2 / 3),
        ("cat cat", ["cat"], 0, 2 / 3),
        ("theatre", ["atre"], 0, 0),  # articles are whole words
        ("thecat", ["cat"], 0, 0),
        ("don't", ["dont"], 1, 1),
        ("the", ["a"], 1, 0),  # both empty
        ("", [""], 1, 0),
        ("", ["cat"], 0, 0),
        ("„Katze“", ["Katze"], 0, 0),  # only ASCII punctuation goes
        ("die Katze", ["Katze"], 0, 2 / 3),  # German articles stay
        ("北京市", ["北京"], 0, 0),  # one token
        ("x", [], 0, 0),
    ],
)
def test_squad1(said: str, golds: list[str], em: float, f1: float) -> None:
    assert squad1(said, golds) == (em, pytest.approx(f1))


@pytest.mark.parametrize(
    ("lang", "said", "golds", "em", "f1"),
    [
        ("cmn", "北京市", ["北京"], 0, 0.8),  # SQuAD's rule gives 0
        ("cmn", "北京", ["北京。"], 1, 1),
        ("cmn", "NBA 冠军", ["nba冠军"], 1, 1),
        ("cmn", "the 北", ["北"], 0, 2 / 3),  # no articles in Chinese
        ("cmn", "龥龥", ["龥"], 0, 2 / 3),  # the last ideograph of the rule
        ("cmn", "龦龦", ["龦"], 0, 0),  # and the first behind it
        ("deu", "die „Katze“", ["Katze"], 1, 1),
        ("deu", "the Katze", ["Katze"], 0, 2 / 3),
        ("spa", "¿Las casas?", ["casas"], 1, 1),
        ("vie", "những con mèo", ["con mèo"], 1, 1),
        ("vie", unicodedata.normalize("NFD", "những mèo"), ["mèo"], 0, 0),
        ("hin", "a घर", ["घर"], 0, 2 / 3),
        ("ara", f"{ALEF_LAM}بيت", ["بيت"], 1, 1),
        ("ara", f"ب{ALEF_LAM}ت", ["ب ت"], 1, 1),  # inside words too
        ("eng", "the", ["a"], 1, 0),
        ("eng", "$5", ["5"], 1, 1),  # a symbol, not punctuation, but ASCII's
        ("eng", "€5", ["5"], 0, 0),
    ],
)
def test_mlqa(lang: str, said: str, golds: list[str], em: float, f1: float) -> None:
    assert mlqa(said, golds, lang) == (em, pytest.approx(f1))


@pytest.mark.parametrize(
    ("said", "golds", "em", "f1"),
    [
        ("", [], 1, 1),
        ("the", [], 1, 1),
        ("cat", [], 0, 0),
        ("", ["cat"], 0, 0),
        ("cat", ["the", "a cat"], 1, 1),
        ("", ["the", "cat"], 0, 0),  # an empty gold beside a real one is dropped
        ("", ["the", "..."], 1, 1),
        ("black cat", ["cat"], 0, 2 / 3),
    ],
)
def test_squad2(said: str, golds: list[str], em: float, f1: float) -> None:
    assert squad2(said, golds) == (em, pytest.approx(f1))


def test_only_mlqa_knows_the_language() -> None:
    wrapped = "„die Katze“"
    assert rule(MLQA, "deu")(wrapped, ["Katze"]) == (1, 1)
    for task in (SQUAD, SQUAD2, XQUAD, TYDIQA):
        assert rule(task, "deu")(wrapped, ["Katze"])[0] == 0
    assert rule(SQUAD2, "eng")("", [])[1] == 1
    assert rule(XQUAD, "eng")("", [])[1] == 0


# --- summaries -----------------------------------------------------------------------------------


def test_summary_in_points() -> None:
    told = summary([(1, 1), (0, 0.5)])
    assert told == {"em_f1": 62.5, "em": 50, "f1": 75}


def test_summary_by_answerable() -> None:
    told = summary([(1, 1), (0, 0.5), (1, 1)], [True, True, False])
    assert (told["has_ans_em"], told["has_ans_f1"]) == (50, 75)
    assert (told["no_ans_em"], told["no_ans_f1"]) == (100, 100)


def test_summary_leaves_out_what_is_not_there() -> None:
    assert not any(name.startswith("no_ans") for name in summary([(1, 1)], [True]))


def test_summary_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="no questions"):
        summary([])


# --- against a slow reading of the rules ---------------------------------------------------------

TEXT = st.lists(st.sampled_from(PARTS), max_size=8).map("".join) | st.text(max_size=8)


@settings(deadline=None)
@given(TEXT, st.lists(TEXT, min_size=1, max_size=3))
def test_squad1_as_the_slow_reading(said: str, golds: list[str]) -> None:
    assert squad1(said, golds) == pytest.approx(best(said, golds, None))


@settings(deadline=None)
@given(TEXT, st.lists(TEXT, min_size=1, max_size=3), st.sampled_from(MLQA_LANGUAGES))
def test_mlqa_as_the_slow_reading(said: str, golds: list[str], lang: str) -> None:
    assert mlqa(said, golds, lang) == pytest.approx(best(said, golds, lang))


@settings(deadline=None)
@given(TEXT, st.lists(TEXT, max_size=3))
def test_squad2_as_the_slow_reading(said: str, golds: list[str]) -> None:
    assert squad2(said, golds) == pytest.approx(best2(said, golds))


@settings(deadline=None)
@given(TEXT, st.lists(TEXT, min_size=1, max_size=3), st.sampled_from(["fin", "hun", "est", "tur"]))
def test_mlqa_elsewhere_is_squad1(said: str, golds: list[str], lang: str) -> None:
    assert mlqa(said, golds, lang) == squad1(said, golds)


# --- properties ----------------------------------------------------------------------------------

RULES: list[Callable[[str, list[str]], tuple[float, float]]] = [
    squad1,
    squad2,
    *[lambda said, golds, lang=lang: mlqa(said, golds, lang) for lang in MLQA_LANGUAGES],
]


@settings(deadline=None)
@given(TEXT, st.lists(TEXT, min_size=1, max_size=4), st.sampled_from(RULES), st.randoms())
def test_the_order_of_gold_answers_is_nothing(said, golds, scorer, random) -> None:  # type: ignore[no-untyped-def]
    shuffled = random.sample(golds, len(golds))
    assert scorer(said, golds) == scorer(said, shuffled)


@settings(deadline=None)
@given(TEXT, TEXT, st.sampled_from(RULES))
def test_one_gold_answer_and_the_prediction_can_change_places(said, gold, scorer) -> None:  # type: ignore[no-untyped-def]
    assert scorer(said, [gold]) == pytest.approx(scorer(gold, [said]))


@settings(deadline=None)
@given(st.lists(TEXT, min_size=1, max_size=4), st.sampled_from(RULES))
def test_a_gold_answer_is_right(golds, scorer) -> None:  # type: ignore[no-untyped-def]
    """But SQuAD 2.0 drops a gold answer of which nothing is left, unless all are so."""
    em, f1 = scorer(golds[0], golds)
    dropped = scorer is squad2 and squad2(golds[0], [])[0] and not squad2("", golds)[0]
    assert em == (0 if dropped else 1)
    assert 0 <= f1 <= 1
