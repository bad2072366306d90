"""Bytes of a published file -> text: UTF-8 without a mark, and one kind of line end throughout."""

from __future__ import annotations

from collections.abc import Iterator

from training.data.errors import DataError, gathered

MARKS = {
    b"\xef\xbb\xbf": "begins with a byte-order mark (EF BB BF)",
    b"\xff\xfe": "begins with the byte-order mark of UTF-16 (FF FE)",
    b"\xfe\xff": "begins with the byte-order mark of UTF-16 (FE FF)",
}
PLAIN = "UTF-8 without a byte-order mark is expected, as published"
ENDS = "one kind of line end is expected: fetch the file again, or unify them"


def decoded(data: bytes, where: str, quoted: bool = False) -> str:
    """The text; `quoted`: line ends inside double quotes belong to the text (CSV).

    Raises DataError naming the lines that are not UTF-8 or end differently from the others.
    """
    for mark, told in MARKS.items():
        if data.startswith(mark):
            raise DataError(where, 1, told, PLAIN, "line")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise gathered(list(_undecodable(data, where))) from None
    faults = [*_blank(text, where), *_ends(text, where, quoted)]
    if faults:
        raise gathered(faults)
    return text


def _undecodable(data: bytes, where: str) -> Iterator[DataError]:
    for number, line in enumerate(data.split(b"\n"), start=1):
        try:
            line.decode("utf-8")
        except UnicodeDecodeError as error:
            wrong = (
                f"is not UTF-8 (byte 0x{line[error.start]:02X} at byte {error.start + 1} of the "
                "line): cut, or in another encoding"
            )
            yield DataError(where, number, wrong, PLAIN, "line")


def _blank(text: str, where: str) -> Iterator[DataError]:
    """UTF-16 without a mark is valid UTF-8, full of NUL."""
    if "\0" not in text:
        return
    for number, line in enumerate(text.split("\n"), start=1):
        if "\0" in line:
            wrong = "holds the character NUL: damaged, or in another encoding"
            yield DataError(where, number, wrong, PLAIN, "line")


def _ends(text: str, where: str, quoted: bool) -> Iterator[DataError]:
    """Lines with the rarer kind of end (of equally many, not the first line's), and lone CRs."""
    windows = text.count("\r\n")
    if text.count("\r") == windows and windows in (0, text.count("\n")):
        return
    found = list(_lines(text, quoted))
    marked = sum(line.endswith("\r") for _, line in found)
    plain = len(found) - marked
    usual = marked > plain or (marked == plain and found[0][1].endswith("\r"))
    names = {True: "CR LF", False: "LF"}
    for number, line in found:
        inner = line.removesuffix("\r")
        if "\r" in inner and not quoted:
            wrong = "holds a carriage return (CR) that ends no line: mixed line ends"
            yield DataError(where, number, wrong, ENDS, "line")
        elif line.endswith("\r") is not usual:
            wrong = f"ends in {names[not usual]} where the file's lines end in {names[usual]}"
            yield DataError(where, number, wrong, ENDS, "line")


def _lines(text: str, quoted: bool) -> Iterator[tuple[int, str]]:
    """Number and text of every line that has an end, leaving out ends inside quotes."""
    open_quote = False
    for number, line in enumerate(text.split("\n")[:-1], start=1):
        if quoted and line.count('"') % 2:
            open_quote = not open_quote
        if not open_quote:
            yield number, line
