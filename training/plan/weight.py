"""What a job weighs beside others: about the seconds it takes on one core, data and start included.

For the order of jobs and the estimate of the time left; no result depends on it.
"""

from __future__ import annotations

from training.catalogue import SCALES
from training.catalogue.devices import CPU, device
from training.plan.cost import estimate, reading, steps
from training.plan.sizes import measured
from training.spec.evaluation import Evaluation
from training.spec.run import Run

JOB, STEP = 1.0, 0.02
"""Seconds that a job and a step take however small they are."""


def training(run: Run) -> float:
    """Expected cost of a training."""
    _, seconds = estimate(run, device(CPU))
    return JOB + STEP * steps(run) + seconds


def evaluation(one: Evaluation) -> float:
    """Expected cost of an evaluation."""
    tokens = measured(one.target, one.source, one.languages)
    return JOB + reading(SCALES[one.scale], tokens, device(CPU))
