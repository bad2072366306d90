"""What every page is given."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.analysis.frames import ScoreFrame
from dashboard.analysis.resample import Items
from dashboard.figures.theme import Look, look
from dashboard.place import Place


@dataclass(frozen=True)
class Visit:
    """The numbers, where items are read, and how the visitor looks at them."""

    frame: ScoreFrame
    items: Items
    """Evaluation -> its items, without rows where there are none."""
    where: Place
    dark: bool = False
    offline: bool = False
    """The server is away: there is only what is kept."""

    @property
    def look(self) -> Look:
        """The figures' colours."""
        return look("dark" if self.dark else "light")

    @property
    def moment(self) -> str:
        """Names what was read: a key for what is computed from it.

        Files are named anew only when they change, so another look at a server that has nothing new
        keeps what was computed.
        """
        read = " ".join(sorted(self.frame.files.values())) or self.frame.taken
        return f"{self.frame.server} {read} {self.offline}"
