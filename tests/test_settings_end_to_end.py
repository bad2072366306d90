"""The shipped matrix of settings, shrunk, from the command to MLflow and to the page."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from commands import ROOT, Done, silta

from training.catalogue.settings import kind, reuses, title
from training.spec import record

pytestmark = pytest.mark.end_to_end

SHIPPED = ROOT / "training" / "matrices" / "settings.yaml"
SMALLER = {"sentences: 1000": "sentences: 60", "steps: 40": "steps: 3, batch: 8"}
SETTINGS = (
    "none",
    "mnli",
    "mnli+squad",
    "mnli+mlm",
    "mixture+mlm",
    "mnli@deu",
    "mnli~shuffled",
    "mlm~mnli",
    "wordorder",
)


class Study:
    """The matrix carried out, its plan and its MLflow records by id."""

    def __init__(self, folder: Path, database: Path) -> None:
        text = SHIPPED.read_text()
        for old, new in SMALLER.items():
            assert old in text
            text = text.replace(old, new)
        self.matrix, self.work = folder / "settings.yaml", folder / "work"
        self.matrix.write_text(text + "languages: [en, fi, hu]\n")
        self.work.mkdir()
        shutil.copy(database, self.work / "mlflow.db")
        self.done: Done = silta("run", self.matrix, "--work", self.work, "--jobs", 1)
        self.plan = json.loads(silta("plan", self.matrix, "--json").stdout)
        self.uri = f"sqlite:///{self.work / 'mlflow.db'}"
        self.records = self.read()

    def read(self) -> dict[str, Any]:
        from mlflow import MlflowClient

        client = MlflowClient(self.uri)
        experiment = client.get_experiment_by_name(record.EXPERIMENT)
        assert experiment is not None, self.done.stderr
        found = client.search_runs([experiment.experiment_id], max_results=500)
        return {run.data.tags[record.ID]: run for run in found}


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> Study:
    return Study(tmp_path_factory.mktemp("settings"), migrated)


def test_every_setting_is_trained_and_measured(study: Study) -> None:
    assert study.done.returncode == 0, study.done.stderr
    assert "trained 17, measured 18" in study.done.stderr
    assert {one["intermediate"] for one in study.plan["evaluations"]} == set(SETTINGS)


def test_mlflow_tells_the_settings_apart(study: Study) -> None:
    runs = [one for one in study.plan["runs"] if one["phase"] == "intermediate"]
    assert [one["task"] for one in runs] == list(SETTINGS[1:])
    for one in runs:
        tags = study.records[one["id"]].data.tags
        assert (tags[record.TASK], tags[record.SETTING]) == (one["task"], kind(one["task"]))
    names = [study.records[one["id"]].info.run_name for one in runs]
    assert len(set(names)) == len(names)
    assert {kind(name) for name in SETTINGS} == {
        "none", "task", "mixture", "mlm-joint", "mixture+mlm-joint", "translated", "shuffled",
        "mlm", "synthetic",
    }  # fmt: skip


def test_cells_that_reuse_the_targets_training_data_are_marked_in_mlflow(study: Study) -> None:
    for one in study.plan["evaluations"]:
        tags = study.records[one["id"]].data.tags
        marked = reuses(one["intermediate"], one["target"])
        assert one["reuses"] == marked and tags[record.REUSES] == str(marked).lower()
        assert tags[record.INTERMEDIATE] == one["intermediate"]
        assert tags[record.SETTING] == kind(one["intermediate"])
    marked = {(o["intermediate"], o["target"]) for o in study.plan["evaluations"] if o["reuses"]}
    assert marked == {(name, "xnli") for name in SETTINGS[1:] if name != "mlm~mnli"}


def test_the_report_names_every_setting(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    from dashboard.place import TRACKING, Place
    from dashboard.snapshot import snapshot

    monkeypatch.delenv(TRACKING, raising=False)
    frame = snapshot(study.uri, Place(study.uri, study.work / "snapshot").directory)
    assert [frame.title(name) for name in SETTINGS[1:]] == [title(name) for name in SETTINGS[1:]]
    assert len({frame.title(name) for name in SETTINGS}) == len(SETTINGS)


def test_the_page_has_a_column_for_every_setting_and_marks_reuse(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    import streamlit
    from streamlit.testing.v1 import AppTest
    from streamlit.util import calc_hash

    from dashboard import app
    from dashboard.place import TRACKING, WORK

    streamlit.cache_resource.clear()
    streamlit.cache_data.clear()
    monkeypatch.setenv(WORK, str(study.work))
    monkeypatch.delenv(TRACKING, raising=False)
    page = AppTest.from_file(str(Path(app.__file__)), default_timeout=60)
    page._page_hash = calc_hash("heatmap")  # its switch_page knows pages of a first run only
    page.query_params["target"] = "xnli"
    monkeypatch.setenv("SILTA_PATIENCE_SECONDS", "120")
    page.run()
    assert not page.exception
    figure = json.loads(page.get("plotly_chart")[0].proto.spec)
    columns = [text.replace("<br>", " ") for text in figure["layout"]["xaxis"]["ticktext"]]
    assert columns == [title(name) for name in SETTINGS[1:]]
    hovers = [text for one in figure["data"] for text in one.get("text") or [] if "seeds" in text]
    reusing = [text for text in hovers if "reuses the target's own training data" in text]
    assert len(hovers) == 3 * 8 and len(reusing) == 3 * 7
    page.selectbox(key="over").select("mlm~mnli").run()
    assert not page.exception
    assert "over MLM as long as MNLI" in "\n".join(str(part.value) for part in page.caption)
