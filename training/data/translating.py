"""Rows in a published schema -> the sentences that are to be translated -> translated rows.

Pure: who translates is not known here. Labels and ids stay as they are; columns that hold English
annotations and are learnt from by nobody (parse trees, explanations) are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from training.data.answers import answers
from training.data.carrying import Passage, Said, carried
from training.data.columns import Place, Row
from training.data.sentences import cut, joiner

LOST = "the answer is not found in the translated context"
EMPTY = "the translation of a text is empty"
SAME = "the right choice and a wrong one have the same translation"


@dataclass(frozen=True)
class Shape:
    """How rows of one schema are taken apart and put together."""

    needed: Callable[[Row, Place], Iterator[str]]
    """Sentences whose translation `build` asks for."""
    build: Callable[[Row, Place, Said], dict[str, Any] | str]
    """The translated row, or why it is dropped."""


def translate(text: str, said: Said, lang: str) -> str:
    """A text put together from its translated sentences; empty where one of them is lost."""
    told = [said[one] for one in cut(text)]
    return joiner(lang).join(told) if all(told) else ""


def _lost(sources: Iterable[str], told: Iterable[str]) -> bool:
    """Whether nothing is left of a text that said something."""
    return any(not new and old.strip() for old, new in zip(sources, told, strict=True))


def _kept(row: Row, *columns: str) -> dict[str, Any]:
    return {name: row[name] for name in columns if row.get(name) is not None}


def _flat(texts: Mapping[str, tuple[str, ...]], label: tuple[str, ...]) -> Shape:
    """Columns of text (each with the names it may come under), a label and ids."""

    def source(row: Row, names: Sequence[str]) -> str:
        return str(next(row[name] for name in names if name in row))

    def needed(row: Row, place: Place) -> Iterator[str]:
        for names in texts.values():
            yield from cut(source(row, names))

    def build(row: Row, place: Place, said: Said) -> dict[str, Any] | str:
        made = {
            column: translate(source(row, names), said, place.lang)
            for column, names in texts.items()
        }
        if _lost([source(row, names) for names in texts.values()], made.values()):
            return EMPTY
        gold = next(row[name] for name in label if name in row)
        return _kept(row, "uid", "pairID", "id", "idx", "part") | made | {label[0]: gold}

    return Shape(needed, build)


def _choice(
    contexts: Callable[[Row], dict[str, str]],
    choices: Callable[[Row], list[str]],
    gold: Callable[[Row], int],
    row_of: Callable[[Row, dict[str, str], list[str]], dict[str, Any]],
) -> Shape:
    """Contexts by column and choices, of which the right one must stay apart from the others."""

    def needed(row: Row, place: Place) -> Iterator[str]:
        for text in [*contexts(row).values(), *choices(row)]:
            yield from cut(text)

    def build(row: Row, place: Place, said: Said) -> dict[str, Any] | str:
        told = {name: translate(text, said, place.lang) for name, text in contexts(row).items()}
        found = [translate(text, said, place.lang) for text in choices(row)]
        sources = [*contexts(row).values(), *choices(row)]
        if _lost(sources, [*told.values(), *found]):
            return EMPTY
        return SAME if found.count(found[gold(row)]) > 1 else row_of(row, told, found)

    return Shape(needed, build)


def _hellaswag(row: Row, told: dict[str, str], endings: list[str]) -> dict[str, Any]:
    """An ending goes on where ctx_b stops, often within a sentence ("She" + "is seen walking"):
    the two are translated as one, and `ctx_b` is empty, as it is in the WikiHow items."""
    kept = _kept(row, "ind", "activity_label", "source_id", "split", "split_type", "label")
    return kept | {"ctx_a": told["ctx_a"], "ctx_b": "", "ctx": told["ctx_a"], "endings": endings}


def _cosmosqa(row: Row, told: dict[str, str], choices: list[str]) -> dict[str, Any]:
    answered = {f"answer{i}": one for i, one in enumerate(choices)}
    return _kept(row, "id") | told | answered | _kept(row, "label")


def _csqa(row: Row, told: dict[str, str], choices: list[str]) -> dict[str, Any]:
    lettered = {"label": _letters(row), "text": choices}
    return _kept(row, "id") | told | {"choices": lettered} | _kept(row, "answerKey")


def _letters(row: Row, key: str = "label") -> list[str]:
    """CommonsenseQA's choices are a dict of lists on the hub and a list of dicts in its files."""
    found = row["choices"]
    return list(found[key]) if isinstance(found, Mapping) else [one[key] for one in found]


def _span_needed(row: Row, place: Place) -> Iterator[str]:
    yield from cut(row["question"])
    yield from Passage.of(row["context"], answers(row, place)).needed()


def _span(row: Row, place: Place, said: Said) -> dict[str, Any] | str:
    gold = answers(row, place)
    context, found = carried(Passage.of(row["context"], gold), said, place.lang)
    question = translate(row["question"], said, place.lang)
    if not (context and question):
        return EMPTY
    if gold and not found:
        return LOST
    told = {"text": [one[0] for one in found], "answer_start": [one[1] for one in found]}
    asked = {"context": context, "question": question, "answers": told}
    return _kept(row, "id", "title") | asked


SHAPES: dict[str, Shape] = {
    "nli": _flat(
        {"premise": ("premise", "sentence1"), "hypothesis": ("hypothesis", "sentence2")},
        ("label", "gold_label"),
    ),
    "qqp": _flat({name: (name,) for name in ("question1", "question2")}, ("label",)),
    "hellaswag": _choice(
        lambda row: {"ctx_a": row["ctx_a"]},
        lambda row: [f"{row['ctx_b']} {one}".strip() for one in row["endings"]],
        lambda row: int(row["label"]),
        _hellaswag,
    ),
    "cosmosqa": _choice(
        lambda row: {name: row[name] for name in ("context", "question")},
        lambda row: [row[f"answer{i}"] for i in range(4)],
        lambda row: int(row["label"]),
        _cosmosqa,
    ),
    "csqa": _choice(
        lambda row: _kept(row, "question", "question_concept"),
        lambda row: _letters(row, "text"),
        lambda row: _letters(row).index(row["answerKey"]),
        _csqa,
    ),
    "squad": Shape(_span_needed, _span),
    "squad2": Shape(_span_needed, _span),
}
"""Schemas that can be translated; the others are about words or hold their translation already."""
