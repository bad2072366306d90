"""The snapshot against a real MLflow: what is read, what is read again, what stays whole."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from mlflow import MlflowClient
from worlds import DEMO, World, items, measure, publish

from dashboard.analysis import contrast
from dashboard.analysis.frames import SCORES
from dashboard.analysis.selecting import EVERYTHING
from dashboard.place import Place
from dashboard.snapshot import Unreachable, load, looks, snapshot
from training.spec import record


def read(place: Place, full: bool = False):
    return snapshot(place.tracking_uri, place.directory, full)


def client(place: Place) -> tuple[MlflowClient, str]:
    made = MlflowClient(place.tracking_uri)
    return made, made.get_experiment_by_name(record.EXPERIMENT).experiment_id


def run_of(place: Place, evaluation: str) -> str:
    server, experiment = client(place)
    return server.search_runs([experiment], f"tags.`{record.ID}` = '{evaluation}'")[0].info.run_id


def done() -> list[dict]:
    return [row for row in DEMO.evaluations() if DEMO.state(row) == "done"]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything was logged within the last minutes: no overlap, so that what is read counts."""
    monkeypatch.setattr(looks, "OVERLAP", 0)


def test_everything_logged_is_read_once(place: Place):
    frame = read(place)
    assert list(frame.scores.columns) == list(SCORES)
    assert set(frame.evaluations["evaluation"]) == {row["id"] for row in done()}
    assert frame.read == len(done())
    row = frame.scores.query(
        "evaluation == 'evaluation-xnli-nano-mnli-2' and lang == 'fin' and split == 'test'"
    ).iloc[0]
    asked = next(one for one in done() if one["id"] == "evaluation-xnli-nano-mnli-2")
    logged = items(DEMO, asked, 0.0).query("lang == 'fin' and split == 'test'")["score"]
    assert row["value"] == pytest.approx(100 * logged.mean())
    assert (row["n"], row["intermediate_seed"], row["target_seed"]) == (60, "2", "2")
    assert bool(row["reuses"]) and row["source"].startswith("miniature")
    assert (row["language"], row["family"], row["script"]) == ("Finnish", "Uralic", "Latn")


def test_the_plan_tells_failed_from_not_run(place: Place):
    frame = read(place)
    assert frame.studies() == ["demo"]
    scores, plan = frame.scored("demo"), frame.planned("demo")
    states = plan.query("target == 'xnli'").groupby("intermediate")["state"].unique()
    assert states["squad"].tolist() == ["failed"]
    assert states["hellaswag"].tolist() == ["not run"]
    assert states["mnli"].tolist() == ["done"]
    assert len(plan) == len(DEMO.evaluations()) and len(scores) == len(frame.scores)
    bare = plan.query("target == 'tatoeba' and intermediate == 'none'").iloc[0]
    assert (bare["intermediate_seed"], bare["target_seed"], bare["run"]) == ("", "", "")


def test_the_contrast_of_the_plan_is_kept_and_renewed(place: Place):
    named = contrast.named(read(place), "demo")
    assert named == contrast.Contrast("first", "squad", "none", "tatoeba", ("nano",), (), False)
    server, experiment = client(place)
    run = server.search_runs([experiment], f"tags.`{record.KIND}` = 'study'")[0].info.run_id
    plan = {"runs": [], "evaluations": done(), "contrast": None}
    server.log_dict(run, plan, record.PLAN_ARTIFACT)
    assert contrast.named(read(place), "demo") is None
    del plan["contrast"]  # a plan from before contrasts were told
    server.log_dict(run, plan, record.PLAN_ARTIFACT)
    frame = read(place)
    assert frame.studies() == ["demo"] and frame.contrasts.empty


def test_a_second_reading_reads_only_what_is_new(
    place: Place, quick: None, monkeypatch: pytest.MonkeyPatch
):
    first = read(place)
    asked: list[str] = []
    search = MlflowClient.search_runs

    def counted(self, *args, **more):
        found = search(self, *args, **more)
        asked.extend(run.info.run_id for run in found)
        return found

    monkeypatch.setattr(MlflowClient, "search_runs", counted)
    again = read(place)
    assert again.read == 0 and len(asked) < 5  # the study, and what ended in the last millisecond
    pd.testing.assert_frame_equal(again.scores, first.scores)
    server, experiment = client(place)
    extra = World().evaluation("nano", "xnli", "hellaswag", 1)
    measure(server, experiment, DEMO, extra)
    third = read(place)
    assert third.read == 1 and len(third.evaluations) == len(first.evaluations) + 1


def test_a_deleted_run_disappears_and_a_restored_one_returns(place: Place, quick: None):
    before = read(place)
    run = run_of(place, "evaluation-xnli-nano-mnli-1")
    server, _ = client(place)
    server.delete_run(run)
    without = read(place)
    assert "evaluation-xnli-nano-mnli-1" not in set(without.evaluations["evaluation"])
    assert run not in set(without.scores["run_id"])
    server.restore_run(run)
    after = read(place)
    assert set(after.evaluations["evaluation"]) == set(before.evaluations["evaluation"])
    assert len(after.scores) == len(before.scores)


