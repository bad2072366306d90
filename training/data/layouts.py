"""Original files -> rows in the published column schema, one function per layout."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from training.data import conllu
from training.data.errors import DataError
from training.data.opening import Row, document, jsonl, lines, table, tsv
from training.spec.language import Language


def treebank(path: Path, language: Language) -> Iterator[Row]:
    """UD: `fi_tdt-ud-test.conllu`."""
    name = path.name.split("-ud-")[0].partition("_")[2]
    return conllu.rows(lines(path), language.short, name, str(path))


def topics(path: Path, _: Language) -> Iterator[Row]:
    """SIB-200: columns index_id, category, text."""
    return tsv(path)


def translations(path: Path, _: Language) -> Iterator[Row]:
    """Tatoeba: `tatoeba.fin-eng.fin`, whose lines match those of `tatoeba.fin-eng.eng`."""
    code = path.name.removesuffix(".gz").split(".")[-1]
    other = path.with_name(path.name.replace(f"-eng.{code}", "-eng.eng"))
    foreign, english = lines(path), lines(other)
    if len(foreign) != len(english):
        raise DataError(
            str(path),
            None,
            f"has {len(foreign)} lines where {other.name} has {len(english)}",
            "fetch both files again",
        )
    for one, two in zip(foreign, english, strict=True):
        yield {
            "source_sentence": one,
            "target_sentence": two,
            "source_lang": code,
            "target_lang": "eng",
        }


def commonsense(path: Path, _: Language) -> Iterator[Row]:
    """CommonsenseQA's jsonl nests what the hub lays flat."""
    for number, row in enumerate(jsonl(path), start=1):
        asked = row.get("question")
        if not isinstance(asked, dict) or "stem" not in asked or "choices" not in asked:
            raise DataError(
                str(path), number, "has no question.stem and question.choices", "fetch it again"
            )
        yield {
            "id": row.get("id"),
            "question": asked["stem"],
            "question_concept": asked.get("question_concept", ""),
            "choices": asked["choices"],
            "answerKey": row.get("answerKey", ""),
        }


def squad(path: Path, _: Language) -> Iterator[Row]:
    """SQuAD's JSON, which XQuAD, MLQA and TyDiQA-GoldP share."""
    told: Any = document(path)
    for article in told["data"] if isinstance(told, dict) and "data" in told else _no_squad(path):
        for paragraph in article.get("paragraphs", ()):
            for asked in paragraph.get("qas", ()):
                yield {
                    "title": article.get("title", ""),
                    "context": paragraph.get("context"),
                    "id": asked.get("id"),
                    "question": asked.get("question"),
                    "answers": asked.get("answers", []),
                }


def _no_squad(path: Path) -> Any:
    raise DataError(str(path), None, "has no list 'data'", "SQuAD's JSON is expected")


def cosmos(path: Path, _: Language) -> Iterator[Row]:
    """CosmosQA: csv with the hub's columns."""
    return table(path)


def objects(path: Path, _: Language) -> Iterator[Row]:
    """Jsonl whose keys the schema's reader knows (HellaSwag, MultiNLI)."""
    return jsonl(path)


def xnli(path: Path, _: Language) -> Iterator[Row]:
    """XNLI: one table of all languages; the reader takes the rows of its own."""
    return tsv(path)


def questions(path: Path, _: Language) -> Iterator[Row]:
    """QQP as GLUE publishes it: `is_duplicate` is the hub's `label`."""
    for row in tsv(path):
        yield {**row, "label": row.get("is_duplicate", "")}


def paws(path: Path, _: Language) -> Iterator[Row]:
    """PAWS-X: tab-separated without quoting (a quoting reader loses rows)."""
    return tsv(path)


def entities(path: Path, _: Language) -> Iterator[Row]:
    """PAN-X: `fi:word<TAB>tag` (the word follows the first colon), blank between sentences."""
    words: list[str] = []
    tags: list[str] = []
    for number, line in enumerate([*lines(path), ""], start=1):
        if not line.strip():
            if words:
                yield {"tokens": words, "ner_tags": tags}
            words, tags = [], []
            continue
        left, tab, tag = line.rpartition("\t")
        if not tab:
            raise DataError(str(path), number, f"holds {line[:40]!r}", "'fi:word<TAB>tag' belongs")
        words.append(left.split(":", 1)[-1].strip())
        tags.append(tag.strip())


def supertags(path: Path, _: Language) -> Iterator[Row]:
    """CCG in jiant's form: words joined by spaces, a tab, as many categories."""
    for row in tsv(path, header=("words", "categories")):
        yield {"tokens": row["words"].split(" "), "tags": row["categories"].split(" ")}
