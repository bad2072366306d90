"""The machine that a study will run on, found without torch: it is asked before anything starts."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from training.catalogue.devices import CPU, DEVICES, USUAL, Device, named
from training.engine.runtime import Runtime
from training.engine.store import DOCUMENT, Store, read_json
from training.plan.cost import estimate
from training.plan.fit import CannotFit, Refusal, refused
from training.plan.rates import Rates, rates
from training.spec.run import Run

QUERY = ("--query-gpu=name,memory.total", "--format=csv,noheader,nounits")
LIMIT = Path("/sys/fs/cgroup/memory.max")
VISIBLE = "CUDA_VISIBLE_DEVICES"
MIB, GB = 2**20, 1e9


def here() -> Device:
    """The GPUs of this machine, or where there is none its processor with the machine's memory."""
    found = list(_gpus())
    if not found:
        return replace(
            DEVICES[CPU], memory_gb=round(_memory() / GB, 1), title="core of this machine"
        )
    title, memory = min(found, key=lambda one: one[1])
    like = DEVICES[named(title) or USUAL]
    return replace(like, title=title, memory_gb=round(memory / GB, 1), count=len(found))


def _gpus() -> Iterator[tuple[str, float]]:
    """Name and bytes of every GPU that programs may use, as the driver tells them."""
    program = shutil.which("nvidia-smi")
    if program is None or os.environ.get(VISIBLE) == "":
        return
    try:
        told = subprocess.run([program, *QUERY], capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return
    wanted = os.environ.get(VISIBLE)
    lines = [line.rpartition(",") for line in told.stdout.splitlines() if "," in line]
    for name, _, size in lines[: len(wanted.split(",")) if wanted else None]:
        if size.strip().isdigit():
            yield name.strip(), float(size) * MIB


def _memory() -> float:
    """Bytes of main memory, or of the part of it that a container may use."""
    whole = float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    told = LIMIT.read_text().strip() if LIMIT.exists() else ""
    return min(whole, float(told)) if told.isdigit() else whole


def documents(runtime: Runtime) -> Iterator[dict[str, Any]]:
    """Documents of all finished jobs, where there is a work directory; it is not made."""
    if not (runtime.work / "runs").is_dir():
        return
    store = Store(runtime.work)
    for id in store.finished():
        if (store.path(id) / DOCUMENT).exists():
            yield read_json(store.path(id) / DOCUMENT)


def measured(told: Iterable[dict[str, Any]], on: Device) -> Rates:
    """What finished jobs say of a device's speed."""
    return rates(told, on.name, lambda run: estimate(run, on))


def refuse(runs: Iterable[Run], runtime: Runtime) -> None:
    """Raise CannotFit where one of the runs that is not done needs more than this machine has."""
    store = Store(runtime.work)
    found = refused([run for run in runs if not store.done(run.id)], here())
    if found:
        raise CannotFit("\n".join(one.message for one in found))


def unfit(runs: Iterable[Run], places: Iterable[tuple[str, Device]]) -> list[tuple[str, Refusal]]:
    """(place, refusal) of what cannot fit where."""
    some = list(runs)
    return [(where, one) for where, on in places for one in refused(some, on)]
