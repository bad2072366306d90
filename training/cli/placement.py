"""Options that say where jobs run, shared by the commands that place them."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from training.engine.runtime import Layout

if TYPE_CHECKING:
    from training.engine.runtime import Runtime

Gpus = Annotated[
    list[str] | None,
    typer.Option("--gpus", help="SCALE=N: GPUs a job (0.25: a share) on Ray or Slurm."),
]


Laid = Annotated[
    Layout, typer.Option("--layout", help="Batches in memory; auto: flat on a GPU in 16 bits.")
]


class Executor(StrEnum):
    """Who carries jobs out."""

    local = "local"
    ray = "ray"


class Format(StrEnum):
    """How a plan is shown."""

    page = "page"
    slurm = "slurm"


def for_slurm(plan: Any, work: Path, data: Path | None, gpus: list[str], out: Path | None) -> None:
    """Print one script that hands the study to Slurm, or write it and its arrays to a folder."""
    from training.engine.runtime import Runtime
    from training.engine.slurm import scripts
    from training.plan.needs import told

    runtime = Runtime(work, data, gpus=told(gpus))
    for name, text in scripts(plan, runtime, out):
        if out is None:
            typer.echo(text, nl=False)
            continue
        out.mkdir(parents=True, exist_ok=True)
        (out / name).write_text(text)
    if out is not None:
        typer.echo(f"hand it in with: bash {out / 'submit.sh'}")


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
