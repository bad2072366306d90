"""The lexicons: one tab-separated table a language, concept to principal parts."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def lexicon(code: str) -> dict[str, tuple[str, ...]]:
    """Concept -> principal parts, as the header of `<code>.tsv` explains them."""
    table: dict[str, tuple[str, ...]] = {}
    for line in files(__package__).joinpath(f"{code}.tsv").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            concept, parts = line.split("\t")
            table[concept] = tuple(parts.split("|"))
    return table
