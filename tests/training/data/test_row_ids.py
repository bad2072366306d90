"""Ids of rows: apart where data sets are pooled, and no two alike."""

from __future__ import annotations

from typing import Any

import pytest

from training.catalogue import TASKS
from training.data.errors import DataError
from training.data.rows import Read, read


def made(task: str, rows: list[dict[str, Any]]) -> Read:
    return read(TASKS[task], rows, "eng", f"{task}.jsonl", parallel=False)


def nli(**more: object) -> dict[str, Any]:
    return {"premise": "It rains.", "hypothesis": "It is wet.", "label": 0, **more}


def test_pooled_data_sets_keep_their_ids_apart() -> None:
    found = made("anli", [nli(part="anli", uid="7"), nli(part="glue", idx=7)])
    assert [one.id for one in found.examples] == ["anli:7", "glue:7"]


def test_repeated_ids_are_refused_but_where_they_are_published() -> None:
    row = {"id": "s1", "tokens": ["a"], "pos_tags": ["X"]}
    with pytest.raises(DataError, match="row 2: repeats the id 's1' of row 1"):
        made("udpos", [row, row])
    asked = {"id": "7", "context": "In Oulu.", "question": "?"}
    rows = [asked | {"answers": {"text": ["Oulu"], "answer_start": [3]}}] * 2
    assert [one.id for one in made("multiwikiqa", rows).examples] == ["7", "7~2"]
    pooled = [nli(part="anli", uid="7"), nli(part="anli", uid="7")]
    assert [one.id for one in made("anli", pooled).examples] == ["anli:7", "anli:7~2"]
