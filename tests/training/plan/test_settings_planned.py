"""Intermediate settings in a matrix: their ids, their recipes, their place in the plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from training.catalogue import TASKS
from training.catalogue.recipes import SCRIPTS
from training.plan.cost import steps
from training.plan.errors import MatrixError
from training.plan.matrix import Recipes, parse
from training.plan.plan import Plan
from training.plan.recipes import recipe, version
from training.plan.single import evaluations_of, single
from training.spec.recipe import Recipe
from training.spec.run import Run
from training.spec.task import Phase

Make = Callable[..., Plan]
SOURCE = "miniature/seed=13/sentences=4000"
NONE: dict[str, Any] = {}


def made(
    task: str, settings: dict[str, Any] = NONE, phase: Phase = "intermediate", **further: Any
) -> Recipe:
    return recipe(phase, "large", task, settings, Recipes.model_validate(further))


def intermediates(plan: Plan) -> dict[str, Run]:
    return {run.task: run for run in plan.runs if run.phase == "intermediate" and run.seed == 1}


def test_a_matrix_takes_any_setting_and_spells_it_canonically(planned: Make) -> None:
    told = "[none, squad+mnli, mlm+mnli, mnli@de, mnli~shuffled, mlm~mixture, wordorder]"
    plan = planned(intermediates=told, scales="nano", targets="[xnli, tatoeba]")
    named = ["mnli+squad", "mnli+mlm", "mnli@deu", "mnli~shuffled", "mlm~mixture", "wordorder"]
    assert list(intermediates(plan)) == named
    assert [*dict.fromkeys(one.intermediate for one in plan.evaluations)] == ["none", *named]
    assert all(
        run.id.startswith(f"intermediate-{name}-") for name, run in intermediates(plan).items()
    )
    marked = {one.intermediate for one in plan.evaluations if one.reuses}
    assert marked == {*named} - {"mlm~mixture"}


@pytest.mark.parametrize(
    "told",
    ["[mnli+squad, squad+mnli]", f"[mixture, {'+'.join(TASKS['mixture'].members)}]"],
)
def test_two_spellings_of_one_setting_are_told(text: Callable[..., str], told: str) -> None:
    with pytest.raises(MatrixError, match="named twice"):
        parse(text(intermediates=told))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"intermediates": "[none, mnli@xx]"}, "unknown language 'xx'"),
        ({"intermediates": "[none, mnly+mlm]"}, "did you mean 'mnli'"),
        ({"recipe": "{tasks: {squad+mnli: {lr: 1}}}"}, "as 'mnli+squad'"),
        ({"recipe": "{tasks: {mnly+mlm: {lr: 1}}}"}, "did you mean 'mnli'"),
        ({"recipe": "{base: xtrem}"}, "'jiant' or 'xtreme'"),
        ({"recipe": "{intermediate: {mlm_share: 1}}"}, "less than 1"),
        ({"recipe": "{intermediate: {corpus: a/b}}"}, "without slashes"),
    ],
)
def test_mistakes(text: Callable[..., str], changes: dict[str, str], says: str) -> None:
    with pytest.raises(MatrixError) as caught:
        parse(text(**changes), "m.yaml")
    assert says in str(caught.value) and "m.yaml, line" in str(caught.value)


def test_a_contrast_takes_a_control_as_its_baseline(planned: Make) -> None:
    plan = planned(
        intermediates="[mnli, mlm~mnli]",
        contrast="{name: c, intermediate: mnli, baseline: mlm~mnli, target: tatoeba}",
    )
    assert plan.contrast is not None and plan.contrast.baseline == "mlm~mnli"


def test_a_setting_learns_as_its_plain_task_does() -> None:
    told = {"mnli": {"lr": 1e-3}, "mnli+mlm": {"batch": 7}, "mixture": {"lr": 2e-3}}
    for name in ("mnli@deu", "mnli~shuffled", "mlm~mnli", "mnli+mlm", "mnli@deu+mlm"):
        assert made(name, tasks=told).lr == 1e-3
        assert made(name, tasks=told).batch == (7 if name == "mnli+mlm" else Recipe.batch)
    assert made("mixture+mlm", tasks=told).lr == 2e-3
    assert made("mnli+squad", tasks=told) == Recipe()
    assert made("squad2@fin").max_length == made("mlm~squad").max_length == 384


def test_shuffled_labels_choose_no_checkpoint() -> None:
    assert made("mnli~shuffled").selection == made("mnli~shuffled+qqp").selection == "last"
    assert made("mnli~shuffled", {"selection": "best"}).selection == "best", "if so asked"
    assert made("mnli@deu").selection == "best"


def test_what_is_said_of_mlm_makes_no_other_run_of_a_task_without_it() -> None:
    told = {"corpus": "wiki", "languages": ("fin",), "mlm_share": 0.2}
    assert made("mnli", told) == made("mixture", told) == Recipe()
    assert made("mnli+mlm", told) == Recipe(corpus="wiki", languages=("fin",), mlm_share=0.2)
    assert made("mlm~mnli", told) == Recipe(corpus="wiki", languages=("fin",))


def test_mlm_alone_needs_steps_or_a_task_to_last_as_long_as() -> None:
    with pytest.raises(MatrixError, match=r"recipe\.tasks\.mlm\.steps, or write mlm~TASK"):
        made("mlm")
    assert made("mlm", tasks={"mlm": {"steps": 9}}).steps == 9
    assert made("mlm~mnli").steps == 0


def test_xtremes_recipe_is_a_named_alternative_for_targets() -> None:
    xnli = made("xnli", phase="target", base="xtreme")
    assert (xnli.lr, xnli.epochs, xnli.warmup, xnli.weight_decay) == (3e-5, 5.0, 0.0, 0.0)
    assert (xnli.batch, xnli.max_length, xnli.selection) == (32, 128, "best")
    xquad = made("xquad", phase="target", base="xtreme")
    assert xquad == made("mlqa", phase="target", base="xtreme")
    assert (xquad.warmup_steps, xquad.weight_decay, xquad.selection) == (500, 1e-4, "last")
    assert made("xnli", {"lr": 1e-3}, "target", base="xtreme").lr == 1e-3
    assert made("mnli", base="xtreme") == made("mnli") == Recipe()
    assert made("sib200", phase="target", base="xtreme") == made("sib200", phase="target")
    trained = {n for n, t in TASKS.items() if t.benchmark == "xtreme" and t.group and t.trains_on}
    assert set(SCRIPTS) == trained


def test_the_released_recipe_is_the_default() -> None:
    told = Recipe()
    assert (told.lr, told.warmup, told.weight_decay, told.clip) == (1e-5, 0.1, 0.01, 1.0)
    names = ("xnli", "pawsx", "udpos", "panx", "xquad", "mlqa", "tydiqa")
    found = [made(name, phase="target") for name in names]
    assert [one.epochs for one in found] == [2, 5, 10, 10, 2, 2, 2]
    assert [one.batch for one in found] == [32] * 4 + [16] * 3
    assert [one.max_length for one in found] == [256] * 4 + [384] * 3


def test_a_version_of_a_part_is_a_version_of_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("mnli@deu", "mnli+squad", "mixture+mlm", "mlm~mnli")
    assert [version(name) for name in names] == [1, 1, 1, 1]
    monkeypatch.setitem(TASKS, "mnli", replace(TASKS["mnli"], version=3))
    assert [version(name) for name in names] == [3, 3, 3, 1]


def test_one_training_of_a_setting_has_the_id_of_the_matrix(planned: Make) -> None:
    plan = planned(intermediates="[mnli+mlm]", targets="[xnli]", scales="nano")
    (run,) = intermediates(plan).values()
    tuned = single("intermediate", "nano", "mlm+mnli", SOURCE, 1)
    assert tuned == run
    target = single("target", "nano", "xnli", SOURCE, 1, tuned.id)
    (one,) = evaluations_of(target, [tuned])
    assert (one.intermediate, one.reuses) == ("mnli+mlm", True)
    with pytest.raises(MatrixError, match="did you mean 'mnli'"):
        single("intermediate", "nano", "mlm+mnly", SOURCE, 1)


def test_mlm_beside_a_task_comes_on_top_of_its_epochs() -> None:
    def reckoned(task: str, **settings: Any) -> int:
        return steps(single("intermediate", "large", task, "hub", 1, None, settings))

    assert reckoned("mnli+mlm", mlm_share=0.75) == pytest.approx(4 * reckoned("mnli"), abs=2)
    assert reckoned("mnli+mlm", steps=9) == 9
    assert reckoned("mlm~mnli") == reckoned("mnli@deu") == reckoned("mnli")
