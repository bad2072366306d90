"""Pure: frame in, frame out. pandas, numpy and scipy only, so that a notebook needs no more.

What a notebook wants is here by name, loaded when it is asked for:
`from dashboard.analysis import gain_table, cell_table, verdicts`.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOME = {
    "ScoreFrame": "frames",
    "gain_table": "gains",
    "cell_table": "intervals",
    "mean_gain": "rollup",
    "described": "rollup",
    "completed": "rollup",
    "common": "rollup",
    "averages": "xtreme",
    "Comparison": "comparisons",
    "compare": "comparisons",
    "best_intermediate": "comparisons",
    "Registered": "registered",
    "read_contrasts": "registered",
    "verdicts": "generalise",
    "verdict_table": "generalise",
}
_ELSEWHERE = {
    "gain_table": "gains",
    "cell_table": "cells",
    "read_contrasts": "read",
    "verdict_table": "generalise",
}
"""Named apart from a function whose name a module of this package has."""

__all__ = list(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"dashboard.analysis has no {name!r}; there are {', '.join(_HOME)}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), _ELSEWHERE.get(name, name))


def __dir__() -> list[str]:
    return [*globals(), *_HOME]
