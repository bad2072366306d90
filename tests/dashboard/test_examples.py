"""Items of the two sides of a cell: who is matched with whom, and what became of each."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.analysis import examples
from dashboard.analysis.examples import counts, gold_answers, paired, sentence

BOTH = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=40)


def side(scores: dict[str, float], **more: object) -> pd.DataFrame:
    """Items by id, in Finnish, of the test split."""
    told = {"item_id": list(scores), "score": list(scores.values()), "lang": "fin", "split": "test"}
    return pd.DataFrame(told | more)


def test_every_item_falls_into_the_group_of_its_two_answers():
    before = side({"a": 0.0, "b": 1.0, "c": 1.0, "d": 0.0, "e": 0.0})
    after = side({"e": 1.0, "d": 0.0, "c": 1.0, "b": 0.0, "a": 1.0})  # another order
    told = paired(after, before, "fin", "test")
    groups = dict(zip(told.table["item_id"], told.table["group"], strict=True))
    assert groups == {
        "a": "fixed",
        "b": "broken",
        "c": "right both times",
        "d": "wrong both times",
        "e": "fixed",
    }
    assert not told.graded and told.alone == 0
    assert counts(told)["items"].tolist() == [2, 1, 1, 1]
    assert counts(told)["share"].tolist() == [40.0, 20.0, 20.0, 20.0]
    assert sentence(told, "Finnish", "MNLI", "no intermediate") == (
        "Of 5 Finnish items, MNLI fixes 2 (40.0\u00a0%) and breaks 1 (20.0\u00a0%), against no "
        "intermediate: 1 more right on balance (+20.0 points)."
    )


def test_graded_items_change_by_the_stated_margin_or_stay():
    before = side({"a": 0.2, "b": 0.5, "c": 1.0, "d": 0.5, "e": 0.5})
    after = side({"a": 0.3, "b": 0.4, "c": 1.0, "d": 0.59, "e": 0.0})
    told = paired(after, before, "fin", "test", 10)
    expected = ["better", "worse", "full marks both times", "about the same", "worse"]
    assert told.graded and told.table["group"].tolist() == expected
    assert "by 10 points or more" in sentence(told, "Finnish", "MNLI", "none", 10)
    wider = paired(after, before, "fin", "test", 11).table["group"].tolist()
    assert wider[:2] == ["about the same"] * 2


def test_only_the_language_and_split_asked_for_count():
    before = pd.concat(
        [side({"a": 0.0}), side({"a": 1.0}, lang="hun"), side({"a": 1.0}, split="dev")]
    )
    told = paired(side({"a": 1.0}), before, "fin", "test")
    assert told.table["group"].tolist() == ["fixed"]
    assert paired(side({"a": 1.0}), before, "est", "test").table.empty


def test_what_one_side_lacks_is_counted_and_in_no_group():
    told = paired(
        side({"a": 1.0, "b": 1.0, "c": np.nan}), side({"b": 0.0, "c": 1.0, "d": 0.0}), "fin", "test"
    )
    assert told.table["item_id"].tolist() == ["b"]
    assert (told.alone, told.unscored) == (2, 1)


def test_an_item_named_twice_is_refused():
    twice = pd.concat([side({"a": 1.0}), side({"a": 0.0})])
    with pytest.raises(ValueError, match=r"item a of fin \(test\) is there twice"):
        paired(side({"a": 1.0}), twice, "fin", "test")


def test_no_common_item_is_told_and_no_error():
    told = paired(side({"a": 1.0}), side({"b": 1.0}), "fin", "test")
    assert sentence(told, "Finnish", "MNLI", "none").startswith("No Finnish item was answered both")
    assert counts(told)["share"].tolist() == [0.0] * 4


def test_a_missing_text_is_missing():
    told = paired(side({"a": 1.0}), side({"a": 1.0}), "fin", "test")
    assert not told.has_text and told.table["per_word"].isna().all()
    written = paired(side({"a": 1.0}, text="Hei"), side({"a": 1.0}), "fin", "test")
    assert written.has_text and written.table["cluster_id"].tolist() == ["a"]


@settings(deadline=None)
@given(BOTH, st.randoms())
def test_groups_add_up_to_the_change_of_the_mean(answers: list[tuple[bool, bool]], random):
    before = side({str(i): float(one) for i, (one, _) in enumerate(answers)})
    after = side({str(i): float(one) for i, (_, one) in enumerate(answers)})
    shuffled = after.sample(frac=1, random_state=random.randrange(2**32))
    told = paired(shuffled, before, "fin", "test")
    items = counts(told).set_index("group")["items"]
    assert items.sum() == len(answers)
    change = 100 * (after["score"].mean() - before["score"].mean())
    balance = 100 * (items["fixed"] - items["broken"]) / len(answers)
    assert balance == pytest.approx(change) == pytest.approx(told.table["change"].mean())


@settings(deadline=None)
@given(BOTH)
def test_swapping_the_sides_swaps_fixed_and_broken(answers: list[tuple[bool, bool]]):
    one = side({str(i): float(a) for i, (a, _) in enumerate(answers)})
    two = side({str(i): float(b) for i, (_, b) in enumerate(answers)})
    there, back = (
        counts(paired(*sides, "fin", "test"))["items"].tolist()
        for sides in ((one, two), (two, one))
    )
    assert [there[1], there[0], *there[2:]] == back


def test_gold_answers_of_a_question_are_a_list_and_others_one():
    assert gold_answers('["a | b", "c", "c"]') == ["a | b", "c"]
    assert gold_answers("yes") == ["yes"]
    assert gold_answers("[not JSON") == ["[not JSON"]
    assert gold_answers('[1, {"a": 2}]') == ['[1, {"a": 2}]']
    assert gold_answers(float("nan")) == gold_answers(None) == []


def test_the_groups_are_named_once():
    assert len({*examples.GRADED, *examples.RIGHT_OR_WRONG}) == 8
