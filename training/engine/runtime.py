"""Where and on what a job runs. Nothing here changes results or enters an identity."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from training import compilers
from training.plan.errors import MatrixError

Layout = Literal["auto", "padded", "flat"]
TRACKING = "MLFLOW_TRACKING_URI"
COMPILE = "SILTA_COMPILE"
"""An environment variable: 1 where trainings are long enough to wait for compiled layers. Workers
and the jobs of a scheduler inherit it."""
CHECKPOINTS, DISK, GRACE = "SILTA_CHECKPOINT_EVERY", "SILTA_DISK_PATIENCE", "SILTA_GRACE"
"""More of them, in seconds."""


@dataclass(frozen=True)
class Runtime:
    """Devices, folders and addresses of one launch."""

    work: Path = Path("work")
    data: Path | None = None
    """Folder of original files and hub copies."""
    jobs: int = 0
    """Jobs at a time; 0: one a core, or one a GPU where there are some."""
    threads: int = 1
    """Threads of a small job: one, so that results do not depend on the machine's size."""
    tracking_uri: str = ""
    patience: float = 60.0
    """Seconds that MLflow is waited for once the work is over."""
    progress: bool = True
    retries: int = 2
    """How often a job is tried again whose worker died."""
    executor: Literal["local", "ray"] = "local"
    address: str = ""
    """Of a Ray cluster; empty: one on this machine, for this launch."""
    gpus: Mapping[str, float] = field(default_factory=dict)
    """GPUs a job by scale, where the rule in `plan/needs.py` is not wanted."""
    layout: Layout = "auto"
    """How batches lie in memory (`phases/flat.py`); auto: flat where a GPU has a kernel for it."""
    devices: int = 1
    """GPUs (processes, on a machine without any) that share one training."""

    @property
    def cache(self) -> Path:
        """Where the hub's data sets are kept."""
        return self.work / "cache"

    @property
    def uri(self) -> str:
        """The tracking server: as given, from the environment, or SQLite under `work`."""
        local = f"sqlite:///{(self.work / 'mlflow.db').absolute()}"
        return self.tracking_uri or os.environ.get(TRACKING) or local

    @property
    def served(self) -> bool:
        """Whether a tracking server is named, other than the work directory's own database."""
        return bool(self.tracking_uri or os.environ.get(TRACKING))

    @property
    def artifacts(self) -> str | None:
        """Artifact folder of the local default; a server decides for itself."""
        local = self.uri.startswith("sqlite:")
        return (self.work / "mlartifacts").absolute().as_uri() if local else None

    @property
    def checkpoint_every(self) -> float:
        """Seconds of training between checkpoints: what a run that is killed may lose."""
        return seconds(CHECKPOINTS, 300.0)

    @property
    def disk_patience(self) -> float:
        """Seconds to wait for room on a full disk."""
        return seconds(DISK, 600.0)

    @property
    def grace(self) -> float:
        """Seconds that a worker has for a last checkpoint when it is told to end."""
        return seconds(GRACE, 60.0)

    @property
    def compiled(self) -> bool:
        """Whether layers are compiled. Raises MatrixError where nothing can compile them."""
        told = os.environ.get(COMPILE, "")
        if told not in ("", "0", "1"):
            raise MatrixError(f"{COMPILE}={told}: say 1 to compile layers, or 0")
        if told == "1" and not compilers.there():
            either = " nor ".join(compilers.COMPILERS)
            raise MatrixError(f"{COMPILE}=1: neither {either} is here to compile layers with")
        return told == "1"

    @property
    def workers(self) -> int:
        return self.jobs or len(os.sched_getaffinity(0))


def seconds(name: str, usual: float) -> float:
    """An environment variable as seconds. Raises MatrixError where it is no number."""
    told = os.environ.get(name, "")
    try:
        value = float(told) if told else usual
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise MatrixError(f"{name}={told}: give seconds, a number that is not negative")
    return value
