"""A file that grows window by window and can go on after any death.

Rows go to `<file>.part`; after each window a line of `<file>.part.log` says how many bytes belong
and where to go on. Both are fsynced in that order, so what the log does not vouch for is cut off.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from training.engine.store import StoreError, sync


@dataclass
class Reached:
    """How far a file is."""

    next: int = 0
    """The first source row that is not in it."""
    size: int = 0
    counts: Counter[str] = field(default_factory=Counter)


class Journal:
    """Held by one process; raises StoreError where another one has it, or other settings began it.

    `settings` are what the rows depend on, in plain JSON.
    """

    def __init__(self, path: Path, settings: dict[str, Any]) -> None:
        self.path, self.part = path, path.with_name(f"{path.name}.part")
        self.log = path.with_name(f"{path.name}.part.log")
        path.parent.mkdir(parents=True, exist_ok=True)
        self.told: IO[bytes] = self.log.open("a+b")
        self._claim()
        self.reached = self._resume(json.loads(json.dumps(settings)))
        self.rows: IO[bytes] = self.part.open("ab")
        self.rows.truncate(self.reached.size)

    def _claim(self) -> None:
        try:
            fcntl.flock(self.told, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StoreError(
                f"{self.part}: another process is writing it; wait for it or stop it"
            ) from None

    def _resume(self, settings: dict[str, Any]) -> Reached:
        """What the log vouches for; a torn last line of it is cut off."""
        self.told.seek(0)
        whole, _, _ = self.told.read().rpartition(b"\n")
        self.told.truncate(len(whole) + 1 if whole else 0)
        lines = [json.loads(line) for line in whole.splitlines()]
        if not lines:
            self._tell({"settings": settings})
            return Reached()
        self._same(lines[0]["settings"], settings)
        if len(lines) == 1:
            return Reached()
        last = lines[-1]
        if not self.part.exists() or self.part.stat().st_size < last["size"]:
            raise StoreError(
                f"{self.part}: shorter than {self.log.name} says; delete both to begin again"
            )
        return Reached(last["next"], last["size"], Counter(last["counts"]))

    def _same(self, began: dict[str, Any], now: dict[str, Any]) -> None:
        other = [
            f"{key} {began.get(key)!r}, now {now.get(key)!r}"
            for key in dict.fromkeys([*began, *now])
            if began.get(key) != now.get(key)
        ]
        if other:
            raise StoreError(
                f"{self.part}: begun with other settings ({'; '.join(other)}); "
                "give the same ones to go on, or delete it and its .log to begin again"
            )

    def _tell(self, line: dict[str, Any]) -> None:
        self.told.write(json.dumps(line).encode() + b"\n")
        self.told.flush()
        os.fsync(self.told.fileno())

    def append(self, rows: Iterable[dict[str, Any]], next: int, counts: Counter[str]) -> None:
        """The rows of one window, made durable."""
        for row in rows:
            self.rows.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")
        self.rows.flush()
        os.fsync(self.rows.fileno())
        total = self.reached.counts + counts
        self.reached = Reached(next, self.rows.tell(), total)
        self._tell({"next": next, "size": self.reached.size, "counts": dict(total)})

    def finish(self) -> None:
        """Give the file its name."""
        self.rows.close()
        self.part.rename(self.path)
        sync(self.path.parent)
        self.log.unlink()
        self.told.close()

    def close(self) -> None:
        """Let go of a file that is not finished."""
        self.rows.close()
        self.told.close()
