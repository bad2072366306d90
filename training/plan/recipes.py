"""The recipe of a run: what the catalogue says of task and scale, then what the matrix says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from training.catalogue import SCALES, TASKS
from training.plan.errors import MatrixError
from training.plan.matrix import Recipes
from training.plan.settings import merged
from training.spec.recipe import Recipe
from training.spec.task import Phase

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
    the task and the scale. What the catalogue finds too long for the scale is cut to its positions;
    what was asked for is refused, by a MatrixError.
    """
    room = SCALES[scale].positions - EDGES
    base = merged(phase, [TASKS[task].recipe, SCALES[scale].recipe])
    base["max_length"] = min(int(base.get("max_length", Recipe.max_length)), room)
    learnt = learns(phase, task)
    tasks = [further.tasks.get(name, {}) for name in dict.fromkeys((learnt, task))]
    asked = merged(phase, [settings, *tasks, further.scales.get(scale, {})])
    found = Recipe(**(base | asked))
    if found.max_length > room:
        raise MatrixError(
            f"recipe of {task} at {scale}: max_length {found.max_length} is longer than the "
            f"{room} tokens that {scale} has positions for; lower it (in a matrix for this scale "
            f"alone: recipe.scales.{scale}.max_length)"
        )
    return found


def learns(phase: Phase, task: str) -> str:
    """The task whose training data a run learns from: a target may learn from another's."""
    return (TASKS[task].trains_on or task) if phase == "target" else task


def data_sets(task: str) -> tuple[str, ...]:
    """The tasks whose training data are read to learn a task: a mixture's members, else itself."""
    return TASKS[task].members or (task,)


def version(task: str) -> int:
    """Of what is learnt: a mixture's rises with any member's."""
    one = TASKS[task]
    return one.version + sum(TASKS[member].version - 1 for member in one.members)
