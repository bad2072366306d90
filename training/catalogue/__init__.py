"""WHAT exists: tasks, languages and scales, as data. Standard library only.

`Task.recipe` is that of the phase the task is named in: an intermediate run takes its own task's;
a target run takes the target's, which learns from `trains_on` (so targets that share one training,
XQuAD and MLQA, have equal recipes: a test asserts it).
"""

from __future__ import annotations

from training.catalogue import (
    beyond,
    choice,
    classification,
    hulu,
    retrieval,
    span,
    synthetic,
    tagging,
    text,
)
from training.catalogue.languages import LANGUAGES, language
from training.catalogue.names import UnknownName
from training.catalogue.scales import SCALES
from training.spec.scale import Scale
from training.spec.task import Task

__all__ = ["LANGUAGES", "SCALES", "TASKS", "UnknownName", "language", "origin", "scale", "task"]

TASKS: dict[str, Task] = {
    one.name: one
    for module in (
        *(classification, tagging, span, choice, retrieval, synthetic, text),
        *(beyond, hulu),
    )
    for one in module.TASKS
}


def task(name: str) -> Task:
    """The task of this name; raises UnknownName with the nearest right spelling."""
    if name not in TASKS:
        raise UnknownName("task", name, TASKS)
    return TASKS[name]


def origin(one: Task) -> Task:
    """The task whose data are read: a synthetic one is made from another's texts."""
    return TASKS[one.made_from] if one.made_from else one


def scale(name: str) -> Scale:
    """The scale of this name; raises UnknownName with the nearest right spelling."""
    if name not in SCALES:
        raise UnknownName("scale", name, SCALES)
    return SCALES[name]
