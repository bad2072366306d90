"""Where and on what a job runs. Nothing here changes results or enters an identity."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

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
    patience: float = 60.0
    """Seconds that MLflow is waited for once the work is over."""
    progress: bool = True

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
    def workers(self) -> int:
        return self.jobs or len(os.sched_getaffinity(0))
