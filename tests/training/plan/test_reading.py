"""YAML is read as people mean it, and every mistake has a line."""

from __future__ import annotations

from pathlib import Path

import pytest

from training.plan.errors import MatrixError
from training.plan.reading import load, read


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("none", "none"),
        ("~", None),
        ("null", None),
        ("true", True),
        ("1e-5", 1e-5),
        ("1E5", 1e5),
        (".5", 0.5),
        ("1.", 1.0),
        ("131_072", 131072),
        ("-3", -3),
        ("010", 10.0),  # digits are decimal, never octal
        ("1:30", "1:30"),
        ("2024-01-01", "2024-01-01"),
        ("0x10", "0x10"),
        ("'1e-5'", "1e-5"),
        (".nan", ".nan"),
    ],
)
def test_scalars(text: str, meant: object) -> None:
    value, _ = load(f"a: {text}", "x")
    assert value == {"a": meant} and type(value["a"]) is type(meant)


def test_every_value_has_its_line() -> None:
    _, lines = load("a: 1\nb:\n  - x\n  - {c: 2,\n     d: 3}\n", "x")
    assert lines[("a",)] == 1 and lines[("b",)] == 2
    assert lines[("b", 0)] == 3 and lines[("b", 1, "c")] == 4 and lines[("b", 1, "d")] == 5


def test_anchors_and_merges() -> None:
    text = "base: &b {lr: 1, batch: 2}\none: &o {<<: *b, batch: 3}\ntwo: *o\nthree: {<<: *o, lr: 4}"
    value, _ = load(text, "x")
    assert value["one"] == value["two"] == {"lr": 1, "batch": 3}
    assert value["three"] == {"lr": 4, "batch": 3}


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("a: 1\nb: 2\na: 3", 3, "already stands on line 1"),
        ("a: 1\nb: [1, 2", 2, "malformed"),
        ("a: 1\n\tb: 2", 2, "indent with spaces"),
        ("a: *nothing", 1, "undefined alias"),
        ("a: &x [*x]", 1, "holds itself"),
        ("a: 1\n[b]: 2", 2, "plain word"),
        ("a: 1\n---\nb: 2", 2, "single document"),
        ("a: !!python/name:os.system x", 1, "python/name"),
        ("a: !!int x", 1, "cannot read 'x'"),
    ],
)
def test_mistakes_have_a_line(text: str, line: int, says: str) -> None:
    with pytest.raises(MatrixError) as caught:
        load(text, "f.yaml")
    message = str(caught.value)
    assert message.startswith(f"f.yaml, line {line}") and says in message
    assert "\n" not in message


def test_depth_and_strange_bytes_are_refused() -> None:
    with pytest.raises(MatrixError, match="too deeply"):
        load("[" * 5000 + "]" * 5000, "x")
    with pytest.raises(MatrixError, match="UTF-8"):
        load("a: \x00", "x")


def test_empty_text_is_nothing() -> None:
    assert load("# only a comment\n", "x")[0] is None


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    latin = tmp_path / "latin.yaml"
    latin.write_bytes("study: k\xe4si".encode("latin-1"))
    with pytest.raises(MatrixError, match="latin.yaml: no UTF-8"):
        read(latin)
    with pytest.raises(MatrixError, match="no such matrix file"):
        read(tmp_path / "absent.yaml")
    with pytest.raises(MatrixError, match="a folder"):
        read(tmp_path)


def test_byte_order_mark_is_left_aside(tmp_path: Path) -> None:
    marked = tmp_path / "marked.yaml"
    marked.write_bytes(b"\xef\xbb\xbfstudy: a")
    assert load(read(marked), "x")[0] == {"study": "a"}
