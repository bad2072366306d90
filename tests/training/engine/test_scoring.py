"""`silta score` on folders in XTREME's layout: the official numbers, and the official refusals."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import xtreme_rules
from commands import environment, refused, silta
from xtreme_folders import fill

from training.catalogue.languages import LANGUAGES, SHORT
from training.catalogue.xtreme import FOLDERS, GROUPS
from training.data.errors import DataError, MissingData
from training.engine.scoring import Scoring

THEIRS = {"em": "exact_match"}
"""Our name of a metric -> evaluate.py's, where they differ."""


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return fill(tmp_path_factory.mktemp("full"), 0)


@pytest.fixture
def sides(full: tuple[Path, Path], tmp_path: Path) -> tuple[Path, Path]:
    """A copy of the full folders, to be spoilt."""
    for side in full:
        shutil.copytree(side, tmp_path / side.name)
    return tmp_path / "P", tmp_path / "L"


def close(value: float) -> Any:
    return pytest.approx(value, abs=1e-9)


def test_the_layout_is_xtremes() -> None:
    codes = {
        folder: {LANGUAGES[c].short for c in task.languages} for folder, task in FOLDERS.items()
    }
    assert codes == {task: set(told.split()) for task, told in xtreme_rules.LANGUAGES.items()}
    assert {name: set(group) for name, group in GROUPS.items()} == {
        name: set(group) for name, group in xtreme_rules.GROUPS.items()
    }


@pytest.mark.parametrize("seed", range(4))
def test_every_number_is_the_official_one(seed: int, tmp_path: Path) -> None:
    """9 tasks, 162 files: languages, tasks, groups and the overall mean, to 1e-9."""
    predictions, labels = fill(tmp_path, seed)
    told = Scoring(predictions, labels).document()
    expected = xtreme_rules.evaluate(predictions, labels)
    compared = 0
    for folder, rows in expected["tasks"].items():
        mine = told["tasks"][folder]
        assert {mine["codes"][lang] for lang in mine["languages"]} == set(rows)
        for lang, metrics in mine["languages"].items():
            theirs = rows[LANGUAGES[lang].short]
            for name, value in metrics.items():
                if THEIRS.get(name, name) in theirs:
                    assert value == close(theirs[THEIRS.get(name, name)]), (folder, lang, name)
                    compared += 1
        assert mine["score"] == close(expected["scores"][folder]), folder
        assert mine["official"]
    assert compared == 58 + 3 * 77 + 2 * 27
    assert told["groups"] == {name: close(value) for name, value in expected["groups"].items()}
    assert told["overall"] == close(expected["overall"])
    assert told["official"]


def test_zero_shot_languages_have_a_mean_of_their_own(full: tuple[Path, Path]) -> None:
    tasks = Scoring(*full).document()["tasks"]
    assert "score_without_english" not in tasks["tatoeba"]
    rows = tasks["xnli"]["languages"]
    others = [row["accuracy"] for lang, row in rows.items() if lang != "eng"]
    assert tasks["xnli"]["score_without_english"] == close(sum(others) / 14)


def test_groups_need_all_their_tasks(sides: tuple[Path, Path]) -> None:
    shutil.rmtree(sides[0] / "mlqa")
    shutil.rmtree(sides[1] / "panx")
    (sides[0] / "bucc").mkdir()
    told = Scoring(*sides).document()
    assert set(told["groups"]) == {"classification", "retrieval"} and told["overall"] is None
    said = "\n".join(told["warnings"])
    assert "mlqa is passed over" in said and "panx is passed over" in said
    assert "'bucc' is none of XTREME's and is passed over: did you mean 'bucc2018'?" in said


# --- what the official script passes over, with a warning ----------------------------------------


def warned(sides: tuple[Path, Path], name: str, text: str) -> tuple[str, dict[str, float]]:
    """The warnings about one file of predictions with this text, and its scores."""
    path = sides[0] / name
    path.write_text(text, encoding="utf-8")
    told = Scoring(*sides).document()
    lang = SHORT[path.stem.removeprefix("test-")]
    said = [one for one in told["warnings"] if one.startswith(str(path))]
    return "\n".join(said), told["tasks"][path.parent.name]["languages"][lang]


def test_questions_without_a_prediction_score_zero(sides: tuple[Path, Path]) -> None:
    said, metrics = warned(sides, "xquad/test-th.json", "{}")
    assert "8 of 8 questions have no prediction and score 0, for instance 'q0'" in said
    assert metrics == {"em_f1": 0, "em": 0, "f1": 0}


def test_sentences_of_another_length_are_told(sides: tuple[Path, Path]) -> None:
    (sides[1] / "panx/test-fi.tsv").write_text("B-PER\nI-PER\n\nB-LOC\n\n")
    said, metrics = warned(sides, "panx/test-fi.tsv", "B-PER\n\nB-LOC\n")
    assert "1 sentences have another number of tags" in said and "sentence 1;" in said
    assert metrics == {"f1": 0, "precision": 0, "recall": 0}  # the second span is shifted
    said, metrics = warned(sides, "panx/test-fi.tsv", "B-PER\nI-PER\n\nB-LOC")
    assert said == "" and metrics["f1"] == metrics["accuracy"] == 100


