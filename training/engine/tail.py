"""A log that another process is writing, read as it grows."""

from __future__ import annotations

import os
from pathlib import Path

from training.engine.records import Point, points


class Tail:
    """New points of a growing log. A torn last line waits for its end; a log that was replaced or
    cut is read from its start, and whoever sends the points knows which ones it has sent."""

    def __init__(self, path: Path) -> None:
        self.path, self.file, self.offset = path, (0, 0), 0

    def read(self) -> list[Point]:
        """Points since the last reading; none where there is no log (yet, or any more)."""
        try:
            log = self.path.open("rb")
        except OSError:
            return []
        with log:
            about = os.fstat(log.fileno())
            file = (about.st_dev, about.st_ino)
            if file != self.file or about.st_size < self.offset:
                self.file, self.offset = file, 0
            log.seek(self.offset)
            whole, newline, _ = log.read().rpartition(b"\n")
            self.offset += len(whole) + len(newline)
        return list(points(whole.splitlines()))
