"""Original files -> rows in the published column schema, one function per layout.

What does not hold its format comes as a malformed row (`origin.malformed`), so that all of a file
can be told at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from training.data import conllu
from training.data.errors import DataError
from training.data.opening import document, jsonl, lines, table, tsv
from training.data.origin import Line, malformed
from training.spec.language import Language

LETTERS = {"e": "entailment", "n": "neutral", "c": "contradiction"}
"""ANLI's."""


def treebank(path: Path, language: Language) -> Iterator[Line]:
    """UD: `fi_tdt-ud-test.conllu`."""
    name = path.name.split("-ud-")[0].partition("_")[2]
    return conllu.rows(lines(path), language.short, name, str(path))


def topics(path: Path, _: Language) -> Iterator[Line]:
    """SIB-200: columns index_id, category, text."""
    return tsv(path, closed=True)


def translations(path: Path, _: Language) -> Iterator[Line]:
    """Tatoeba: `tatoeba.fin-eng.fin`, whose lines match those of `tatoeba.fin-eng.eng`."""
    code = path.name.removesuffix(".gz").split(".")[-1]
    return beside(path, path.with_name(path.name.replace(f"-eng.{code}", "-eng.eng")), code)


def beside(path: Path, other: Path, code: str) -> Iterator[Line]:
    """Two files whose lines match, of a language and of English."""
    foreign, english = lines(path), lines(other)
    if len(foreign) != len(english):
        shorter = path if len(foreign) < len(english) else other
        raise DataError(
            str(shorter),
            min(len(foreign), len(english)),
            f"is the last line: {path.name} has {len(foreign)} lines where {other.name} has "
            f"{len(english)}",
            "fetch both files again",
            "line",
        )
    for number, (one, two) in enumerate(zip(foreign, english, strict=True), start=1):
        if not one.strip() or not two.strip():
            where = other if one.strip() else path
            yield malformed(where, number, "holds no sentence", "fetch both files again")
            continue
        row = {
            "source_sentence": one,
            "target_sentence": two,
            "source_lang": code,
            "target_lang": "eng",
        }
        yield Line(row, str(path), number)


def commonsense(path: Path, _: Language) -> Iterator[Line]:
    """CommonsenseQA's jsonl nests what the hub lays flat."""
    for row in jsonl(path):
        asked = row.get("question")
        if row.fault:
            yield row
        elif not isinstance(asked, dict) or "stem" not in asked or "choices" not in asked:
            yield malformed(
                path, row.number, "has no question.stem and question.choices", "fetch it again"
            )
        else:
            flat = {
                "id": row.get("id"),
                "question": asked["stem"],
                "question_concept": asked.get("question_concept", ""),
                "choices": asked["choices"],
                "answerKey": row.get("answerKey", ""),
            }
            yield Line(flat, row.path, row.number)


def squad(path: Path, _: Language) -> Iterator[Line]:
    """SQuAD's JSON, which XQuAD, MLQA and TyDiQA-GoldP share; questions are counted from 1."""
    told: Any = document(path)
    if not isinstance(told, dict) or not isinstance(told.get("data"), list):
        raise DataError(str(path), None, "has no list 'data'", "SQuAD's JSON is expected")
    number = 0
    for place, article in enumerate(told["data"], start=1):
        try:
            found = [
                (paragraph["context"], asked)
                for paragraph in article["paragraphs"]
                for asked in paragraph["qas"]
            ]
        except (TypeError, KeyError) as error:
            wrong = f"has paragraphs without {error}"
            yield malformed(path, place, wrong, "SQuAD's JSON is expected", "article")
            continue
        for context, asked in found:
            number += 1
            yield _question(path, number, context, article.get("title", ""), asked)


def _question(path: Path, number: int, context: object, title: object, asked: Any) -> Line:
    """One question; `is_impossible` (SQuAD 2.0) has to agree with the answers."""
    todo = "fetch the file again"
    if not isinstance(asked, dict) or not {"id", "question", "answers"} <= set(asked):
        wrong = "lacks id, question or answers"
        return malformed(path, number, wrong, todo, "question")
    if "is_impossible" in asked and bool(asked["is_impossible"]) == bool(asked["answers"]):
        wrong = f"{asked['id']}: is_impossible contradicts its answers"
        return malformed(path, number, wrong, todo, "question")
    row = {"title": title, "context": context}
    row |= {key: asked[key] for key in ("id", "question", "answers")}
    return Line(row, str(path), number, "question")


def cosmos(path: Path, _: Language) -> Iterator[Line]:
    """CosmosQA: csv with the hub's columns."""
    return table(path)


def objects(path: Path, _: Language) -> Iterator[Line]:
    """Jsonl whose keys the schema's reader knows (HellaSwag, MultiNLI, XCOPA)."""
    return jsonl(path)


def inference(path: Path, _: Language) -> Iterator[Line]:
    """One part of ANLI+: ANLI's rounds (letters for labels), MultiNLI or SNLI."""
    part = next((p for p in ("multinli", "snli") if p in path.name), "anli")
    for row in jsonl(path):
        told = dict(row)
        if part == "anli" and not row.fault:
            told = {key: row.get(key) for key in ("uid", "hypothesis", "reason")}
            told |= {"premise": row.get("context"), "label": row.get("label")}
            told["label"] = LETTERS.get(str(told["label"]), told["label"])
        yield Line(told | {"part": part}, row.path, row.number, fault=row.fault)


def xnli(path: Path, _: Language) -> Iterator[Line]:
    """XNLI: one table of all languages; the reader takes the rows of its own."""
    return tsv(path, closed=True)


def questions(path: Path, _: Language) -> Iterator[Line]:
    """QQP as GLUE publishes it: `is_duplicate` is the hub's `label`."""
    for row in tsv(path, closed=True):
        if "is_duplicate" in row:
            row["label"] = row["is_duplicate"]
        yield row


def paws(path: Path, _: Language) -> Iterator[Line]:
    """PAWS-X: tab-separated without quoting (a quoting reader loses rows)."""
    return tsv(path)
