"""Means over families and languages: known answers, seeds as replicates, gaps counted."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from frames_of import after, none, scores
from scipy import stats

from dashboard.analysis.frames import ScoreFrame
from dashboard.analysis.gains import gains
from dashboard.analysis.groups import broadcast, group_means, same_cells
from dashboard.analysis.intervals import cells
from dashboard.analysis.rollup import described, mean_gain
from dashboard.analysis.scope import Scope, asked, chosen
from dashboard.analysis.scores import Scores

LANGUAGES = pd.DataFrame(
    [
        ("fin", "Finnish", "Uralic", "Finnic", "Latn", "agglutinative"),
        ("est", "Estonian", "Uralic", "Finnic", "Latn", "agglutinative"),
        ("hun", "Hungarian", "Uralic", "Ugric", "Latn", "agglutinative"),
        ("deu", "German", "Indo-European", "Germanic", "Latn", "fusional"),
        ("eng", "English", "Indo-European", "Germanic", "Latn", "fusional"),
    ],
    columns=["lang", "language", "family", "genus", "script", "morphology"],
)
TASKS = pd.DataFrame({"task": ["xnli", "tatoeba"], "metric": ["accuracy"] * 2}).assign(
    title=["XNLI", "Tatoeba"], languages=""
)
GAIN = {"fin": (1.0, 2.0, 6.0), "est": (2.0, 2.0, 2.0), "hun": (0.0, 4.0, 5.0), "deu": (1, 1, 2)}


def study(*rows: dict) -> ScoreFrame:
    return ScoreFrame(Scores.of(scores(*rows)), languages=LANGUAGES, tasks=TASKS)


def rows(seeds: int = 3, **more) -> list[dict]:
    told = []
    for (lang, gain), at in itertools.product(GAIN.items(), range(seeds)):
        told.append(none(50.0, str(at + 1), lang=lang) | more)
        told.append(after("mnli", 50.0 + gain[at], str(at + 1), lang=lang) | more)
    return told


def pairs_of(*told: dict) -> pd.DataFrame:
    pairs = gains(scores(*told))
    return described(pairs[pairs["intermediate"].ne("none")], LANGUAGES)


def test_a_family_is_the_mean_of_its_languages_with_an_interval_over_seeds():
    pairs = pairs_of(*rows())
    found = group_means(pairs, pairs.drop_duplicates("lang"), "family", "targets")
    row = found.set_index("group").loc["Uralic"]
    means = np.array([1.0, 8 / 3, 13 / 3])  # of each seed
    half = stats.t.ppf(0.975, 2) * means.std(ddof=1) / 3**0.5
    assert row["gain"] == pytest.approx(8 / 3)
    assert [row["low"], row["high"]] == pytest.approx([8 / 3 - half, 8 / 3 + half])
    assert (row["seeds"], row["languages"], row["cells"], row["missing"]) == (3, 3, 3, 0)


def test_it_is_the_mean_gain_of_the_rollup():
    pairs = pairs_of(*rows(), *rows(target="tatoeba"))
    for weights in ("targets", "languages", "items"):
        found = group_means(pairs, pairs, "family", weights).set_index("group")["gain"]
        theirs = mean_gain(described(cells(pairs), LANGUAGES), ["family"], weights, "skip")
        assert found.to_dict() == pytest.approx(theirs.set_index("family")["gain"].to_dict())


def test_few_seeds_have_a_mean_and_no_interval():
    pairs = pairs_of(*rows(seeds=2))
    row = group_means(pairs, pairs, "lang", "targets").set_index("group").loc["fin"]
    assert row["gain"] == 1.5 and np.isnan(row["low"]) and row["seeds"] == 2


def test_a_seed_that_lacks_a_cell_moves_the_mean_and_is_kept_from_the_interval():
    told = [one for one in rows() if (one["lang"], one["target_seed"]) != ("est", "3")]
    pairs = pairs_of(*told)
    every = group_means(pairs, pairs, "family", "targets").set_index("group").loc["Uralic"]
    assert every["gain"] == pytest.approx((3 + 2 + 3) / 3) and np.isnan(every["low"])
    assert (every["seeds"], every["seeds_left_out"], every["cells"]) == (2, 1, 3)
    asked_for = pairs.drop_duplicates("lang")
    shared = group_means(pairs, asked_for, "family", "targets", "cells of every seed")
    row = shared.set_index("group").loc["Uralic"]
    assert row["gain"] == pytest.approx(3.0) and np.isfinite(row["low"])  # Finnish, Hungarian
    assert (row["cells"], row["missing"], row["seeds"]) == (2, 1, 3)


def test_what_was_asked_for_and_is_not_there_is_missing_and_not_zero():
    pairs = pairs_of(*rows())
    more = pd.concat([pairs.drop_duplicates("lang"), pairs.head(1).assign(family="Turkic")])
    row = group_means(pairs, more, "family", "targets").set_index("group").loc["Turkic"]
    assert np.isnan(row["gain"]) and (row["cells"], row["missing"]) == (0, 1)
    nothing = group_means(pairs.head(0), more, "family", "targets")
    assert nothing["gain"].isna().all() and len(nothing) == 3


def test_retrieval_stands_beside_the_target_seed_of_its_intermediate():
    told = [none(40.0, "", target="tatoeba")]
    told += [after("mnli", 41.0 + at, str(at), target="tatoeba") for at in (1, 2, 3)]
    for one in told[1:]:
        one["target_seed"] = ""
    pairs = pairs_of(*rows(), *told)
    assert set(broadcast(pairs)["target_seed"]) == {"1", "2", "3"}
    row = group_means(pairs, pairs, "lang", "targets").set_index("group").loc["fin"]
    each = [(1 + 2) / 2, (2 + 3) / 2, (6 + 4) / 2]
    assert row["seeds"] == 3 and row["gain"] == pytest.approx(np.mean(each))
    half = stats.t.ppf(0.975, 2) * np.std(each, ddof=1) / 3**0.5
    assert row["high"] - row["gain"] == pytest.approx(half)


def test_a_crossed_design_is_clustered_both_ways_and_never_narrower_than_paired():
    told = []
    for one, two in itertools.product("123", repeat=2):
        told.append(none(50.0, two, evaluation=f"b{one}{two}", intermediate_seed="") | {})
        gain = {"1": 0, "2": 3, "3": 6}[one] + {"1": 0, "2": 1, "3": 2}[two]
        told.append(after("mnli", 50.0 + gain, two) | {"intermediate_seed": one})
    kept = {
        (
            x["intermediate_seed"] if "intermediate_seed" in x else "",
            x["target_seed"],
            x.get("intermediate", "none"),
        ): x
        for x in told
    }
    pairs = pairs_of(*kept.values())
    row = group_means(pairs, pairs, "lang", "targets").iloc[0]
    first, second = 9.0 / 3, 1.0 / 3
    freedom = (first + second) ** 2 / (first**2 / 2 + second**2 / 2)  # Satterthwaite 1946
    half = stats.t.ppf(0.975, freedom) * (first + second) ** 0.5
    assert row["gain"] == pytest.approx(4.0) and row["seeds"] == 3
    assert row["high"] - row["gain"] == pytest.approx(half)


def test_scales_are_compared_over_the_cells_that_both_have():
    told = [*rows(), *[one for one in rows(scale="micro") if one["lang"] != "hun"]]
    found = same_cells(pairs_of(*told))
    assert set(found["lang"]) == {"fin", "est", "deu"} and set(found["scale"]) == {"nano", "micro"}


def test_a_scope_keeps_what_it_names_and_gaps_are_to_english():
    english = []
    for at in range(3):
        english += [
            none(60.0, str(at + 1), lang="eng"),
            after("mnli", 63.0, str(at + 1), lang="eng"),
        ]
    frame = study(*rows(), *english)
    whole = Scope("all evaluations")
    told = chosen(frame, whole)
    assert set(told["lang"]) == {*GAIN, "eng"} and set(told["intermediate"]) == {"mnli"}
    some = chosen(frame, Scope("all evaluations", langs=("fin",), tasks=("mnli",)))
    assert set(some["lang"]) == {"fin"} and len(some) == 3
    gap = chosen(frame, Scope("all evaluations", langs=("fin",), shown="gap_change"))
    assert gap["gain"].tolist() == [2.0, 1.0, -3.0]
    after_it = chosen(frame, Scope("all evaluations", langs=("fin",), shown="gap"))
    assert after_it["gain"].tolist() == [12.0, 11.0, 7.0]


def test_what_a_scope_asks_for_is_planned_cells_in_its_languages():
    evaluations = scores(*rows()).drop_duplicates("evaluation")
    frame = ScoreFrame(
        Scores.of(scores(*rows())), evaluations=evaluations, languages=LANGUAGES, tasks=TASKS
    )
    told = asked(frame, Scope("all evaluations"))
    assert sorted(told["lang"]) == sorted(GAIN)
    assert len(asked(frame, Scope("all evaluations", langs=("fin", "hun")))) == 2
    assert asked(frame, Scope("all evaluations", shown="gap")).empty  # no English to be a gap from
