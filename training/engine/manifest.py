"""What a finished run hands over, file by file with its SHA-256, and whether it is still so."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from training.engine.writing import read_json, sha256_of, write_json

MANIFEST = "manifest.json"
ENCODER = "encoder"
WEIGHTS = f"{ENCODER}/model.safetensors"
HANDED = (ENCODER, "head.safetensors", "labels.json")
"""Folders and files that other jobs read."""
PRUNED = "pruned"
DAMAGED = "DAMAGED"
"""Left by who read a file that is not what it was; its text says which."""


class StoreError(Exception):
    """The work directory cannot be used; the message says what to do."""


class Lost(StoreError):
    """A run is done, but its encoder is not what it was, or not there any more."""

    def __init__(self, id: str, reason: str) -> None:
        super().__init__(
            f"the encoder of {id} cannot be used ({reason}); the next `silta run` of a matrix "
            "that holds it sets it aside and trains it again"
        )


def write(path: Path) -> None:
    """Vouch for a run's files; an evaluation hands nothing over and has no manifest."""
    files = {str(one.relative_to(path)): told(one) for one in handed(path)}
    if files:
        write_json(path / MANIFEST, {"files": files})


def handed(path: Path) -> list[Path]:
    """Files of a run that other jobs read, in a fixed order."""
    found = [one for name in HANDED for one in (path / name, *(path / name).rglob("*"))]
    return sorted(one for one in found if one.is_file())


def told(file: Path) -> dict[str, Any]:
    return {"bytes": file.stat().st_size, "sha256": sha256(file)}


def sha256(file: Path) -> str:
    """Computed once as long as the file is not touched."""
    state = file.stat()
    return _sha256(file, state.st_ino, state.st_size, state.st_mtime_ns)


@lru_cache(maxsize=1024)
def _sha256(file: Path, *state: int) -> str:
    return sha256_of(file)


def amiss(path: Path, thorough: bool = False) -> str | None:
    """What is wrong with what a run hands over; `thorough` reads every byte, else sizes do."""
    known = read(path)
    if known.get(PRUNED):
        return f"it was pruned on {known[PRUNED]}"
    if not thorough and (path / DAMAGED).exists():
        return (path / DAMAGED).read_text().strip() or "it is damaged"
    if not known:
        return unvouched(path / WEIGHTS)
    reasons = (differs(path, name, one, thorough) for name, one in known["files"].items())
    return next(filter(None, reasons), None)


def read(path: Path) -> dict[str, Any]:
    """A run's manifest; empty where it has none (it was made by an early version)."""
    try:
        found: dict[str, Any] = read_json(path / MANIFEST)
        return found
    except (FileNotFoundError, ValueError):
        return {}


def differs(path: Path, name: str, known: dict[str, Any], thorough: bool) -> str | None:
    """How a file differs from what it was."""
    file = path / name
    if not file.is_file():
        return f"{name} is missing"
    size = file.stat().st_size
    if size != known["bytes"]:
        return f"{name} has {size:,} bytes and had {known['bytes']:,}"
    if thorough and sha256(file) != known["sha256"]:
        return f"{name} has another content than it was written with (SHA-256)"
    return None


def unvouched(weights: Path) -> str | None:
    """What a safetensors file without a manifest tells of itself: it names its own length."""
    try:
        with weights.open("rb") as opened:
            head = int.from_bytes(opened.read(8), "little")
            tensors = json.loads(opened.read(head))
    except FileNotFoundError:
        return f"{WEIGHTS} is missing"
    except (ValueError, OverflowError, MemoryError):
        return f"{WEIGHTS} is damaged"
    ends = (one["data_offsets"][1] for name, one in tensors.items() if name != "__metadata__")
    due, size = 8 + head + max(ends, default=0), weights.stat().st_size
    return None if size == due else f"{WEIGHTS} has {size:,} bytes of {due:,}"
