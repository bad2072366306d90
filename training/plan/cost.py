"""What a plan costs on one device: hours, memory, disk. Arithmetic, corrected by what was measured.

Operations: `plan/operations.py`. AdamW moves 30 bytes a weight that is learnt and step, without
fp32 masters 14.
Memory: `plan/memory.py`; what finished runs say: `plan/rates.py`; devices: `catalogue/devices.csv`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from math import ceil
from typing import Any

from training.catalogue import SCALES
from training.catalogue.devices import CPU, USUAL, Device, device
from training.catalogue.settings import setting
from training.plan import operations
from training.plan.memory import alike, batch_tokens, handed, memory, method, moving
from training.plan.plan import Plan
from training.plan.rates import Rates
from training.plan.sizes import measured, size
from training.spec.record import COST_SCHEMA
from training.spec.run import Run
from training.spec.scale import Scale

NOTHING = Rates()
LENGTH = 128
"""Token length s for the attention term; at these lengths it is 1 to 3 % of the whole."""


@dataclass(frozen=True)
class Row:
    """Cost of all that a plan holds at one scale."""

    scale: str
    runs: int
    evaluations: int
    tokens: float
    """Real tokens trained on."""
    training_hours: float
    """Without the optimiser's; where measured, with it."""
    optimiser_hours: float
    evaluation_hours: float
    memory_gb: float
    """Of the run that needs most."""
    disk_gb: float
    kept_gb: float
    measured: int
    """How many of the runs and evaluations are reckoned by finished ones of their kind."""

    @property
    def hours(self) -> float:
        """Device hours in all."""
        return self.training_hours + self.optimiser_hours + self.evaluation_hours

    @property
    def basis(self) -> str:
        """What the hours rest on."""
        if not self.measured:
            return "estimated"
        whole = self.measured == self.runs + self.evaluations
        return "measured" if whole else "partly measured"


@dataclass(frozen=True)
class Cost:
    """One row a scale, and what was assumed."""

    rows: tuple[Row, ...]
    device: Device
    finished: int = 0
    """Finished jobs that rates were read off."""

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What the figures rest on, a line each."""
        return (*of_device(self.device, self.finished), *SHARED)

    @property
    def hours(self) -> float:
        """Device hours of the whole plan."""
        return sum(row.hours for row in self.rows)

    @property
    def disk_gb(self) -> float:
        """With every encoder kept."""
        return sum(row.disk_gb for row in self.rows)

    @property
    def memory_gb(self) -> float:
        """Of the run that needs most."""
        return max((row.memory_gb for row in self.rows), default=0.0)

    def document(self) -> dict[str, Any]:
        """As JSON, by the schema `silta.cost/1`; sizes are in 10^9 bytes."""
        rows = [asdict(row) | {"hours": row.hours, "basis": row.basis} for row in self.rows]
        total = {"hours": self.hours, "memory_gb": self.memory_gb, "disk_gb": self.disk_gb}
        return {
            "schema": COST_SCHEMA,
            "device": asdict(self.device),
            "rows": rows,
            "total": total,
            "assumptions": list(self.assumptions),
        }


def of_device(on: Device, finished: int) -> tuple[str, ...]:
    """What is assumed of a device."""
    large = (
        "25 % below 0.2 G multiplied weights, 40 % below 1 G, 35 % above (small recipe batches "
        "keep large models from 50 %; models below 0.05 G are bound by launches and take longer), "
        "in bf16; with recipe.precision=fp32, the default, it takes several times as long"
    )
    share = "40 %" if on.name == CPU else large
    rates = f"rates of {finished} finished jobs in the work directory replace estimates"
    return (
        f"one {on.title}: {on.tflops:g} TFLOP/s, {on.bandwidth_tbs:g} TB/s, {on.memory_gb:g} GB; "
        "one run after another",
        f"its figures: {on.source}",
        f"model FLOP utilisation {share}",
        rates if finished else "nothing has been measured on one here: every figure is an estimate",
    )


SHARED = (
    "no padding is counted; published example counts, mean lengths partly estimated",
    "text for phase 1: 100,000 lines of 128 tokens unless steps or examples say otherwise",
    "memory: weights, gradients and AdamW states (16 B a parameter that is learnt; 10 B with "
    "bf16-8bit, 8 B with bf16-stochastic; LoRA 4 or 2 B, and 16 B an adapter's), activations of "
    "one whole batch of average length; a smaller micro-batch needs less",
    "disk: one encoder a run, 4 B a parameter, or 2 B in bf16; `kept` counts only those others "
    "start from",
)


def cost(plan: Plan, on: Device | None = None, rates: Rates = NOTHING) -> Cost:
    """What the plan's runs and evaluations cost if none of them has been done yet."""
    on = on or device(USUAL)
    names = dict.fromkeys(
        [run.scale for run in plan.runs] + [one.evaluation.scale for one in plan.evaluations]
    )
    return Cost(tuple(_row(plan, SCALES[name], on, rates) for name in names), on, rates.counted)


