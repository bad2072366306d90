"""A small matrix, and the means to change a line of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from training.plan.expand import expand
from training.plan.matrix import parse
from training.plan.plan import Plan

SMALL = {
    "study": "demo",
    "source": "{kind: miniature, seed: 13, sentences: 4000}",
    "scales": "[nano, micro]",
    "intermediates": "[none, mnli]",
    "targets": "[xnli, xquad, mlqa, tatoeba]",
    "seeds": "[1, 2]",
}


@pytest.fixture
def text() -> Callable[..., str]:
    """`text(seeds="[1]")`: the small matrix with keys replaced, added, or (None) left out."""

    def write(**changes: str | None) -> str:
        told = {key: value for key, value in (SMALL | changes).items() if value is not None}
        return "".join(f"{key}: {value}\n" for key, value in told.items())

    return write


@pytest.fixture
def planned(text: Callable[..., str]) -> Callable[..., Plan]:
    """The plan of the small matrix with changes."""
    return lambda **changes: expand(parse(text(**changes), "small.yaml"))
