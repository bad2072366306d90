"""How often Python looks for garbage: seldom, since most of what imports make is there to stay."""

from __future__ import annotations

import atexit
import gc

EVERY = 50_000
"""New objects between looks. Every 700, as usual, they are an eighth of a training's start."""


def seldom() -> None:
    """To be called before anything large is imported.

    At its end Python looks through all that is left several times, 2 s of processor after torch,
    to free what ends with the process anyway: what is frozen is not looked at.
    """
    gc.set_threshold(EVERY)
    atexit.register(gc.freeze)
