"""Original files: where they are looked for, how they are read, what is said of broken ones."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from training.catalogue import TASKS
from training.data import files
from training.data.errors import DataError, MissingData

LINE = "1\t{}\t_\tX\t_\t_\t0\troot\t_\t_"


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


def test_treebanks_of_a_language_are_pooled_by_name(tmp_path: Path) -> None:
    for name in ("ftb", "tdt", "pud"):
        write(tmp_path / f"ud/UD_X/fi_{name}-ud-test.conllu.gz", LINE.format(name) + "\n\n")
    write(tmp_path / "ud/UD_X/fro_srcmf-ud-test.conllu", LINE.format("no") + "\n\n")
    rows, paths = files.rows(TASKS["udpos"], "test", "fin", tmp_path)
    assert [row["tokens"][0] for row in rows] == ["ftb", "pud", "tdt"]
    assert len(paths) == 3
    assert files.languages(TASKS["udpos"], "test", tmp_path) == ("fin",)


def test_missing_files_say_what_where_and_how(tmp_path: Path) -> None:
    write(tmp_path / "ud/UD_X/fi_tdt-ud-test.conllu", LINE.format("a"))
    with pytest.raises(MissingData) as caught:
        files.rows(TASKS["udpos"], "test", "hun", tmp_path)
    told = str(caught.value)
    assert "UDPOS test in Hungarian" in told and str(tmp_path / "ud/UD_*/hu_*") in told
    assert "there: fin" in told and "git clone" in told and "--data" in told
    with pytest.raises(MissingData, match="there is none for dev"):
        files.rows(TASKS["xquad"], "dev", "fin", tmp_path)


@pytest.mark.parametrize(
    ("task", "name", "text", "wrong"),
    [
        (
            "sib200",
            "eng_Latn/test.tsv",
            "index_id\tcategory\ttext\n1\tsports\n",
            "test.tsv:2: has 2 col",
        ),
        ("csqa", "dev_rand_split.jsonl", '{"id": 1, "question"', ":1: is not JSON"),
        ("csqa", "dev_rand_split.jsonl", "[]\n", "a JSON object a line"),
        ("csqa", "dev_rand_split.jsonl", '{"question": "x"}\n', "no question.stem"),
        ("squad", "dev-v1.1.json", "{}", "no list 'data'"),
        ("cosmosqa", "valid.csv", 'id,label\n1,"a', "is not CSV"),
    ],
)
def test_corrupt_files_are_named(
    tmp_path: Path, task: str, name: str, text: str, wrong: str
) -> None:
    path = write(tmp_path / TASKS[task].files / name, text)
    split = "test" if task == "sib200" else "dev"
    with pytest.raises(DataError) as caught:
        files.rows(TASKS[task], split, "eng", tmp_path)
    assert str(path) in str(caught.value) and wrong in str(caught.value)


def test_a_cut_archive_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "cls/sib200/eng_Latn/test.tsv.gz", "index_id\tcategory\ttext\n" * 50)
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(DataError, match="cannot be read"):
        files.rows(TASKS["sib200"], "test", "eng", tmp_path)


def test_sides_of_unequal_length_are_refused(tmp_path: Path) -> None:
    write(tmp_path / "tatoeba/v1/tatoeba.fin-eng.fin", "a\nb\n")
    write(tmp_path / "tatoeba/v1/tatoeba.fin-eng.eng", "a\n")
    with pytest.raises(DataError, match="has 2 lines where tatoeba.fin-eng.eng has 1"):
        files.rows(TASKS["tatoeba"], "test", "fin", tmp_path)


def test_only_a_newline_ends_a_row(tmp_path: Path) -> None:
    """Published sentences hold U+2028 and U+0085, which `str.splitlines` takes for line ends."""
    text = "index_id\tcategory\ttext\r\n1\tsports\ta\u2028b\x85c\r\n"
    write(tmp_path / "cls/sib200/fin_Latn/test.tsv", text)
    rows, _ = files.rows(TASKS["sib200"], "test", "fin", tmp_path)
    assert [row["text"] for row in rows] == ["a\u2028b\x85c"]
