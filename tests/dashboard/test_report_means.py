"""Means of a report: known answers, and a documented result for everything that can be missing."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from frames_of import after, none, scores
from hypothesis import given
from hypothesis import strategies as st
from reports_of import planted, results

from dashboard.analysis.hierarchical import NOTHING_VARIED
from dashboard.analysis.means import XTREME, averages, groups, retrieval, target_means
from dashboard.place import PUBLISHED
from dashboard.report.literature import literature
from dashboard.report.parts import tables
from dashboard.report.pictures import slug
from dashboard.report.sections import sections
from dashboard.report.verdicts import verdicts
from training.catalogue import TASKS
from training.catalogue.xtreme import FOLDERS

THREE = {"fin": [1.0, 2.0, 3.0], "hun": [3.0, 4.0, 8.0], "eng": [2.0, 0.0, 1.0]}


def of(told: pd.DataFrame, task: str = "mnli", target: str = "xnli") -> pd.Series:
    return told[told["intermediate"].eq(task) & told["target"].eq(target)].iloc[0]


def test_a_mean_over_languages_is_taken_within_each_seed():
    row = of(target_means(results(scores(*planted(THREE)))))
    assert row["gain"] == pytest.approx((2 + 2 + 4) / 3)  # seeds: 2, 2, 4
    half = 4.302652729749464 * (4 / 3) ** 0.5 / 3**0.5  # t(0.975, 2), sd of 2, 2, 4
    assert (row["low"], row["high"]) == pytest.approx((row["gain"] - half, row["gain"] + half))
    assert (row["languages"], row["gained"], row["state"]) == (3, 3, "measured")


def test_a_language_that_lacks_a_seed_takes_that_seed_out_of_the_mean():
    """Unequal seeds: the mean is over lineages that have every language, and says how many."""
    found = target_means(results(scores(*planted({**THREE, "eng": [2.0, 0.0]}))))
    assert of(found)["seeds"] == 2 and of(found)["gain"] == pytest.approx(2.0)
    assert pd.isna(of(found)["low"])  # two seeds allow no t interval


def test_a_language_without_any_gain_leaves_no_mean_but_a_reason():
    rows = [*planted(THREE), after("squad", 55.0, "1"), after("squad", 60.0, "1", lang="hun")]
    row = of(target_means(results(scores(*rows))), "squad")
    assert pd.isna(row["gain"]) and row["state"] == "2 of 3 languages"
    assert (row["languages"], row["gained"]) == (3, 2)


def test_one_seed_has_a_gain_and_no_interval():
    row = of(target_means(results(scores(*planted({"fin": [2.0], "hun": [4.0]})))))
    assert row["gain"] == 3.0 and row["seeds"] == 1 and pd.isna(row["low"])


def test_runs_at_chance_are_told_and_not_averaged():
    told = results(scores(*planted(THREE, health="chance")))
    row = of(target_means(told))
    assert row["state"] == "at chance" and pd.isna(row["gain"])
    text = [one for one in tables(tuple(sections(told))) if one.name == "main-nano"][0]
    assert text.rows[1][1].text == "at chance"


def test_nan_and_a_constant_score_never_become_a_number():
    rows = planted({"fin": [float("nan")] * 3, "hun": [0.0, 0.0, 0.0]})
    row = of(target_means(results(scores(*rows))))
    assert pd.isna(row["gain"]) and row["state"] == "1 of 2 languages"
    same = of(target_means(results(scores(*planted({"fin": [0.0] * 3})))))
    assert same["gain"] == 0 and pd.isna(same["low"]) and same["lacks"] == NOTHING_VARIED


def retrieved(gain: float, seeds: int = 3) -> list[dict]:
    """Tatoeba: a baseline without a seed, and no target training."""
    about = {"target": "tatoeba", "target_seed": ""}
    rows = [none(30.0, "") | about]
    for seed in range(1, seeds + 1):
        rows.append(after("mnli", 30.0 + gain + seed - 2, str(seed)) | about)
    return rows


def test_averages_with_and_without_retrieval():
    told = results(scores(*planted({"fin": [1.0, 2.0, 3.0]}), *retrieved(40.0)))
    assert retrieval(told) == {"tatoeba"}
    found = averages(told, target_means(told)).set_index(["average", "intermediate"])
    both, without = found.index.get_level_values(0).unique()
    assert both == "mean of 2 XTREME tasks" and without == "mean of 1 without retrieval"
    assert found.loc[(both, "mnli"), "gain"] == pytest.approx((2 + 40) / 2)
    assert found.loc[(without, "mnli"), "gain"] == pytest.approx(2)
    assert found.loc[(both, "none"), "baseline"] == pytest.approx((50 + 30) / 2)
    # per seed: (1 + 39) / 2, (2 + 40) / 2, (3 + 41) / 2
    half = 4.302652729749464 / 3**0.5
    assert found.loc[(both, "mnli"), "high"] == pytest.approx(21 + half)


def test_an_average_that_lacks_a_target_is_missing_and_counts_it():
    rows = [*planted({"fin": [2.0]}), *retrieved(40.0, 1), after("squad", 51.0, "1")]
    told = results(scores(*rows))
    found = averages(told, target_means(told)).set_index(["average", "intermediate"])
    row = found.loc[("mean of 2 XTREME tasks", "squad")]
    assert pd.isna(row["gain"]) and row["missing"] == 1
    assert (row["common"], row["over"]) == (1.0, 1)  # XNLI in Finnish, which both tasks have


def test_a_crossed_design_gets_no_interval_that_takes_lineages_for_independent():
    rows = [none(50.0, str(seed)) for seed in (1, 2)]
    for one in (1, 2, 3):
        rows += [
            after("mnli", 50.0 + one + seed, str(seed)) | {"intermediate_seed": str(one)}
            for seed in (1, 2)
        ]
    told = results(scores(*rows))
    row = averages(told, target_means(told)).query("intermediate == 'mnli'").iloc[0]
    assert row["gain"] == pytest.approx(3.5) and pd.isna(row["low"])


def test_the_official_average_is_named_so_only_with_all_nine_tasks():
    assert set(XTREME) == {task.name for task in FOLDERS.values()}
    assert {one for one in XTREME if TASKS[one].group == "retrieval"} == {"bucc", "tatoeba"}
    rows = [row for one in XTREME[:7] for row in planted({"fin": [2.0]}, target=one)]
    rows += [row | {"target": one} for one in XTREME[7:] for row in retrieved(1.0, 1)]
    found = groups(results(scores(*rows, *planted({"fin": [1.0]}, target="sib200"))))
    assert list(found) == [
        "XTREME's average",
        "mean of 7 without retrieval",
        "targets beyond XTREME",
    ]
    assert found["targets beyond XTREME"] == ["sib200"]
    assert list(groups(results(scores(*rows[:-2]))))[0] == "mean of 8 XTREME tasks"


def test_a_split_that_nobody_measured_is_a_report_without_numbers():
    told = results(scores(*planted(THREE, split="dev")))
    assert of(target_means(told))["state"] in {"not run", "not in this benchmark"}
    for table in tables(tuple(sections(told))):
        if table.name.startswith(("main", "languages", "pinned")):
            assert not [one for row in table.rows for one in row if one.tint]


@given(st.text(max_size=12), st.text(max_size=12))
def test_two_names_never_share_a_file(one: str, other: str):
    first, second = slug("languages", one), slug("languages", other)
    assert (first == second) == (one == other)
    assert first.isascii() and "/" not in first and not first.startswith(("-", "."))


def test_verdicts_are_told_of_what_was_measured_at_both_scales():
    rows = []
    for scale, lift in (("large", 0.0), ("xl", 0.1)):
        gains = {"fin": [3.0 + lift, 3.2 + lift, 2.9 + lift]}
        rows += planted(gains, scale=scale)
    found = verdicts(results(scores(*rows), titles={"xnli": "XNLI", "mnli": "MNLI"}))
    (table,) = tables(tuple(found))
    told = table.data[table.data["languages_there"].eq("Finnish")].set_index("family")
    assert set(told["verdict"]) == {"generalises"} and "classification" in told.index
    assert told["change"].unique() == pytest.approx(0.1)
    assert any("generalises" in str(one) for one in found[0].blocks)


def test_without_the_scales_in_question_there_is_no_table_of_verdicts():
    found = verdicts(results(scores(*planted(THREE)), titles={"xnli": "XNLI"}))
    assert not tables(tuple(found)) and "both sides of none" in str(found[0].blocks[0])


def test_published_figures_stand_apart_with_their_source(tmp_path: Path, monkeypatch):
    mine = tmp_path / "mine.csv"
    head = "source,scale,intermediate,target,lang,split,metric,kind,value,protocol"
    rows = ["a paper,nano,none,xnli,fin,test,accuracy,score,47.5,zero-shot"]
    rows += ["a paper,nano,mnli,xnli,fin,test,accuracy,gain,9.0,zero-shot"]
    mine.write_text("\n".join([head, *rows]))
    monkeypatch.setenv(PUBLISHED, str(mine))
    told = results(scores(*planted({"fin": [1.0, 2.0, 3.0]})), titles={"xnli": "XNLI"})
    (table,) = tables(tuple(literature(told)))
    here = table.data[table.data["scale"].eq("nano")].set_index("kind")
    assert set(here["source"]) == {"published [a paper]"}
    assert here.at["score", "published"] == 47.5 and here.at["score", "ours"] == 50
    assert here.at["gain", "published"] == 9 and here.at["gain", "ours"] == pytest.approx(2)
    before = target_means(told)["gain"].dropna().tolist()
    monkeypatch.delenv(PUBLISHED)
    assert target_means(told)["gain"].dropna().tolist() == before == pytest.approx([2])
    assert not [one for one in tables(tuple(literature(told))) if "nano" in set(one.data["scale"])]
