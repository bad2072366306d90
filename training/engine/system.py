"""How busy the machine was while a training ran, and how fast that was, in a log beside the run.

Names are those of MLflow's own system metrics, so its pages show them as such. Sampled in a thread
that touches neither the model nor any random state; psutil and, for GPUs, nvidia-ml-py do the
reading, and what cannot be read is left out.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from training.engine.records import SYSTEM

INTERVAL = 10.0
"""Seconds between samples (MLflow's default); the first comes after `FIRST`, one more at the end.
A sample takes about a millisecond."""
FIRST = 1.0
Reader = Callable[[], dict[str, float]]


@contextmanager
def sampled(path: Path, *more: Reader, interval: float = INTERVAL) -> Iterator[None]:
    """Sample the machine, and more, into a run's folder for as long as the block takes."""
    readers = [one for one in (machine(), graphics(), *more) if one]
    ended = threading.Event()
    thread = threading.Thread(
        target=sample, args=(path / SYSTEM, readers, interval, ended), daemon=True
    )
    if readers:
        thread.start()
    try:
        yield
    finally:
        ended.set()
        if readers:
            thread.join()


def sample(log: Path, readers: list[Reader], interval: float, ended: threading.Event) -> None:
    """Append a line now and then until `ended`. A full disk or a lost folder ends the sampling.

    The step is the second since 1970: an attempt that is begun anew tells nothing twice.
    """
    last, pause, over = 0, FIRST, False
    try:
        while not over:
            over, pause = ended.wait(pause), interval
            if (step := int(time.time())) == last:
                continue
            last = step
            told = {key: value for read in readers for key, value in read().items()}
            line = {"step": step, "time": round(time.time(), 3), "metrics": told}
            with log.open("a") as file:
                file.write(json.dumps(line) + "\n")
    except OSError:
        return


def machine() -> Reader | None:
    """CPU and memory of this machine. Megabytes are millions of bytes, as in MLflow."""
    try:
        import psutil
    except ImportError:
        return None
    psutil.cpu_percent()  # it tells the load since it was last asked

    def read() -> dict[str, float]:
        memory = psutil.virtual_memory()
        return {
            "system/cpu_utilization_percentage": psutil.cpu_percent(),
            "system/system_memory_usage_megabytes": round(memory.used / 1e6, 1),
            "system/system_memory_usage_percentage": round(100 * memory.used / memory.total, 1),
        }

    return read


def graphics() -> Reader | None:
    """The GPUs that this process was given, numbered as it sees them, not the whole machine's."""
    import torch

    if not torch.cuda.is_available():
        return None
    try:
        import pynvml

        pynvml.nvmlInit()
        handles = [
            pynvml.nvmlDeviceGetHandleByUUID(f"GPU-{torch.cuda.get_device_properties(i).uuid}")
            for i in range(torch.cuda.device_count())
        ]
    except Exception:  # no library, no driver, a GPU that tells no name: then without
        return None

    def read() -> dict[str, float]:
        told: dict[str, float] = {}
        for i, handle in enumerate(handles):
            told |= {f"system/gpu_{i}_{key}": value for key, value in load(pynvml, handle).items()}
        return told

    return read


def load(pynvml: Any, handle: Any) -> dict[str, float]:
    """One GPU's load; a GPU that cannot tell tells nothing."""
    try:
        memory = pynvml.nvmlDeviceGetMemoryInfo(handle)
        return {
            "utilization_percentage": pynvml.nvmlDeviceGetUtilizationRates(handle).gpu,
            "memory_usage_megabytes": round(memory.used / 1e6, 1),
            "memory_usage_percentage": round(100 * memory.used / memory.total, 1),
            "power_usage_watts": pynvml.nvmlDeviceGetPowerUsage(handle) / 1000,
        }
    except pynvml.NVMLError:
        return {}
