"""The report as one Markdown file; pictures are named where they were drawn."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from dashboard.report.parts import Picture, Section, Table

_SIGNS = re.compile(r"([\\`*_\[\]<>|~&])")


def document(title: str, sections: Iterable[Section], drawn: set[str]) -> str:
    """The whole file. `drawn`: names of the pictures that lie in figures/ as PNG."""
    lines = [f"# {escaped(title)}"]
    for section in sections:
        lines += _section(section, drawn, 2)
    return "\n\n".join(lines) + "\n"


def _section(section: Section, drawn: set[str], level: int) -> Iterator[str]:
    yield f"{'#' * level} {escaped(section.title)}"
    for block in section.blocks:
        if isinstance(block, str):
            yield paragraph(block)
        elif isinstance(block, Section):
            yield from _section(block, drawn, level + 1)
        elif isinstance(block, Table):
            yield from _table(block)
        else:
            yield _picture(block, drawn)


def _table(table: Table) -> Iterator[str]:
    file = f"tables/{table.name}"
    yield f"**{escaped(table.title)}** ([CSV]({file}.csv), [LaTeX]({file}.tex))"
    rule = ["---" if at < table.words else "---:" for at in range(len(table.head))]
    rows = [[escaped(one.text) for one in row] for row in table.rows]
    lines = [[escaped(name) for name in table.head], rule, *rows]
    yield "\n".join(f"| {' | '.join(line)} |" for line in lines)
    if table.note:
        yield paragraph(table.note)


def _picture(picture: Picture, drawn: set[str]) -> str:
    if picture.name not in drawn:
        return f"*{escaped(picture.title)}: see index.html; it was not drawn as a file.*"
    return f"![{escaped(picture.alt)}](figures/{picture.name}.png)"


def paragraph(text: str) -> str:
    """A paragraph of its own: neither a heading nor a list nor a rule, whatever it begins with."""
    return re.sub(r"^(\d*)([-+=.)#])", r"\1\\\2", escaped(text))


def escaped(text: str) -> str:
    """Text within a line, in which Markdown finds nothing to interpret."""
    return _SIGNS.sub(r"\\\1", " ".join(text.split()))
