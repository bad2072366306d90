"""A language, and the traits that results are grouped by."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Language:
    """One row of `catalogue/languages.csv`."""

    code: str
    """ISO 639-3; `_Script` follows only where a data set holds two scripts of one language."""
    name: str
    family: str
    genus: str
    script: str
    """ISO 15924."""
    morphology: str
    """A coarse label of our own (agglutinative, fusional, isolating ...), meant to be edited."""
    short: str = ""
    """The code XTREME's files use (ISO 639-1)."""
    pretrained: bool = True
    """Whether XLM-R saw the language."""
