"""A run's checkpoints, `runs/<id>/checkpoints/step-<n>.{ckpt,json}`: whole, or not there.

The file is written under another name, made durable and renamed; its note, with size and SHA-256,
comes last. So a note vouches for its file, and what no note vouches for is never read. Small ones
are kept with the one before, which serves where the newest is damaged; of large ones the newest.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import torch
from pytorch_lightning.plugins.io import CheckpointIO

from training.engine.room import say
from training.engine.store import read_json, sync, write_json
from training.engine.writing import sha256_of

FOLDER = "checkpoints"
SCHEMA = "silta.checkpoint/1"
KEPT, SMALL = 2, 10**9
"""How many checkpoints of up to so many bytes are kept; of larger ones one."""


@dataclass(frozen=True)
class Found:
    """A whole checkpoint."""

    path: Path
    step: int
    seconds: float
    """Spent on the run until then."""
    micro_batch: int
    """Examples of a step that are in memory together; 0: all of them."""


class Hashed:
    """A file being written, with the digest of what went in; torch.save writes it front to back."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file, self.seen, self.size = file, hashlib.sha256(), 0

    def write(self, data: Any) -> int:
        self.seen.update(data)
        self.size += len(data)
        return self.file.write(data)

    def flush(self) -> None:
        self.file.flush()


class Checkpoints(CheckpointIO):  # type: ignore[misc]
    """Lightning's way to the disk. `origin` says what a checkpoint must have been made for."""

    def __init__(self, run: Path, origin: dict[str, Any]) -> None:
        self.folder, self.origin = run / FOLDER, origin
        self.note: dict[str, Any] = {}
        """What else the next note is to hold: step, seconds, micro_batch."""

    def path(self, step: int) -> Path:
        return self.folder / f"step-{step:08d}.ckpt"

    def save_checkpoint(
        self, checkpoint: dict[str, Any], path: Any, storage_options: Any = None
    ) -> None:
        temporary = self.begun(path)
        try:
            with temporary.open("wb") as file:
                hashed = Hashed(file)
                torch.save(checkpoint, hashed)
                file.flush()
                os.fsync(file.fileno())
            self.vouch(temporary, Path(path), hashed.size, hashed.seen.hexdigest())
        finally:
            temporary.unlink(missing_ok=True)
        self.prune()

    def begun(self, path: Any) -> Path:
        """The name under which a checkpoint is written before it is whole."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return self.folder / f".{Path(path).name}"

    def vouch(self, temporary: Path, path: Path, size: int, sha256: str) -> None:
        """What was written and made durable gets its name, then its note."""
        temporary.rename(path)
        told = {"size": size, "sha256": sha256, "origin": self.origin}
        note = path.with_suffix(".json")
        write_json(note, {"schema": SCHEMA, **told, **self.note})
        sync(note)
        sync(self.folder)

    def load_checkpoint(
        self, path: Any, map_location: Any = None, weights_only: bool | None = None
    ) -> dict[str, Any]:
        told: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        return told

    def remove_checkpoint(self, path: Any) -> None:
        """The note first: without one the file counts for nothing."""
        Path(path).with_suffix(".json").unlink(missing_ok=True)
        discard(Path(path))

    def prune(self) -> None:
        """Keep the newest, and where they are small the one before."""
        notes = self.notes()
        small = all(size_of(one.with_suffix(".ckpt")) <= SMALL for one in notes[:1])
        for note in notes[KEPT if small else 1 :]:
            self.remove_checkpoint(note.with_suffix(".ckpt"))

    def notes(self) -> list[Path]:
        """Newest first."""
        return sorted(self.folder.glob("step-*.json"), reverse=True)

    def newest(self) -> Found | None:
        """The newest whole checkpoint of this origin; says what is wrong with newer ones."""
        for note in self.notes():
            wrong = self.amiss(note)
            if wrong is None:
                told = read_json(note)
                numbers = told["step"], told["seconds"], told["micro_batch"]
                return Found(note.with_suffix(".ckpt"), *numbers)
            say(f"{note.with_suffix('.ckpt')}: {wrong}; going back to what was before it")
        return None

    def amiss(self, note: Path) -> str | None:
        """Why a checkpoint cannot be used."""
        try:
            told = read_json(note)
            if told["schema"] != SCHEMA or told["origin"] != self.origin:
                return f"made for something else ({', '.join(self.differences(told)) or 'schema'})"
            path = note.with_suffix(".ckpt")
            if size_of(path) != told["size"]:
                return f"{size_of(path)} bytes where {told['size']} were written"
            if digest_of(path) != told["sha256"]:
                return "damaged: its content is not what was written"
        except FileNotFoundError:
            return "missing"
        except (OSError, ValueError, KeyError, TypeError) as error:
            return f"it or its note cannot be read ({error})"
        return None

    def differences(self, told: dict[str, Any]) -> Iterator[str]:
        """Which parts of the origin are others now."""
        theirs = told.get("origin", {})
        return (key for key in self.origin if theirs.get(key) != self.origin[key])

    def clear(self) -> None:
        """Remove them all."""
        shutil.rmtree(self.folder, ignore_errors=True)


def size_of(path: Path) -> int:
    """Bytes of a file, or of all files of a folder (a training that several processes share)."""
    return sum(one.stat().st_size for one in files_of(path))


def digest_of(path: Path) -> str:
    """SHA-256 of a file's content; of a folder: of its files' names and digests."""
    if path.is_dir():
        told = [f"{one.relative_to(path)} {sha256_of(one)}" for one in files_of(path)]
        return hashlib.sha256("\n".join(told).encode()).hexdigest()
    return sha256_of(path)


def files_of(path: Path) -> list[Path]:
    """The file itself, or a folder's files in order."""
    return sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]


def discard(path: Path) -> None:
    """Remove a file or a folder, if it is there."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
