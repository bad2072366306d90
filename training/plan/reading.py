"""YAML as people mean it: `no` is a word, `1e-5` a number, a key stands once, lines are known.

YAML 1.1 reads `no` as False, `1e-5` as text, `1:30` as 90 and `010` as 8; the last of two equal
keys wins in silence. None of that is wanted of a file that decides what is trained.
"""

from __future__ import annotations

import re
from pathlib import Path as File
from typing import Any

import yaml

from training.plan.errors import MatrixError, Path


class _Loader(yaml.SafeLoader):
    """Scalars are resolved by the rules below only."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.merged: set[int] = set()

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}


_RULES = (
    ("tag:yaml.org,2002:bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("tag:yaml.org,2002:null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("tag:yaml.org,2002:int", r"[-+]?(?:0|[1-9][0-9_]*)", "-+0123456789"),
    (
        "tag:yaml.org,2002:float",
        r"[-+]?(?:[0-9][0-9_]*\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?",
        "-+.0123456789",
    ),
    ("tag:yaml.org,2002:merge", r"<<", "<"),
)
for _tag, _pattern, _first in _RULES:
    _Loader.add_implicit_resolver(_tag, re.compile(rf"^(?:{_pattern})$"), list(_first))


def load(text: str, where: str) -> tuple[Any, dict[Path, int]]:
    """The document of a YAML text, and the line on which each of its values begins.

    `where` names the text in messages. Raises MatrixError, with the line, for what is no YAML,
    for a key that stands twice, and for a document that holds itself.
    """
    lines: dict[Path, int] = {}
    loader: Any = None
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        if node is None:
            return None, lines
        return _value(loader, node, (), lines, where, ()), lines
    except yaml.YAMLError as error:
        raise MatrixError(_malformed(error, where)) from None
    except RecursionError:
        raise MatrixError(f"{where}: nested too deeply to be a matrix; flatten it") from None
    finally:
        if loader is not None:
            loader.dispose()


def read(path: File) -> str:
    """The text of a matrix file; MatrixError says why it cannot be read."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise MatrixError(f"{path}: there is no such matrix file; check the path") from None
    except IsADirectoryError:
        raise MatrixError(f"{path}: a folder, not a matrix file; name a .yaml in it") from None
    except UnicodeDecodeError as error:
        why = f"no UTF-8 text (byte {error.start}); save it as UTF-8"
        raise MatrixError(f"{path}: {why}") from None
    except OSError as error:
        raise MatrixError(f"{path}: cannot be read ({error.strerror}); check it") from None


def _value(
    loader: Any, node: yaml.Node, path: Path, lines: dict[Path, int], where: str, above: Any
) -> Any:
    """The value of a node; `above` are the nodes it lies in, to refuse a circle."""
    line = node.start_mark.line + 1
    lines.setdefault(path, line)
    if id(node) in above:
        raise MatrixError(f"{where}, line {line}: the anchor here holds itself; write it out")
    above = (*above, id(node))
    if isinstance(node, yaml.SequenceNode):
        parts = enumerate(node.value)
        return [_value(loader, one, (*path, i), lines, where, above) for i, one in parts]
    if not isinstance(node, yaml.MappingNode):
        return _scalar(loader, node, where)
    found: dict[str, Any] = {}
    for key, one in _pairs(loader, node, where):
        lines[(*path, key.value)] = key.start_mark.line + 1
        found[key.value] = _value(loader, one, (*path, key.value), lines, where, above)
    return found


def _pairs(loader: Any, node: yaml.MappingNode, where: str) -> list[Any]:
    """Keys and values with `<<` merged in: what is written here comes last and wins."""
    if id(node) in loader.merged:  # reached again through an alias
        return list(node.value)
    seen: dict[str, int] = {}
    for key, _ in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            raise MatrixError(f"{where}, line {line}: a key must be a plain word")
        if key.value in seen:
            first = seen[key.value]
            raise MatrixError(
                f"{where}, line {line}: the key {key.value!r} already stands on line {first}; "
                "keep one of the two"
            )
        seen[key.value] = line
    loader.flatten_mapping(node)
    loader.merged.add(id(node))
    return list(node.value)


def _scalar(loader: Any, node: yaml.Node, where: str) -> Any:
    try:
        return loader.construct_object(node)
    except (ValueError, yaml.YAMLError):
        line = node.start_mark.line + 1
        kind = node.tag.removeprefix("tag:yaml.org,2002:")
        told = f"cannot read {node.value!r} as {kind}; write a plain value"
        raise MatrixError(f"{where}, line {line}: {told}") from None


def _malformed(error: yaml.YAMLError, where: str) -> str:
    """One line out of PyYAML's several."""
    if not isinstance(error, yaml.MarkedYAMLError):
        return f"{where}: no YAML ({' '.join(str(error).split())}); save it as plain UTF-8 text"
    mark = error.problem_mark or error.context_mark
    at = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
    why = " ".join(part for part in (error.context, error.problem) if part)
    hint = "indent with spaces" if "\\t" in why else "check indentation, brackets and quotes here"
    return f"{where}{at}: malformed YAML: {why}; {hint}"
