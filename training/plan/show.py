"""A plan in words: counts, cost by scale, and every run with what is measured on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from training.plan.cost import SHARED, Cost, cost, of_device
from training.plan.fit import Refusal
from training.plan.plan import Plan
from training.spec.run import Run

WIDTH = 80
"""Columns of a page in a terminal."""
MOST = 60
"""Lines of runs; beyond it `--json` tells all."""


def described(
    plan: Plan, costs: Iterable[Cost] = (), refused: Iterable[tuple[str, Refusal]] = ()
) -> str:
    """The plan as a page of text: its cost on one device or several, and what cannot fit where
    (`refused`: place and refusal)."""
    made = list(costs) or [cost(plan)]
    lines = [*_head(plan), *(line for one in made for line in ["", *_costs(one)])]
    lines += ["assumed of all", *(f"  {one}" for one in SHARED)]
    lines += ["", *told] if (told := [f"{where}: {one.message}" for where, one in refused]) else []
    lines.append("")
    runs = list(_runs(plan))
    lines += runs[:MOST]
    if len(runs) > MOST:
        lines.append(f"... and {len(runs) - MOST} more; --json tells all")
    return "\n".join(lines)


def _head(plan: Plan) -> Iterator[str]:
    counts = plan.counts
    phases = ", ".join(f"{count} {phase}" for phase, count in counts["by_phase"].items() if count)
    yield (
        f"{plan.study}: {counts['cells']} cells need {counts['trainings']} trainings "
        f"({phases or 'none'}) and {counts['evaluations']} evaluations"
    )
    if plan.contrast:
        one = plan.contrast
        where = ", ".join(one.languages) or "all languages"
        yield (
            f"named beforehand: {one.name}, {one.intermediate} against {one.baseline} on "
            f"{one.target} ({where}) at {', '.join(one.scales)}"
        )


def _costs(made: Cost) -> Iterator[str]:
    unit = f"{made.device.name.upper()}-hours"
    yield (
        f"cost{'':12} trainings evaluations    tokens {unit:>13}   memory GB   disk GB  hours are"
    )
    for row in made.rows:
        yield (
            f"{row.scale:16} {row.runs:9} {row.evaluations:11} {row.tokens:9.3g} "
            f"{row.hours:13.3g} {row.memory_gb:11.3g} {row.disk_gb:9.3g}  {row.basis}"
        )
    yield f"{'in all':48} {made.hours:13.3g} {made.memory_gb:11.3g} {made.disk_gb:9.3g}"
    yield from (f"  assumed: {one}" for one in of_device(made.device, made.finished))


def _runs(plan: Plan) -> Iterator[str]:
    """One line a run, set in below its parent's phase, and what is read off it."""
    targets: dict[str | None, dict[str, None]] = defaultdict(dict)
    for planned in plan.evaluations:
        targets[planned.evaluation.run][planned.evaluation.target] = None
    if targets[None]:
        yield f"no training: measured on {', '.join(targets[None])}"
    for run in plan.runs:
        measured = f", measured on {', '.join(targets[run.id])}" if targets[run.id] else ""
        yield f"{_indent(run)}{run.id}  {run.scale}, seed {run.seed}{_from(run)}{measured}"


def _indent(run: Run) -> str:
    return {"mlm": "", "intermediate": "  ", "target": "    "}[run.phase]


def _from(run: Run) -> str:
    return f", from {run.parent}" if run.parent else ""
