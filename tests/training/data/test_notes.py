"""What was left out, mended, missing or not comparable is told: in run.json and on one line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from published_files import ROWS, SAMPLES, Folder
from typer.testing import CliRunner

from training.catalogue import LANGUAGES, TASKS
from training.catalogue.published import published, table
from training.cli import app
from training.data import sources
from training.data.answers import REPAIRED
from training.data.notes import lines, noted, notes
from training.data.rows import HIDDEN_LABEL, read
from training.data.sources import Loaded


def loaded(task: str, rows: list[dict[str, Any]], lang: str, where: str = "hub x") -> Loaded:
    return Loaded(read(TASKS[task], rows, lang, where), "0", where)


def told(task: str, split: str, lang: str, one: Loaded) -> tuple[str, ...]:
    return notes(TASKS[task], split, lang, one)  # type: ignore[arg-type]


def test_the_published_counts_are_of_the_catalogue() -> None:
    for (task, split, lang), count in table().items():
        assert count > 0 and split in ("train", "dev", "test")
        assert lang == "*" or lang in {*TASKS[task].languages, "eng"}
        assert not (split == "dev" and lang in TASKS[task].no_dev)
    assert published("xnli", "test", "swh") == 5010 and published("ccg", "train", "eng") is None
    tatoeba = [published("tatoeba", "test", lang) for lang in TASKS["tatoeba"].languages]
    assert None not in tatoeba and tatoeba.count(1000) == 28
    assert [published("udpos", "test", lang) for lang in ("eng", "fin", "hun", "ell")] == [
        5440, 4422, 449, 456,
    ]  # fmt: skip


def test_dropped_and_mended_rows_are_counted() -> None:
    rows = [{"premise": "a", "hypothesis": "b", "label": label} for label in (-1, 0, -1, 2)]
    assert f"2 rows left out: {HIDDEN_LABEL}" in told(
        "anli", "dev", "eng", loaded("anli", rows, "eng")
    )
    answers = {"text": ["Oulu"], "answer_start": [5]}
    row = {"id": "finnish-1-0", "context": "In Oulu.", "question": "?", "answers": answers}
    found = told("tydiqa", "test", "fin", loaded("tydiqa", [row], "fin"))
    assert found == (f"1 mended: {REPAIRED}", "1 rows where 782 are published")


def test_counts_are_compared_before_and_after_dropping() -> None:
    """SNLI's and MultiNLI's files hold disputed rows, the hub's MNLI does not."""
    rows = [{"premise": "a", "hypothesis": "b", "label": "-"}] * 185
    rows += [{"premise": "a", "hypothesis": "b", "label": 0}] * 9815
    found = told("mnli", "dev", "eng", loaded("mnli", rows, "eng"))
    assert found == (f"185 rows left out: {HIDDEN_LABEL}",)


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("ell", ("other languages", "splits fused words")),
        ("rus", ("other languages",)),
        ("heb", ("splits fused words",)),
        ("hun", ()),
    ],
)
def test_udpos_of_the_hub_is_not_comparable(lang: str, words: tuple[str, ...]) -> None:
    row = {"tokens": ["a"], "pos_tags": ["X"]}
    found = "; ".join(told("udpos", "test", lang, loaded("udpos", [row], lang)))
    assert ("not comparable with XTREME" in found) == bool(words)
    assert all(word in found for word in words)


def test_udpos_of_files_is_comparable_and_the_miniature_says_nothing(tmp_path: Path) -> None:
    path = tmp_path / "ud/UD_Hebrew-HTB/he_htb-ud-test.conllu"
    path.parent.mkdir(parents=True)
    path.write_text("1\ta\ta\tX\t_\t_\t0\troot\t_\t_\n\n")
    made = sources.rows(TASKS["udpos"], "test", "heb", "files", tmp_path)
    assert told("udpos", "test", "heb", made) == ("1 rows where 491 are published",)
    small = "miniature/seed=3/sentences=64"
    made = sources.rows(TASKS["udpos"], "test", "fin", small)
    assert (
        told("udpos", "test", "fin", made) == ()
        and noted(TASKS["udpos"], "test", "fin", made) == {}
    )


def test_blanked_sentences_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "ud/UD_French-FTB/fr_ftb-ud-test.conllu"
    path.parent.mkdir(parents=True)
    blank = "1\t_\t_\tX\t_\t_\t0\troot\t_\t_\n\n"
    path.write_text(blank * 2 + blank.replace("1\t_", "1\ta", 1))
    made = sources.rows(TASKS["udpos"], "test", "fra", "files", tmp_path)
    assert len(made.read.examples) == 1
    assert told("udpos", "test", "fra", made)[0].startswith(
        "2 rows left out: its words are blanked"
    )


def test_a_split_has_one_line() -> None:
    parts = {("udpos", "test", lang): ("1 rows where 2 are published",) for lang in LANGUAGES}
    found = lines(parts | {("panx", "dev", "fin"): (), ("sib200", "dev", "fin"): ("a", "b")})  # type: ignore[arg-type]
    assert len(found) == 2 and found[1] == "note: sib200 dev: fin a; b"
    assert (
        found[0].startswith("note: udpos test: afr 1 rows where")
        and "| 36 more languages" in found[0]
    )


def test_notes_stand_in_run_json_and_on_standard_error(tmp_path: Path) -> None:
    folder, sample = Folder(tmp_path, "mnli"), SAMPLES["mnli"]
    wrong = {4: sample.made(4, "-"), 9: sample.made(9, "-")}
    folder.write(folder.spoilt, sample.text(wrong).encode())
    given = (
        "train intermediate --scale nano --task mnli --source files --set recipe.steps=1".split()
    )
    place = ["--work", str(tmp_path / "work"), "--data", str(tmp_path)]
    uri = ["--tracking-uri", "http://127.0.0.1:9"]
    done = CliRunner().invoke(app, [*given, *place, *uri])
    assert done.exit_code == 0, done.output
    expected = f"2 rows left out: {HIDDEN_LABEL}; {ROWS} rows where 392702 are published"
    assert f"note: mnli train: eng {expected}\n" in done.stderr
    (path,) = (tmp_path / "work/runs").glob("*/run.json")
    assert json.loads(path.read_text())["provenance"]["data"]["mnli/train/eng/notes"] == expected
