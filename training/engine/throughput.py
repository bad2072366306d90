"""How fast a training is: real tokens a second, and the share of the device's peak they come to.

Counted are tokens of text, never padding, by the formula that the plan reckons hours with. The
phase counts on the CPU, before a batch goes to a device, so that no step waits for anything. Dev
scores and checkpoints are in the time. Of several processes each tells its own device's.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import torch

from training import catalogue
from training.catalogue.devices import Device, device, named
from training.engine.system import Reader
from training.phases.base import Phase
from training.plan.operations import forward, passes
from training.spec.run import Run

TOKENS, MFU = "system/tokens_per_second", "system/mfu_percentage"


def pace_of(run: Run, module: Phase, clock: Callable[[], float] = time.monotonic) -> Reader:
    """Tells what happened since it was last asked; MFU where the device's peak is known."""
    scale, on = catalogue.scale(run.scale), own_device()
    last = (clock(), *module.read)

    def read() -> dict[str, float]:
        nonlocal last
        now = (clock(), *module.read)
        seconds, tokens, squares = (b - a for a, b in zip(last, now, strict=True))
        last = now
        if seconds <= 0 or not tokens:
            return {}
        told = {TOKENS: round(tokens / seconds, 1)}
        if on:
            done = forward(scale, tokens, squares) * passes(run.recipe)
            told[MFU] = round(100 * done / seconds / (on.tflops * 1e12), 2)
        return told

    return read


def own_device() -> Device | None:
    """The GPU of this process, if it is one whose peak is known; of a processor it never is."""
    if not torch.cuda.is_available():
        return None
    name = named(torch.cuda.get_device_name())
    return device(name) if name else None
