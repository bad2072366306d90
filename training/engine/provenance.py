"""What a result was made with: commit, versions, hardware, threads, data digests."""

from __future__ import annotations

import platform
import subprocess
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch

PACKAGES = (
    "silta",
    "torch",
    "pytorch-lightning",
    "transformers",
    "peft",
    "tokenizers",
    "datasets",
    "mlflow",
)


@cache
def commit() -> dict[str, Any]:
    """Commit and dirty flag of the checkout the code runs from; None outside one."""
    root = Path(__file__).parents[2]
    try:
        head = git(root, "rev-parse", "HEAD")
        return {"commit": head or None, "dirty": bool(git(root, "status", "--porcelain"))}
    except (OSError, subprocess.CalledProcessError):
        return {"commit": None, "dirty": None}


def git(root: Path, *arguments: str) -> str:
    told = subprocess.run(
        ["git", "-C", str(root), *arguments], capture_output=True, text=True, check=True
    )
    return told.stdout.strip()


def versions() -> dict[str, str]:
    """Installed versions of what results depend on."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def provenance(digests: dict[str, str]) -> dict[str, Any]:
    """The part of run.json that says how a result came about."""
    gpus = [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())]
    return {
        "provenance": {
            **commit(),
            "packages": versions(),
            "python": platform.python_version(),
            "machine": platform.machine(),
            "processor": processor(),
            "gpus": gpus,
            "threads": torch.get_num_threads(),
            **sharded(),
            "data": digests,
        }
    }


def sharded() -> dict[str, int]:
    """Over how many processes a training was divided: equal to float tolerance only."""
    if not torch.distributed.is_initialized():
        return {}
    return {"sharded": torch.distributed.get_world_size()}


@cache
def processor() -> str:
    """The processor's own name, where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(
            line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")
        )
    except (OSError, StopIteration):
        return platform.processor()
