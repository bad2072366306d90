"""Every matrix that is shipped can be read and expanded, and holds what it is named for."""

from __future__ import annotations

from pathlib import Path

import pytest

from training.catalogue import TASKS
from training.plan.cost import cost
from training.plan.expand import expand
from training.plan.matrix import read
from training.plan.plan import Plan
from training.spec.source import tried

FOLDER = Path(__file__).parents[2] / "training" / "matrices"
SHIPPED = sorted(FOLDER.glob("*.yaml"))
NINE = set(TASKS["mixture"].members)
XTREME = {name for name, one in TASKS.items() if one.benchmark == "xtreme" and one.group}


def plan_of(name: str) -> Plan:
    return expand(read(FOLDER / f"{name}.yaml"))


def test_the_matrices_of_the_design_are_there() -> None:
    assert {"paper", "ladder"} <= {path.stem for path in SHIPPED}
    assert [path.name for path in FOLDER.iterdir() if path.suffix != ".yaml"] == []


@pytest.mark.parametrize("path", SHIPPED, ids=[path.stem for path in SHIPPED])
def test_a_matrix_expands_with_parents_first(path: Path) -> None:
    plan = expand(read(path))
    assert plan.study == path.stem
    seen: set[str | None] = {None}
    for run in plan.runs:
        assert run.parent in seen and run.id not in seen
        seen.add(run.id)
    assert plan.evaluations and {one.evaluation.run for one in plan.evaluations} <= seen
    assert "none" in {one.intermediate for one in plan.evaluations}, "no baseline, so no gains"
    assert cost(plan).hours > 0


def test_paper_is_the_published_study() -> None:
    plan = plan_of("paper")
    assert plan.counts["trainings"] == 228
    assert plan.counts["by_phase"] == {"mlm": 0, "intermediate": 30, "target": 198}
    assert {run.scale for run in plan.runs} == {"large"}
    by_task = {run.task: run.source for run in plan.runs}
    assert by_task.pop("ccg") == "files"  # it has no copy on the hub
    assert tried(by_task["mixture"], "ccg") == ("files",)
    assert tried(by_task.pop("mixture"), "mnli") == ("hub",)
    assert set(by_task.values()) == {"hub"}
    assert {one.intermediate for one in plan.evaluations} == NINE | {"mixture", "none"}
    assert {one.evaluation.target for one in plan.evaluations} == XTREME
    assert len(XTREME) == 9 and len(NINE) == 9
    assert {run.seed for run in plan.runs} == {1, 2, 3}


def test_ladder_is_the_same_study_at_all_four_sizes() -> None:
    plan, paper = plan_of("ladder"), plan_of("paper")
    assert plan.counts["trainings"] == 912 and plan.counts["cells"] == 1188
    assert [*dict.fromkeys(run.scale for run in plan.runs)] == ["base", "large", "xl", "xxl"]
    # What the paper's study has trained already is not trained again.
    assert {run.id for run in paper.runs} < {run.id for run in plan.runs}
