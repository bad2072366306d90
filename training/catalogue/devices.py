"""What runs may be carried out on, for reckoning costs: `devices.csv`, a source beside a line."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from training.catalogue.names import UnknownName

CPU: Final = "cpu"
USUAL: Final = "h200"
"""Hours are reckoned for it unless another device is named."""


@dataclass(frozen=True)
class Device:
    """One accelerator, or one processor core."""

    name: str
    title: str
    memory_gb: float
    """Of 10^9 bytes, as far as programs can use it."""
    tflops: float
    """Peak of dense matrix products: bf16 on GPUs, fp32 on processors."""
    bandwidth_tbs: float
    """Of its memory, in 10^12 bytes a second."""
    source: str
    count: int = 1
    """How many of them one job can be spread over."""


def _read() -> dict[str, Device]:
    text = files(__package__).joinpath("devices.csv").read_text(encoding="utf-8")
    made = {}
    for row in csv.DictReader(text.splitlines()):
        numbers = {key: float(row.pop(key)) for key in ("memory_gb", "tflops", "bandwidth_tbs")}
        made[row["name"]] = Device(**row, **numbers)  # type: ignore[arg-type]
    return made


DEVICES: Final = _read()


def device(name: str) -> Device:
    """A device by name. Raises UnknownName with the nearest right spelling."""
    if name not in DEVICES:
        raise UnknownName("device", name, list(DEVICES))
    return DEVICES[name]


def named(title: str) -> str | None:
    """The name of a device whose driver calls itself `title` (`NVIDIA H200`), if it is known."""
    told = title.lower().replace(" ", "")
    for name in DEVICES:
        kind, _, size = name.partition("-")
        if name != CPU and kind in told and (not size or f"{size}gb" in told):
            return name
    return None
