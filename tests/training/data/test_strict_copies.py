"""Copies of hub data sets and the files beyond XTREME, spoilt: the message names file and row."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hub_layout import copied
from typer.testing import CliRunner

from training.catalogue import TASKS
from training.cli import app
from training.data import sources
from training.data.errors import DataError
from training.data.saved import folder
from training.spec.task import Split

CSQA = TASKS["csqa"]


def parquet(data: Path, name: str, split: Split, rows: list[dict[str, Any]]) -> Path:
    """A hub data set's split in English as one parquet file."""
    from datasets import Dataset

    one = TASKS[name].hub[0]
    path = folder(one, "eng", data) / f"{one.splits[split]}-00000-of-00001.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    Dataset.from_list(rows).to_parquet(str(path))
    return path


def refused(data: Path, name: str, split: Split = "dev") -> str:
    with pytest.raises(DataError) as caught:
        sources.rows(TASKS[name], split, "eng", "hub", data)
    return str(caught.value)


def asked(number: int, **more: Any) -> dict[str, Any]:
    choices = {"label": list("AB"), "text": ["ä", "b"]}
    return {"id": f"n{number}", "question": "?", "choices": choices, "answerKey": "A"} | more


@pytest.mark.parametrize("kept", [3, 0.5, 0.98])
def test_a_cut_parquet_file_is_named(tmp_path: Path, kept: float) -> None:
    path = parquet(tmp_path, "csqa", "dev", [asked(i) for i in range(30)])
    whole = path.read_bytes()
    path.write_bytes(whole[: int(kept if kept > 1 else kept * len(whole))])
    message = refused(tmp_path, "csqa")
    assert message.startswith(f"{path}: cannot be read") and "cut or damaged" in message


def test_rows_of_a_copy_are_counted_from_one(tmp_path: Path) -> None:
    rows = [asked(i, **({"answerKey": "Z"} if i in (3, 5) else {})) for i in range(9)]
    parquet(tmp_path, "csqa", "dev", rows)
    message = refused(tmp_path, "csqa")
    assert "validation, row 4: column 'answerKey' holds 'Z'" in message
    assert "(2 malformed rows in this file: 4, 6)" in message
    rows = [asked(i if i != 7 else 2) for i in range(9)]
    parquet(tmp_path, "csqa", "dev", rows)
    assert "validation, row 8: repeats the id 'n2' of row 3" in refused(tmp_path, "csqa")


def test_offsets_of_a_copy_are_put_right_and_counted(tmp_path: Path) -> None:
    """Several copies on the hub moved contexts: reference/tasks.md tells to repair them."""
    answers = {"text": ["Oulu"], "answer_start": [5]}
    row = {"id": "1", "context": "In Oulu.", "question": "?", "answers": answers}
    parquet(tmp_path, "squad", "dev", [row])
    found = sources.rows(TASKS["squad"], "dev", "eng", "hub", tmp_path).read
    assert found.examples[0].answers == (("Oulu", 3),) and sum(found.repaired.values()) == 1


def test_the_command_ends_with_2(tmp_path: Path) -> None:
    copied(tmp_path, "csqa", "eng", ("train",), "parquet")
    parquet(tmp_path, "csqa", "dev", [asked(1), asked(1)])
    matrix = tmp_path / "matrix.yaml"
    matrix.write_text(
        "study: s\nsource: hub\nscales: [small]\nintermediates: [csqa]\ntargets: [tatoeba]\n"
        "sources: {tatoeba: {kind: miniature, seed: 3, sentences: 64}}\nseeds: [1]\n"
    )
    given = ["run", str(matrix), "--data", str(tmp_path), "--work", str(tmp_path / "work")]
    told = CliRunner().invoke(app, given)
    assert told.exit_code == 2, (told.output, told.exception)
    assert "repeats the id 'n1' of row 1" in told.stderr and "Traceback" not in told.output


def files(data: Path, name: str, path: str, text: str) -> Path:
    made = data / TASKS[name].files / path
    made.parent.mkdir(parents=True, exist_ok=True)
    made.write_text(text, encoding="utf-8")
    return made


def broken(data: Path, name: str, lang: str) -> str:
    with pytest.raises(DataError) as caught:
        sources.rows(TASKS[name], "test", lang, "files", data)
    return str(caught.value)


def test_a_list_that_holds_something_else(tmp_path: Path) -> None:
    rows: list[Any] = [{"id": str(i), "Sent": "Ő.", "label": "1"} for i in range(4)]
    rows[2] = "nothing"
    path = files(tmp_path, "hucola", "cola_dev.json", json.dumps(rows))
    assert f"{path}, row 3: holds 'nothing', which is no object" in broken(
        tmp_path, "hucola", "hun"
    )


def test_emotions_whose_last_line_is_cut(tmp_path: Path) -> None:
    whole = "Hyvä.\t5\nÄh.\t1\nEi.\t3\n"
    path = files(tmp_path, "xed", "AnnotatedData/fi-annotated.tsv", whole[:-1])
    assert f"{path}:3: the file ends in the middle" in broken(tmp_path, "xed", "fin")


def test_news_of_other_lengths_or_with_a_gap(tmp_path: Path) -> None:
    files(tmp_path, "ntrex", "newstest2019-src.eng.txt", "One.\nTwo.\nThree.\n")
    path = files(tmp_path, "ntrex", "newstest2019-ref.fin.txt", "Yksi.\nKaksi.\n")
    assert f"{path}:2: is the last line" in broken(tmp_path, "ntrex", "fin")
    files(tmp_path, "ntrex", "newstest2019-ref.fin.txt", "Yksi.\n\nKolme.\n")
    assert f"{path}:2: holds no sentence" in broken(tmp_path, "ntrex", "fin")
