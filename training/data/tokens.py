"""Formats with one token a line and a blank line behind every sentence: named entities."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from training.data.opening import lines
from training.data.origin import Line, malformed
from training.spec.language import Language

Split = Callable[[str], tuple[str, str]]
"""A line -> token and tag; raises ValueError for one of another form."""
DOCUMENT = "-DOCSTART-"


def entities(path: Path, language: Language) -> Iterator[Line]:
    """PAN-X: `fi:word<TAB>tag`; the word follows the first colon and may be empty."""

    def split(line: str) -> tuple[str, str]:
        left, tab, tag = line.rpartition("\t")
        prefix, colon, word = left.partition(":")
        if not (tab and colon and prefix == language.short):
            raise ValueError
        return word.strip(), tag.strip()

    return _sentences(path, split, f"'{language.short}:word<TAB>tag' is expected")


def turku(path: Path, _: Language) -> Iterator[Line]:
    """Turku NER: `word<TAB>tag`, with a line `-DOCSTART-` in front of every document."""

    def split(line: str) -> tuple[str, str]:
        word, tag = line.split("\t")
        return word, tag

    return _sentences(path, split, "'word<TAB>tag' is expected")


def nerkor(path: Path, _: Language) -> Iterator[Line]:
    """NYTK-NerKor: CoNLL-U Plus, whose first line names the columns; tags are in CONLL:NER."""
    header = lines(path)[0]
    names = header.partition("=")[2].split()
    if "FORM" not in names or "CONLL:NER" not in names:
        yield malformed(
            path, 1, f"holds {header[:60]!r}", "'# global.columns = FORM ... CONLL:NER' is expected"
        )
        return

    def split(line: str) -> tuple[str, str]:
        cells = line.split("\t")
        if len(cells) != len(names):
            raise ValueError
        return cells[names.index("FORM")], cells[names.index("CONLL:NER")]

    yield from _sentences(path, split, f"{len(names)} columns ({', '.join(names)}) are expected", 1)


def _sentences(path: Path, split: Split, todo: str, skip: int = 0) -> Iterator[Line]:
    """Rows `tokens`, `ner_tags` and an id that names the file; malformed lines as such."""
    name, count = f"{path.parent.name}/{path.name.removesuffix('.gz')}", 0
    words: list[str] = []
    tags: list[str] = []
    at: list[int] = []
    broken = False
    found = lines(path)[skip:]
    for number, line in enumerate(found, start=skip + 1):
        if line.strip():
            try:
                word, tag = split(line)
            except ValueError:
                broken = True
                yield malformed(path, number, f"holds {line[:40]!r}", todo)
                continue
            words, tags, at = [*words, word], [*tags, tag], [*at, number]
            continue
        if words and not broken and words != [DOCUMENT]:
            yield _line(path, f"{name}/{count}", words, tags, at)
            count += 1
        words, tags, at, broken = [], [], [], False
    if words:
        wrong = "the file ends in the middle of a sentence (no blank line behind it)"
        yield malformed(path, skip + len(found), wrong, "is the file whole and unedited?")


def _line(path: Path, name: str, words: list[str], tags: list[str], at: list[int]) -> Line:
    return Line({"id": name, "tokens": words, "ner_tags": tags}, str(path), at[0], lines=at)
