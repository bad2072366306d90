"""The real files, where SILTA_TEST_DATA names them: counts, offsets, clusters, layouts."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from training.catalogue import LANGUAGES, TASKS
from training.data import corpora, files
from training.data.answers import align
from training.data.rows import read
from training.families.examples import SpanExample

TATOEBA = {  # reference: XTREME; the other 28 languages have 1,000 pairs
    "jav": 205, "kat": 746, "kaz": 575, "mal": 687, "swh": 390, "tam": 307, "tel": 234, "tha": 548,
}  # fmt: skip


def counts(task: str, split: str, data: Path, size: Callable[..., int] = len) -> dict[str, int]:
    one = TASKS[task]
    found = {}
    for lang in files.languages(one, split, data):  # type: ignore[arg-type]
        rows, _ = files.rows(one, split, lang, data)  # type: ignore[arg-type]
        made = read(one, rows, lang, task)
        assert not made.dropped and not made.repaired
        found[lang] = size(made.examples)
    return found


def test_real_udpos(data_dir: Path) -> None:
    assert counts("udpos", "train", data_dir) == {"eng": 12544}
    test = counts("udpos", "test", data_dir)
    assert set(test) == set(TASKS["udpos"].languages) and len(test) == 33
    assert (test["eng"], test["fin"], test["hun"]) == (2077, 1555, 449)
    rows, _ = files.rows(TASKS["udpos"], "test", "hun", data_dir)
    assert sum(len(row["tokens"]) for row in rows) == 10448  # Hungarian has no fused tokens
    rows, _ = files.rows(TASKS["udpos"], "test", "heb", data_dir)
    assert sum(len(row["tokens"]) for row in rows) < 0.8 * 7288  # Hebrew has very many


def test_real_tatoeba(data_dir: Path) -> None:
    found = counts("tatoeba", "test", data_dir, lambda made: len(made[0].foreign))
    assert found == {lang: TATOEBA.get(lang, 1000) for lang in TASKS["tatoeba"].languages}
    assert len(found) == 36


def test_real_sib200(data_dir: Path) -> None:
    assert counts("sib200", "train", data_dir) == {"eng": 701}
    assert counts("sib200", "dev", data_dir) == {"eng": 99, "fin": 99, "hun": 99}
    assert counts("sib200", "test", data_dir) == dict.fromkeys(LANGUAGES, 204)


def test_real_choices(data_dir: Path) -> None:
    assert counts("csqa", "train", data_dir) == {"eng": 9741}
    assert counts("csqa", "dev", data_dir) == {"eng": 1221}
    assert counts("cosmosqa", "dev", data_dir) == {"eng": 2985}


def test_real_questions(data_dir: Path) -> None:
    assert set(counts("xquad", "test", data_dir).values()) == {1190}
    assert counts("squad", "train", data_dir) == {"eng": 1027}
    assert counts("squad2", "dev", data_dir) == {"eng": 626}
    assert counts("pawsx", "dev", data_dir) == {"deu": 2000}
    assert len(counts("mlqa", "test", data_dir)) == 7


def test_real_paragraphs_are_the_same_clusters_in_every_language(data_dir: Path) -> None:
    task, clusters = TASKS["xquad"], []
    for lang in files.languages(task, "test", data_dir):
        made = read(task, files.rows(task, "test", lang, data_dir)[0], lang, "xquad")
        clusters.append({one.id: one.cluster for one in made.examples})
    assert all(one == clusters[0] for one in clusters)
    assert len(set(clusters[0].values())) == 240


@pytest.mark.parametrize(("lang", "misaligned"), [("cmn", 100), ("ara", 26), ("tha", 10)])
def test_real_offsets_survive_a_stripped_context(
    data_dir: Path, lang: str, misaligned: int
) -> None:
    """What the hub did to XQuAD is undone exactly: every answer is back where it was."""
    task = TASKS["xquad"]
    made = read(task, files.rows(task, "test", lang, data_dir)[0], lang, "xquad")
    whole: tuple[SpanExample, ...] = made.examples
    fixed, repaired = align(replace(one, context=one.context.strip()) for one in whole)
    assert sum(repaired.values()) == misaligned
    for before, after in zip(whole, fixed, strict=True):
        lost = len(before.context) - len(before.context.lstrip())
        assert after.answers == tuple((text, start - lost) for text, start in before.answers)


LAYOUTS = {  # task -> (archive, its member, the name under --data, split, language)
    "squad2": ("squad_v2.squad_v2", "dev-v2.0.json", "qa/squad/dev-v2.0.json", "dev", "eng"),
    "tydiqa": ("tydiqa.secondary_task", "tydiqa-goldp-v1.1-train.json",
               "qa/tydiqa/tydiqa-goldp-v1.1-dev.json", "test", "fin"),
    "hellaswag": ("hellaswag", "hellaswag_val.jsonl", "choice/hellaswag/hellaswag_val.jsonl",
                  "dev", "eng"),
    "qqp": ("glue.qqp", "QQP/dev.tsv", "para/qqp/dev.tsv", "dev", "eng"),
    "mnli": ("multi_nli", "multinli_1.0.zip/multinli_1.0/multinli_1.0_dev_matched.jsonl",
             "nli/multinli/multinli_1.0_dev_matched.jsonl", "dev", "eng"),
    "xnli": ("xnli.all_languages", "XNLI-1.0.zip/XNLI-1.0/xnli.test.tsv",
             "nli/xnli/xnli.test.tsv", "test", "ara"),
    "pawsx": ("paws-x.en", "x-final.tar.gz/x-final/en/test_2k.tsv",
              "para/pawsx/x-final/en/test_2k.tsv", "test", "eng"),
    "panx": ("panx/PAN-X.fi", "fi.tar.gz/test", "ner/panx/fi/test", "test", "fin"),
    "cosmosqa": ("cosmos_qa", "train.csv", "choice/cosmosqa/train.csv", "train", "eng"),
}  # fmt: skip


@pytest.mark.parametrize("task", LAYOUTS)
def test_real_layouts(data_dir: Path, tmp_path: Path, task: str) -> None:
    archive, member, name, split, lang = LAYOUTS[task]
    with zipfile.ZipFile(data_dir / f"layouts/{archive}.dummy_data.zip") as opened:
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.write_bytes(opened.read(f"dummy_data/{member}"))
    rows, _ = files.rows(TASKS[task], split, lang, tmp_path)  # type: ignore[arg-type]
    made = read(TASKS[task], rows, lang, name)
    assert made.examples and not made.dropped


def test_real_text(data_dir: Path) -> None:
    told = corpora.text(("eng", "fin", "hun", "deu", "eus", "swh", "est", "tur"), data_dir)
    assert {lang for lang, found in told.items() if len(found) > 9000} == {
        "eng", "fin", "hun", "deu", "eus", "swh",
    }  # fmt: skip
    assert all(len(set(found)) == len(found) for found in told.values())
    letters = set("".join(told["hun"]))
    assert "ő" in letters and "ű" in letters
    tests, _ = files.rows(TASKS["udpos"], "test", "fin", data_dir)
    lines = set(told["fin"])
    held_out = {" ".join(row["tokens"]) for row in tests if len(row["tokens"]) > 6}
    assert not held_out & lines


def test_real_parallel_text(data_dir: Path) -> None:
    told = corpora.parallel(data_dir)
    assert len({len(found) for found in told.values()}) == 1
    verse = told["eng"].index("Jesus wept.")
    assert told["fin"][verse] == "Ja Jeesus itki."
    both = sum(
        a is not None and b is not None for a, b in zip(told["fin"], told["hun"], strict=True)
    )
    assert both > 1997 + 9000
