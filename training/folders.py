"""Folders that others see whole or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp


@contextmanager
def appearing(target: Path) -> Iterator[Path]:
    """A new folder to write into, which becomes `target` at the end of the block.

    Where another process was quicker, its folder stays, which is as good. Nothing half-made is left
    behind. Raises OSError where neither could be had.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    made = Path(mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        yield made
        try:
            made.rename(target)
        except OSError:  # another process was quicker
            if not target.is_dir():
                raise
    finally:
        shutil.rmtree(made, ignore_errors=True)
