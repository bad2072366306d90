"""Files of XTREME's layout are read as the official script reads them, and written so."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import xtreme_rules
from hypothesis import given, settings
from hypothesis import strategies as st

from training.data import submission
from training.data.errors import DataError, MissingData
from training.families.official import Question

PIECES = ["a", "B-PER", "\t", " ", "\n", "\n", "\r\n", "\r", "\u2028", "\x0b", "\x0c", "\x85", "北"]
RAW = st.lists(st.sampled_from([*PIECES, "\ufeff", "\u3000"]), max_size=12).map("".join)
TAGS = st.lists(st.lists(st.sampled_from(["O", "B-X", "北", "."]), min_size=1), max_size=5)
TEXT = st.text(st.characters(exclude_categories=["Cs"]))


def held(text: str, read: Callable[[Path], object]) -> object:
    """What a reader makes of a file with this text."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "file")
        path.write_text(text, encoding="utf-8", newline="")
        return read(path)


@settings(deadline=None)
@given(RAW)
def test_lines_are_those_of_an_open_file(text: str) -> None:
    """Form feeds and Unicode's separators end no line, and a byte-order mark stays."""
    expected = held(text, xtreme_rules.stripped)
    assert held(text, submission.labels) == expected
    assert held(text, submission.tags) == xtreme_rules.sentences(list(expected))  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("", []),
        ("O\n", [["O"]]),
        ("O\n\nO\nO\n\n", [["O"], ["O", "O"]]),
        ("\nO", [[], ["O"]]),
        ("O\n\n\nO", [["O"], [], ["O"]]),
        ("O\n \nO\r\n", [["O"], ["O"]]),
    ],
)
def test_blank_lines_part_sentences(text: str, sentences: list[list[str]]) -> None:
    assert held(text, submission.tags) == sentences


@settings(deadline=None)
@given(TAGS)
def test_tags_come_back(sentences: list[list[str]]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "new", "file")
        submission.write_tags(path, sentences)
        assert submission.tags(path) == sentences


@settings(deadline=None)
@given(st.dictionaries(TEXT, TEXT, max_size=4), st.lists(TEXT, max_size=3))
def test_answers_come_back(said: dict[str, str], golds: list[str]) -> None:
    asked = [Question(id, tuple(golds)) for id in said]
    with TemporaryDirectory() as folder:
        one, other = Path(folder, "P"), Path(folder, "L")
        submission.write_answers(one, said)
        submission.write_questions(other, "xquad.fin", asked)
        if "data" not in said:  # as evaluate.py, which takes it for a wrapping
            assert submission.answers(one) == said
        assert submission.questions(other) == asked


def test_pairs_are_parted_by_tabs() -> None:
    assert held("a\tb\n c d \ne\tf\tg", submission.pairs) == [("a", "b"), ("c d",), ("e", "f", "g")]


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(MissingData, match="test-fi.tsv not found: looked for .*xnli"):
        submission.labels(tmp_path / "xnli/test-fi.tsv")
    for text in ("\ufeff{}", "{]", ""):
        with pytest.raises(DataError, match="row 1: no JSON"):
            held(text, submission.answers)
    with pytest.raises(DataError, match="answer 7 is no text"):
        qas = [{"id": "a", "answers": [{"text": 7}]}]
        held(json.dumps([{"paragraphs": [{"qas": qas}]}]), submission.questions)
