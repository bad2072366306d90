"""Formats with a token a line, and BUCC's tarballs: known files, line by line."""

from __future__ import annotations

from pathlib import Path

import pytest

from training.catalogue import LANGUAGES, TASKS
from training.data import files, sources
from training.data.errors import DataError
from training.data.origin import faults
from training.data.tokens import entities, nerkor, turku

FINNISH, HUNGARIAN = LANGUAGES["fin"], LANGUAGES["hun"]
COLUMNS = "# global.columns = FORM LEMMA CONLL:NER\n"


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_pan_x_words_follow_the_first_colon_and_may_be_empty(tmp_path: Path) -> None:
    path = write(tmp_path / "fi/test", "fi:a:b\tO\nfi:\tO\nfi: \tB-LOC\n\nfi:c\tO\n\n")
    first, second = entities(path, FINNISH)
    assert first["tokens"] == ["a:b", "", ""] and first["ner_tags"] == ["O", "O", "B-LOC"]
    assert (first["id"], second["id"]) == ("fi/test/0", "fi/test/1")
    assert (first.lines, second.lines) == ((1, 2, 3), (5,))


@pytest.mark.parametrize("line", ["en:a\tO", "fi:a O", "a\tO", "fi a\tO"])
def test_pan_x_lines_of_another_form(tmp_path: Path, line: str) -> None:
    path = write(tmp_path / "test", f"fi:a\tO\n{line}\n\nfi:b\tO\n\n")
    rows = list(entities(path, FINNISH))
    assert [one.row for one in faults(rows)] == [2]
    assert [row["tokens"] for row in rows if row.fault is None] == [["b"]]


def test_turku_documents_are_no_sentences(tmp_path: Path) -> None:
    path = write(tmp_path / "test.tsv", "-DOCSTART-\tO\n\na\tB-PRO\n\n-DOCSTART-\tO\n\nb\tO\n\n")
    assert [row["tokens"] for row in turku(path, FINNISH)] == [["a"], ["b"]]


def test_nerkor_names_its_columns(tmp_path: Path) -> None:
    path = write(tmp_path / "a.conllup", f"{COLUMNS}Pest\tPest\tB-LOC\n\nPest\tB-LOC\n\n")
    good, bad = nerkor(path, HUNGARIAN)
    assert (good["tokens"], good["ner_tags"]) == (["Pest"], ["B-LOC"])
    assert bad.fault and bad.fault.row == 4 and "3 columns" in bad.fault.todo
    path = write(tmp_path / "b.conllup", "Pest\tPest\tB-LOC\n\n")
    assert [one.row for one in faults(nerkor(path, HUNGARIAN))] == [1]


def test_a_file_that_ends_inside_a_sentence(tmp_path: Path) -> None:
    path = write(tmp_path / "test.tsv", "a\tO\nb\tO\n")
    assert "middle of a sentence" in str(faults(turku(path, FINNISH))[0])
    assert faults(turku(path, FINNISH))[0].row == 2


def tarball(root: Path, gold: str = "de-1\ten-2\n", german: str = "de-1\tEins.\n") -> Path:
    folder = root / "bucc2018/de-en"
    write(folder / "de-en.sample.de", german)
    write(folder / "de-en.sample.en", "en-1\tTwo.\nen-2\tOne.\n")
    write(folder / "de-en.sample.gold", gold)
    return folder


def test_bucc_from_its_tarballs(tmp_path: Path) -> None:
    """Its sample is XTREME's dev, its training set XTREME's test."""
    tarball(tmp_path)
    assert files.languages(TASKS["bucc"], "dev", tmp_path) == ("deu",)
    assert files.languages(TASKS["bucc"], "test", tmp_path) == ()
    (made,) = sources.rows(TASKS["bucc"], "dev", "deu", "files", tmp_path).read.examples
    assert (made.foreign, made.english) == (("Eins.",), ("Two.", "One."))
    assert made.gold == {(0, 1)} and made.english_ids == ("en-1", "en-2")


@pytest.mark.parametrize(
    ("told", "wrong"),
    [
        ({"gold": "de-1\ten-2\nde-1\ten-9\n"}, "de-en.sample.gold:2: pairs 'de-1' with 'en-9'"),
        ({"german": "de-1\tEins.\nde-1\tZwei.\n"}, "de-en.sample.de:2: repeats the id 'de-1'"),
        ({"german": "de-1\tEins.\nde-2\n"}, "de-en.sample.de:2: has 1 columns"),
    ],
)
def test_bucc_that_does_not_fit_together(tmp_path: Path, told: dict[str, str], wrong: str) -> None:
    folder = tarball(tmp_path, **told)
    with pytest.raises(DataError) as caught:
        sources.rows(TASKS["bucc"], "dev", "deu", "files", tmp_path)
    assert str(caught.value).startswith(f"{folder}/{wrong}")


def test_one_file_in_two_copies_is_refused(tmp_path: Path) -> None:
    """Plain and gzipped would be read twice; so would one file under two names."""
    import gzip

    path = write(
        tmp_path / "cls/sib200/fin_Latn/test.tsv", "index_id\tcategory\ttext\n1\tsports\ta\n"
    )
    other = path.with_name("test.tsv.gz")
    other.write_bytes(gzip.compress(path.read_bytes()))
    with pytest.raises(DataError, match="is there twice, plain and gzipped"):
        files.rows(TASKS["sib200"], "test", "fin", tmp_path)
    other.unlink()
    copied = write(path.with_name("test.tsv.old"), path.read_text())
    with pytest.raises(DataError, match=f"{copied}:2: repeats the id '1' of line 2 of {path};"):
        sources.rows(TASKS["sib200"], "test", "fin", "files", tmp_path)
