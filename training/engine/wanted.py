"""Which data a plan wants, and what is amiss with them: all of it, not the first thing only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from training.data import hub, sources
from training.data.errors import DataError, MissingData
from training.engine import available
from training.engine.available import Part
from training.engine.runtime import Runtime
from training.plan.errors import MatrixError
from training.plan.plan import Plan
from training.plan.recipes import TEXT, data_sets
from training.spec.run import Run
from training.spec.source import tried, world
from training.spec.task import Split, Task

WRONG = (MissingData, DataError, MatrixError)
Parts = Callable[[], Iterable[Part]]


@dataclass(frozen=True)
class Fault:
    """What is amiss, and with what; no part: it hindered finding out what is needed."""

    part: Part | None
    error: Any


@dataclass
class Needed:
    """What a plan wants of one data set."""

    sources: set[str] = field(default_factory=set)
    """All that are to be tried."""
    parts: dict[Part, None] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def needs(plan: Plan, runtime: Runtime) -> dict[str, Needed]:
    """By data set: what is learnt from and measured on, in the plan's order."""
    found: dict[str, Needed] = {}
    for name, source, parts in _asked(plan, runtime):
        one = found.setdefault(name, Needed())
        one.sources |= set(tried(source, name))
        try:
            one.parts |= dict.fromkeys(parts())
        except WRONG as error:
            one.faults.append(Fault(None, error))
    return found


def _asked(plan: Plan, runtime: Runtime) -> Iterator[tuple[str, str, Parts]]:
    """Data sets and sources, each once for every way in which they are wanted."""
    runs = {(run.task, run.source, run.scale, run.phase == "mlm"): run for run in plan.runs}
    for run in runs.values():
        for name in data_sets(run.task):
            asked = (_text,) if name == TEXT else (partial(_learnt, name), partial(_told, name))
            yield from ((name, run.source, partial(one, run, runtime)) for one in asked)
    measured = {}
    for one in (planned.evaluation for planned in plan.evaluations):
        measured[one.target, one.source, one.languages] = one
    for evaluation in measured.values():
        parts = partial(available.measured, evaluation, runtime)
        yield evaluation.target, evaluation.source, parts


def _text(run: Run, runtime: Runtime) -> tuple[Part, ...]:
    (available.text if run.phase == "mlm" else available.corpus)(run, runtime)
    return ()


def _learnt(name: str, run: Run, runtime: Runtime) -> tuple[Part, ...]:
    return tuple(part for part in available.learnt(run, runtime) if part[0] == name)


def _told(name: str, run: Run, runtime: Runtime) -> tuple[Part, ...]:
    """Translations, whose absence must not hide what else is missing."""
    available.translations(run, runtime, name)
    return ()


def faults(task: Task, needed: Needed, runtime: Runtime) -> list[Fault]:
    """Everything amiss with a data set."""
    found = list(needed.faults)
    asked: dict[Split, bool] = {}
    for part in needed.parts:
        error = _amiss(task, part, asked, runtime)
        found += [Fault(part, error)] if error else []
    return found


def _amiss(task: Task, part: Part, asked: dict[Split, bool], runtime: Runtime) -> Exception | None:
    """What is wrong with a part; of the hub, one language of a split speaks for the others."""
    _, split, lang, source = part
    where = (source, runtime.data, runtime.cache)
    names = sources.chosen(task, *where)
    if world(names[0]):
        return None
    remote = "hub" in names and not sources.local(task, split, lang, runtime.data)
    if remote and split in asked:
        return None if asked[split] else hub.missing(task, split, lang, runtime.data)
    error: Exception | None = None
    try:
        sources.rows(task, split, lang, *where)
    except WRONG as wrong:
        error = wrong
    if remote:
        asked[split] = error is None
    return error


def commands(task: Task, found: Iterable[Fault], runtime: Runtime) -> tuple[str, ...]:
    """One command for all languages where the hub has them, and what else each fault names."""
    missing = [one for one in found if isinstance(one.error, MissingData)]
    named = [command for one in missing for command in one.error.fetch]
    langs = tuple(dict.fromkeys(one.part[2] for one in missing if one.part))
    single = {hub.fetch(one, (lang,), runtime.data) for one in task.hub for lang in langs}
    kept = [command for command in named if command not in single]
    if len(kept) < len(named):
        kept += [hub.fetch(one, langs, runtime.data) for one in task.hub]
    return tuple(dict.fromkeys(kept))
