"""What one job asks of a machine: GPUs, cores, memory and time, by the size of its model.

One rule for every scheduler. A training needs 16 bytes a parameter (`plan/memory.py`), so XL fits
one GPU of 80 GB and XXL is divided among four; small models share a GPU. A job that reaches its
time limit is not lost: it is stopped, queued again and goes on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import ceil, inf

from training.catalogue import scale
from training.plan.errors import MatrixError
from training.spec.scale import Scale


@dataclass(frozen=True)
class Needs:
    """Resources of one job, all on one machine."""

    gpus: float
    """Whole ones, or a share of one."""
    memory_gb: int
    """Of the machine, not of the GPU."""
    hours: int
    """Time limit of one attempt."""

    @property
    def devices(self) -> int:
        """Processes that share the job's training, one a GPU."""
        return max(1, int(self.gpus))


RULE = (
    # up to so many parameters: GPUs of a training, hours
    (0.02e9, 0.125, 2),
    (0.15e9, 0.25, 8),
    (0.4e9, 0.5, 12),
    (5e9, 1.0, 48),
    (inf, 4.0, 72),
)
BASE_GB, COPIES = 4, 3
"""Host memory: Python and its libraries, and the fp32 weights as read, as kept and as written."""


def needs(scale: Scale, trains: bool, told: Mapping[str, float] | None = None) -> Needs:
    """What a job at a scale needs; `told` holds GPUs by scale that the user wants instead."""
    gpus, hours = next((gpus, hours) for most, gpus, hours in RULE if scale.parameters <= most)
    made = Needs((told or {}).get(scale.name, gpus), 0, hours)
    if not trains:
        made = replace(made, gpus=min(1.0, made.gpus))
    weights = 4e-9 * scale.parameters * COPIES * made.devices
    return replace(made, memory_gb=ceil(BASE_GB * made.devices + weights))


def told(settings: list[str]) -> dict[str, float]:
    """`["xxl=8", "nano=0"]` as GPUs by scale. Raises UnknownName and MatrixError."""
    found: dict[str, float] = {}
    for one in settings:
        name, _, number = one.partition("=")
        found[scale(name).name] = share(one, number)
    return found


def share(setting: str, number: str) -> float:
    """A number of GPUs: 0, a share of one, or a whole number. Raises MatrixError."""
    try:
        value = float(number)
    except ValueError:
        value = -1.0
    if not 0 <= value < inf or (value > 1 and value != int(value)):
        raise MatrixError(
            f"--gpus {setting}: say SCALE=N, where N is 0, a share of a GPU or a whole number"
        )
    return value
