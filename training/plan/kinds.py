"""What one job of each kind costs, so that whoever knows which jobs are missing can add them up."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from training.catalogue import SCALES
from training.catalogue.devices import USUAL, Device, device
from training.plan.cost import NOTHING, cost, reading, seconds, tokens
from training.plan.memory import alike
from training.plan.plan import Plan
from training.plan.rates import EVALUATION, Kind, Rates
from training.plan.sizes import measured


def priced(plan: Plan, on: Device | None = None, rates: Rates = NOTHING) -> dict[str, Any]:
    """`Cost.document` of a plan with `kinds`: hours of one job, by scale, phase and task (of an
    evaluation `evaluation` and its target), and how many the plan has of it."""
    on = on or device(USUAL)
    return cost(plan, on, rates).document() | {"kinds": kinds(plan, on, rates)}


def kinds(plan: Plan, on: Device, rates: Rates = NOTHING) -> list[dict[str, Any]]:
    """One entry a kind; where its jobs differ (in a recipe) their mean."""
    spent: dict[Kind, float] = defaultdict(float)
    jobs: dict[Kind, int] = defaultdict(int)
    for run, count in alike(plan.runs):
        kind = (run.scale, run.phase, run.task)
        spent[kind] += count * rates.training(run, tokens(run), sum(seconds(run, on)))[0]
        jobs[kind] += count
    asked = Counter(
        (one.scale, one.target, one.source, one.languages)
        for one in (planned.evaluation for planned in plan.evaluations)
    )
    for (scale, target, source, languages), count in asked.items():
        read = (scale, EVALUATION, target)
        guessed = reading(SCALES[scale], measured(target, source, languages), on)
        spent[read] += count * rates.evaluation(scale, target, guessed)[0]
        jobs[read] += count
    names = ("scale", "phase", "task")
    return [
        dict(zip(names, kind, strict=True))
        | {"jobs": jobs[kind], "hours": spent[kind] / jobs[kind] / 3600}
        for kind in spent
    ]
