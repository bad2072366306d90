"""Which setting wins: defaults, catalogue, phase, task, scale, in this order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from training.catalogue import SCALES, TASKS
from training.plan.errors import MatrixError
from training.plan.matrix import Recipes
from training.plan.plan import Plan
from training.plan.recipes import learns, recipe, version
from training.spec.recipe import Recipe
from training.spec.task import Phase

NONE: dict[str, Any] = {}


def made(
    phase: Phase, scale: str, task: str, settings: dict[str, Any] = NONE, **further: Any
) -> Recipe:
    return recipe(phase, scale, task, settings, Recipes.model_validate(further))


def test_without_a_word_the_catalogues_recipe_holds() -> None:
    assert made("intermediate", "large", "mnli") == Recipe()
    assert made("target", "large", "xquad") == Recipe(**TASKS["xquad"].recipe)  # type: ignore[arg-type]


def test_a_target_takes_its_own_recipe_and_not_that_of_what_it_learns_from() -> None:
    assert made("target", "large", "xnli").epochs == TASKS["xnli"].recipe["epochs"] == 2.0
    assert made("intermediate", "large", "mnli").epochs == Recipe.epochs


def test_a_rank_without_adapters_makes_no_other_run() -> None:
    assert made("target", "xl", "xnli", {"rank": 4}) == made("target", "xl", "xnli")
    adapters = made("target", "xl", "xnli", {"rank": 4, "method": "lora"})
    assert (adapters.rank, adapters.method) == (4, "lora")


def test_adapters_on_random_weights_are_refused() -> None:
    with pytest.raises(MatrixError, match="LoRA would leave random weights"):
        made("mlm", "nano", "text", {"method": "lora", "scratch": True, "steps": 5})


def test_a_matrix_names_the_method_of_all_its_runs(planned: Callable[..., Plan]) -> None:
    """What is said of a phase, a task or a scale still wins; and full is what is not said."""
    lora = planned(method="lora", mlm="{steps: 5, method: full}")
    told = {(run.phase, run.recipe.method) for run in lora.runs}
    assert told == {("mlm", "full"), ("intermediate", "lora"), ("target", "lora")}
    scale = planned(method="lora", recipe="{scales: {micro: {method: full}}}")
    assert {(run.scale, run.recipe.method) for run in scale.runs} == {
        ("nano", "lora"),
        ("micro", "full"),
    }
    ids = [{run.id for run in planned(**more).runs} for more in ({}, {"method": "full"})]
    assert ids[0] == ids[1]


LADDER: list[tuple[dict[str, Any], dict[str, Any], int]] = [
    # settings of the phase, further ones, the batch that must come out (the catalogue says 16)
    ({}, {}, 16),
    ({"batch": 1}, {}, 1),
    ({"batch": 1}, {"tasks": {"squad": {"batch": 2}}}, 2),
    ({"batch": 1}, {"tasks": {"squad": {"batch": 2, "target": {"batch": 3}}}}, 3),
    ({}, {"tasks": {"squad": {"batch": 2, "target": {"batch": 3}}, "xquad": {"batch": 4}}}, 4),
    ({}, {"tasks": {"xquad": {"batch": 4}}, "scales": {"large": {"batch": 5}}}, 5),
    ({}, {"scales": {"large": {"batch": 5, "target": {"batch": 6}}}}, 6),
    ({}, {"scales": {"large": {"batch": 5, "intermediate": {"batch": 6}}}}, 5),
    ({}, {"scales": {"xl": {"batch": 5}}, "tasks": {"mnli": {"batch": 7}}}, 16),
]


@pytest.mark.parametrize(("settings", "further", "batch"), LADDER)
def test_later_ones_win(settings: dict[str, Any], further: dict[str, Any], batch: int) -> None:
    assert made("target", "large", "xquad", settings, **further).batch == batch


def test_what_is_said_of_a_task_holds_in_both_phases() -> None:
    told = {"squad": {"lr": 1e-3}}
    assert made("intermediate", "large", "squad", tasks=told).lr == 1e-3
    assert made("target", "large", "mlqa", tasks=told).lr == 1e-3
    assert made("target", "large", "tydiqa", tasks=told).lr == Recipe.lr


def test_what_is_said_of_a_target_is_not_said_of_the_intermediate_task() -> None:
    told = {"xquad": {"lr": 1e-3}}
    assert made("intermediate", "large", "squad", tasks=told).lr == Recipe.lr


def test_a_scale_has_a_recipe_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """It beats the task's, is beaten by the matrix, and may tell phases apart."""
    from dataclasses import replace

    own = replace(SCALES["xl"], recipe={"batch": 64, "lr": 3e-6, "mlm": {"lr": 9e-4}})
    monkeypatch.setitem(SCALES, "xl", own)
    target = made("target", "xl", "xquad")
    assert (target.batch, target.lr) == (64, 3e-6)
    assert made("mlm", "xl", "text").lr == 9e-4
    assert made("target", "xl", "xquad", {"batch": 8}).batch == 8


def test_the_catalogues_lengths_are_cut_to_the_scale_and_wishes_are_refused() -> None:
    assert TASKS["squad"].recipe["max_length"] == 384
    assert made("intermediate", "nano", "squad").max_length == SCALES["nano"].positions - 2 == 256
    assert made("intermediate", "large", "squad").max_length == 384
    assert made("target", "nano", "xnli", {"max_length": 256}).max_length == 256
    with pytest.raises(MatrixError, match=r"recipe of xnli at nano: max_length 257 .* 256 tokens"):
        made("target", "nano", "xnli", {"max_length": 257})
    assert made("target", "large", "xnli", {"max_length": 512}).max_length == 512


@pytest.mark.parametrize(
    ("phase", "task", "learnt"),
    [
        ("target", "xquad", "squad"),
        ("target", "xnli", "mnli"),
        ("target", "udpos", "udpos"),
        ("intermediate", "squad", "squad"),
        ("intermediate", "sib200", "sib200"),
        ("mlm", "text", "text"),
    ],
)
def test_what_a_run_learns_from(phase: Phase, task: str, learnt: str) -> None:
    assert learns(phase, task) == learnt


def test_a_mixtures_version_rises_with_any_member(monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    assert version("mixture") == version("mnli") == 1
    monkeypatch.setitem(TASKS, "ccg", replace(TASKS["ccg"], version=3))
    assert (version("mixture"), version("ccg"), version("mnli")) == (3, 3, 1)
