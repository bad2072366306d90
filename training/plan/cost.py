"""What a plan costs on one accelerator: hours, memory, disk. Arithmetic, not measurement.

Formulas: a forward pass of one token takes 2 P + 4 h s L operations, with P the weights that are
multiplied (embeddings are looked up, at no cost), h the width, L the layers and s the length of its
text; training takes three times as much. AdamW in fp32 moves 30 bytes a parameter and step. A layer
keeps 34 h bytes a token in bf16 (Korthikanti et al. 2022), 40 h with fp32 weights under autocast.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from math import ceil
from typing import Any

from training.catalogue import SCALES
from training.catalogue.settings import setting
from training.plan.plan import Plan, Planned
from training.plan.sizes import measured, size
from training.spec.run import Run
from training.spec.scale import Scale

ASSUMPTIONS = (
    "one H200: 989.5 TFLOP/s dense bf16, 4.3 TB/s memory; one run after another",
    "model FLOP utilisation 25 % below 0.2 G multiplied weights, 40 % below 1 G, 35 % above "
    "(small recipe batches keep large models from 50 %)",
    "no padding is counted; published example counts, mean lengths partly estimated",
    "text for phase 1: 100,000 lines of 128 tokens unless steps or examples say otherwise",
    "memory: fp32 weights, gradients and AdamW states (16 B a parameter), autocast copies (2 B), "
    "activations of one whole batch of average length; a smaller micro-batch needs less",
    "disk: one fp32 encoder (4 B a parameter) a run; `kept` counts only those others start from",
)
PEAK = 989.5e12
BANDWIDTH = 4.3e12
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
    optimiser_hours: float
    evaluation_hours: float
    memory_gb: float
    """Of the run that needs most."""
    disk_gb: float
    kept_gb: float

    @property
    def hours(self) -> float:
        """Accelerator hours in all."""
        return self.training_hours + self.optimiser_hours + self.evaluation_hours


@dataclass(frozen=True)
class Cost:
    """One row a scale, and what was assumed."""

    rows: tuple[Row, ...]
    assumptions: tuple[str, ...] = ASSUMPTIONS

    @property
    def hours(self) -> float:
        """Accelerator hours of the whole plan."""
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
        """As JSON; hours are H200-hours, sizes are in 10^9 bytes."""
        rows = [asdict(row) | {"hours": row.hours} for row in self.rows]
        total = {"hours": self.hours, "memory_gb": self.memory_gb, "disk_gb": self.disk_gb}
        return {"rows": rows, "total": total, "assumptions": list(self.assumptions)}


def cost(plan: Plan) -> Cost:
    """What the plan's runs and evaluations cost if none of them has been done yet."""
    names = dict.fromkeys(
        [run.scale for run in plan.runs] + [one.evaluation.scale for one in plan.evaluations]
    )
    return Cost(tuple(_row(plan, SCALES[name]) for name in names))


def multiplied(scale: Scale) -> int:
    """P: weights of the encoder's matrix products; 12 L h^2 where the middle layer is 4 h wide."""
    return scale.layers * (4 * scale.hidden**2 + 2 * scale.hidden * scale.feedforward)


def forward(scale: Scale) -> float:
    """Operations for one token, forward."""
    return 2.0 * multiplied(scale) + 4.0 * scale.hidden * LENGTH * scale.layers


def utilisation(scale: Scale) -> float:
    """Share of the peak that is reached with the recipe's batches."""
    weights = multiplied(scale)
    return 0.25 if weights < 0.2e9 else 0.4 if weights < 1e9 else 0.35


def steps(run: Run) -> int:
    """Optimiser steps of a run."""
    told = run.recipe
    examples = size(run.task, run.source, told.cap).examples
    counted = min(examples, told.examples) if told.examples else examples
    own = ceil(told.epochs * counted / told.batch)
    beside = run.phase == "intermediate" and setting(run.task).beside
    return told.steps or (round(own / (1 - told.mlm_share)) if beside else own)


def batch_tokens(run: Run) -> float:
    """Real tokens of an average batch."""
    told = run.recipe
    one = size(run.task, run.source, told.cap)
    return told.batch * one.parts * min(one.tokens / one.parts, told.max_length)


def memory(run: Run) -> float:
    """Bytes that a run needs with its whole batch at once."""
    scale = SCALES[run.scale]
    return 18.0 * scale.parameters + 40.0 * scale.hidden * scale.layers * batch_tokens(run)


def _row(plan: Plan, scale: Scale) -> Row:
    runs = [run for run in plan.runs if run.scale == scale.name]
    evaluations = [one for one in plan.evaluations if one.evaluation.scale == scale.name]
    parents = {run.parent for run in runs}
    kept = sum(run.id in parents for run in runs if run.phase != "target")
    speed = PEAK * utilisation(scale) * 3600
    tokens = sum(steps(run) * batch_tokens(run) for run in runs)
    return Row(
        scale=scale.name,
        runs=len(runs),
        evaluations=len(evaluations),
        tokens=tokens,
        training_hours=3 * forward(scale) * tokens / speed,
        optimiser_hours=30.0 * scale.parameters * sum(map(steps, runs)) / BANDWIDTH / 3600,
        evaluation_hours=forward(scale) * _read(evaluations) / speed,
        memory_gb=max(map(memory, runs), default=4.0 * scale.parameters) / 1e9,
        disk_gb=4.0 * scale.parameters * len(runs) / 1e9,
        kept_gb=4.0 * scale.parameters * kept / 1e9,
    )


def _read(evaluations: Iterable[Planned]) -> float:
    """Tokens that the evaluations read."""
    return sum(
        measured(one.target, one.source, one.languages)
        for one in (planned.evaluation for planned in evaluations)
    )
