"""Rows in a published column schema -> the examples of a family. Pure: no file, no network.

One reader per `Task.schema`. The miniature, the hub and the readers of original files all hand
over rows in these schemas, so that what is tested on one holds for the others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from training.catalogue.languages import LANGUAGES
from training.catalogue.span import TYDIQA_NAMES
from training.data import beyond
from training.data.answers import align, answers
from training.data.bitexts import bucc, tatoeba
from training.data.columns import (
    HIDDEN,
    HIDDEN_LABEL,
    Place,
    Row,
    identifier,
    index,
    label,
    text,
    texts,
    value,
)
from training.families.examples import ChoiceExample, Example, PairExample, SpanExample, TagExample
from training.spec.task import Task

NO_ANSWER = "no answer given"
EMPTY = "no words"


@dataclass(frozen=True)
class Read:
    """Examples, and how many rows were left out or put right, by reason."""

    examples: tuple[Any, ...]
    """Of one family (`training.families.examples`); lines of text for the schema `text`."""
    dropped: Counter[str] = field(default_factory=Counter)
    repaired: Counter[str] = field(default_factory=Counter)


Made = Example | str | None
"""An example, or why the row is left out, or None: the row is of another language."""


def read(task: Task, rows: Iterable[Row], lang: str, where: str, parallel: bool = False) -> Read:
    """Examples of published rows.

    `where` names the source in errors; `parallel`: row i says the same in every language, and
    clusters join these. Raises DataError for a row that does not follow the schema.
    """
    place = Place(task, lang, where, parallel)
    return READERS[task.schema](rows, place)


def _each(make: Callable[[Row, Place], Made], group: str = "") -> Callable[..., Read]:
    """A reader of tables out of a reader of rows; rows with one `group` value share a cluster."""

    def table(rows: Iterable[Row], place: Place) -> Read:
        examples: list[Any] = []
        dropped: Counter[str] = Counter()
        seen: Counter[str] = Counter()
        first: dict[str, str] = {}
        for number, row in enumerate(rows, start=1):
            made = make(row, replace(place, row=number))
            if isinstance(made, str):
                dropped[made] += 1
            elif made is not None:
                one: Any = _unique(made, seen)
                if place.parallel:
                    one = replace(one, cluster=str(number - 1))
                elif group:
                    one = replace(one, cluster=first.setdefault(getattr(one, group), one.id))
                examples.append(one)
        return Read(tuple(examples), dropped)

    return table


def _unique(example: Any, seen: Counter[str]) -> Any:
    """The example under an id of its own: pooled treebanks repeat sentence ids."""
    seen[example.id] += 1
    if seen[example.id] == 1:
        return example
    return replace(example, id=f"{example.id}~{seen[example.id]}")


def _nli(row: Row, place: Place) -> Made:
    short = LANGUAGES[place.lang].short
    if row.get("language", short) != short:  # one table for all languages (google/xtreme XNLI)
        return None
    return _pair(row, place, ("premise", "sentence1"), ("hypothesis", "sentence2"))


def _qqp(row: Row, place: Place) -> Made:
    return _pair(row, place, ("question1",), ("question2",))


def _pawsx(row: Row, place: Place) -> Made:
    return _pair(row, place, ("sentence1",), ("sentence2",))


def _pair(row: Row, place: Place, first: tuple[str, ...], second: tuple[str, ...]) -> Made:
    gold = label(row, place, "label", "gold_label")
    if gold is None:
        return HIDDEN_LABEL
    name = identifier(row, place, "uid", "pairID", "id", "idx")
    one, two = text(row, place, *first), text(row, place, *second)
    return PairExample(name, name, place.lang, one, two, gold)


def _sib200(row: Row, place: Place) -> Made:
    gold = label(row, place, "category")
    if gold is None:
        return HIDDEN_LABEL
    name = identifier(row, place, "index_id")
    return PairExample(name, name, place.lang, text(row, place, "text"), None, gold)


def _tags(column: str) -> Callable[[Row, Place], Made]:
    def make(row: Row, place: Place) -> Made:
        words = tuple(word.strip() for word in texts(row, place, "tokens"))
        found, labels = list(value(row, place, column)), place.task.labels
        if len(words) != len(found):
            raise place.wrong(f"{len(words)} tokens have {len(found)} tags", "one each is expected")
        if not words:
            return EMPTY
        tags = tuple(labels[index(tag, labels, column, place)] if labels else tag for tag in found)
        feats = texts(row, place, "feats") if row.get("feats") is not None else None
        name = identifier(row, place, "id")
        cluster = str(row.get("cluster") or f"{place.lang}/{name}")
        return TagExample(name, cluster, place.lang, words, tags, feats)

    return make


def _span(row: Row, place: Place) -> Made:
    gold = answers(row, place)
    if not gold and place.task.schema != "squad2":
        return NO_ANSWER
    name = identifier(row, place, "id")
    context, question = text(row, place, "context"), text(row, place, "question")
    return SpanExample(name, name, place.lang, context, question, gold)


def _tydiqa(row: Row, place: Place) -> Made:
    """All languages lie in one table: `finnish-3141-0`."""
    spelt = identifier(row, place, "id").split("-")[0]
    if spelt in TYDIQA_NAMES.values() and spelt != TYDIQA_NAMES.get(place.lang):
        return None
    return _span(row, place)


def _aligned(table: Callable[..., Read]) -> Callable[..., Read]:
    def spans(rows: Iterable[Row], place: Place) -> Read:
        found = table(rows, place)
        examples, repaired = align(found.examples)
        return Read(tuple(examples), found.dropped, repaired)

    return spans


def _choice(row: Row, place: Place, name: str, prompt: str, choices: tuple[str, ...]) -> Made:
    found = value(row, place, "label")
    if found in HIDDEN:
        return HIDDEN_LABEL
    gold = index(found, [str(i) for i in range(len(choices))], "label", place)
    return ChoiceExample(name, name, place.lang, prompt, choices, gold)


def _hellaswag(row: Row, place: Place) -> Made:
    endings = texts(row, place, "endings")
    name = identifier(row, place, "ind")
    made = _choice(row, place, name, text(row, place, "ctx_a"), endings)
    if not isinstance(made, ChoiceExample):
        return made
    return replace(made, second_prefix=text(row, place, "ctx_b"))


def _cosmosqa(row: Row, place: Place) -> Made:
    prompt = f"{text(row, place, 'context')} {text(row, place, 'question')}"
    choices = tuple(text(row, place, f"answer{i}") for i in range(4))
    return _choice(row, place, identifier(row, place, "id"), prompt, choices)


def _csqa(row: Row, place: Place) -> Made:
    found = value(row, place, "choices")
    if not isinstance(found, dict):
        found = {key: [one[key] for one in found] for key in ("label", "text")}
    letters, choices = texts(found, place, "label"), texts(found, place, "text")
    key = value(row, place, "answerKey")
    if key in HIDDEN:
        return HIDDEN_LABEL
    if key not in letters:
        raise place.wrong(f"column 'answerKey' holds {key!r}", f"one of {letters} is expected")
    name, prompt = identifier(row, place, "id"), text(row, place, "question")
    return ChoiceExample(name, name, place.lang, prompt, choices, letters.index(key))


def _lines(rows: Iterable[Row], place: Place) -> Read:
    found = [text(row, replace(place, row=i), "text").strip() for i, row in enumerate(rows, 1)]
    return Read(tuple(line for line in found if line))


READERS: dict[str, Callable[[Iterable[Row], Place], Read]] = {
    "nli": _each(_nli, group="first"),
    "qqp": _each(_qqp),
    "pawsx": _each(_pawsx),
    "sib200": _each(_sib200),
    "udpos": _each(_tags("pos_tags")),
    "panx": _each(_tags("ner_tags")),
    "ccg": _each(_tags("tags")),
    "squad": _aligned(_each(_span, group="context")),
    "squad2": _aligned(_each(_span, group="context")),
    "tydiqa": _aligned(_each(_tydiqa, group="context")),
    "hellaswag": _each(_hellaswag),
    "cosmosqa": _each(_cosmosqa),
    "csqa": _each(_csqa),
    **{schema: _each(make) for schema, make in beyond.READERS.items()},
    "tatoeba": lambda rows, place: Read((tatoeba(rows, place),)),
    "bucc": lambda rows, place: Read((bucc(rows, place),)),
    "text": _lines,
}
