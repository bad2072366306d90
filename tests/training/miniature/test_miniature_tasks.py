"""Every task in its published schema, balanced, and parallel across languages."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import Any

import pytest

from training.catalogue import TASKS
from training.miniature import tasks
from training.miniature.languages import CODES
from training.spec.task import Split

SEED, SENTENCES = 6, 960
COLUMNS = {
    "mnli": "premise hypothesis label idx",
    "anli": "uid premise hypothesis label reason",
    "xnli": "premise hypothesis label",
    "qqp": "question1 question2 label idx",
    "pawsx": "id sentence1 sentence2 label",
    "squad": "id title context question answers",
    "squad2": "id title context question answers",
    "xquad": "id context question answers",
    "mlqa": "id context question answers",
    "tydiqa": "id title context question answers",
    "cosmosqa": "id context question answer0 answer1 answer2 answer3 label",
    "hellaswag": "ind activity_label ctx_a ctx_b ctx endings source_id split split_type label",
    "csqa": "id question question_concept choices answerKey",
    "udpos": "tokens pos_tags",
    "panx": "tokens ner_tags langs",
    "ccg": "tokens tags",
    "tatoeba": "source_sentence target_sentence source_lang target_lang",
    "bucc": "sentence1 sentence2 gold",
}
"""Of the data sets on the hub; CCG has none there and comes as words and categories."""
LABELS = {
    "mnli": ("label", 3),
    "anli": ("label", 3),
    "xnli": ("label", 3),
    "qqp": ("label", 2),
    "pawsx": ("label", 2),
    "hellaswag": ("label", 4),
    "cosmosqa": ("label", 4),
    "csqa": ("answerKey", 5),
}
SPANS = ("squad", "squad2", "xquad", "mlqa", "tydiqa")


@lru_cache(maxsize=400)
def made(task: str, split: Split, lang: str) -> list[dict[str, Any]]:
    return list(tasks.rows(task, split, lang, SEED, SENTENCES))


def cells(task: str) -> list[tuple[Split, str]]:
    """Splits and languages of a task; of the dev and test sets four languages."""
    splits: tuple[Split, ...] = ("train", "dev", "test")
    some = {"eng", "fin", "hun", "cmn"}
    return [(s, lang) for s in splits for lang in tasks.languages(task, s) if lang in some]


def test_all_tasks_of_the_paper_are_there() -> None:
    assert set(COLUMNS) == set(tasks.TASKS)
    paper = {n for n, t in TASKS.items() if t.benchmark == "xtreme" and not t.members}
    assert set(COLUMNS) == {n for n in paper if n != "text"}


@pytest.mark.parametrize("task", COLUMNS)
def test_columns_are_those_of_the_published_data(task: str) -> None:
    for split, lang in cells(task):
        rows = made(task, split, lang)
        assert rows and {tuple(sorted(row)) for row in rows} == {
            tuple(sorted(COLUMNS[task].split()))
        }


@pytest.mark.parametrize("task", COLUMNS)
def test_train_is_english_and_the_rest_in_every_language(task: str) -> None:
    one = TASKS[task]
    trained = "intermediate" in one.roles or one.trains_on == task
    assert tasks.languages(task, "train") == (("eng",) if trained else ())
    others = tuple(code for code in CODES if code != "eng" or one.family != "retrieval")
    assert tasks.languages(task, "dev") == tasks.languages(task, "test") == others


@pytest.mark.parametrize("task", LABELS)
def test_labels_are_balanced(task: str) -> None:
    column, kinds = LABELS[task]
    split: Split = "train" if tasks.languages(task, "train") else "test"
    rows = tasks.rows(task, split, "eng", SEED, 960 if split == "train" else 9600)
    found = Counter(str(row[column]) for row in rows)
    assert len(found) == kinds
    for count in found.values():
        assert count / len(rows) == pytest.approx(1 / kinds, abs=0.05)


@pytest.mark.parametrize("task", LABELS)
def test_items_are_the_same_in_every_language(task: str) -> None:
    column, _ = LABELS[task]
    for split in ("dev", "test"):
        english = made(task, split, "eng")
        for lang in ("fin", "hun", "cmn"):
            rows = made(task, split, lang)
            assert [row[column] for row in rows] == [row[column] for row in english]
            assert all(row != one for row, one in zip(rows, english, strict=True))


@pytest.mark.parametrize("task", SPANS)
def test_answers_stand_where_they_are_said_to(task: str) -> None:
    for split, lang in cells(task):
        rows, empty = made(task, split, lang), 0
        for row in rows:
            found = row["answers"]
            empty += not found["text"]
            for text, start in zip(found["text"], found["answer_start"], strict=True):
                assert text and row["context"][start : start + len(text)] == text
        share = empty / len(rows)
        assert share == (pytest.approx(1 / 3, abs=0.12) if task == "squad2" else 0)
        assert len({row["id"] for row in rows}) == len(rows)


@pytest.mark.parametrize("task", SPANS)
def test_questions_are_the_same_in_every_language(task: str) -> None:
    english = made(task, "test", "eng")
    for lang in ("fin", "hun", "cmn"):
        rows = made(task, "test", lang)
        assert [len(row["answers"]["text"]) for row in rows] == [
            len(row["answers"]["text"]) for row in english
        ]


@pytest.mark.parametrize("task", ["udpos", "panx", "ccg"])
def test_every_word_has_a_tag(task: str) -> None:
    column = COLUMNS[task].split()[1]
    for split, lang in cells(task):
        rows = made(task, split, lang)
        assert all(len(row["tokens"]) == len(row[column]) > 1 for row in rows)
        if TASKS[task].labels:
            tags = {tag for row in rows for tag in row[column]}
            assert len(tags) > 3 and max(tags) < len(TASKS[task].labels)


def test_names_are_the_same_entities_in_every_language() -> None:
    kinds = TASKS["panx"].labels

    def begun(lang: str) -> list[list[str]]:
        rows = made("panx", "test", lang)
        return [sorted(kinds[t] for t in row["ner_tags"] if kinds[t][0] == "B") for row in rows]

    assert begun("eng") == begun("fin") == begun("hun") == begun("cmn")
    assert any(begun("eng"))


def test_bitexts_are_aligned() -> None:
    """The English side of a line is the same for every language; BUCC's gold says which."""
    english = [row["target_sentence"] for row in made("tatoeba", "test", "fin")]
    for lang in ("hun", "cmn"):
        rows = made("tatoeba", "test", lang)
        assert [row["target_sentence"] for row in rows] == english
        assert all(row["source_lang"] == lang and row["target_lang"] == "eng" for row in rows)
    assert len(set(english)) == len(english) and all(one.endswith("\n") for one in english)
    (finnish,), (hungarian,) = (made("bucc", "test", lang) for lang in ("fin", "hun"))
    assert finnish["gold"] == hungarian["gold"] and finnish["sentence2"] == hungarian["sentence2"]
    pairs = finnish["gold"]
    assert len({i for i, _ in pairs}) == len({j for _, j in pairs}) == len(pairs)
    for side in (1, 2):
        assert len(pairs) < len(finnish[f"sentence{side}"]), "there are sentences without a pair"
        assert max(pair[side - 1] for pair in pairs) <= len(finnish[f"sentence{side}"])