def test_labels_that_cannot_be_right_are_told(sides: tuple[Path, Path]) -> None:
    gold = (sides[1] / "xnli/test-fr.tsv").read_text().split()
    said, metrics = warned(sides, "xnli/test-fr.tsv", "contradictory\n" * len(gold))
    assert f"{len(gold)} predictions are none of the task's labels ('contradictory')" in said
    assert metrics == {"accuracy": 0}


def test_pairs_are_two_ids(sides: tuple[Path, Path]) -> None:
    said, _ = warned(sides, "bucc2018/test-de.tsv", "a b\nc\td\nc\td\n")
    assert "1 lines are no two ids with a tab, the first is line 1" in said
    assert "1 pairs are repeated" in said


def test_emptied_labels_are_told(sides: tuple[Path, Path]) -> None:
    """XTREME's own download has no test labels."""
    path = sides[1] / "tydiqa/test-fi.json"
    path.write_text('{"data": [{"paragraphs": [{"qas": [{"id": "q0", "answers": '
                    '[{"text": ""}]}]}]}]}')  # fmt: skip
    assert any(
        one.startswith(str(path)) and "no gold answer" in one
        for one in Scoring(*sides).document()["warnings"]
    )


# --- what it stops at ----------------------------------------------------------------------------

STOPS: dict[str, tuple[str, str, bytes | None, str]] = {
    "too few labels": ("P", "xnli/test-vi.tsv", b"neutral\n" * 30, "30 labels where"),
    "a blank line more": ("P", "udpos/test-hu.tsv", b"\nNOUN\n", "2 sentences where"),
    "no labels": ("PL", "tatoeba/test-fi.tsv", b"", "no label in it"),
    "a missing file": ("P", "udpos/test-fi.tsv", None, "1 of 66 files of udpos not found"),
    "missing gold": ("L", "mlqa/test-zh.json", None, "--partial"),
    "no JSON": ("P", "mlqa/test-ar.json", b'{"a": ', "no JSON"),
    "a list of answers": ("P", "xquad/test-zh.json", b"[]", "a list at the top"),
    "no text": ("P", "xquad/test-zh.json", b'{"q0": null}', "the answer of 'q0' is None"),
    "no questions": ("L", "xquad/test-zh.json", b'{"data": []}', "no question in it"),
    "no SQuAD": ("L", "xquad/test-zh.json", b'{"q0": "x"}', "no SQuAD file"),
    "no gold answer": (
        "L",
        "tydiqa/test-ko.json",
        b'[{"paragraphs": [{"qas": [{"id": "q0", "answers": []}]}]}]',
        "question 'q0' has no gold answer",
    ),
    "another encoding": ("P", "panx/test-de.tsv", b"B-PER\xe4\n", "byte 5 is no UTF-8"),
}


@pytest.mark.parametrize("kind", STOPS)
def test_what_the_official_script_stops_at(kind: str, sides: tuple[Path, Path]) -> None:
    which, name, content, wrong = STOPS[kind]
    for side in which:
        path = sides[0].parent / side / name
        path.unlink() if content is None else path.write_bytes(content)
    with pytest.raises((DataError, MissingData)) as raised:
        Scoring(*sides).document()
    assert wrong in str(raised.value) and str(path) in str(raised.value)


def test_partial_scores_what_both_sides_have(sides: tuple[Path, Path]) -> None:
    for name in ("xnli/test-fr.tsv", "xnli/test-de.tsv"):
        (sides[0] / name).unlink()
    told = Scoring(*sides, partial=True).document()
    assert len(told["tasks"]["xnli"]["languages"]) == 13
    assert not told["official"] and not told["tasks"]["xnli"]["official"]
    assert told["tasks"]["pawsx"]["official"]
    assert sum("on one side only" in one for one in told["warnings"]) == 2


# --- the command ---------------------------------------------------------------------------------


def test_the_command_prints_json_or_a_table(full: tuple[Path, Path]) -> None:
    folders = ("--predictions", full[0], "--labels", full[1])
    done = silta("score", *folders, "--json")
    told = json.loads(done.stdout)
    assert done.returncode == 0 and told["schema"] == "silta.xtreme-score/1"
    assert told == Scoring(*full).document()
    assert all(f"warning: {one}" in done.stderr for one in told["warnings"])
    lines = silta("score", *folders).stdout.splitlines()
    assert f"overall         {told['overall']:6.2f}" in lines
    assert (
        f"  fin      accuracy {told['tasks']['tatoeba']['languages']['fin']['accuracy']:.2f}"
        in lines
    )


def test_the_command_refuses(sides: tuple[Path, Path], tmp_path: Path) -> None:
    path = sides[0] / "xnli/test-fi.tsv"
    (sides[0] / "xnli/test-sw.tsv").rename(path)
    gold = ("--labels", sides[1], "--predictions")
    refused(silta("score", *gold, sides[0]), "test-sw.tsv", "1 of 30 files of xnli")
    refused(silta("score", *gold, tmp_path / "no"), str(tmp_path / "no"))
    refused(silta("score", *gold, tmp_path), "a task folder", "xnli")


def test_scoring_starts_without_torch() -> None:
    heavy = "{'torch', 'pandas', 'numpy', 'transformers', 'datasets'} & set(sys.modules)"
    code = (
        f"import sys; from training.engine import scoring; from training import cli; print({heavy})"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(), capture_output=True, text=True
    )
    assert done.stdout == "set()\n", done.stderr
