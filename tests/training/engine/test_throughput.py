"""Real tokens a second and MFU: the reference's own figures, and what a run's log tells."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from training import catalogue
from training.catalogue.devices import device
from training.engine import throughput
from training.engine.records import SYSTEM, curves
from training.engine.runtime import Runtime
from training.engine.throughput import MFU, TOKENS, pace_of
from training.engine.train import train
from training.phases.base import counted
from training.plan.operations import forward
from training.spec.recipe import Recipe
from training.spec.run import Run

RECIPE = Recipe(steps=4, batch=4, lr=1e-3, dev_checks=1, dev_examples=4)
RUN = Run("target", "nano", "mnli", 1, "miniature/seed=5/sentences=40", RECIPE)


def told(run: Run, tokens: int, length: int, seconds: float) -> dict[str, float]:
    """What is told of a training that read so many tokens of texts of this length."""
    module: Any = SimpleNamespace(read=(0, 0))
    times = iter((0.0, seconds))
    read = pace_of(run, module, lambda: next(times))
    module.read = (tokens, tokens * length)
    return read()


@pytest.mark.parametrize(
    ("scale", "length", "giga"),
    [("base", 40, 0.514), ("large", 128, 1.850), ("xl", 202, 17.21), ("xxl", 512, 59.19)],
)
def test_operations_are_those_of_the_literature(scale: str, length: int, giga: float) -> None:
    """GFLOP a token of training, 3 (2 P + 4 h s L), from the models' published shapes."""
    one = 3 * forward(catalogue.scale(scale), 1, length) / 1e9
    assert one == pytest.approx(giga, rel=1e-3)


@pytest.mark.parametrize(("method", "share"), [("full", 50.0), ("lora", 50.0 * 2 / 3)])
def test_mfu_of_known_rates(method: Any, share: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """XL at 128 tokens: 28,900 a second are half of an H200's 989.5 TFLOP/s."""
    monkeypatch.setattr(throughput, "own_device", lambda: device("h200"))
    run = replace(RUN, scale="xl", recipe=replace(RECIPE, method=method))
    found = told(run, 289_000, 128, 10.0)
    assert found[TOKENS] == 28_900
    assert found[MFU] == pytest.approx(share, abs=0.1)


def test_a_processor_has_no_peak_and_a_pause_has_no_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert told(RUN, 100, 10, 2.0) == {TOKENS: 50.0}
    assert told(RUN, 0, 10, 2.0) == {} and told(RUN, 10, 10, 0.0) == {}
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "NVIDIA H200")
    assert MFU in told(RUN, 100, 10, 2.0)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "Someone's GPU")
    assert MFU not in told(RUN, 100, 10, 2.0)


def test_padding_is_never_counted() -> None:
    batch = {"attention_mask": torch.tensor([[1, 1, 1, 0], [1, 0, 0, 0]])}
    assert counted(batch) == counted(("mnli", batch)) == (4, 10)
    assert counted([("mnli", batch), ("mnli", batch)]) == (8, 20), "the parts of a batch"


def test_a_run_tells_its_pace_in_its_log_and_to_mlflow(tmp_path: Path) -> None:
    path = train(RUN, Runtime(tmp_path, progress=False))
    lines = [json.loads(line)["metrics"] for line in (path / SYSTEM).read_text().splitlines()]
    assert all(0 < line[TOKENS] < 1e7 for line in lines if TOKENS in line)
    assert any(TOKENS in line for line in lines)
    assert any(point.key == TOKENS for point in curves(path))
