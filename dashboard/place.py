"""Where things lie: the work directory, its snapshot, and the tracking server's address."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

WORK, TRACKING = "SILTA_WORK", "MLFLOW_TRACKING_URI"
ARTIFACTS = "SILTA_ARTIFACTS_URI"
"""Environment variable: the server that hands out artifacts, where a database itself is read."""
"""Environment variables; what is given on the command line goes before them."""
PASSWORD = "MLFLOW_TRACKING_PASSWORD"
"""What MLflow's client logs in with; `..._FILE` names a file that holds it."""

PAGES = "SILTA_MLFLOW_PAGES"
"""Environment variable: where browsers find MLflow's pages, if not where the dashboard does."""

PUBLISHED = "SILTA_PUBLISHED"
"""Environment variable: csv files of published figures of one's own, parted as in PATH."""


@dataclass(frozen=True)
class Place:
    """What the reading side reads from, and where it keeps its copy."""

    tracking_uri: str
    directory: Path

    @property
    def shown(self) -> str:
        """The address for people's eyes."""
        return masked(self.tracking_uri)


def place(work: Path | None = None, tracking_uri: str | None = None) -> Place:
    """Arguments, else the environment, else `work` and its SQLite file."""
    if (file := os.environ.get(f"{PASSWORD}_FILE")) and not os.environ.get(PASSWORD):
        os.environ[PASSWORD] = Path(file).read_text(encoding="utf-8").rstrip("\r\n")
    folder = work or Path(os.environ.get(WORK) or "work")
    uri = tracking_uri or os.environ.get(TRACKING) or f"sqlite:///{folder / 'mlflow.db'}"
    return Place(uri, folder / "snapshot")


def published() -> tuple[Path, ...]:
    """Files of published figures that a visitor's host has named."""
    return tuple(Path(one) for one in os.environ.get(PUBLISHED, "").split(os.pathsep) if one)


def sqlite_path(uri: str) -> Path | None:
    """The file of a SQLite address, or None for a server."""
    return Path(uri.removeprefix("sqlite:///")) if uri.startswith("sqlite:///") else None


def masked(uri: str) -> str:
    """The text with the password of any address in it left out."""
    return re.sub(r"(://[^:/@\s]*):[^@/\s]*@", r"\1:***@", uri)


def advice(uri: str, error: Exception) -> str:
    """What to say of a server that cannot be read: where, why, and what to do."""
    if isinstance(error, ModuleNotFoundError):
        driver = f"{error.name}-binary" if error.name == "psycopg2" else error.name
        return f"Reading {masked(uri)} needs a database driver: pip install {driver}"
    if refusal := _refusal(error):
        return f"The tracking server {masked(uri)} cannot be read: {refusal}"
    return (
        f"The tracking server {masked(uri)} cannot be read ({_why(error)}). "
        "Start it, or give another address with --tracking-uri or MLFLOW_TRACKING_URI."
    )


REFUSALS = {
    "401": "it asks for a login (401). Set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD; "
    "an account that may only read is enough.",
    "403": "it does not let this account read (403). Ask its keeper for leave to read the "
    "experiment, or set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD of an account "
    "that may.",
}
_NAMED = {"UNAUTHENTICATED": "401", "PERMISSION_DENIED": "403"}


def _refusal(error: Exception) -> str:
    """What to do where the server wants to know who asks, or knows and refuses."""
    code = re.search(r"error code (40[13])\b", str(error))
    named = _NAMED.get(str(getattr(error, "error_code", "")), "")
    return REFUSALS.get(code[1] if code else named, "")


def _why(error: BaseException) -> str:
    """`Connection refused` where the system said so at the bottom of it, else the first line."""
    deepest = error
    while below := deepest.__cause__ or deepest.__context__:
        deepest = below
    if isinstance(deepest, OSError) and deepest.strerror:
        return deepest.strerror
    lines = masked(str(error)).strip().splitlines() or [type(error).__name__]
    return lines[0] if len(lines[0]) <= 160 else f"{lines[0][:157]}..."
