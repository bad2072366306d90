"""Missing is told apart from zero, and by its reason; the finding in words follows the cells."""

from __future__ import annotations

import pandas as pd
import pytest
from frames_of import after, none, scores

from dashboard.analysis import answer, coverage
from dashboard.analysis.frames import PLAN, TRAITS
from dashboard.analysis.gains import gains
from dashboard.analysis.intervals import cells

LANGUAGES = pd.DataFrame(
    [
        ("fin", "Finnish", "Uralic", "Finnic", "Latn", "agglutinative"),
        ("hun", "Hungarian", "Uralic", "Ugric", "Latn", "agglutinative"),
        ("est", "Estonian", "Uralic", "Finnic", "Latn", "agglutinative"),
        ("eng", "English", "Indo-European", "Germanic", "Latn", "analytic"),
    ],
    columns=["lang", *TRAITS],
)


def plan(**states: str) -> pd.DataFrame:
    rows = [
        {"study": "s", "evaluation": task, "intermediate": task, "state": state}
        for task, state in {"none": "done", **states}.items()
    ]
    return pd.DataFrame(rows, columns=list(PLAN))


def grid(frame: pd.DataFrame, asked: pd.DataFrame, measured=("fin", "hun", "est", "eng")):
    return coverage.grid(cells(gains(frame)), asked, LANGUAGES, measured, measured)


def states(table: pd.DataFrame) -> dict[tuple[str, str], str]:
    keys = zip(table["lang"], table["intermediate"], strict=True)
    return dict(zip(keys, table["state"], strict=True))


def test_every_reason_is_told_apart_and_zero_is_measured():
    frame = scores(none(50), after("mnli", 50), after("mnli", 40, lang="est"))
    table = grid(frame, plan(mnli="done", squad="failed", qqp="running"), ("fin", "est"))
    told = states(table)
    assert told["fin", "mnli"] == "measured"
    assert table.set_index(["lang", "intermediate"]).loc[("fin", "mnli"), "gain"] == 0
    assert told["est", "mnli"] == "no baseline"
    assert told["fin", "squad"] == "failed"
    assert told["fin", "qqp"] == "running"
    assert told["hun", "mnli"] == "not in this benchmark"
    assert table.loc[table["state"].ne("measured"), "gain"].isna().all()
    assert coverage.caption(table) == (
        "1 of 9 cells measured; missing: 2 running, 2 failed, 1 no baseline,"
        " 3 not in this benchmark"
    )


def test_pinned_languages_come_first_even_where_they_are_missing():
    table = grid(scores(none(50, lang="eng"), after("mnli", 50, lang="eng")), plan(mnli="done"))
    assert list(table["lang"]) == ["fin", "hun", "eng", "est"]
    other = grid(scores(), plan(mnli="not run"), ("eng",))
    assert list(other["lang"]) == ["fin", "hun", "eng"]


def test_the_baseline_is_no_column():
    table = grid(scores(none(50), after("mnli", 55)), plan(mnli="done"))
    assert set(table["intermediate"]) == {"mnli"}


def test_fewer_seeds_than_planned_are_counted():
    asked = pd.concat([plan(mnli="done"), plan(mnli="not run")])
    table = grid(scores(none(50), after("mnli", 55)), asked, ("fin",))
    assert "1 with fewer seeds than planned" in coverage.caption(table)


def test_a_failed_training_fails_what_was_to_be_measured_on_it():
    evaluations, parents = [("x", "b"), ("y", "c"), ("z", "")], {"a": "", "b": "a", "c": ""}
    told = coverage.states(evaluations, parents, {"a": "failed", "b": "not run", "y": "done"})
    assert told == ["failed", "done", "not run"]


def test_a_planned_row_keeps_seed_zero_and_empties_none():
    row = {"id": "e", "target": "xnli", "intermediate_seed": 0, "target_seed": None}
    told = coverage.planned("s", row | {"settings": {"layer": 3, "source": "hub"}})
    assert (told["intermediate_seed"], told["target_seed"]) == ("0", "")
    assert (told["intermediate"], told["variant"], told["state"]) == ("none", "layer=3", "not run")


def test_the_finding_in_words():
    rows = [none(50, seed) for seed in "123"]
    rows += [after("mnli", 54 + i, str(i)) for i in (1, 2, 3)]
    rows += [after("squad", 49, seed, reuses=True) for seed in "12"]
    table = grid(scores(*rows), plan(mnli="done", squad="done"), ("fin",))
    told = answer.sentence(table, "fin").replace("\u00a0", " ")
    assert told == (
        "Finnish gains from 1 of 2 intermediate tasks (mean +2.5, tasks weighted equally, 1 of "
        "them reusing the target's training data); 1 of 1 intervals exclude zero. Best: mnli +6.0 "
        "(95 % interval +3.5 to +8.5 over 3 seeds). Lowest: squad −1.0 (no interval, 2 "
        "seeds)."
    )
    assert answer.headline(table, "fin") == "Finnish +2.5"
    assert answer.headline(table, "hun") == "Hungarian: not in this benchmark"
    assert answer.sentence(table, "hun") == "The benchmark has no Hungarian test set."


def test_nothing_measured_yet_is_said():
    table = grid(scores(), plan(mnli="not run"), ("fin",))
    assert answer.headline(table, "fin") == "Finnish: not yet"
    assert answer.sentence(table, "fin") == "Nothing is measured in Finnish yet."


@pytest.mark.parametrize(
    ("value", "text"), [(1.84, "+1.8"), (-0.31, "−0.3"), (0.04, "0.0"), (-0.04, "0.0")]
)
def test_points_are_signed_unless_they_round_to_zero(value: float, text: str):
    assert answer.points(value) == text


def test_a_single_task_has_no_mean():
    table = grid(scores(none(50), after("mnli", 52)), plan(mnli="done"), ("fin",))
    told = answer.sentence(table, "fin")
    assert told == "Finnish, the one intermediate task measured: mnli +2.0 (no interval, 1 seed)."
