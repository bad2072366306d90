"""Translated training data are read from files in the published columns, or told by the miniature;
a synthetic task is computed from another's texts."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path

import pytest

from training.catalogue import TASKS
from training.data import corpora
from training.data.errors import DataError, MissingData
from training.data.sources import languages, rows
from training.data.synthetic import KEPT, SWAPPED, word_order
from training.data.translated import place, translated
from training.families.examples import PairExample

SOURCE = "miniature/seed=3/sentences=80"
ROWS = {
    "mnli": {"premise": "Er kam.", "hypothesis": "Er ging.", "label": 2, "idx": 0},
    "qqp": {"question1": "Wer?", "question2": "Wer denn?", "label": 1, "idx": 0},
    "hellaswag": {
        "ind": 4,
        "ctx_a": "Er kam.",
        "ctx_b": "Dann",
        "endings": ["a", "b", "c", "d"],
        "label": "3",
    },
    "squad": {
        "id": "s",
        "context": "Anna kam heim.",
        "question": "Wer?",
        "answers": {"text": ["Anna"], "answer_start": [0]},
    },
}


@pytest.mark.parametrize("source", ["files", "hub"])
@pytest.mark.parametrize("name", ROWS)
def test_files_in_the_published_columns(tmp_path: Path, name: str, source: str) -> None:
    path = place(TASKS[name], "train", "deu", tmp_path)
    assert path == tmp_path / "translated" / name / "train.deu.jsonl"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(ROWS[name], ensure_ascii=False) + "\n", "utf-8")
    loaded = translated(TASKS[name], "train", "deu", source, tmp_path)
    (one,) = loaded.read.examples
    assert one.lang == "deu" and loaded.where == str(path)
    expected = {"mnli": 2, "qqp": 1, "hellaswag": 3, "squad": (("Anna", 0),)}
    assert getattr(one, "answers", getattr(one, "label", None)) == expected[name]
    path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
    path.unlink()
    assert translated(TASKS[name], "train", "deu", source, tmp_path).digest == loaded.digest


def test_what_is_missing_or_broken_is_told(tmp_path: Path) -> None:
    with pytest.raises(MissingData, match=r"MNLI train translated into German .*--data"):
        translated(TASKS["mnli"], "train", "deu", "hub", None)
    path = place(TASKS["mnli"], "train", "rus", tmp_path)
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({**ROWS["mnli"], "label": 7}) + "\n")
    with pytest.raises(MissingData, match=r"train\.deu\.jsonl \(there: train\.rus\.jsonl\)"):
        translated(TASKS["mnli"], "train", "deu", "files", tmp_path)
    with pytest.raises(DataError, match=r"train\.rus\.jsonl:1: column 'label' holds 7"):
        translated(TASKS["mnli"], "train", "rus", "files", tmp_path)
    path.write_text("")
    with pytest.raises(DataError, match=r"train\.rus\.jsonl:1: the file is empty"):
        translated(TASKS["mnli"], "train", "rus", "files", tmp_path)


@pytest.mark.parametrize("name", ["mnli", "hellaswag", "squad2"])
def test_the_miniature_tells_the_same_items_in_the_other_language(name: str) -> None:
    english = rows(TASKS[name], "train", "eng", SOURCE).read.examples
    finnish = translated(TASKS[name], "train", "fin", SOURCE, None).read.examples
    assert [one.id for one in english] == [one.id for one in finnish]
    if name != "squad2":
        assert [one.label for one in english] == [one.label for one in finnish]
    assert all(one.lang == "fin" for one in finnish)
    words = {word for one in english for word in str(one).lower().split()}
    told = [word for one in finnish for word in str(one).lower().split()]
    assert sum(word in words for word in told) < 0.5 * len(told)


def test_the_miniature_has_its_own_languages_only() -> None:
    with pytest.raises(MissingData, match="miniature world.*fin"):
        translated(TASKS["mnli"], "train", "rus", SOURCE, None)


def test_word_order_is_half_kept_and_half_swapped_in_the_middle() -> None:
    task = TASKS["wordorder"]
    source = "miniature/seed=3/sentences=400"
    made = rows(task, "train", "eng", source).read.examples
    texts = {one.second for one in rows(TASKS["mnli"], "train", "eng", source).read.examples}
    labels = Counter(one.label for one in made)
    assert set(labels) == {KEPT, SWAPPED} and abs(labels[KEPT] - labels[SWAPPED]) < 0.2 * len(made)
    assert task.labels[SWAPPED] == "swapped"
    ends = {(text.split()[0], text.split()[-1], tuple(sorted(text.split()))) for text in texts}
    for one in made:
        assert (one.first in texts) == (one.label == KEPT) and one.second is None
        words = one.first.split()
        assert (words[0], words[-1], tuple(sorted(words))) in ends, "only the middle is touched"
    assert len({one.id for one in made}) == len(made)


def test_word_order_says_the_same_of_a_text_whatever_stands_around_it() -> None:
    def pair(i: int, text: str) -> PairExample:
        return PairExample(str(i), str(i), "eng", "p", text, 0)

    told = [pair(i, f"The {i} old dogs saw a cat .") for i in range(20)]
    whole = {one.id: one for one in word_order(told)}
    assert whole == {one.id: one for one in word_order(told[::-1])} and len(whole) == 20
    few = [pair(0, "It ran ."), pair(1, "a b b c"), told[5], told[5]]
    assert [one.id for one in word_order(few)] == ["5"], "no swap would show, or told twice"


def test_word_order_is_there_where_mnli_is(tmp_path: Path) -> None:
    assert languages(TASKS["wordorder"], "train", SOURCE) == ("eng",)
    assert languages(TASKS["wordorder"], "dev", "hub") == ("eng",)
    assert languages(TASKS["wordorder"], "dev", "files", tmp_path) == ()


def test_a_corpus_of_ones_own(tmp_path: Path) -> None:
    folder = tmp_path / "corpora" / "wikipedia"
    folder.mkdir(parents=True)
    (folder / "fi.txt").write_text("yksi\n\nkaksi\n", "utf-8")
    (folder / "deu.txt.gz").write_bytes(gzip.compress(b"eins\n"))
    assert corpora.named("wikipedia", (), tmp_path) == {
        "deu": ["eins"], "fin": ["yksi", None, "kaksi"],
    }  # fmt: skip
    assert list(corpora.named("wikipedia", ("fin",), tmp_path)) == ["fin"]
    with pytest.raises(MissingData, match=r"'wikipedia' in Hungarian .*there: deu, fin"):
        corpora.named("wikipedia", ("hun", "fin"), tmp_path)
    with pytest.raises(MissingData, match="'books'"):
        corpora.named("books", (), tmp_path)
