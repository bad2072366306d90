"""A long context in windows, as XTREME's scripts cut it, and the way from tokens back to text.

Window starts lie `step` tokens apart (BERT's `doc_stride`; the `stride` of Hugging Face's examples
is the overlap instead), so the overlap grows where the question is short.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

Range = tuple[int, int]
"""[from, to) in tokens or characters."""


@dataclass(frozen=True)
class Window:
    """Where the context tokens of one model input come from."""

    first: int
    """Position of the first context token in the input."""
    offsets: tuple[Range, ...]
    """Characters of the context behind each token of this window."""
    starts: Range
    """Tokens of this window at which an answer may start: no other window shows them better."""
    subwords: int
    """Of the whole question and context."""

    def text(self, context: str, start: int, end: int) -> str:
        """The context behind the positions `start` to `end` (inside) of the input."""
        low, high = self.offsets[start - self.first][0], self.offsets[end - self.first][1]
        return context[low:high].strip()


def windows(tokens: int, room: int, step: int) -> list[Range]:
    """At least one window of at most `room` tokens, the last reaching to the end.

    A step beyond `room` would skip tokens, so it is held at `room`.
    """
    step = max(1, min(step, room))
    last = max(0, -(-(tokens - room) // step))
    return [(i * step, min(i * step + room, tokens)) for i in range(last + 1)]


def own_starts(ranges: Sequence[Range], tokens: int) -> list[Range]:
    """For each window the tokens, counted from its beginning, that it shows best.

    Best is most context, min(tokens to the left, to the right) + 0.01 x window length; of equals
    the first (the rule of BERT's SQuAD script, which XTREME follows). Windows move on evenly, so
    what a window shows best is one piece, or nothing: (0, 0).
    """
    if len(ranges) == 1:
        return [(0, tokens)]
    place = np.arange(tokens)[None, :]
    low, high = (np.array(side)[:, None] for side in zip(*ranges, strict=True))
    context = np.minimum(place - low, high - 1 - place) + 0.01 * (high - low)
    best = np.where((place >= low) & (place < high), context, -np.inf).argmax(axis=0)
    found = []
    for number, (begin, _) in enumerate(ranges):
        own = np.flatnonzero(best == number)
        found.append((int(own[0]) - begin, int(own[-1]) + 1 - begin) if own.size else (0, 0))
    return found


def token_span(offsets: Sequence[Range], start: int, stop: int) -> Range | None:
    """First and last token (inside) that hold one of the characters [start, stop), or None."""
    hit = [i for i, (low, high) in enumerate(offsets) if low < stop and high > start and high > low]
    return (hit[0], hit[-1]) if hit else None
