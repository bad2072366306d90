"""What needs no model: majority, lookup, constant spans, chance. Scores are read against it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from statistics import fmean
from typing import Any

from training import catalogue
from training.data.sources import languages, rows
from training.engine.runtime import Runtime
from training.engine.store import SCORES, Store, read_json, write_json
from training.families import baselines, baselines_span
from training.plan.plan import Plan, Planned
from training.spec.record import DEGENERATE
from training.spec.task import Task

BASELINES = "baselines.json"
SHOWN = ("eng", "fin", "hun")
CLEAR = 10.0
"""Points above the best simple baseline that count as clearly learnt."""
Table = dict[str, dict[str, dict[str, float]]]


def references(plan: Plan, runtime: Runtime) -> Table:
    """target -> language -> baseline -> main metric on test; computed once a study."""
    path = runtime.work / "studies" / plan.study / BASELINES
    wanted = {one.evaluation.target: one.evaluation.languages for one in plan.evaluations}
    known: Table = read_json(path) if path.exists() else {}
    measured = {one.evaluation.target: one.evaluation.source for one in plan.evaluations}
    learnt = {run.task: run.source for run in plan.runs if run.phase == "target"}
    for target, asked in sorted(wanted.items()):
        if target not in known:
            task, source = catalogue.task(target), measured[target]
            train = english(task, learnt.get(task.trains_on or "", source), runtime)
            known[target] = dict(of_target(task, asked, source, train, runtime))
    write_json(path, known)
    return known


def of_target(
    task: Task, wanted: tuple[str, ...], source: str, train: Any, runtime: Runtime
) -> Iterator[tuple[str, dict[str, float]]]:
    """The simple baselines of every test language of a target that is `wanted` (empty: all)."""
    where = (source, runtime.data, runtime.cache)
    for lang in languages(task, "test", *where):
        if wanted and lang not in wanted:
            continue
        test = rows(task, "test", lang, *where).read.examples
        yield lang, simple(task, train, test)


def english(task: Task, source: str, runtime: Runtime) -> Any:
    """The English training examples that a target learns from."""
    if not task.trains_on:
        return ()
    learnt = catalogue.task(task.trains_on)
    return rows(learnt, "train", "eng", source, runtime.data, runtime.cache).read.examples


def simple(task: Task, train: Any, test: Any) -> dict[str, float]:
    """Baselines of the task's family."""
    if task.family == "span":
        return baselines_span.of_spans(task, train, test)
    if task.family == "retrieval":
        return baselines_span.of_bitext(task, train, test)
    return baselines.baselines(task, train, test)


def compared(plan: Plan, runtime: Runtime) -> list[str]:
    """Lines of a table: the no-intermediate score (mean over seeds) beside the best baseline."""
    found = references(plan, runtime)
    lines = [f"{'without an intermediate task':28} " + "".join(f"{lang:>26}" for lang in SHOWN)]
    for scale, target, scores, learnt in untrained(plan, Store(runtime.work)):
        metric = catalogue.task(target).metric
        cells = [cell(scores.get(lang), found[target].get(lang)) for lang in SHOWN]
        above = [lang for lang, value in scores.items() if value > best(found[target][lang])[1]]
        clear = [
            lang for lang, value in scores.items() if value >= best(found[target][lang])[1] + CLEAR
        ]
        lines.append(
            f"{scale:8} {target:9} {metric:9} "
            + "".join(f"{text:>26}" for text in cells)
            + f"   above in {len(above)} of {len(scores)} languages, clearly in {len(clear)}"
            + learnt
        )
    return lines


def untrained(plan: Plan, store: Store) -> Iterator[tuple[str, str, dict[str, float], str]]:
    """(scale, target, language -> mean main test score over seeds, warning) with no intermediate
    task; the warning tells how many of its runs have learnt nothing."""
    groups: dict[tuple[str, str], list[Planned]] = defaultdict(list)
    for one in plan.evaluations:
        if one.intermediate == "none" and one.evaluation.layer < 0 and store.done(one.id):
            groups[one.evaluation.scale, one.evaluation.target].append(one)
    for (scale, target), group in groups.items():
        metric = catalogue.task(target).metric
        found = [read_json(store.path(one.id) / SCORES) for one in group]
        told = [one["scores"]["test"] for one in found]
        scores = [{k: v[metric] for k, v in one.items() if metric in v} for one in told]
        lost = sum(one.get("health") in DEGENERATE for one in found)
        warning = f"; {lost} of {len(found)} runs at chance, left out of gains" if lost else ""
        yield scale, target, averaged(scores), warning


def averaged(scores: Iterable[dict[str, float]]) -> dict[str, float]:
    """Mean by language over seeds; languages that every seed has."""
    found = list(scores)
    shared = [lang for lang in found[0] if all(lang in one for one in found)]
    return {lang: fmean(one[lang] for one in found) for lang in shared}


def best(simple: dict[str, float]) -> tuple[str, float]:
    """The strongest simple baseline."""
    return max(simple.items(), key=lambda item: item[1])


def cell(score: float | None, simple: dict[str, float] | None) -> str:
    if score is None or not simple:
        return "-"
    name, value = best(simple)
    return f"{score:.1f} ({name} {value:.1f})"
