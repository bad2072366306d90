"""One training without a matrix has the id it would have in one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from training.catalogue import TASKS
from training.plan.errors import MatrixError
from training.plan.plan import Plan
from training.plan.single import evaluations_of, single

SOURCE = "miniature/seed=13/sentences=4000"
PARENT = "intermediate-mnli-0123456789ab"


def test_ids_are_those_of_a_matrix(planned: Callable[..., Plan]) -> None:
    plan = planned(
        mlm="{steps: 9}", recipe="{intermediate: {lr: 1e-4}, target: {steps: 3}}", scales="nano"
    )
    runs = {run.id: run for run in plan.runs}
    mlm = single("mlm", "nano", "text", SOURCE, 0, None, ["recipe.steps=9"])
    assert runs[mlm.id] == mlm
    tuned = single("intermediate", "nano", "mnli", SOURCE, 1, mlm.id, {"lr": "1e-4"})
    assert runs[tuned.id] == tuned
    target = single("target", "nano", "mlqa", SOURCE, 1, tuned.id, ["recipe.steps=3"])
    assert runs[target.id] == target and target.task == "squad"

    found = {one.id: one for one in evaluations_of(target, [mlm, tuned])}
    assert {one.evaluation.target for one in found.values()} == {"xquad", "mlqa", "multiwikiqa"}
    asked = [one for one in found.values() if one.evaluation.target != "multiwikiqa"]
    assert [one for one in plan.evaluations if one.id in found] == asked


def test_what_is_measured_on_a_target_run_without_a_parent() -> None:
    (one,) = evaluations_of(single("target", "nano", "xnli", SOURCE, 4))
    assert (one.intermediate, one.intermediate_seed, one.target_seed) == ("none", None, 4)
    assert one.mlm is None and one.evaluation.target == "xnli"
    assert evaluations_of(single("mlm", "nano", "text", SOURCE, 0)) == ()


def test_a_lineage_is_never_guessed() -> None:
    run = single("target", "nano", "xnli", SOURCE, 4, PARENT)
    with pytest.raises(LookupError, match=PARENT):
        evaluations_of(run)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (("goal", "nano", "xnli"), "unknown phase 'goal'"),
        (("intermedate", "nano", "mnli"), "did you mean 'intermediate'"),
        (("target", "nanno", "xnli"), "did you mean 'nano'"),
        (("target", "nano", "xnlii"), "did you mean 'xnli'"),
        (("target", "nano", "squad"), "name a target: xquad, mlqa"),
        (("target", "nano", "ccg"), "no task of the phase target"),
        (("target", "nano", "tatoeba"), "nothing is trained for tatoeba"),
        (("intermediate", "nano", "xnli"), "no task of the phase intermediate"),
        (("intermediate", "nano", "none"), "'none' is the baseline"),
        (("mlm", "nano", "mnli"), "those are: text"),
        (("target", "nano", "xnli", "hubb"), "unknown source 'hubb'"),
        (("target", "nano", "xnli", "miniature"), "unknown source 'miniature'"),
        (("target", "nano", "xnli", SOURCE, -1), "seed -1"),
        (("target", "nano", "xnli", SOURCE, 1, "mnli"), "'mnli' is no run id"),
        (("target", "nano", "xnli", SOURCE, 1, "target-mnli-0123456789ab"), "cannot start from"),
        (("mlm", "nano", "text", SOURCE, 0, PARENT), "cannot start from"),
        (("intermediate", "nano", "mnli", SOURCE, 0, PARENT), "it may: mlm"),
        (("target", "nano", "xnli", SOURCE, 1, PARENT, ["recipe.lrr=1"]), "'recipe.lr'"),
        (("target", "nano", "xnli", SOURCE, 1, PARENT, {"lrr": 1}), "'lr'"),
        (("target", "nano", "xnli", SOURCE, 1, PARENT, {"max_length": 999}), "256 tokens"),
    ],
)
def test_mistakes(given: tuple[Any, ...], says: str) -> None:
    defaults = (None, None, None, SOURCE, 1)
    with pytest.raises(MatrixError) as caught:
        single(*given, *defaults[len(given) :])
    assert says in str(caught.value) and "\n" not in str(caught.value)


def test_a_new_version_of_a_task_makes_new_ids_of_what_learns_from_it(
    planned: Callable[..., Plan], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = {"scales": "nano", "intermediates": "[none, mnli, qqp]", "targets": "[udpos]"}
    before = planned(**told)
    monkeypatch.setitem(TASKS, "mnli", replace(TASKS["mnli"], version=2))
    after = planned(**told)
    gone = {(run.phase, run.task) for run in before.runs if run not in after.runs}
    assert gone == {("intermediate", "mnli"), ("target", "udpos")}
    assert len(set(before.runs) & set(after.runs)) == 2 + 4  # qqp, and what does not descend
    assert single("intermediate", "nano", "mnli", SOURCE, 1) in after.runs
