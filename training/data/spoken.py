"""Which languages a file of all languages holds, without reading it into examples."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from training.catalogue.languages import LANGUAGES
from training.data.opening import content

NAMES = {language.name.lower(): code for code, language in LANGUAGES.items()}
SHORT = {language.short: code for code, language in LANGUAGES.items()}
PREFIX = re.compile(r'"id"\s*:\s*"([a-z]+)-')


def of_column(path: Path) -> frozenset[str]:
    """XNLI: languages of the first column."""
    return _read(path, path.stat().st_mtime_ns, True)


def of_ids(path: Path) -> frozenset[str]:
    """TyDiQA: languages that begin the ids (`finnish-3141-0`)."""
    return _read(path, path.stat().st_mtime_ns, False)


@lru_cache(maxsize=32)
def _read(path: Path, _: int, column: bool) -> frozenset[str]:
    text = content(path)
    if column:
        told = {line.split("\t", 1)[0] for line in text.split("\n")}
        return frozenset(SHORT[one] for one in told if one in SHORT)
    return frozenset(NAMES[one] for one in set(PREFIX.findall(text)) if one in NAMES)
