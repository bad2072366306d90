"""Opening published files, plain or gzipped, and reading their rows; errors name file and line."""

from __future__ import annotations

import csv
import gzip
import io
import json
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from training.data.encoding import decoded
from training.data.errors import DataError
from training.data.origin import Line, malformed

Row = dict[str, Any]
BROKEN = (OSError, EOFError, zlib.error, UnicodeDecodeError, tarfile.TarError)
AGAIN = "fetch the file again"
CHUNK = 2**16
csv.field_size_limit(2**24)


def content(path: Path, quoted: bool = False) -> str:
    """The whole text of a plain or gzipped UTF-8 file; `quoted`: quotes may hold line ends.

    Raises DataError, with the lines, for a file that is empty, cut (gzip), not UTF-8, marked with
    a byte order, or of mixed line ends.
    """
    try:
        data = unpacked(path) if path.suffix == ".gz" else path.read_bytes()
    except OSError as error:
        raise DataError(str(path), None, f"cannot be read ({error})", AGAIN) from error
    if not data:
        raise DataError(str(path), 1, "the file is empty", AGAIN, "line")
    return decoded(data, str(path), quoted)


def unpacked(path: Path) -> bytes:
    """What a gzipped file holds; DataError with the line up to which it can be read."""
    parts: list[bytes] = []
    with path.open("rb") as packed, gzip.GzipFile(fileobj=packed) as opened:
        try:
            while part := opened.read1(CHUNK):
                parts.append(part)
        except BROKEN as error:
            line = 1 + sum(part.count(b"\n") for part in parts)
            wrong = f"cannot be read from about here on ({error}): the archive is cut or damaged"
            raise DataError(str(path), line, wrong, AGAIN, "line") from error
    return b"".join(parts)


def lines(path: Path, closed: bool = True) -> list[str]:
    """Lines without their ends; only newlines end a line (texts hold U+2028 and the like).

    `closed`: DataError where the last line has no end, for formats that would not show a cut.
    """
    text = content(path)
    found = text.split("\n")
    if not found[-1]:
        found.pop()
    elif closed:
        wrong = f"the file ends in the middle of this line ({found[-1][-30:]!r})"
        raise DataError(str(path), len(found), wrong, AGAIN, "line")
    return [line.removesuffix("\r") for line in found]


def document(path: Path) -> Any:
    """A JSON file."""
    try:
        return json.loads(content(path))
    except json.JSONDecodeError as error:
        raise _not_json(path, error.lineno, error) from error


def jsonl(path: Path) -> Iterator[Line]:
    """One JSON object a line."""
    for number, line in enumerate(lines(path, closed=False), start=1):
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            fault = _not_json(path, number, error)
            yield malformed(path, number, fault.wrong, fault.todo)
            continue
        if isinstance(row, dict):
            yield Line(row, str(path), number)
        else:
            yield malformed(
                path, number, f"holds {line[:40]!r}", "a JSON object a line is expected"
            )


def _not_json(path: Path, row: int, error: json.JSONDecodeError) -> DataError:
    wrong = f"is not JSON ({error.msg}, column {error.colno})"
    return DataError(str(path), row, wrong, AGAIN, "line")


def tsv(path: Path, header: tuple[str, ...] = (), closed: bool = False) -> Iterator[Line]:
    """Tab-separated rows without quoting; `header`: the columns where the file names none.

    `closed`: the last column is free text, so that a cut shows by the missing line end only.
    """
    found = lines(path, closed)
    columns = list(header) or found[0].split("\t")
    for number, line in enumerate(found, start=1):
        if number == 1 and not header:
            continue
        cells = line.split("\t")
        if len(cells) == len(columns):
            yield Line(zip(columns, cells, strict=True), str(path), number)
        else:
            yield malformed(
                path,
                number,
                f"has {len(cells)} columns where {len(columns)} belong ({', '.join(columns)})",
                f"{AGAIN}; a quoted or edited copy does not do",
            )


def table(path: Path) -> Iterator[Line]:
    """Comma-separated rows with quoting and a header; a row is named by its first line."""
    text = io.StringIO(content(path, quoted=True), newline="")
    reader = csv.DictReader(text, strict=True)
    number = 1
    try:
        columns = list(reader.fieldnames or ())
        number = reader.line_num + 1
        for row in reader:
            if None in row or None in row.values():
                wrong = f"has more or fewer columns than the header ({', '.join(columns)})"
                yield malformed(path, number, wrong, AGAIN)
            else:
                yield Line(row, str(path), number)
            number = reader.line_num + 1
    except csv.Error as error:
        yield malformed(path, number, f"is not CSV ({error})", AGAIN)


def members(path: Path) -> Iterator[tuple[str, bytes]]:
    """Names and contents of the files in a tar.gz, in the archive's order."""
    try:
        with tarfile.open(path) as archive:
            for member in archive:
                opened = archive.extractfile(member)
                if opened is not None:
                    yield member.name, opened.read()
    except BROKEN as error:
        raise DataError(str(path), None, f"cannot be unpacked ({error})", AGAIN) from error
