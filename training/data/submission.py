"""Files of XTREME's submission layout, read as the official script reads them, and written.

One label a line; one tag a line and a blank line between sentences; pairs of ids with a tab;
answers as JSON {id: text}, their gold as SQuAD's JSON. Lines end at LF, CR LF or CR only (text may
hold other separators) and are stripped. UTF-8; a byte-order mark stays, as it does there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from training.data.errors import DataError, MissingData
from training.families.official import Pair, Question


def labels(path: Path) -> list[str]:
    """Every line, stripped: a label, an index or a pair. Raises MissingData or DataError."""
    lines = _text(path).split("\n")
    return [line.strip() for line in (lines if lines[-1] else lines[:-1])]


def _text(path: Path) -> str:
    """The file with LF at the ends of its lines. Raises MissingData, or DataError for no UTF-8."""
    if not path.is_file():
        raise MissingData(path.name, str(path), "every language of a task needs its file")
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise DataError(
            str(path), None, f"byte {error.start} is no UTF-8", "save the file as UTF-8"
        ) from None


def tags(path: Path) -> list[list[str]]:
    """Sentences of tags; two blank lines, or one at the beginning, make an empty sentence."""
    sentences: list[list[str]] = [[]]
    for line in labels(path):
        if line:
            sentences[-1].append(line)
        else:
            sentences.append([])
    return sentences if sentences[-1] else sentences[:-1]


def pairs(path: Path) -> list[Pair]:
    """One tuple of ids a line."""
    return [tuple(line.split("\t")) for line in labels(path)]


def document(path: Path) -> Any:
    """JSON, without the `data` it may be wrapped in. Raises MissingData or DataError."""
    try:
        told = json.loads(_text(path))
    except json.JSONDecodeError as error:
        raise DataError(
            str(path), error.lineno, f"no JSON ({error.msg})", "write it anew"
        ) from None
    return told["data"] if isinstance(told, dict) and "data" in told else told


def answers(path: Path) -> dict[str, Any]:
    """Predicted answers by question id; raises DataError for what is no object."""
    told = document(path)
    if not isinstance(told, dict):
        raise DataError(
            str(path), None, f"a {type(told).__name__} at the top", "{id: answer} is expected"
        )
    return told


def questions(path: Path) -> list[Question]:
    """The questions of a SQuAD file and their gold answers; raises DataError for another shape."""
    try:
        return [
            Question(qa["id"], tuple(_string(one["text"]) for one in qa["answers"]))
            for article in document(path)
            for paragraph in article["paragraphs"]
            for qa in paragraph["qas"]
        ]
    except (KeyError, TypeError) as error:
        raise DataError(
            str(path),
            None,
            f"no SQuAD file ({type(error).__name__}: {error})",
            "[{paragraphs: [{qas: [{id, answers: [{text}]}]}]}] is expected",
        ) from None


def _string(text: Any) -> str:
    if not isinstance(text, str):
        raise TypeError(f"answer {text!r} is no text")
    return text


def write_lines(path: Path, values: Iterable[str]) -> None:
    """One value a line."""
    _write(path, "".join(f"{value}\n" for value in values))


def write_tags(path: Path, sentences: Iterable[Sequence[str]]) -> None:
    """One tag a line, a blank line behind every sentence."""
    _write(path, "".join("".join(f"{tag}\n" for tag in tags) + "\n" for tags in sentences))


def write_answers(path: Path, said: Mapping[str, str]) -> None:
    """Predicted answers by question id."""
    _write(path, json.dumps(said, ensure_ascii=False, indent=1) + "\n")


def write_questions(path: Path, title: str, gold: Iterable[Question]) -> None:
    """A SQuAD file of ids and gold answers: what scorers read, without contexts and questions."""
    qas = [
        {"id": one.id, "question": "", "answers": [{"text": text} for text in one.answers]}
        for one in gold
    ]
    article = {"title": title, "paragraphs": [{"context": "", "qas": qas}]}
    told = {"version": "1.1", "data": [article]}
    _write(path, json.dumps(told, ensure_ascii=False, indent=1) + "\n")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
