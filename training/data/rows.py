"""Rows in a published column schema -> the examples of a family. Pure: no file, no network.

One reader per `Task.schema`. The miniature, the hub and the readers of original files all hand
over rows in these schemas, so that what is tested on one holds for the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from training.catalogue.languages import LANGUAGES
from training.data import beyond
from training.data.answers import align, answers
from training.data.bitexts import bucc, tatoeba
from training.data.columns import (
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
from training.data.errors import DataError, gathered
from training.data.origin import Line, faults
from training.data.tables import Made, Read, each
from training.families.examples import ChoiceExample, PairExample, SpanExample, TagExample
from training.spec.task import Task

__all__ = ["HIDDEN_LABEL", "READERS", "Read", "read"]

SPELT = {language.name.lower() for language in LANGUAGES.values()}
CAUSES = {"cause": "What was the cause?", "effect": "What happened as a result?"}
"""How COPA's authors put the question that XCOPA's column `question` names."""


def read(task: Task, rows: Iterable[Row], lang: str, where: str, parallel: bool = False) -> Read:
    """Examples of published rows.

    `where` names the source in errors; `parallel`: row i says the same in every language, and
    clusters join these. Raises DataError for rows that do not follow the schema.
    """
    place = Place(task, lang, where, parallel)
    return READERS[task.schema](rows, place)


def _nli(row: Row, place: Place) -> Made:
    made = _pair(row, place, ("premise", "sentence1"), ("hypothesis", "sentence2"))
    short = row.get("language")
    if short is None:
        return made
    known = [LANGUAGES[lang].short for lang in place.task.languages]
    if short not in known:
        raise place.wrong(f"column 'language' holds {short!r}", f"one of {known} is expected")
    # One table for all languages (XNLI's own, google/xtreme): every row has to be sound.
    return made if short == LANGUAGES[place.lang].short else None


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
    cluster = str(row.get("promptID") or name)  # the same premise in every language (XNLI)
    return PairExample(name, cluster, place.lang, one, two, gold)


def _sib200(row: Row, place: Place) -> Made:
    gold = label(row, place, "category")
    if gold is None:
        return HIDDEN_LABEL
    name = identifier(row, place, "index_id")
    return PairExample(name, name, place.lang, text(row, place, "text"), None, gold)


def _tags(column: str) -> Callable[[Row, Place], Made]:
    def make(row: Row, place: Place) -> Made:
        words = tuple(word.strip() for word in texts(row, place, "tokens"))
        found = list(value(row, place, column))
        if len(words) != len(found) or not words:
            raise place.wrong(f"{len(words)} tokens have {len(found)} tags", "one each is expected")
        tags: list[str] = []
        wrong: list[DataError] = []
        for position, tag in enumerate(found):
            try:
                tags.append(_tag(tag, column, place.token(row, position)))
            except DataError as error:
                wrong.append(error)
        if wrong:
            return wrong
        feats = texts(row, place, "feats") if row.get("feats") is not None else None
        name = identifier(row, place, "id")
        cluster = str(row.get("cluster") or f"{place.lang}/{name}")
        return TagExample(name, cluster, place.lang, words, tuple(tags), feats)

    return make


def _tag(found: Any, column: str, place: Place) -> str:
    """The tag by name; `O` for a type that the task does not measure (`Task.outside`)."""
    task = place.task
    if isinstance(found, str) and found[:2] in ("B-", "I-") and found[2:] in task.outside:
        return "O"
    return task.labels[index(found, task.labels, column, place)] if task.labels else str(found)


def _span(row: Row, place: Place) -> Made:
    gold = answers(row, place)
    if not gold and place.task.schema != "squad2":
        raise place.wrong("there is no answer", "every question has one in this data set")
    name = identifier(row, place, "id")
    context, question = text(row, place, "context"), text(row, place, "question")
    for told, start in gold if isinstance(row, Line) and place.task.schema != "tydiqa" else ():
        if not context.startswith(told, start):  # only copies on the hub have moved contexts
            raise place.wrong(
                f"{name}: the answer {told[:40]!r} is not at character {start} of its context, "
                f"where {context[start : start + len(told)][:40]!r} is",
                "fetch the file again",
            )
    return SpanExample(name, name, place.lang, context, question, gold)


def _tydiqa(row: Row, place: Place) -> Made:
    """All languages lie in one table: `finnish-3141-0`. Every row has to be sound."""
    made = _span(row, place)
    if place.parallel:  # the miniature keeps languages apart
        return made
    spelt = identifier(row, place, "id").split("-")[0]
    if spelt not in SPELT:
        raise place.wrong(f"the id {row['id']!r} names no language", "'finnish-3141-0' is expected")
    return made if spelt == LANGUAGES[place.lang].name.lower() else None


def _aligned(table: Callable[..., Read]) -> Callable[..., Read]:
    def spans(rows: Iterable[Row], place: Place) -> Read:
        found = table(rows, place)
        examples, repaired = align(found.examples)
        return replace(found, examples=tuple(examples), repaired=repaired)

    return spans


def _choice(row: Row, place: Place, name: str, prompt: str, choices: tuple[str, ...]) -> Made:
    numbers = [str(i) for i in range(len(choices))]
    gold = index(value(row, place, "label"), numbers, "label", place)
    return ChoiceExample(name, name, place.lang, prompt, choices, gold)


def _hellaswag(row: Row, place: Place) -> Made:
    endings = texts(row, place, "endings")
    if len(endings) != 4:
        raise place.wrong(f"there are {len(endings)} endings", "four are expected")
    name = identifier(row, place, "ind")
    made = _choice(row, place, name, text(row, place, "ctx_a"), endings)
    return replace(made, second_prefix=text(row, place, "ctx_b"))  # type: ignore[type-var]


def _cosmosqa(row: Row, place: Place) -> Made:
    prompt = f"{text(row, place, 'context')} {text(row, place, 'question')}"
    choices = tuple(text(row, place, f"answer{i}") for i in range(4))
    return _choice(row, place, identifier(row, place, "id"), prompt, choices)


def _xcopa(row: Row, place: Place) -> Made:
    asked = text(row, place, "question")
    if asked not in CAUSES:
        raise place.wrong(f"column 'question' holds {asked!r}", f"{list(CAUSES)} are expected")
    choices = (text(row, place, "choice1"), text(row, place, "choice2"))
    prompt = f"{text(row, place, 'premise')} {CAUSES[asked]}"
    return _choice(row, place, identifier(row, place, "idx"), prompt, choices)


def _csqa(row: Row, place: Place) -> Made:
    found = value(row, place, "choices")
    try:
        if not isinstance(found, dict):
            found = {key: [one[key] for one in found] for key in ("label", "text")}
        letters, choices = texts(found, place, "label"), texts(found, place, "text")
    except (TypeError, KeyError) as error:
        raise place.wrong("column 'choices' lacks labels or texts", "one each belong") from error
    if len(letters) != len(choices) or len(set(letters)) != len(letters):
        raise place.wrong(f"choices {letters} have {len(choices)} texts", "one each is expected")
    key = value(row, place, "answerKey")
    if key not in letters:
        raise place.wrong(f"column 'answerKey' holds {key!r}", f"one of {letters} is expected")
    name, prompt = identifier(row, place, "id"), text(row, place, "question")
    return ChoiceExample(name, name, place.lang, prompt, choices, letters.index(key))


def _whole(make: Callable[[Iterable[Row], Place], Any]) -> Callable[..., Read]:
    """A reader of one example that is made of all rows."""

    def table(rows: Iterable[Row], place: Place) -> Read:
        found = list(rows)
        if wrong := faults(found):
            raise gathered(wrong)
        return Read((make(found, place),), original=isinstance(found[0], Line) if found else False)

    return table


def _lines(rows: Iterable[Row], place: Place) -> Read:
    found = [text(row, replace(place, row=i), "text").strip() for i, row in enumerate(rows, 1)]
    return Read(tuple(line for line in found if line))


READERS: dict[str, Callable[[Iterable[Row], Place], Read]] = {
    "nli": each(_nli, group="first"),
    "qqp": each(_qqp),
    "pawsx": each(_pawsx),
    "sib200": each(_sib200),
    "udpos": each(_tags("pos_tags")),
    "panx": each(_tags("ner_tags")),
    "ccg": each(_tags("tags")),
    "squad": _aligned(each(_span, group="context")),
    "squad2": _aligned(each(_span, group="context")),
    "tydiqa": _aligned(each(_tydiqa, group="context")),
    "hellaswag": each(_hellaswag),
    "cosmosqa": each(_cosmosqa),
    "xcopa": each(_xcopa),
    "csqa": each(_csqa),
    **{schema: each(make) for schema, make in beyond.READERS.items()},
    "tatoeba": _whole(tatoeba),
    "bucc": _whole(bucc),
    "text": _lines,
}
