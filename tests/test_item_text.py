"""Text of data sets whose licence forbids passing it on reaches no server, snapshot or report."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from commands import silta
from hub_layout import copied, made
from typer.testing import CliRunner

from dashboard import cli, snapshot
from training.catalogue import TASKS
from training.data.saved import folder
from training.engine.licence import passed_on, sendable
from training.engine.store import ITEMS
from training.spec.record import ITEM_COLUMNS

MATRIX = """
study: strict
source: hub
scales: [nano]
intermediates: [none, csqa]
targets: [multiwikiqa, bucc]
seeds: [1]
languages: [en, de]
recipe: {intermediate: {steps: 1}, target: {steps: 1}}
"""


def prepared(data: Path) -> list[str]:
    """The miniature's rows as copies of the hub's, which makes them somebody's; their texts."""
    from datasets import Dataset, DatasetDict

    for name in ("csqa", "squad"):
        copied(data, name, "eng", ("train", "dev"), "parquet")
    copied(data, "bucc", "deu", ("test",), "disk")
    rows = {lang: made("xquad", "test", lang) for lang in ("eng", "deu")}
    for lang, found in rows.items():
        place = folder(TASKS["multiwikiqa"].hub[0], lang, data)
        DatasetDict({"train": Dataset.from_list(found)}).save_to_disk(str(place))
    told = [one[key] for found in rows.values() for one in found for key in ("context", "question")]
    for lang in ("eng", "deu"):
        told += [
            one[key] for one in made("xnli", "test", lang) for key in ("premise", "hypothesis")
        ]
    (bucc,) = made("bucc", "test", "deu")
    return [text for text in [*told, *bucc["sentence1"], *bucc["sentence2"]] if len(text) > 12]


def said(path: Path) -> str:
    """All that a file holds, as text."""
    if path.suffix == ".parquet":
        return str(pd.read_parquet(path).to_csv())
    return path.read_bytes().decode(errors="replace")


@pytest.mark.end_to_end
def test_no_text_leaves_the_store(tmp_path: Path, mlflow_uri: str) -> None:
    data, work = tmp_path / "data", tmp_path / "work"
    texts = prepared(data)
    matrix = tmp_path / "strict.yaml"
    matrix.write_text(MATRIX)
    given = ("--work", work, "--data", data, "--tracking-uri", mlflow_uri)
    done = silta("run", matrix, *given, "--jobs", 1)
    assert done.returncode == 0, done.stderr

    store = sorted(work.glob("runs/evaluation-multiwikiqa-*/items.parquet"))
    answers = pd.concat(map(pd.read_parquet, store))["gold"]
    assert len(store) == 2 and answers.str.len().min() > 2, "the store keeps them"

    frame = snapshot.snapshot(mlflow_uri, work / "snapshot")
    read = snapshot.items(mlflow_uri, work / "snapshot", frame)
    assert all(len(read(one)) for one in frame.evaluations["evaluation"])
    report = CliRunner().invoke(
        cli.app, ["report", "--work", str(work), "--tracking-uri", mlflow_uri]
    )
    assert report.exit_code == 0, report.output

    server = Path(mlflow_uri.removeprefix("sqlite:///"))
    places = [server.parent / "mlartifacts", work / "mlartifacts", work / "snapshot"]
    files = [server, *(path for one in places for path in one.rglob("*") if path.is_file())]
    tables = [path for path in files if path.name == ITEMS]
    assert len(tables) == 4
    heard = report.output + "\n".join(map(said, files))
    assert "multiwikiqa" in heard
    assert not [text for text in texts if text in heard]
    spans = [one for one in map(pd.read_parquet, tables) if one["gold"].isna().all()]
    assert len(spans) == 2 and all(one["prediction"].isna().all() for one in spans)
    golds = {text for one in answers for text in json.loads(one)}
    assert not any(golds & set(one.astype(str).to_numpy().ravel()) for one in spans)


SECRET = "salaisuus"
OWN = {
    "xnli": {"gold": "entailment"},
    "udpos": {"gold": "NOUN VERB"},
    "bucc": {"gold": "en-000000001"},
    "multiwikiqa": {"gold": json.dumps([SECRET]), "prediction": SECRET},
}
"""What else an item of each family holds."""


@pytest.mark.parametrize("name", OWN)
@pytest.mark.parametrize("source", ["files", "hub", "files,miniature/seed=3/sentences=64"])
def test_what_may_be_sent_of_items(tmp_path: Path, name: str, source: str) -> None:
    own = OWN[name]
    row = dict.fromkeys(ITEM_COLUMNS) | {"item_id": "1", "text": SECRET, "score": 1.0} | own
    pd.DataFrame([row]).to_parquet(tmp_path / ITEMS)
    document = {"target": name, "source": source}
    with sendable(tmp_path, document) as path:
        assert path.name == ITEMS and SECRET not in said(path)
        sent = pd.read_parquet(path)
    assert list(sent["score"]) == [1.0] and list(sent["item_id"]) == ["1"]
    assert name == "multiwikiqa" or list(sent["gold"]) == [own["gold"]]
    assert SECRET in said(tmp_path / ITEMS)
    with sendable(tmp_path, document | {"artificial": True}) as path:
        assert SECRET in said(path), "generated text is nobody's"


def test_what_was_measured_before_is_judged_by_its_source() -> None:
    task, world = TASKS["multiwikiqa"], "miniature/seed=3/sentences=64"
    assert passed_on(task, {"source": world}) and not passed_on(task, {"source": f"hub,{world}"})
    assert passed_on(TASKS["squad"], {"source": "hub"})
