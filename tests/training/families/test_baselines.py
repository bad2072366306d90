"""Known answers of the simple baselines."""

from __future__ import annotations

from collections import Counter

import pytest
from tiny import examples, named

from training.families.baselines import baselines, lexicon, most_common
from training.families.examples import ChoiceExample, PairExample, TagExample


def pairs(*labels: int) -> list[PairExample]:
    return [PairExample(str(i), str(i), "eng", "a", "b", one) for i, one in enumerate(labels)]


def choices(*told: tuple[int, int]) -> list[ChoiceExample]:
    return [
        ChoiceExample(str(i), str(i), "eng", "a", tuple("abcde"[:size]), label)
        for i, (label, size) in enumerate(told)
    ]


def sentence(told: str) -> TagExample:
    words, tags = zip(*(token.split("/") for token in told.split()), strict=True)
    return TagExample("i", "c", "eng", words, tags)


def test_majority_is_the_training_sets() -> None:
    told = baselines(named("mnli"), pairs(1, 1, 2), pairs(2, 2, 2, 1))
    assert told == {"majority": 25.0, "chance": pytest.approx(100 / 3)}


def test_qqp_is_measured_as_qqp() -> None:
    test = pairs(1, 0, 0, 0)
    assert baselines(named("qqp"), pairs(0, 0, 1), test)["majority"] == pytest.approx(75 / 2)
    always = baselines(named("qqp"), pairs(1, 1, 0), test)
    assert always["majority"] == pytest.approx((25 + 40) / 2)
    # Guessing: expected tp 0.5, fp 1.5, fn 0.5.
    assert always["chance"] == pytest.approx((50 + 100 / 3) / 2)


def test_choices_have_a_place_and_chance() -> None:
    told = baselines(named("csqa"), choices((1, 5), (1, 5), (0, 5)), choices((1, 5), (0, 2)))
    assert told == {"majority": 50.0, "chance": pytest.approx((20 + 50) / 2)}


def test_lookup_knows_forms_and_falls_back_on_the_commonest_tag() -> None:
    train = [sentence("Anna/PROPN runs/VERB"), sentence("runs/NOUN runs/VERB cat/NOUN dog/NOUN")]
    test = [sentence("Anna/PROPN juoksee/VERB runs/VERB")]
    told = baselines(named("udpos"), train, test)
    # Looked up: PROPN NOUN VERB, against PROPN VERB VERB (two spans): one of three is right.
    assert told["lookup"] == pytest.approx(40.0)
    assert told["majority"] == 0.0
    assert baselines(named("udpos"), train, [sentence("kissa/NOUN")])["lookup"] == 100.0
    assert lexicon(train) == {"Anna": "PROPN", "runs": "VERB", "cat": "NOUN", "dog": "NOUN"}


def test_ties_do_not_depend_on_the_order() -> None:
    assert most_common("abab") == most_common("baba") == "a"
    assert most_common(Counter(b=2, a=1)) == "b"


@pytest.mark.parametrize("name", ["mnli", "qqp", "csqa", "udpos", "panx", "ccg"])
def test_the_miniature_has_all_baselines_within_bounds(name: str) -> None:
    task = named(name)
    lang = "eng" if name == "ccg" else "fin"  # supertags are not the same in every language
    told = baselines(task, examples(task), examples(task, "dev", lang))
    assert set(told) == {"majority", "lookup" if task.family == "tagging" else "chance"}
    assert all(0 <= value <= 100 for value in told.values())
    assert max(told.values()) > 0


def test_what_has_none_here_is_refused() -> None:
    with pytest.raises(ValueError, match="span.*xquad"):
        baselines(named("xquad"), pairs(0), pairs(0))
    with pytest.raises(ValueError, match="mnli.*at least"):
        baselines(named("mnli"), [], pairs(0))
