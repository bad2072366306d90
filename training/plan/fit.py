"""What cannot be trained on a device, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from training.catalogue.devices import CPU, Device
from training.plan.memory import METHODS, alike, least, method, states
from training.spec.run import Run

GB = 1e9
MOST = 64
"""Devices that a run is advised to be spread over, at most."""


class CannotFit(ValueError):
    """Runs that a machine has no memory for; the message says what to do."""


@dataclass(frozen=True)
class Refusal:
    """A scale that cannot be trained, in one sentence and in numbers of its neediest run."""

    scale: str
    run: str
    needed_gb: float
    """On one device, at the least: states, and activations of a single example."""
    states_gb: float
    """Weights, gradients and optimiser."""
    there_gb: float
    devices: int | None
    """Over how many such devices FSDP would have to split it; None: no number of them helps."""
    message: str

    def document(self) -> dict[str, Any]:
        """One entry of `refused` in `plan --json`."""
        return asdict(self)


def refused(runs: Iterable[Run], on: Device) -> list[Refusal]:
    """What of these runs cannot fit on (all of) a device: of each scale the run that needs most."""
    worst: dict[str, Run] = {}
    for run, _ in alike(runs):
        if run.scale not in worst or least(run) > least(worst[run.scale]):
            worst[run.scale] = run
    found = [run for run in worst.values() if least(run, shared=on.count) > on.memory_gb * GB]
    return [_refusal(run, on) for run in found]


def _refusal(run: Run, on: Device) -> Refusal:
    number = None if on.name == CPU else enough(run, on)
    needed, whole = least(run) / GB, states(run) / GB
    return Refusal(
        run.scale, run.id, needed, whole, on.memory_gb, number, _message(run, on, needed, number)
    )


def enough(run: Run, on: Device) -> int | None:
    """The smallest number of devices (1, 2, 4, ...) over which a run's states can be split."""
    count = 1
    while count <= MOST:
        if least(run, shared=count) <= on.memory_gb * GB:
            return count
        count *= 2
    return None


def _message(run: Run, on: Device, needed: float, number: int | None) -> str:
    way = method(run).title
    place = "this machine" if on.name == CPU else on.title
    has = f"{on.count} of {place} have" if on.count > 1 else f"{place} has"
    return (
        f"{run.scale.upper()} {way} needs about {states(run) / GB:.3g} GB for weights, gradients "
        f"and optimizer, and {needed:.3g} GB in all with one example of {run.task}; {has} "
        f"{on.memory_gb:.3g} GB; {_advice(run, on, number)}"
    )


def _advice(run: Run, on: Device, number: int | None) -> str:
    ways = [
        one.asked
        for one in METHODS.values()
        if one.asked and one != method(run) and least(run, one, on.count) <= on.memory_gb * GB
    ]
    ways += [f"FSDP over {number} GPUs"] if number else []
    if on.name == CPU:
        ways.append("a machine with GPUs (`silta plan --device h200` tells what fits)")
    return f"use {', or '.join(ways)}" if ways else f"leave {run.scale} out of the matrix"
