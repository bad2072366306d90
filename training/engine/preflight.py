"""Pre-flight: whether all that a plan needs is there, before anything trains.

Nothing stops at the first thing amiss: every data set, model, licence and the disk are looked at
and told together. What is read is what is read before a run: original files and saved copies
whole, of each split on the hub one language. What is done already needs nothing any more.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

from training import catalogue
from training.data import hub, sources
from training.data.errors import MissingData
from training.engine import weights
from training.engine.available import Part
from training.engine.runtime import Runtime
from training.engine.store import Store
from training.engine.wanted import WRONG, Fault, Needed, commands, faults, needs
from training.plan.cost import cost
from training.plan.plan import Plan
from training.spec.record import CHECK_SCHEMA
from training.spec.source import world
from training.spec.task import Split, Task

Kind = Literal["data", "models", "licences", "disk"]
SHOWN = 3
"""Faults of one data set that are told in full."""
GB = 1e9


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    kind: Kind
    name: str
    fine: bool
    told: tuple[str, ...]
    """What was found, or what is wrong, a line each."""
    fetch: tuple[str, ...] = ()
    """Commands that bring what is missing."""


def preflight(plan: Plan, runtime: Runtime) -> list[Finding]:
    """Everything that the part of a plan that is not done needs."""
    store = Store(runtime.work)
    runs = tuple(run for run in plan.runs if not store.done(run.id))
    evaluations = tuple(one for one in plan.evaluations if not store.done(one.id))
    left = replace(plan, runs=runs, evaluations=evaluations)
    needed = needs(left, runtime)
    found = {name: faults(catalogue.task(name), one, runtime) for name, one in needed.items()}
    return [
        *(
            data_set(catalogue.task(name), one, found[name], runtime)
            for name, one in needed.items()
        ),
        *models(left, runtime),
        *(licence(catalogue.task(name), one, found[name]) for name, one in needed.items()),
        disk(left, runtime),
    ]


def document(study: str, findings: Iterable[Finding]) -> dict[str, Any]:
    """`plan --check --json`."""
    told = [vars(one) | {"told": list(one.told), "fetch": list(one.fetch)} for one in findings]
    fine = all(one["fine"] for one in told)
    return {"schema": CHECK_SCHEMA, "study": study, "fine": fine, "findings": told}


def data_set(task: Task, needed: Needed, found: list[Fault], runtime: Runtime) -> Finding:
    """Whether a data set has every split and language that is wanted of it, and reads well."""
    if not found:
        return Finding("data", task.name, True, tuple(_there(task, needed, runtime)))
    missing = [one for one in found if isinstance(one.error, MissingData)]
    told = list(_splits((one.part for one in missing if one.part), "no "))
    told += [f"missing: {one.error.what}" for one in missing if not one.part]
    told += [f"looked for {one}" for one in _looked(missing)]
    told += [str(one.error) for one in found if one not in missing][:SHOWN]
    return Finding(
        "data", task.name, False, tuple(dict.fromkeys(told)), commands(task, found, runtime)
    )


def _looked(missing: Iterable[Fault]) -> Iterator[str]:
    """Where, of the splits the first alone: the others' places are like it."""
    parted = [one.error.looked for one in missing if one.part]
    yield from parted[:1]
    yield from (one.error.looked for one in missing if not one.part)


def _there(task: Task, needed: Needed, runtime: Runtime) -> Iterator[str]:
    """`test in 15 languages from files`."""
    by_source: dict[str, list[Part]] = {}
    for part in needed.parts:
        name = sources.chosen(task, part[3], runtime.data, runtime.cache)[0]
        by_source.setdefault("the miniature" if world(name) else name, []).append(part)
    for name, parts in by_source.items():
        yield from _splits(parts, "", f" from {name}")
    if not by_source:
        yield "there"


def _splits(parts: Iterable[Part], before: str, after: str = "") -> Iterator[str]:
    found: dict[Split, dict[str, None]] = {}
    for _, split, lang, _ in parts:
        found.setdefault(split, {})[lang] = None
    for split, langs in found.items():
        count = f"{len(langs)} languages" if len(langs) > 5 else ", ".join(langs)
        yield f"{before}{split} in {count}{after}"


def models(plan: Plan, runtime: Runtime) -> Iterator[Finding]:
    """The weights that runs without a parent, and evaluations without a run, start from."""
    starts: dict[tuple[str, bool], Callable[[], str]] = {}
    for run in plan.runs:
        if not run.parent:
            starts[run.scale, run.recipe.scratch] = partial(weights.of_run, run, runtime)
    for one in (planned.evaluation for planned in plan.evaluations):
        if one.run is None:
            scale = catalogue.scale(one.scale)
            starts.setdefault((one.scale, False), partial(weights.of_scale, scale, runtime))
    for (name, _), start in starts.items():
        try:
            yield Finding("models", name, True, (start(),))
        except WRONG as error:
            fetch = error.fetch if isinstance(error, MissingData) else ()
            yield Finding("models", name, False, (str(error),), fetch)


def licence(task: Task, needed: Needed, found: Iterable[Fault]) -> Finding:
    """A data set's licence; not fine where the hub refused it for want of accepted terms."""
    if all(map(world, needed.sources)):
        return Finding("licences", task.name, True, ("the miniature is Silta's own",))
    told = [task.licence or "unstated"]
    told += [] if task.redistribute else ["item text stays in the store, in no page or report"]
    missing = (one.error for one in found if isinstance(one.error, MissingData))
    gates = list(dict.fromkeys(error.terms for error in missing if error.terms))
    told += [f"accept its terms at {page}" for page in gates]
    return Finding("licences", task.name, not gates, tuple(told), (hub.LOGIN,) * bool(gates))


def disk(plan: Plan, runtime: Runtime) -> Finding:
    """Room for every encoder of the plan, and for the models that are yet to be fetched."""
    place = runtime.work.absolute()
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free / GB
    scales = {run.scale for run in plan.runs} | {one.evaluation.scale for one in plan.evaluations}
    fetched = sum(
        4.0 * one.parameters / GB
        for one in map(catalogue.scale, scales)
        if one.weights.startswith("hub:")
        and weights.local_model(one.weights.removeprefix("hub:"), runtime) is None
    )
    room = cost(plan).disk_gb + fetched
    told = f"{room:.3g} GB needed, {free:.3g} GB free at {place}"
    return Finding("disk", "disk", room < free, (told,))
