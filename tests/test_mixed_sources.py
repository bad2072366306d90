"""One matrix that mixes hub-layout folders, local files and the miniature, from end to end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commands import silta
from hub_layout import copied, made

MATRIX = """
study: mixed
source: [files, hub, {kind: miniature, seed: 3, sentences: 64}]
sources:
  pawsx: {kind: miniature, seed: 4, sentences: 64}
scales: [nano]
intermediates: [csqa]
targets: [panx, tatoeba, pawsx]
seeds: [1]
languages: [en, fi, hu]
recipe: {intermediate: {steps: 2}, target: {steps: 2}}
"""
ORDER = "files,hub,miniature/seed=3/sentences=64"


def prepared(data: Path) -> None:
    """CommonsenseQA and PAN-X as hub copies, Tatoeba as published."""
    copied(data, "csqa", "eng", ("train", "dev"), "disk")
    copied(data, "panx", "eng", ("train", "dev", "test"), "parquet")
    for lang in ("fin", "hun"):
        copied(data, "panx", lang, ("dev", "test"), "parquet")
        folder = data / "tatoeba" / "v1"
        folder.mkdir(parents=True, exist_ok=True)
        rows = made("tatoeba", "test", lang)
        for code, column in ((lang, "source_sentence"), ("eng", "target_sentence")):
            text = "".join(row[column].strip() + "\n" for row in rows)
            (folder / f"tatoeba.{lang}-eng.{code}").write_text(text, encoding="utf-8")


@pytest.mark.end_to_end
def test_one_matrix_of_three_kinds_of_sources(tmp_path: Path, mlflow_uri: str) -> None:
    data, work = tmp_path / "data", tmp_path / "work"
    prepared(data)
    matrix = tmp_path / "mixed.yaml"
    matrix.write_text(MATRIX)
    given = ("--work", work, "--data", data, "--tracking-uri", mlflow_uri)
    done = silta("run", matrix, *given, "--jobs", 1, HF_HUB_OFFLINE="1")
    assert done.returncode == 0, done.stderr
    read = {}
    for path in (work / "runs").glob("*/run.json"):
        told = json.loads(path.read_text())
        assert told["source"] == (ORDER if "pawsx" not in path.parent.name else ORDER_OF_PAWSX)
        parts = told["provenance"]["data"].items()
        read |= {part: one.split()[1] for part, one in parts if not part.endswith("/notes")}
    assert read == {
        "csqa/train/eng": "files",
        "panx/train/eng": "files",
        **{f"panx/{split}/{lang}": "files" for split in ("dev", "test") for lang in LANGUAGES},
        **{f"tatoeba/test/{lang}": "files" for lang in ("fin", "hun")},
        "pawsx/train/eng": ORDER_OF_PAWSX,
        **{f"pawsx/{s}/{lang}": ORDER_OF_PAWSX for s in ("dev", "test") for lang in LANGUAGES},
    }
    again = silta("run", matrix, *given, HF_HUB_OFFLINE="1")
    assert "nothing to train" in again.stderr


ORDER_OF_PAWSX = "miniature/seed=4/sentences=64"
LANGUAGES = ("eng", "fin", "hun")
