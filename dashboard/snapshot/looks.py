"""How far back a server is asked for what has ended, where it cannot tell what has changed.

Runs are asked for by their end, which machines stamp by clocks that differ: one that is there only
now may bear an earlier time than some that are known. So what ended lately is read again, by every
reading where that is little, and else each time that `OVERLAP` has gone by.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

OVERLAP = 600.0
"""Seconds by which clocks of writers may differ at most."""
FEW = 20
"""Runs that may be read again by every reading."""


@dataclass(frozen=True)
class Looks:
    """The last two readings that took everything again that may have come late: when each was (s
    since 1970), and the last end that was known then (ms since 1970). None: there was none."""

    at: float | None = None
    known: float | None = None
    before: float | None = None
    """What was known at the one before the last."""

    def due(self, now: float) -> bool:
        """Whether it is time to take everything again; also where the clock was set back."""
        return self.at is None or not 0 <= now - self.at < OVERLAP

    def since(self, ended: Collection[float], now: float) -> float:
        """The earliest end that is asked for, in ms since 1970; `ended`: those that are known.

        What came after the last look, by a clock that is `OVERLAP` off at most, ended after all
        that was known at the look before it, which is at least as long ago.
        """
        newest, over = max(ended), 1000 * OVERLAP
        if self.due(now):
            if self.known is None:  # nothing was there then: all of it has come since
                return 0.0
            return self.known - over if self.before is None else self.before + 1
        some = (low for low in (newest - over, newest) if sum(one >= low for one in ended) <= FEW)
        return next(some, newest + 1)

    def after(self, ended: Collection[float], now: float) -> Looks:
        """With a reading that began now, and what is known after it."""
        return Looks(now, max(ended, default=None), self.known) if self.due(now) else self
