"""Text of data sets whose licence forbids passing it on reaches no server, snapshot or page."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from hub_layout import made

from dashboard import snapshot
from training.catalogue import TASKS
from training.data.rows import read
from training.engine.evaluate import document, table
from training.engine.licence import passed_on, sendable
from training.engine.runtime import Runtime
from training.engine.store import ITEMS, SCORES, Store, write_json
from training.engine.study import publish_all
from training.families.span import scored
from training.spec.evaluation import Evaluation
from training.spec.record import ITEM_COLUMNS

TASK = TASKS["multiwikiqa"]
EVALUATION = Evaluation("target-squad-0123456789ab", "nano", TASK.name, "hub")
PLACE = {"intermediate": "none", "intermediate_seed": None, "target_seed": 1, "mlm": None}


def said(path: Path) -> str:
    """All that a file holds, as text."""
    if path.suffix == ".parquet":
        return str(pd.read_parquet(path).to_csv())
    return path.read_bytes().decode(errors="replace")


def measured(work: Path) -> tuple[list[str], set[str]]:
    """A stored evaluation whose every answer is right; its texts and its answers."""
    rows = {lang: made("xquad", "test", lang) for lang in ("eng", "deu")}
    cells = []
    for lang, found in rows.items():
        examples = read(TASK, found, lang, "hub").examples
        right = [one.answers[0][0] for one in examples]
        cells.append(("test", lang, scored(TASK, examples, right, {})))
    store = Store(work)
    own = PLACE | {"reuses": True, "artificial": False}
    path = store.begin(EVALUATION.id, EVALUATION.document() | own)
    write_json(path / SCORES, document(EVALUATION, cells))  # type: ignore[arg-type]
    table(cells, TASK.redistribute).to_parquet(path / ITEMS)  # type: ignore[arg-type]
    store.finish(EVALUATION.id)
    told = [one[key] for found in rows.values() for one in found for key in ("context", "question")]
    return told, {
        text for found in rows.values() for one in found for text in one["answers"]["text"]
    }


def test_no_text_leaves_the_store(tmp_path: Path, mlflow_uri: str) -> None:
    texts, answers = measured(tmp_path)
    stored = pd.read_parquet(Store(tmp_path).path(EVALUATION.id) / ITEMS)
    assert set(stored["prediction"]) == answers, "the store keeps what is to be kept back"
    assert publish_all(Runtime(tmp_path)) == (1, None)
    frame = snapshot.snapshot(mlflow_uri, tmp_path / "snapshot")
    items = snapshot.items(mlflow_uri, tmp_path / "snapshot", frame)(EVALUATION.id)
    assert len(items) == len(stored) and items["score"].eq(1.0).all()

    server = Path(mlflow_uri.removeprefix("sqlite:///"))
    places = [server.parent / "mlartifacts", tmp_path / "snapshot"]
    files = [server, *(path for one in places for path in one.rglob("*") if path.is_file())]
    heard = "\n".join(map(said, files))
    assert EVALUATION.id in heard and not [text for text in texts if text in heard]
    (sent,) = [pd.read_parquet(path) for path in files if path.name == ITEMS]
    assert len(sent) == len(stored) and sent[["gold", "prediction"]].isna().all(axis=None)
    assert not answers & set(sent.astype(str).to_numpy().ravel())


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
    told = {"target": name, "source": source}
    with sendable(tmp_path, told) as path:
        assert path.name == ITEMS and SECRET not in said(path)
        sent = pd.read_parquet(path)
    assert list(sent["score"]) == [1.0] and list(sent["item_id"]) == ["1"]
    assert name == "multiwikiqa" or list(sent["gold"]) == [own["gold"]]
    assert SECRET in said(tmp_path / ITEMS)
    with sendable(tmp_path, told | {"artificial": True}) as path:
        assert SECRET in said(path), "generated text is nobody's"


def test_what_was_measured_before_is_judged_by_its_source() -> None:
    world = "miniature/seed=3/sentences=64"
    assert passed_on(TASK, {"source": world}) and not passed_on(TASK, {"source": f"hub,{world}"})
    assert passed_on(TASKS["squad"], {"source": "hub"})
