"""What a model of gains must know of scales and targets: `factors.csv`, from the catalogue.

Analysis imports nothing of training, so the few numbers lie here; a test holds the two equal.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pandas as pd

TABLE = Path(__file__).with_name("factors.csv")


@dataclass(frozen=True)
class Factors:
    """Traits of scales and targets by name. A study that limited its training rows, or has a scale
    of its own, says so here: `replace(known(), train={"tydiqa": 1000})`."""

    parameters: dict[str, float] = field(default_factory=dict)
    """Scale -> weights of its encoder."""
    family: dict[str, str] = field(default_factory=dict)
    """Target -> classification, tagging, span, choice or retrieval."""
    train: dict[str, float] = field(default_factory=dict)
    """Target -> English rows that it is trained on; absent: it is not trained (retrieval)."""
    layer: dict[str, int] = field(default_factory=dict)
    """Scale -> the hidden state that retrieval reads unless told otherwise (0: embeddings)."""


@cache
def known() -> Factors:
    """What the catalogue holds."""
    table = pd.read_csv(TABLE, dtype="str")

    def of(kind: str, trait: str) -> dict[str, str]:
        rows = table[table["kind"].eq(kind) & table["trait"].eq(trait)]
        return dict(zip(rows["name"], rows["value"], strict=True))

    return Factors(
        {name: float(value) for name, value in of("scale", "parameters").items()},
        of("target", "family"),
        {name: float(value) for name, value in of("target", "train").items()},
        {name: int(value) for name, value in of("scale", "layer").items()},
    )
