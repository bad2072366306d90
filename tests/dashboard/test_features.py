"""Gain by case and by sub-words: counted by hand, and by a plain loop."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.analysis import features
from dashboard.analysis.examples import paired

FEATS = st.sampled_from(["Case=Nom|Number=Sing", "Case=Ine", "Case=Acc,Nom", "_", "VerbForm=Fin"])
TAGS = st.sampled_from(["NOUN", "VERB"])
WORD = st.tuples(FEATS, TAGS, TAGS, TAGS)
SENTENCES = st.lists(st.lists(WORD, min_size=1, max_size=5), min_size=1, max_size=12)


def tagged(sentences: list[list[tuple[str, str, str, str]]]) -> pd.DataFrame:
    """The paired table of sentences of (features, gold, before, after)."""
    sides = []
    for at in (3, 2):
        rows = []
        for number, words in enumerate(sentences):
            gold, said = (" ".join(word[place] for word in words) for place in (1, at))
            right = [word[1] == word[at] for word in words]
            feats = " ".join(word[0] for word in words)
            rows.append(
                dict(item_id=str(number), gold=gold, prediction=said, feats=feats)
                | dict(score=sum(right) / len(right), n_words=len(words), n_subwords=2 * len(words))
            )
        sides.append(pd.DataFrame(rows).assign(lang="fin", split="test"))
    return paired(*sides, "fin", "test").table


def test_accuracy_by_case_is_counted_word_by_word():
    table = tagged(
        [
            [("Case=Ine", "NOUN", "VERB", "NOUN"), ("_", "VERB", "VERB", "VERB")],
            [
                ("Case=Ine|Number=Sing", "NOUN", "NOUN", "NOUN"),
                ("Case=Nom", "NOUN", "NOUN", "VERB"),
            ],
        ]
    )
    words = features.words(table)
    found = features.by_feature(table, words).set_index("part")
    assert found.index.tolist() == ["Ine", "Nom", ""]
    assert found.loc["Ine", ["words", "items", "before", "after", "gain"]].tolist() == [
        2,
        2,
        50,
        100,
        50,
    ]
    assert found.loc["Nom", "gain"] == -100 and found.loc["", "gain"] == 0
    assert found["low"].isna().all()  # two sentences tell no spread
    assert features.offered(words)["feature"].tolist() == ["Case=Ine", "Case=Nom", "Number=Sing"]
    assert words.having("Case=Ine", 2).tolist() == [True, True]
    assert words.having("Number=Sing", 2).tolist() == [False, True]


@settings(deadline=None)
@given(SENTENCES)
def test_words_of_a_case_agree_with_a_plain_loop(sentences: list[list[tuple[str, ...]]]):
    table = tagged(sentences)
    found = features.by_feature(table, features.words(table))
    every = [word for words in sentences for word in words]
    for row in found.itertuples():
        names = row.part or None
        mine = [w for w in every if (names in cases(w[0]) if names else not cases(w[0]))]
        assert row.words == len(mine)
        assert row.after == pytest.approx(100 * np.mean([w[1] == w[3] for w in mine]))
        assert row.before == pytest.approx(100 * np.mean([w[1] == w[2] for w in mine]))
    assert set(found["part"]) - {""} == {one for word in every for one in cases(word[0])}


def cases(feats: str) -> list[str]:
    return [v for one in feats.split("|") if one.startswith("Case=") for v in one[5:].split(",")]


def test_without_a_tag_a_word_items_are_averaged_that_hold_the_case():
    table = tagged([[("Case=Ine", "NOUN", "VERB", "NOUN"), ("_", "VERB", "VERB", "VERB")]] * 2)
    whole = table.assign(
        gold="yes", prediction="yes", prediction_before="no", score=100.0, score_before=0.0
    )
    words = features.words(whole)
    assert words.right is None
    found = features.by_feature(whole, words)
    assert found["part"].tolist() == ["Ine"]
    assert found.loc[0, ["words", "gain"]].tolist() == [2, 100]


def test_no_features_is_an_empty_table():
    table = tagged([[("_", "NOUN", "NOUN", "NOUN")]]).assign(feats=None)
    words = features.words(table)
    assert features.by_feature(table, words).empty and features.offered(words).empty
    assert not words.having("Case=Ine", 1).any()


def test_the_interval_is_over_clusters_of_items():
    rng = np.random.default_rng(4)
    change = rng.normal(5, 20, 400)
    clusters = pd.Series([str(i // 2) for i in range(400)])
    once = features._half_width(clusters[::2].reset_index(drop=True), change[::2])
    doubled = np.repeat(change[::2], 2)  # every item twice in its cluster tells nothing more
    assert features._half_width(clusters, doubled) == pytest.approx(once)
    plain = 1.96 * change.std(ddof=1) / math.sqrt(400)
    assert features._half_width(pd.Series([str(i) for i in range(400)]), change) == pytest.approx(
        plain, rel=0.01
    )


def test_bins_hold_about_as_many_items_each_and_all_of_them():
    values = pd.Series([1.0, 1.5, 1.5, 2.0, 2.5, 3.0, 4.0, 4.0, 5.0, np.nan])
    told = features.binned(values, 3)
    assert told.tolist() == ["1–1.5"] * 3 + ["1.5–3"] * 3 + ["3–5"] * 3 + [""]
    assert features.binned(pd.Series([2.0, 2.0])).tolist() == ["", ""]
    assert features.binned(pd.Series([np.nan])).tolist() == [""]


@settings(deadline=None)
@given(st.lists(st.floats(0, 10), min_size=1, max_size=60), st.integers(1, 6))
def test_every_value_is_in_one_bin(values: list[float], count: int):
    told = features.binned(pd.Series(values), count)
    assert told.ne("").all() or told.eq("").all()
    assert told.nunique() <= count


def test_bins_by_sub_words_carry_their_mean_gain():
    table = tagged([[("_", "NOUN", "VERB", "NOUN")]] * 3 + [[("_", "NOUN", "NOUN", "VERB")]] * 3)
    table["per_word"] = [1.0, 1.0, 1.2, 2.0, 2.5, 3.0]
    found = features.by_bins(table, "per_word", 2)
    assert found["gain"].tolist() == [100, -100] and found["words"].tolist() == [3, 3]


def test_a_case_has_a_name_and_other_features_their_own():
    assert features.named("Case=Ine") == "inessive (Case=Ine)"
    assert features.named("Case=<b>") == "Case=<b>" and features.named("Tense=Past") == "Tense=Past"
