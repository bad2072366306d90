"""How often Python looks for garbage: seldom, since most of what imports make is there to stay."""

from __future__ import annotations

import gc

EVERY = 50_000
"""New objects between looks. Every 700, as usual, they are an eighth of a training's start."""


def seldom() -> None:
    """To be called before anything large is imported."""
    gc.set_threshold(EVERY)
