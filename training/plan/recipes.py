"""The recipe of a run: what the catalogue says of task and scale, then what the matrix says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from training.catalogue import SCALES, TASKS, origin
from training.catalogue.recipes import published
from training.catalogue.settings import setting
from training.plan.errors import MatrixError
from training.plan.matrix import Recipes
from training.plan.settings import merged
from training.spec.recipe import Recipe
from training.spec.setting import MLM
from training.spec.task import Phase

BESIDE = ("mlm_share", "corpus", "languages")
"""Fields that may be told for all intermediate settings and concern those with MLM."""
TEXT = "text"
"""The data set of phase 1 and of MLM beside tasks."""
EDGES = 2
"""XLM-R counts positions from 2, so the longest input is two shorter than the table."""


def recipe(
    phase: Phase,
    scale: str,
    task: str,
    settings: Mapping[str, Any],
    further: Recipes,
) -> Recipe:
    """The recipe of a phase on a task (of a target run: the target) at a scale.

    Later ones win: defaults, catalogue (task, scale), `settings` of the phase, `further` ones of
    the task and the scale. A setting follows its plain task (`mnli` for `mnli@deu+mlm`), and then
    what is said for itself. What the catalogue finds too long for the scale is cut to its
    positions; what was asked for is refused, by a MatrixError.
    """
    room = SCALES[scale].positions - EDGES
    plain = setting(task).like if phase == "intermediate" else task
    base = merged(phase, [published(further.base, phase, plain), SCALES[scale].recipe])
    base |= blind(phase, task)
    base["max_length"] = min(int(base.get("max_length", Recipe.max_length)), room)
    names = dict.fromkeys((learns(phase, plain), plain, task))
    tasks = [further.tasks.get(name, {}) for name in names]
    asked = merged(phase, [settings, *tasks, further.scales.get(scale, {})])
    found = Recipe(**(base | concerning(phase, task, asked)))
    if found.max_length > room:
        raise MatrixError(
            f"recipe of {task} at {scale}: max_length {found.max_length} is longer than the "
            f"{room} tokens that {scale} has positions for; lower it (in a matrix for this scale "
            f"alone: recipe.scales.{scale}.max_length)"
        )
    if phase == "intermediate" and task == MLM and not found.steps:
        raise MatrixError(
            f"{MLM} at {scale}: alone it has no epochs; set recipe.tasks.{MLM}.steps, or write "
            f"{MLM}~TASK to train for as long as on a task"
        )
    return consistent(found, f"recipe of {task} at {scale}")


def consistent(found: Recipe, where: str) -> Recipe:
    """A rank without adapters makes no other run. Raises MatrixError for what contradicts."""
    if found.method != "lora":
        return replace(found, rank=Recipe.rank)
    if found.scratch:
        raise MatrixError(f"{where}: LoRA would leave random weights as they are; take scratch out")
    if found.precision in {"bf16-stochastic", "bf16-8bit"}:
        raise MatrixError(f"{where}: adapters and their moments are fp32; write precision: bf16")
    return found


def concerning(phase: Phase, task: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is said of MLM where a setting has none: it must not make another run of it."""
    one = setting(task) if phase == "intermediate" else None
    idle = set() if one is None or one.beside else {"mlm_share"} if one.mlm else set(BESIDE)
    return {name: value for name, value in asked.items() if name not in idle}


def blind(phase: Phase, task: str) -> dict[str, Any]:
    """Labels that were shuffled must not come back through the choice of a checkpoint."""
    shuffled = phase == "intermediate" and any(part.shuffled for part in setting(task).parts)
    return {"selection": "last"} if shuffled else {}


def learns(phase: Phase, task: str) -> str:
    """The task whose training data a run learns from: a target may learn from another's."""
    return (TASKS[task].trains_on or task) if phase == "target" else task


def data_sets(task: str) -> tuple[str, ...]:
    """The data sets that are read to learn a task or a setting; MLM's text is one of them."""
    if task in TASKS and not TASKS[task].members:
        return (origin(TASKS[task]).name,)
    one = setting(task)
    parts = setting(one.matched).parts if one.matched else one.parts
    named = dict.fromkeys(origin(TASKS[part.task]).name for part in parts)
    return (*named, TEXT) if one.mlm else tuple(named)


def version(task: str) -> int:
    """Of what is learnt: a mixture's rises with any member's."""
    if task in TASKS and not TASKS[task].members:
        return TASKS[task].version
    one = setting(task)
    own = TASKS[one.mixture].version if one.mixture else 1
    return own + sum(TASKS[part.task].version - 1 for part in one.parts)