def utilisation(scale: Scale, on: Device) -> float:
    """Share of the peak that is reached with the recipe's batches."""
    weights = operations.multiplied(scale)
    if on.name == CPU:
        return 0.4
    return 0.25 if weights < 0.2e9 else 0.4 if weights < 1e9 else 0.35


def steps(run: Run) -> int:
    """Optimiser steps of a run."""
    told = run.recipe
    examples = size(run.task, run.source, told.cap).examples
    counted = min(examples, told.examples) if told.examples else examples
    own = ceil(told.epochs * counted / told.batch)
    beside = run.phase == "intermediate" and setting(run.task).beside
    return told.steps or (round(own / (1 - told.mlm_share)) if beside else own)


def tokens(run: Run) -> float:
    """Real tokens that a run is trained on."""
    return steps(run) * batch_tokens(run)


def seconds(run: Run, on: Device) -> tuple[float, float]:
    """Estimated seconds of a run's forward and backward passes, and of its optimiser."""
    scale = SCALES[run.scale]
    passes = reading(scale, tokens(run), on) * operations.passes(run.recipe)
    moved = method(run).moved * moving(run) * steps(run)
    return passes, moved / (on.bandwidth_tbs * 1e12)


def reading(scale: Scale, tokens: float, on: Device) -> float:
    """Estimated seconds of forward passes over so many tokens."""
    needed = operations.forward(scale, tokens, LENGTH * tokens)
    return needed / (on.tflops * 1e12 * utilisation(scale, on))


def estimate(run: Run, on: Device) -> tuple[float, float]:
    """(tokens, seconds in all) of a run."""
    return tokens(run), sum(seconds(run, on))


def _row(plan: Plan, scale: Scale, on: Device, rates: Rates) -> Row:
    runs = [run for run in plan.runs if run.scale == scale.name]
    parents = {run.parent for run in runs}
    kept = sum(handed(run) for run in runs if run.id in parents and run.phase != "target")
    counted = alike(runs)
    passes, optimiser, known = _trained(counted, on, rates)
    measuring, read, evaluations = _read(plan, scale, on, rates)
    return Row(
        scale=scale.name,
        runs=len(runs),
        evaluations=evaluations,
        tokens=sum(tokens(run) * count for run, count in counted),
        training_hours=passes / 3600,
        optimiser_hours=optimiser / 3600,
        evaluation_hours=measuring / 3600,
        memory_gb=max((memory(run) for run, _ in counted), default=4.0 * scale.parameters) / 1e9,
        disk_gb=sum(handed(run) * count for run, count in counted) / 1e9,
        kept_gb=kept / 1e9,
        measured=known + read,
    )


def _trained(
    counted: Iterable[tuple[Run, int]], on: Device, rates: Rates
) -> tuple[float, float, int]:
    """Seconds of passes and of the optimiser, and how many runs have measured rates."""
    passes = optimiser = 0.0
    known = 0
    for run, count in counted:
        own, beside = seconds(run, on)
        spent, found = rates.training(run, tokens(run), own + beside)
        passes += count * (spent if found else own)
        optimiser += 0.0 if found else count * beside
        known += count * found
    return passes, optimiser, known


def _read(plan: Plan, scale: Scale, on: Device, rates: Rates) -> tuple[float, int, int]:
    """Seconds of evaluations, how many have measured rates, and how many there are."""
    told = Counter(
        (one.evaluation.target, one.evaluation.source, one.evaluation.languages)
        for one in plan.evaluations
        if one.evaluation.scale == scale.name
    )
    spent, known = 0.0, 0
    for (target, source, languages), count in told.items():
        guessed = reading(scale, measured(target, source, languages), on)
        one, found = rates.evaluation(scale.name, target, guessed)
        spent += count * one
        known += count * found
    return spent, known, sum(told.values())
