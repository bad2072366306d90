"""`silta morphology` as a user runs it; the dashboard reads what it writes."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import refused, silta

from dashboard.analysis import measures
from training.data import morphology

TOKENIZER = Path(morphology.__file__).parents[1] / "miniature/encoders/tokenizer"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "stories"
    path.mkdir()
    (path / "fin.txt").write_text("Talo on suuri.\nPuu kaatui taloon.\n", encoding="utf-8")
    (path / "eng.txt").write_text("The house is big.\nA tree fell on it.\n", encoding="utf-8")
    return path


def test_a_table_is_written_and_read(folder: Path, tmp_path: Path):
    out = tmp_path / "new" / "m.csv"
    done = silta("morphology", folder, "--tokenizer", TOKENIZER, "--out", out)
    assert done.returncode == 0, done.stderr
    assert "text: stories, 2 lines in 2 languages" in done.stdout
    assert f"12 rows in {out}" in done.stdout and "warning" not in done.stderr
    told = measures.read(out).set_index(["lang", "measure"])
    assert told.at[("eng", "premium"), "value"] == 1
    length = (4 + 2 + 5 + 3 + 6 + 6) / 6
    assert told.at[("fin", "word_length"), "value"] == pytest.approx(length, abs=5e-5)
    assert measures.basis(measures.read(out), "fertility").startswith("stories, tokenizer tok")


def test_texts_that_are_not_parallel(folder: Path):
    (folder / "hun.txt").write_text("A ház nagy.\n", encoding="utf-8")
    asked = ("morphology", folder, "--tokenizer", TOKENIZER)
    refused(silta(*asked), "not parallel", "hun.txt has 1")
    done = silta(*asked, "--not-parallel")
    assert done.returncode == 0 and "their genre differs" in done.stderr
    refused(silta(*asked, "--languages", "fin,xyz"), "unknown language 'xyz'")
