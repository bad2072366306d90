"""A figure against what it is to be, as `race.py` and `gpu.py` tell it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Goal:
    """`least`: at least so much is wanted, else at most."""

    what: str
    figure: float
    wanted: float
    least: bool = True

    @property
    def met(self) -> bool:
        return self.figure >= self.wanted if self.least else self.figure <= self.wanted

    @property
    def word(self) -> str:
        return "met   " if self.met else "MISSED"

    @property
    def sign(self) -> str:
        return ">=" if self.least else "<="

    def line(self) -> str:
        return f"{self.word} {self.figure:9.4g} {self.sign} {self.wanted:<6g} {self.what}"

    def document(self) -> dict[str, Any]:
        told = {"what": self.what, "figure": self.figure, "goal": self.wanted}
        return told | {"least": self.least, "met": self.met}
