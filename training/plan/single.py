"""One training without a matrix, with the same identity as it would have in one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from training.catalogue import TASKS, UnknownName
from training.catalogue import scale as scale_of
from training.catalogue import task as task_of
from training.catalogue.names import suggestion
from training.plan.errors import MatrixError
from training.plan.matrix import Recipes
from training.plan.named import INTERMEDIATES, NONE, TARGETS, source_text
from training.plan.plan import Planned
from training.plan.recipes import learns, recipe, version
from training.plan.settings import coerce, parse_set
from training.spec.evaluation import Evaluation
from training.spec.run import Run
from training.spec.task import PHASES, Phase

RUN_ID = re.compile(rf"({'|'.join(PHASES)})-([\w-]+)-([0-9a-f]{{12}})")
"""Phase, task and hash in a run's id."""
BEFORE: dict[Phase, tuple[str, ...]] = {
    "mlm": (),
    "intermediate": ("mlm",),
    "target": ("mlm", "intermediate"),
}
"""The phases that a parent may have."""


def single(
    phase: str,
    scale: str,
    task: str,
    source: str,
    seed: int,
    parent: str | None = None,
    overrides: Mapping[str, Any] | Iterable[str] = (),
) -> Run:
    """The run that `silta train PHASE --scale --task --from --seed --set` asks for.

    `task` of a target run is the target (`xquad`), which learns from a task of its own (`squad`).
    `overrides` are settings as `--set` takes them (`recipe.lr=1e-4`), or by name (`{"lr": 1e-4}`).
    The id is the one that a matrix with the same settings gives. Raises MatrixError.
    """
    given = coerce(overrides, "settings") if isinstance(overrides, Mapping) else None
    settings = parse_set(overrides) if given is None else given
    known = _phase(phase)
    _check(known, scale, task, seed, parent)
    learnt = learns(known, task)
    return Run(
        known,
        scale,
        learnt,
        seed,
        _source(source),
        recipe(known, scale, task, settings, Recipes()),
        parent,
        version(learnt),
    )


def evaluations_of(run: Run, ancestors: Iterable[Run] = ()) -> tuple[Planned, ...]:
    """What a target run is measured on: every target of its benchmark that learns from its task.

    `ancestors` are the runs it descends from, whose tasks and seeds tell where the evaluation
    stands in a matrix. Raises LookupError where one of them is missing: seeds are never guessed.
    """
    if run.phase != "target":
        return ()
    lineage = _lineage(run, {one.id: one for one in ancestors})
    tuned = lineage.get("intermediate")
    mlm = lineage.get("mlm")
    intermediate = tuned.task if tuned else NONE
    return tuple(
        Planned(
            Evaluation(run.id, run.scale, target, run.source),
            intermediate,
            tuned.seed if tuned else None,
            run.seed,
            mlm.id if mlm else None,
            intermediate in TASKS[target].reuses,
        )
        for target in TARGETS
        if TASKS[target].trains_on == run.task
        and TASKS[target].benchmark == TASKS[run.task].benchmark
    )


def _lineage(run: Run, known: Mapping[str, Run]) -> dict[Phase, Run]:
    """The runs above a run, by their phase."""
    found: dict[Phase, Run] = {}
    while run.parent:
        if run.parent not in known:
            raise LookupError(f"{run.id} descends from {run.parent}, which is not among ancestors")
        run = known[run.parent]
        found[run.phase] = run
    return found


def _phase(given: str) -> Phase:
    for phase in PHASES:
        if phase == given:
            return phase
    raise MatrixError(f"unknown phase {given!r}{suggestion(given, PHASES)}")


def _check(phase: Phase, scale: str, task: str, seed: int, parent: str | None) -> None:
    try:
        scale_of(scale)
        one = task_of(task)
    except UnknownName as error:
        raise MatrixError(str(error)) from None
    if phase not in one.roles:
        raise MatrixError(_no_role(phase, task))
    if phase == "target" and one.trains_on is None:
        raise MatrixError(f"nothing is trained for {task}: it is read off any encoder; score it")
    if not 0 <= seed < 2**32:
        raise MatrixError(f"seed {seed} is out of range; take one from 0 to {2**32 - 1}")
    _parent(phase, parent)


def _no_role(phase: Phase, task: str) -> str:
    """What to name instead of a task that has no part in the phase."""
    readers = [name for name in TARGETS if TASKS[name].trains_on == task]
    if phase == "target" and readers:
        return f"{task} is what targets learn from; name a target: {', '.join(readers)}"
    of_phase = {"mlm": ("text",), "target": TARGETS}
    names = of_phase.get(phase, tuple(name for name in INTERMEDIATES if name != NONE))
    return f"{task} is no task of the phase {phase}; those are: {', '.join(names)}"


def _parent(phase: Phase, parent: str | None) -> None:
    if parent is None:
        return
    found = RUN_ID.fullmatch(parent)
    if not found:
        raise MatrixError(f"{parent!r} is no run id; one looks like intermediate-mnli-0123456789ab")
    if found[1] not in BEFORE[phase]:
        may = " or ".join(BEFORE[phase]) or "none: it comes first"
        raise MatrixError(f"a run of the phase {phase} cannot start from {parent}; it may: {may}")


def _source(source: str) -> str:
    try:
        return source_text(source)
    except ValueError as error:
        raise MatrixError(str(error)) from None
