"""The paper's comparisons by name, and the regret of a choice made on dev."""

from __future__ import annotations

import numpy as np
import pytest
from frames_of import after, none, scores

from dashboard.analysis.comparisons import BEST, best_intermediate, compare, named
from dashboard.analysis.hierarchical import NOTHING_VARIED


def study(dev: dict[str, float], test: dict[str, float], seeds: str = "123"):
    """English and Finnish; Finnish dev is English dev turned round."""
    rows = []
    for seed in seeds:
        wobble = int(seed) / 10
        for split, told in (("dev", dev), ("test", test)):
            for task, value in told.items():
                for lang in ("eng", "fin"):
                    turned = 100 - value if (split, lang) == ("dev", "fin") else value
                    more = {"split": split, "lang": lang}
                    one = none if task == "none" else lambda *a, t=task, **k: after(t, *a, **k)
                    rows.append(one(turned + wobble, seed, **more))
    return scores(*rows)


DEV = {"none": 50, "mnli": 70, "squad": 60, "mixture": 65}
TEST = {"none": 40, "mnli": 45, "squad": 48, "mixture": 47}


def test_the_papers_comparisons_are_named_from_what_is_there():
    there = ["none", "mnli", "mnli+mlm", "mnli@deu", "squad", "mixture", "mnli~shuffled", "mlm"]
    told = [(one.kind, one.intermediate, one.baseline) for one in named(there)]
    assert told == [
        ("none", "mnli", "none"),
        ("none", "squad", "none"),
        ("none", "mixture", "none"),
        ("mlm joint", "mnli", "mnli+mlm"),
        ("translated", "mnli", "mnli@deu"),
        ("mixture", "mixture", BEST),
    ]


def test_comparisons_are_cells_with_intervals():
    more = {"mnli+mlm": 44, "mnli@deu": 43}
    table = compare(study(DEV | more, TEST | more)).query("lang == 'fin'").set_index("comparison")
    assert table["gain"].round(6).to_dict() == {
        "mnli against none": 5,
        "squad against none": 8,
        "mixture against none": 7,
        "mnli against mnli+mlm": 1,
        "mnli against mnli@deu": 2,
        f"mixture against {BEST}": 2,
    }
    assert table.loc[f"mixture against {BEST}", "baseline_task"] == "mnli"
    assert table["seeds"].eq(3).all()
    assert table["low"].isna().all() and table["lacks"].eq(NOTHING_VARIED).all()  # alike seeds


def test_chosen_on_english_dev_and_reported_on_test_with_its_regret():
    table = best_intermediate(study(DEV, TEST)).query("lang == 'fin'").set_index("selected_on")
    row = table.loc["English dev"]
    assert (row["chosen"], row["best"]) == ("mnli", "squad")
    assert (row["gain"], row["regret"]) == pytest.approx((5, 3))
    assert (row["candidates"], row["missing"], row["seeds"]) == (4, 0, 3)


def test_the_oracle_is_labelled_and_sees_the_targets_own_dev():
    table = best_intermediate(study(DEV, TEST)).query("lang == 'fin'").set_index("selected_on")
    row = table.loc["oracle: target-language dev"]
    assert row["chosen"] == "none" and row["regret"] == pytest.approx(8)


def test_without_dev_scores_nothing_is_chosen():
    table = best_intermediate(study({}, TEST))
    assert table["chosen"].eq("").all() and table["regret"].isna().all()
    assert table["why"].eq("no candidate has scores on dev and test").all()
    assert not compare(study({}, TEST))["kind"].eq("mixture").any()


def test_a_failed_candidate_is_counted_and_a_nan_is_no_candidate():
    frame = study(DEV, TEST)
    frame.loc[frame["intermediate"].eq("mnli") & frame["split"].eq("dev"), "value"] = np.nan
    row = best_intermediate(frame, candidates=["mnli", "squad", "mixture", "ccg"]).iloc[0]
    assert (row["chosen"], row["missing"], row["candidates"]) == ("mixture", 2, 5)


def test_one_seed_has_no_interval_and_unequal_seeds_are_counted():
    assert compare(study(DEV, TEST, "1"))["low"].isna().all()
    frame = study(DEV, TEST)
    less = frame[~(frame["intermediate"].eq("squad") & frame["target_seed"].eq("3"))]
    table = compare(less).query("lang == 'fin'").set_index("comparison")
    assert table["seeds"].to_dict()["squad against none"] == 2
    assert best_intermediate(less)["seeds"].eq(2).all()


def test_runs_that_learnt_nothing_are_left_out():
    frame = study(DEV, TEST)
    frame.loc[frame["intermediate"].eq("squad"), "health"] = "constant"
    table = compare(frame).query("lang == 'fin'").set_index("comparison")
    assert np.isnan(table.loc["squad against none", "gain"])
    assert table.loc["squad against none", "at_chance"] == 3


def test_nothing_in_nothing_out():
    assert compare(scores()).empty and best_intermediate(scores()).empty
