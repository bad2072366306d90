"""The arithmetic of `benchmarks/overhead.py`, on a made-up run of which every second is known."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def overhead(root: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The script as a module."""
    monkeypatch.syspath_prepend(str(root / "benchmarks"))
    monkeypatch.delitem(sys.modules, "overhead", raising=False)
    import overhead

    return overhead


NEEDS = {"a": None, "b": "a", "c": "a", "d": "b"}
EVENTS = [
    (10.0, "a", "running"),  # from 10 to 20 the second worker has nothing to do: 10 s
    (20.0, "a", "done"),
    (20.5, "b", "running"),  # b and c were ready for half a second: 1 s, then c for 1 s more
    (21.5, "c", "running"),
    (29.0, "c", "done"),  # 2 s until b is done: d is not ready
    (31.0, "b", "done"),
    (31.0, "d", "running"),  # 4 s alone
    (35.0, "d", "done"),
]


def test_idle_and_late_are_told_apart(overhead: Any) -> None:
    idle, late = overhead.still(EVENTS, NEEDS, 2)
    assert idle == pytest.approx(10 + 2 + 4)
    assert late == pytest.approx(1 + 1)


def test_every_worker_second_is_accounted_for(overhead: Any) -> None:
    told = {"events": EVENTS, "needs": NEEDS, "workers": 2, "starts": [2, 2], "processor": 3.0}
    found = overhead.shares(40.0, told, [9.0, 9.5, 7.0, 3.5])
    assert sum(found.values()) == pytest.approx(80)
    assert found["computing"] == pytest.approx(29 - 3)
    assert found["nothing to do"] == pytest.approx(16) and found["starting"] == 4
    assert found["overhead"] == pytest.approx(80 - 16 - 4 - 29 + 3)
    parts = overhead.pieces(4.0, 44.0, told, [9.0, 9.5, 7.0, 3.5])
    assert parts["before the first job"] == 12 and parts["after the last job"] == 18
    assert sum(parts.values()) == pytest.approx(found["overhead"])
