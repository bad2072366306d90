"""Opening published files, plain or gzipped, and reading their rows; errors name the file."""

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

from training.data.errors import DataError

Row = dict[str, Any]
BROKEN = (OSError, EOFError, zlib.error, UnicodeDecodeError, tarfile.TarError)
csv.field_size_limit(2**24)


def content(path: Path) -> str:
    """The whole text of a plain or gzipped UTF-8 file."""
    try:
        data = path.read_bytes()
        plain = gzip.decompress(data) if path.suffix == ".gz" else data
        return plain.decode("utf-8")
    except BROKEN as error:
        raise DataError(
            str(path), None, f"cannot be read ({error})", "fetch the file again"
        ) from error


def lines(path: Path) -> list[str]:
    """Lines without their ends; only newlines end a line (texts hold U+2028 and the like)."""
    found = content(path).split("\n")
    if found and not found[-1]:
        found.pop()
    return [line.removesuffix("\r") for line in found]


def document(path: Path) -> Any:
    """A JSON file."""
    try:
        return json.loads(content(path))
    except json.JSONDecodeError as error:
        raise _not_json(path, error.lineno, error) from error


def jsonl(path: Path) -> Iterator[Row]:
    """One JSON object a line."""
    for number, line in enumerate(lines(path), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise _not_json(path, number, error) from error
        if not isinstance(row, dict):
            raise DataError(
                str(path), number, f"holds {line[:40]!r}", "a JSON object a line is expected"
            )
        yield row


def _not_json(path: Path, row: int, error: json.JSONDecodeError) -> DataError:
    return DataError(str(path), row, f"is not JSON ({error.msg})", "fetch the file again")


def tsv(path: Path, header: tuple[str, ...] = ()) -> Iterator[Row]:
    """Tab-separated rows without quoting; `header`: the columns where the file names none."""
    found = lines(path)
    columns = list(header) or found[0].split("\t") if found else []
    for number, line in enumerate(found, start=1):
        if number == 1 and not header:
            continue
        cells = line.split("\t")
        if len(cells) != len(columns):
            raise DataError(
                str(path),
                number,
                f"has {len(cells)} columns where {len(columns)} belong ({', '.join(columns)})",
                "fetch the file again; a quoted or edited copy does not do",
            )
        yield dict(zip(columns, cells, strict=True))


def table(path: Path) -> Iterator[Row]:
    """Comma-separated rows with quoting and a header."""
    reader = csv.DictReader(io.StringIO(content(path), newline=""), strict=True)
    try:
        for row in reader:
            if None in row or None in row.values():
                raise csv.Error("a row is shorter or longer than the header")
            yield dict(row)
    except csv.Error as error:
        raise DataError(
            str(path), reader.line_num, f"is not CSV ({error})", "fetch the file again"
        ) from error


def members(path: Path) -> Iterator[tuple[str, bytes]]:
    """Names and contents of the files in a tar.gz, in the archive's order."""
    try:
        with tarfile.open(path) as archive:
            for member in archive:
                opened = archive.extractfile(member)
                if opened is not None:
                    yield member.name, opened.read()
    except BROKEN as error:
        raise DataError(
            str(path), None, f"cannot be unpacked ({error})", "fetch the file again"
        ) from error
