"""What a layout of original files is: where they lie, what reads them, what fetches them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from training.data.origin import Line
from training.spec.language import Language
from training.spec.task import Split


@dataclass(frozen=True)
class Layout:
    """File name patterns under `Task.files` by split, and the function that reads one file.

    Patterns may name `{code}`, `{short}`, `{sib}`, `{ntrex}` and `{locale}` of the language.
    """

    read: Callable[[Path, Language], Iterator[Line]]
    patterns: dict[Split, tuple[str, ...]]
    """All of a split's patterns have to match: its data set has that many parts."""
    fetch: str
    """What brings the files, for error messages."""
    otherwise: Layout | None = None
    """The other form that the files may have."""
    spoken: Callable[[Path], frozenset[str]] | None = None
    """For files of all languages: which of them one holds."""
    keep: Callable[[Line, Split], bool] | None = None
    """Of files that hold several splits: whether a row is of one."""


def each(pattern: str, **names: str) -> dict[Split, tuple[str, ...]]:
    """The same pattern for every split, `{split}` spelt as the data set spells it."""
    spelt: dict[Split, str] = {"train": "train", "dev": "dev", "test": "test"}
    return {
        split: (pattern.replace("{split}", names.get(split, name)),)
        for split, name in spelt.items()
        if names.get(split) != "-"
    }


def sections() -> dict[Split, tuple[str, ...]]:
    """CCGbank's sections as jiant splits them: 00-18, 19-21, 22-24."""
    bounds: dict[Split, range] = {"train": range(19), "dev": range(19, 22), "test": range(22, 25)}
    return {
        split: tuple(f"ccgbank_1_1/data/AUTO/{number:02}/*.auto*" for number in numbers)
        for split, numbers in bounds.items()
    }
