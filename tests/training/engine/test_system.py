"""The machine's load in a local log: MLflow's names, own GPUs only, never in the way."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from training.engine import system
from training.engine.records import SYSTEM

CPU = {
    "system/cpu_utilization_percentage",
    "system/system_memory_usage_megabytes",
    "system/system_memory_usage_percentage",
}


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (path / SYSTEM).read_text().splitlines()]


def test_even_a_short_training_leaves_one_sample(tmp_path: Path) -> None:
    state = torch.get_rng_state()
    with system.sampled(tmp_path):
        pass
    (line,) = lines(tmp_path)
    assert CPU <= set(line["metrics"]) and line["step"] == int(line["time"])
    assert 0 <= line["metrics"]["system/system_memory_usage_percentage"] <= 100
    assert torch.equal(torch.get_rng_state(), state), "no random state is touched"


def test_samples_come_at_the_interval_and_go_on_in_the_same_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(system, "FIRST", 0.0)
    for _ in range(2):
        with system.sampled(tmp_path, interval=1.05):
            time.sleep(1.2)
        time.sleep(1)  # an attempt is begun anew in another second
    steps = [line["step"] for line in lines(tmp_path)]
    assert len(steps) >= 3 and steps == sorted(set(steps)), "no second is told twice"


def test_names_are_those_that_mlflow_gives_its_own(tmp_path: Path) -> None:
    from mlflow.system_metrics.metrics.cpu_monitor import CPUMonitor

    monitor = CPUMonitor()
    monitor.collect_metrics()
    assert {f"system/{name}" for name in monitor.metrics} == CPU


def test_a_folder_that_is_gone_ends_the_sampling_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(system, "FIRST", 0.0)
    with system.sampled(tmp_path / "run"):
        shutil.rmtree(tmp_path / "run", ignore_errors=True)
    assert not (tmp_path / "run").exists()


class Nvml:
    """Stands in for nvidia-ml-py."""

    class NVMLError(Exception):
        pass

    def nvmlDeviceGetMemoryInfo(self, handle: str) -> Any:
        if handle == "broken":
            raise self.NVMLError
        return SimpleNamespace(used=2_000_000, total=8_000_000)

    def nvmlDeviceGetUtilizationRates(self, handle: str) -> Any:
        return SimpleNamespace(gpu=75)

    def nvmlDeviceGetPowerUsage(self, handle: str) -> int:
        return 250_000


def test_a_gpus_load_has_mlflows_names_and_a_broken_gpu_has_none() -> None:
    assert system.load(Nvml(), "fine") == {
        "utilization_percentage": 75,
        "memory_usage_megabytes": 2.0,
        "memory_usage_percentage": 25.0,
        "power_usage_watts": 250.0,
    }
    assert system.load(Nvml(), "broken") == {}
