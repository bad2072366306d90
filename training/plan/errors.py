"""The one error of planning: what is wrong, where it stands, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from training.catalogue.names import suggestion

Path = tuple[str | int, ...]
"""Keys and positions that lead to a value, for instance ("also", 0, "targets")."""
Known = Callable[[Path], Iterable[str]]
"""The keys that may stand at a place, to guess what a wrong one meant."""
EVERY = "*"
"""Stands for the scales that a list does not tell apart; no part of what the reader wrote."""
MEANT = {
    "model_type": "a mapping (`key: value` lines) is meant",
    "dict_type": "a mapping (`key: value` lines) is meant",
    "tuple_type": "a list is meant",
    "string_type": "a word is meant",
}
SHOWN = 5
"""Mistakes told at once; a reader mends a few at a time."""


class MatrixError(ValueError):
    """A matrix, or a setting on the command line, that cannot be planned."""


def place(path: Path) -> str:
    """`recipe.target.lr`, `also[0].targets`: a path as one would write it."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def line(path: Path, lines: Mapping[Path, int]) -> int | None:
    """The line of the value, or of the nearest thing around it that has one."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path)


def told(
    error: ValidationError,
    where: str,
    known: Known,
    lines: Mapping[Path, int] | None = None,
) -> MatrixError:
    """The mistakes pydantic found, one a line, each with its place and the right spelling."""
    found = error.errors(include_url=False, include_context=False)
    messages = [_message(one, where, known, lines or {}) for one in found[:SHOWN]]
    if len(found) > SHOWN:
        messages.append(f"{where}: and {len(found) - SHOWN} more")
    return MatrixError("\n".join(messages))


def at(where: str, path: Path, lines: Mapping[Path, int]) -> str:
    """`demo.yaml, line 7`, or the file alone where the line is not known."""
    found = line(path, lines)
    return f"{where}, line {found}" if found else where


def _message(one: Any, where: str, known: Known, lines: Mapping[Path, int]) -> str:
    path: Path = tuple(part for part in one["loc"] if part not in ("[key]", EVERY))
    return f"{at(where, path, lines)}: {_wrong(one, path, known)}"


def _wrong(one: Any, path: Path, known: Known) -> str:
    parent = path[:-1]
    around = f" under {place(parent)}" if parent else ""
    if one["type"] == "extra_forbidden":
        hint = suggestion(str(path[-1]), known(parent))
        return f"unknown key {str(path[-1])!r}{around}{hint}"
    if one["type"] == "missing":
        return f"the key {str(path[-1])!r} is missing{around}: add it"
    said = MEANT.get(one["type"], str(one["msg"]).removeprefix("Value error, "))
    said = said[:1].lower() + said[1:] if said.startswith("Input") else said
    given = "" if one["type"] == "value_error" else f" (given: {_short(one['input'])})"
    return f"{place(path)}: {said}{given}" if path else f"{said}{given}"


def _short(value: Any) -> str:
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
