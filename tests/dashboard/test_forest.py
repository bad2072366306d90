"""The study's trainings: states, what is stuck, where each stands, and the way of a cell."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.analysis import ancestry, forest
from dashboard.analysis.frames import EVALUATION, PLAN
from dashboard.figures.forest import board as picture
from dashboard.figures.theme import look

ROOT = "mlm-text-0"


def planned(*rows: tuple[str, str, str, str, str]) -> pd.DataFrame:
    """(run, phase, task, parent, state) of study s at one scale."""
    names = ["run", "phase", "task", "parent", "state"]
    return pd.DataFrame(rows, columns=names, dtype="str").assign(study="s", scale="nano", seed="1")


def recorded(*rows: dict[str, Any]) -> pd.DataFrame:
    usual = {"phase": "", "task": "", "scale": "nano", "seed": "1", "parent": "", "state": "done"}
    usual |= {"health": "ok", "reason": "", "run_id": "f" * 32, "started": 0.0, "ended": 9000.0}
    return pd.DataFrame([usual | row for row in rows], columns=["run", *usual])


PLANNED = planned(
    (ROOT, "mlm", "text", "", "done"),
    ("i-mnli", "intermediate", "mnli", ROOT, "failed"),
    ("t-none", "target", "xnli", ROOT, "not run"),
    ("t-mnli", "target", "xnli", "i-mnli", "not run"),
)
RECORDED = recorded(
    {"run": ROOT},
    {"run": "i-mnli", "state": "failed", "reason": "out of memory\nat line 3", "parent": ROOT},
    {"run": "t-none", "state": "running"},
)


def plan(*rows: tuple[str, str, str, str]) -> pd.DataFrame:
    """(evaluation, run, intermediate, state)."""
    about = {"study": "s", "scale": "nano", "target": "xnli", "target_seed": "1", "variant": ""}
    told = [
        about
        | {"evaluation": one, "run": run, "intermediate": task, "state": state}
        | {"intermediate_seed": "" if task == "none" else "1"}
        for one, run, task, state in rows
    ]
    return pd.DataFrame(told, columns=list(PLAN))


CELLS = plan(("e-none", "t-none", "none", "not run"), ("e-mnli", "t-mnli", "mnli", "failed"))


def runs() -> pd.DataFrame:
    return forest.runs(PLANNED, RECORDED, "s")


def test_records_tell_states_and_what_waits_for_a_failed_run_is_blocked():
    told = runs().set_index("run")["state"].to_dict()
    assert told == {ROOT: "done", "i-mnli": "failed", "t-none": "running", "t-mnli": "blocked"}
    assert forest.running(runs())


def test_failures_name_the_first_line_and_what_they_stop():
    found = forest.failures(runs())
    assert found["run"].tolist() == ["i-mnli"]
    assert found.loc[0, ["reason", "blocked"]].tolist() == ["out of memory", 1]


def test_a_run_is_done_if_plan_or_record_says_so():
    record = recorded({"run": "i-mnli", "state": "done"}, {"run": ROOT, "state": "interrupted"})
    told = forest.runs(PLANNED, record, "s").set_index("run")["state"]
    assert told["i-mnli"] == "done" and told[ROOT] == "done" and told["t-mnli"] == "not run"


def test_without_a_plan_all_trainings_there_are():
    told = forest.runs(PLANNED.iloc[:0], RECORDED, "all evaluations")
    assert told["run"].tolist() == RECORDED["run"].tolist()
    assert forest.runs(PLANNED.iloc[:0], RECORDED.iloc[:0], "s").empty


def test_the_board_counts_by_intermediate_and_phase():
    table = forest.board(runs(), CELLS)
    counted = {(r.intermediate, r.phase): (r.total, r.done) for r in table.itertuples()}
    assert counted == {
        ("none", "mlm"): (1, 1),
        ("none", "target"): (1, 0),
        ("none", "evaluation"): (1, 0),
        ("mnli", "mlm"): (1, 1),  # the same run: both rows grow from it
        ("mnli", "intermediate"): (1, 0),
        ("mnli", "target"): (1, 0),
        ("mnli", "evaluation"): (1, 0),
    }
    assert table["intermediate"].tolist()[:3] == ["none"] * 3
    states = list(forest.STATES)
    assert (table[states].sum(axis=1) == table["total"]).all()
    cell = table[table["intermediate"].eq("mnli") & table["phase"].eq("evaluation")]
    assert cell["blocked"].tolist() == [1] and cell["failed"].tolist() == [0]


def test_the_summary_counts_each_run_once():
    measured = forest.evaluations(CELLS, runs())
    assert forest.summary(runs(), measured) == (
        "1 of 4 trainings done (1 running, 1 failed, 1 blocked); "
        "0 of 2 evaluations done (1 blocked, 1 not run)."
    )


def test_an_empty_study_has_an_empty_board():
    nothing = forest.runs(PLANNED.iloc[:0], RECORDED.iloc[:0], "s")
    assert forest.board(nothing, CELLS.iloc[:0]).empty


def test_a_circle_of_parents_ends():
    ring = {"a": "b", "b": "c", "c": "a"}
    assert list(forest.chain(ring, "a")) == ["a", "b", "c"]


TREES = st.lists(st.integers(-1, 30), min_size=1, max_size=30)


@settings(deadline=None)
@given(TREES, st.data())
def test_a_run_is_blocked_exactly_if_an_ancestor_failed(parents: list[int], data: st.DataObject):
    count = len(parents)
    above = [p if p < at else -1 for at, p in enumerate(parents)]
    told = data.draw(
        st.lists(st.sampled_from(["done", "failed", "not run"]), min_size=count, max_size=count)
    )
    rows = [
        (str(i), "target", "xnli", "" if p < 0 else str(p), s)
        for i, (p, s) in enumerate(zip(above, told, strict=True))
    ]
    found = forest.runs(planned(*rows), RECORDED.iloc[:0], "s")["state"].tolist()
    stuck = []
    for at in range(count):
        p = above[at]
        stuck.append(p >= 0 and (told[p] == "failed" or stuck[p]))
    assert found == [
        "blocked" if s == "not run" and b else s for s, b in zip(told, stuck, strict=True)
    ]


def test_a_thousand_runs_fold_into_a_bar_for_each_part():
    rows = [(ROOT, "mlm", "text", "", "done")]
    cells = []
    for task in range(11):
        for seed in range(3):
            rows.append((f"i{task}.{seed}", "intermediate", f"task{task}", ROOT, "done"))
            for target in range(30):
                rows.append(
                    (f"t{task}.{seed}.{target}", "target", f"to{target}", f"i{task}.{seed}", "done")
                )
                cells.append(
                    (f"e{task}.{seed}.{target}", f"t{task}.{seed}.{target}", f"task{task}", "done")
                )
    told = forest.runs(planned(*rows), RECORDED.iloc[:0], "s")
    table = forest.board(told, plan(*cells))
    assert len(told) == 1024 and len(table) == 11 * 4
    assert len(picture(table, look("light")).to_json()) < 30_000


def test_the_way_of_a_cell_starts_at_phase_one_and_ends_at_the_score():
    usual = dict.fromkeys(EVALUATION, "")
    cell = usual | {"evaluation": "e", "run": "t-mnli", "target": "xnli", "target_seed": "2"}
    cell |= {"scale": "nano", "state": "done", "health": "ok", "run_id": "a" * 32}
    found = ancestry.steps(runs(), pd.DataFrame([cell]), "e")
    assert found["id"].tolist() == [ROOT, "i-mnli", "t-mnli", "e"]
    assert found["phase"].tolist() == ["mlm", "intermediate", "target", "evaluation"]
    assert found["seconds"].tolist()[0] == 9.0 and found["seed"].tolist()[-1] == "2"
    assert ancestry.steps(runs(), pd.DataFrame([cell]), "other").empty


def test_an_unknown_parent_keeps_its_place():
    lost = planned(("t", "target", "xnli", "intermediate-gone-1", "done"))
    cell = dict.fromkeys(EVALUATION, "") | {"evaluation": "e", "run": "t"}
    told = forest.runs(lost, RECORDED.iloc[:0], "s")
    found = ancestry.steps(told, pd.DataFrame([cell]), "e")
    assert found["state"].tolist()[0] == "unknown" and found["phase"].tolist()[0] == "intermediate"


@pytest.mark.parametrize("same", [True, False])
def test_two_recipes_differ_where_they_do(same: bool):
    one = {"recipe": {"lr": 1e-5, "steps": 10, "tied": None}, "seed": 1}
    other = {"recipe": {"lr": 1e-5, "steps": 10 if same else 20}, "seed": 1}
    rows = ancestry.difference(one, other).set_index("name")
    assert rows.index.tolist() == ["recipe.lr", "recipe.steps", "recipe.tied", "seed"]
    assert rows.loc["recipe.steps", "same"] == same and rows.loc["recipe.lr", "same"]
    assert not rows.loc["recipe.tied", "same"] and pd.isna(rows.loc["recipe.tied", "other"])
    assert ancestry.difference({}, {}).empty


def test_who_has_learnt_nothing_is_listed_with_the_reason():
    told = runs().assign(health=["ok", "", "chance", ""])
    cell = dict.fromkeys(EVALUATION, "") | {
        "evaluation": "e",
        "health": "constant",
        "target": "xnli",
    }
    found = forest.unlearnt(told, pd.DataFrame([cell]))
    assert found["id"].tolist() == ["t-none", "e"]
    assert found["reason"].tolist() == ["score at chance", "one answer for everything"]
    assert forest.unlearnt(runs(), pd.DataFrame(columns=list(EVALUATION))).empty
