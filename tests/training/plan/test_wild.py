"""Whatever a matrix holds, it is planned or refused in words: never a traceback."""

from __future__ import annotations

import copy
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from training.plan.errors import MatrixError
from training.plan.expand import expand
from training.plan.matrix import parse

DOCUMENT: dict[str, Any] = {
    "study": "wild",
    "source": {"kind": "miniature", "seed": 13, "sentences": 4000},
    "scales": ["nano", "micro"],
    "mlm": {"steps": 50},
    "intermediates": {"nano": ["none", "mnli"], "micro": ["none"]},
    "targets": ["xnli", "xquad", "tatoeba"],
    "seeds": {"intermediate": [1, 2], "target": [1, 2], "design": "paired"},
    "languages": ["fi"],
    "layers": [2],
    "recipe": {"target": {"lr": 1e-4}, "tasks": {"squad": {"batch": 8}}, "scales": {"nano": {}}},
    "also": [{"targets": ["tatoeba"], "seeds": [1, 2, 3]}],
    "contrast": {"name": "c", "intermediate": "mnli", "target": "tatoeba"},
}
WILD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 10**12),
    st.floats(),
    st.text(max_size=5),
    st.sampled_from(["nano", "mnli", "xnli", "none", "fi", "*", "hub", "crossed", "[key]"]),
    st.dates(),
    st.binary(max_size=3),
)
VALUES = st.recursive(
    WILD,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WILD, inner, max_size=3),
    max_leaves=6,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a document."""
    parts = value.items() if isinstance(value, dict) else enumerate(value)
    found = [path]
    for key, inner in parts:
        nested = isinstance(inner, dict | list)
        found += places(inner, (*path, key)) if nested else [(*path, key)]
    return found


@settings(max_examples=300, deadline=None)
@given(place=st.sampled_from(places(DOCUMENT)[1:]), value=VALUES)
def test_a_wild_value_anywhere(place: tuple[Any, ...], value: Any) -> None:
    document = copy.deepcopy(DOCUMENT)
    inner: Any = document
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    refused_or_planned(yaml.safe_dump(document, allow_unicode=True))


@settings(max_examples=200, deadline=None)
@given(start=st.integers(0, 700), length=st.integers(0, 20), other=st.text("[]{}:,-'\"\t\n &*a1#"))
def test_damaged_text(start: int, length: int, other: str) -> None:
    text = yaml.safe_dump(DOCUMENT)
    refused_or_planned(text[:start] + other + text[start + length :])


def refused_or_planned(text: str) -> None:
    try:
        expand(parse(text, "wild.yaml")).document()
    except MatrixError as error:
        assert str(error).startswith(("wild.yaml", "study ", "recipe "))
