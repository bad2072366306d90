"""Where and on what a job runs. Nothing here changes results or enters an identity."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

TRACKING = "MLFLOW_TRACKING_URI"


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
    progress: bool = True
    executor: Literal["local", "ray"] = "local"
    address: str = ""
    """Of a Ray cluster; empty: one on this machine, for this launch."""
    gpus: Mapping[str, float] = field(default_factory=dict)
    """GPUs a job by scale, where the rule in `plan/needs.py` is not wanted."""
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
    def artifacts(self) -> str | None:
        """Artifact folder of the local default; a server decides for itself."""
        local = self.uri.startswith("sqlite:")
        return (self.work / "mlartifacts").absolute().as_uri() if local else None

    @property
    def workers(self) -> int:
        return self.jobs or len(os.sched_getaffinity(0))
