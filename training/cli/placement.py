"""Options that say where jobs run, shared by the commands that place them."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from training.engine.runtime import Runtime

Gpus = Annotated[
    list[str] | None,
    typer.Option("--gpus", help="SCALE=N: GPUs a job (0.25: a share) on Ray or Slurm."),
]


class Executor(StrEnum):
    """Who carries jobs out."""

    local = "local"
    ray = "ray"


def placed(
    work: Path, data: Path | None, executor: Executor, address: str, gpus: list[str]
) -> Runtime:
    """Where jobs are to run. Raises StoreError where Ray is asked for and not installed."""
    from training.engine.cluster import available
    from training.engine.runtime import Runtime
    from training.plan.needs import told

    if address and executor is not Executor.ray:
        raise typer.BadParameter("--address is that of a Ray cluster: say --executor ray too")
    if executor is Executor.ray:
        available()
    return Runtime(work, data, executor=executor.value, address=address, gpus=told(gpus))