def test_of_two_runs_of_one_evaluation_the_later_counts_until_it_is_deleted(place: Place):
    before = read(place)
    server, experiment = client(place)
    row = next(one for one in done() if one["id"] == "evaluation-xnli-nano-mnli-1")
    run = measure(server, experiment, DEMO, row, shift=-0.3)
    after = read(place)
    assert len(after.evaluations) == len(before.evaluations)
    assert run in set(after.scores["run_id"])
    server.delete_run(run)
    pd.testing.assert_frame_equal(read(place).scores, before.scores)


def test_an_unfinished_run_is_not_read(place: Place):
    server, experiment = client(place)
    tags = {record.KIND: "evaluation", record.ID: "evaluation-half"}
    made = server.create_run(experiment, tags=tags)
    server.log_metric(made.info.run_id, "test/fin/accuracy", 3.0)
    assert "evaluation-half" not in set(read(place).evaluations["evaluation"])


def test_a_run_that_ended_long_ago_and_came_late_is_found(place: Place, quick: None):
    """`publish` may send what another machine finished yesterday: the plan knows it is done."""
    read(place)
    server, experiment = client(place)
    late = World(study="late", targets=("xnli",), intermediates=("ccg",), seeds=(1,))
    row = late.evaluations()[0]
    run = measure(server, experiment, late, row)
    server.set_terminated(run, end_time=1000)
    study = server.create_run(experiment, tags={record.KIND: "study", record.STUDY: "late"})
    server.log_dict(study.info.run_id, {"runs": [], "evaluations": [row]}, record.PLAN_ARTIFACT)
    server.log_dict(study.info.run_id, {row["id"]: "done"}, record.STATE_ARTIFACT)
    server.set_terminated(study.info.run_id)
    frame = read(place)
    assert row["id"] in set(frame.evaluations["evaluation"])
    assert frame.studies() == ["late", "demo"]


def test_a_rebuilt_server_is_read_anew(place: Place, migrated: Path, work: Path, tmp_path: Path):
    read(place)
    (work / "mlflow.db").write_bytes(migrated.read_bytes())
    small = replace(DEMO, targets=("tatoeba",), seeds=(1,))
    publish(place.tracking_uri, tmp_path, small)
    frame = read(place)
    assert set(frame.evaluations["target"]) == {"tatoeba"}
    assert len(frame.evaluations) == len(small.evaluations())


def test_another_address_or_schema_is_read_anew(place: Place, work: Path, quick: None):
    read(place)
    meta = work / "snapshot" / "meta.json"
    told = json.loads(meta.read_text())
    meta.write_text(json.dumps(told | {"schema": "silta.snapshot/0"}))
    assert load(place.directory) is None
    assert read(place).read == len(done())
    meta.write_text(json.dumps(json.loads(meta.read_text()) | {"uri": "elsewhere"}))
    assert read(place).read == len(done())
    assert read(place).read == 0
    assert read(place, full=True).read == len(done())


def test_without_a_study_all_evaluations_stand_together(place: Place):
    server, experiment = client(place)
    for run in server.search_runs([experiment], f"tags.`{record.KIND}` = 'study'"):
        server.delete_run(run.info.run_id)
    frame = read(place)
    assert frame.studies() == [EVERYTHING]
    scores, plan = frame.scored(EVERYTHING), frame.planned(EVERYTHING)
    assert len(plan) == len(done()) and len(scores) == len(frame.scores)


def test_an_unpublished_plan_does_not_stop_the_reading(place: Place):
    server, experiment = client(place)
    server.create_run(experiment, tags={record.KIND: "study", record.STUDY: "torn"})
    assert "demo" in read(place).studies()


def test_a_server_that_is_away_leaves_the_last_snapshot(place: Place, monkeypatch):
    before = read(place)
    with pytest.raises(Unreachable, match="127.0.0.1:9.* cannot be read"):
        snapshot("http://127.0.0.1:9", place.directory)
    kept = load(place.directory)
    assert kept is not None
    pd.testing.assert_frame_equal(kept.scores, before.scores)


def test_a_database_that_is_gone_or_broken_is_said(place: Place, work: Path):
    read(place)
    (work / "mlflow.db").unlink()
    with pytest.raises(Unreachable, match="no database"):
        read(place)
    assert not (work / "mlflow.db").exists()  # a reader never makes one
    (work / "mlflow.db").write_text("not a database, not at all")
    with pytest.raises(Unreachable, match="not a database"):
        read(place)


def test_a_database_file_that_was_replaced_is_read(place: Place, work: Path, migrated: Path):
    """`rm -r work; make demo` while the dashboard is open."""
    assert len(read(place).evaluations)
    (work / "mlflow.db").unlink()
    (work / "mlflow.db").write_bytes(migrated.read_bytes())
    assert read(place).evaluations.empty


def test_a_work_directory_without_a_database_is_empty(tmp_path: Path):
    frame = snapshot(f"sqlite:///{tmp_path}/mlflow.db", tmp_path / "snapshot")
    assert frame.studies() == [] and frame.scores.empty
    assert list(tmp_path.iterdir()) == []


def test_a_database_without_our_experiment_is_empty(mlflow_uri: str, tmp_path: Path):
    frame = snapshot(mlflow_uri, tmp_path / "snapshot")
    assert frame.studies() == [] and frame.read == 0
    assert snapshot(mlflow_uri, tmp_path / "snapshot").studies() == []


def test_a_password_is_nowhere(tmp_path: Path):
    with pytest.raises(Unreachable) as told:
        snapshot("http://me:secret@127.0.0.1:9", tmp_path)
    assert "secret" not in str(told.value) and "me:***@" in str(told.value)
