"""What a study lacks, and what that costs: counted from its plan, never from what happens to be."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from frames_of import after, none, scores
from reports_of import frame

from dashboard.analysis import completion, filling
from dashboard.analysis.completion import STATES, jobs
from dashboard.analysis.frames import ScoreFrame
from dashboard.figures import coverage as figure
from dashboard.snapshot.studies import Published, costs


def study(**states: str) -> ScoreFrame:
    """XNLI after three tasks with one seed each; `states` of the study's record by task."""
    tasks = ("none", "mnli", "squad", "ccg")
    rows = [none(50.0), *(after(task, 55.0) for task in tasks[1:])]
    made = frame(scores(*rows))
    told = made.plan["intermediate"].map(lambda task: states.get(task, "done"))
    unseen = {task for task, state in states.items() if state != "done"}
    measured = made.evaluations[~made.evaluations["intermediate"].isin(unseen)]
    return replace(made, plan=made.plan.assign(state=told), evaluations=measured)


def test_every_planned_evaluation_has_one_state():
    made = study(mnli="failed", squad="running", ccg="waiting")
    rows = jobs(made, "study").set_index("intermediate")
    assert rows["state"].to_dict() == {
        "none": "done", "mnli": "failed", "squad": "running", "ccg": "not run",
    }  # fmt: skip
    table = completion.completion(jobs(made, "study"), ["scale"])
    assert table["planned"].tolist() == [4]
    assert [int(table[state].iloc[0]) for state in STATES] == [1, 0, 1, 1, 1]
    assert completion.sentence(jobs(made, "study")) == (
        "1 of 4 planned evaluations are done; 1 running, 1 failed, 1 not run."
    )


def test_what_was_measured_counts_whatever_an_older_record_says():
    made = study()
    old = replace(made, plan=made.plan.assign(state="not run"))
    assert jobs(old, "study")["state"].eq("done").all()
    assert completion.sentence(jobs(old, "study")).endswith("the study is complete.")


def test_a_run_at_chance_is_done_and_told_apart():
    made = study()
    bad = made.evaluations["health"].mask(made.evaluations["intermediate"].eq("ccg"), "constant")
    rows = jobs(replace(made, evaluations=made.evaluations.assign(health=bad)), "study")
    assert rows.set_index("intermediate")["state"]["ccg"] == "at chance"
    assert "4 of 4 planned evaluations are done, 1 of them at chance" in completion.sentence(rows)


@pytest.mark.parametrize("seeds", [1, 5, 6, 15, 16, 26, 60, 100])
def test_marks_stand_apart_in_their_cell_however_many_seeds(seeds: int):
    plan = pd.DataFrame({"seed": range(seeds)}).assign(
        target="xnli", variant="", intermediate="none", state="done"
    )
    plan = pd.concat([plan, plan.head(1).assign(intermediate="mnli")])
    (marks,) = [one for one in figure.marks(plan).data if one.name and one.name.startswith("done")]
    x, y = np.array(marks.x) * figure.CELL, np.array(marks.y) * figure.ROW  # in pixels
    apart = np.hypot(x[:, None] - x, y[:, None] - y) + np.where(np.eye(len(x)), np.inf, 0)
    assert apart.min() > marks.marker.size
    edge = marks.marker.size / 2
    assert x.min() > edge and x.max() < figure.CELL - edge
    assert y[:seeds].min() > edge and y[:seeds].max() < figure.ROW - edge


def test_nothing_planned():
    nothing = jobs(ScoreFrame(), "study")
    assert completion.sentence(nothing) == "Nothing is planned."
    assert completion.completion(nothing, ["scale"]).empty


RUNS = pd.DataFrame(
    [
        ("nano", "target", "xnli", "done"),
        ("nano", "target", "xnli", "failed"),
        ("nano", "target", "pawsx", "not run"),
        ("xl", "intermediate", "mnli", "not run"),
        ("xl", "mlm", "text", "not run"),
    ],
    columns=["scale", "phase", "task", "state"],
)
HOUR = 3.6e6


def trainings(*rows: tuple[str, str, str, str, float]) -> pd.DataFrame:
    made = pd.DataFrame(rows, columns=["scale", "phase", "task", "state", "took"])
    return made.assign(started=1e12, ended=1e12 + HOUR * made.pop("took"))


COSTS = pd.DataFrame(
    [("nano", "target", "xnli", 9.0), ("xl", "intermediate", "mnli", 40.0)],
    columns=["scale", "phase", "task", "hours"],
)


def filled(**more: Any) -> pd.DataFrame:
    told = trainings(
        ("nano", "target", "xnli", "done", 2.0),
        ("nano", "target", "xnli", "done", 4.0),
        ("nano", "target", "xnli", "failed", 100.0),
    )
    rows = jobs(study(mnli="failed"), "study")
    given: dict[str, Any] = {"planned_runs": RUNS, "jobs": rows, "trainings": told, "costs": COSTS}
    return filling.filling(**(given | more)).set_index(["scale", "phase", "task"])


def test_hours_are_as_the_like_took_else_as_the_plan_estimates():
    table = filled()
    assert table["missing"].to_dict() == {
        ("nano", "target", "xnli"): 1,
        ("nano", "target", "pawsx"): 1,
        ("xl", "intermediate", "mnli"): 1,
        ("xl", "mlm", "text"): 1,
        ("nano", "evaluation", "xnli"): 1,
    }
    assert table["hours"].tolist()[:3] == [3.0, 3.0, 40.0]  # the median of those that are done
    assert table["hours"].isna().tolist() == [False, False, False, True, True]
    assert table["basis"].tolist() == [
        filling.MEASURED, filling.NEAR, filling.ESTIMATED, filling.UNKNOWN, filling.UNKNOWN,
    ]  # fmt: skip
    assert filling.sentence(table.reset_index()) == (
        "Completing it takes 4 trainings and 1 evaluation, some 46.0 hours of one device, not "
        "counting 2 whose cost is not known."
    )


def test_without_any_basis_the_cost_is_not_known_and_never_zero():
    table = filled(trainings=trainings(), costs=COSTS[:0])
    assert table["hours"].isna().all() and table["basis"].eq(filling.UNKNOWN).all()
    assert filling.sentence(table.reset_index()).endswith("what they cost is not known.")


def test_a_complete_study_has_nothing_left():
    done = RUNS.assign(state="done")
    table = filled(planned_runs=done, jobs=jobs(study(), "study")).reset_index()
    assert table.empty and filling.sentence(table) == "Nothing is left to run."


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.001, "less than a minute"),
        (0.2, "12 minutes"),
        (3.44, "3.4 hours"),
        (1200, "1,200 hours"),
    ],
)
def test_hours_in_words(value: float, words: str):
    assert filling.hours(value) == words


def test_a_training_without_an_end_tells_nothing():
    open_ended = trainings(("nano", "target", "xnli", "done", np.nan))
    assert filled(trainings=open_ended)["basis"].tolist()[0] == filling.ESTIMATED


def published(plan: dict[str, Any]) -> Published:
    return Published("demo", "run", json.dumps(plan).encode(), b"{}")


def test_costs_are_read_off_a_plan_and_an_older_plan_tells_none():
    kinds = [{"scale": "xl", "phase": "target", "task": "xnli", "jobs": 3, "hours": 1.5}]
    plan = {"cost": {"device": {"title": "One GPU"}, "kinds": kinds}}
    (row,) = costs(published(plan))
    assert row == {
        "study": "demo", "device": "One GPU", "scale": "xl", "phase": "target", "task": "xnli",
        "hours": 1.5,
    }  # fmt: skip
    assert costs(published({"runs": []})) == []
