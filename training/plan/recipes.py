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
    overrides: Recipes,
    phase: Phase,
    scale: str,
    task: str,
    last: Mapping[str, Any] | None = None,
) -> Recipe:
    """The recipe of a phase on a task (of a target run: the target) at a scale.

    Later ones win: defaults, catalogue (task, scale), matrix (phase, task, scale), `last`. What the
    catalogue finds too long for the scale is cut to its positions; what the matrix does is refused,
    by a MatrixError.
    """
    room = SCALES[scale].positions - EDGES
    base = merged(phase, [TASKS[task].recipe, SCALES[scale].recipe])
    base["max_length"] = min(int(base.get("max_length", Recipe.max_length)), room)
    asked = merged(phase, _asked(overrides, phase, scale, task))
    found = Recipe(**(base | asked | dict(last or {})))
    if found.max_length > room:
        raise MatrixError(
            f"recipe of {task} at {scale}: max_length {found.max_length} is longer than the "
            f"{room} tokens that {scale} has positions for; lower it for the scale, "
            f"recipe.scales.{scale}.max_length"
        )
    return found


def _asked(
    overrides: Recipes, phase: Phase, scale: str, task: str
) -> tuple[Mapping[str, Any], ...]:
    """The matrix's own settings, in the order in which they win."""
    of_phase = {"intermediate": overrides.intermediate, "target": overrides.target}
    learnt = TASKS[task].trains_on if phase == "target" else None
    return (
        of_phase.get(phase, {}),
        overrides.tasks.get(learnt, {}) if learnt and learnt != task else {},
        overrides.tasks.get(task, {}),
        overrides.scales.get(scale, {}),
    )


def version(task: str) -> int:
    """Of what is learnt: a mixture's rises with any member's."""
    one = TASKS[task]
    return one.version + sum(TASKS[member].version - 1 for member in one.members)
