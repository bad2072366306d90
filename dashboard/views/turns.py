"""Pages are computed one after another: threads that share a processor all end last."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE = 2.0
"""Seconds that a page waits for its turn: whoever goes before may be waiting for the server."""
_one = threading.Lock()


@contextmanager
def turn(patience: float = PATIENCE) -> Iterator[None]:
    """A turn, or after `patience` seconds go ahead without one.

    Ten pages of 0.1 s that are computed at once come after 1 s all of them; in turn half of them
    are there after 0.5 s.
    """
    mine = _one.acquire(timeout=patience)
    try:
        yield
    finally:
        if mine:
            _one.release()
