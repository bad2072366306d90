"""BUCC 2018 as the shared task's tarballs hold it: two haystacks and the gold pairs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from training.data.opening import tsv
from training.data.origin import Line, malformed
from training.spec.language import Language

Side = dict[str, tuple[int, str]]
"""Id -> position from 1, sentence."""
AGAIN = "fetch the three files again"


def haystacks(path: Path, language: Language) -> Iterator[Line]:
    """`de-en.training.de` and `.en` (id, sentence) with `.gold` (pairs of ids): one row of all."""
    end = ".gz" if path.suffix == ".gz" else ""
    stem = path.name.removesuffix(end).removesuffix(f".{language.short}")
    english, gold = (path.with_name(f"{stem}.{name}{end}") for name in ("en", "gold"))
    foreign: Side = {}
    other: Side = {}
    pairs: list[list[int]] = []
    yield from _side(path, foreign)
    yield from _side(english, other)
    yield from _pairs(gold, foreign, other, pairs)
    row = {
        "sentence1": [text for _, text in foreign.values()],
        "sentence2": [text for _, text in other.values()],
        "gold": pairs,
        "ids1": list(foreign),
        "ids2": list(other),
    }
    yield Line(row, str(path), 1)


def _side(path: Path, side: Side) -> Iterator[Line]:
    """Fills `side`; yields what is malformed."""
    for row in tsv(path, ("id", "sentence"), closed=True):
        if row.fault:
            yield row
        elif row["id"] in side:
            yield malformed(path, row.number, f"repeats the id {row['id']!r}", AGAIN)
        else:
            side[row["id"]] = (len(side) + 1, row["sentence"])


def _pairs(path: Path, foreign: Side, other: Side, pairs: list[list[int]]) -> Iterator[Line]:
    """Fills `pairs` with positions; yields what is malformed."""
    for row in tsv(path, ("foreign", "english"), closed=True):
        if row.fault:
            yield row
        elif row["foreign"] in foreign and row["english"] in other:
            pairs.append([foreign[row["foreign"]][0], other[row["english"]][0]])
        else:
            told = f"pairs {row['foreign']!r} with {row['english']!r}, of which one is not there"
            yield malformed(path, row.number, told, AGAIN)
