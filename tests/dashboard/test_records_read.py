"""What pages read beside scores: trainings, plans, texts, sweeps, curves, recipes."""

from __future__ import annotations

import pandas as pd
import pytest
from mlflow import MlflowClient
from world_items import STEPS
from world_items import items as made
from worlds import COMMIT, DEMO, train

from dashboard import snapshot as module
from dashboard.analysis.frames import PLANNED_RUN, TRAINING, ScoreFrame
from dashboard.place import Place
from dashboard.snapshot import curves, recipe, snapshot, sweep, texts
from training.spec import record

RUN, FAILED = "run-xnli-nano-mnli-1", "run-xnli-nano-squad-1"


@pytest.fixture
def frame(place: Place) -> ScoreFrame:
    return snapshot(place.tracking_uri, place.directory)


def client(place: Place) -> tuple[MlflowClient, str]:
    made = MlflowClient(place.tracking_uri)
    return made, made.get_experiment_by_name(record.EXPERIMENT).experiment_id


def training(frame: ScoreFrame, run: str) -> pd.Series:
    return frame.trainings.set_index("run").loc[run]


def test_trainings_are_told_with_lineage_and_outcome(frame: ScoreFrame):
    assert tuple(frame.trainings.columns) == TRAINING
    ran = [one["id"] for one in DEMO.trainings() if DEMO.state(one["of"]) != "not run"]
    assert set(ran) <= set(frame.trainings["run"])
    done = training(frame, RUN)
    assert (done["phase"], done["task"], done["scale"]) == ("target", "xnli", "nano")
    assert (done["seed"], done["parent"], done["state"]) == ("1", "run-mnli-nano-1", "done")
    assert (done["health"], done["reason"], done["commit"]) == ("ok", "", COMMIT)
    assert done["tokens_per_second"] == 1000 + STEPS  # the last that was logged
    assert 0 < done["started"] <= done["ended"]
    lost = training(frame, FAILED)
    assert (lost["state"], lost["reason"]) == ("failed", "RuntimeError: out of memory")


def test_evaluations_tell_their_commit(frame: ScoreFrame):
    assert set(frame.evaluations["commit"]) == set(frame.scores["commit"]) == {COMMIT}


def test_the_forest_of_a_plan_has_every_training_with_its_state(frame: ScoreFrame):
    assert tuple(frame.planned_runs.columns) == PLANNED_RUN
    assert list(frame.planned_runs["run"]) == [one["id"] for one in DEMO.trainings()]
    forest = frame.planned_runs.set_index("run")
    states = forest["state"]
    assert (states[RUN], states[FAILED]) == ("done", "failed")
    assert states["run-xnli-nano-hellaswag-1"] == "not run"
    parents = forest["parent"]
    assert parents[RUN] == "run-mnli-nano-1" and parents[parents[RUN]].startswith("mlm-")
    assert parents[parents[parents[RUN]]] == ""


def test_a_running_training_is_seen_at_once_and_renewed(place: Place, frame: ScoreFrame):
    """The study told its states when it began; the training tells its own."""
    server, experiment = client(place)
    late = next(one for one in DEMO.trainings() if one["id"] == "run-xnli-nano-hellaswag-1")
    run = train(server, experiment, DEMO, late, state="running")
    now = snapshot(place.tracking_uri, place.directory)
    assert training(now, late["id"])["state"] == "running"
    assert pd.isna(training(now, late["id"])["ended"])
    assert now.planned_runs.set_index("run").at[late["id"], "state"] == "running"
    point = len(curves(place, now)(late["id"]))
    server.log_metric(run, "train/loss", 0.25, step=STEPS + 1)
    assert len(curves(place, now)(late["id"])) == point + 1  # of what runs nothing is kept
    server.set_tag(run, record.STATE, "failed")
    server.set_tag(run, record.REASON, "ValueError: no")
    server.set_terminated(run, "FAILED")
    then = snapshot(place.tracking_uri, place.directory)
    assert tuple(training(then, late["id"])[["state", "reason"]]) == ("failed", "ValueError: no")
    plan = then.plan.set_index("evaluation")
    assert plan.at["evaluation-xnli-nano-hellaswag-1", "state"] == "failed"
    assert len(then.trainings) == len(frame.trainings) + 1


def test_a_deleted_training_disappears(place: Place, frame: ScoreFrame):
    server, _ = client(place)
    server.delete_run(training(frame, RUN)["run_id"])
    now = snapshot(place.tracking_uri, place.directory)
    assert RUN not in set(now.trainings["run"]) and len(now.scores) == len(frame.scores)


def test_texts_are_the_items_as_they_were_sent(place: Place, frame: ScoreFrame):
    row = next(one for one in DEMO.evaluations() if one["id"] == "evaluation-xnli-nano-mnli-1")
    found = texts(place, frame)(row["id"])
    assert tuple(found.columns) == record.ITEM_COLUMNS
    expected = made(DEMO, row, 0.0)
    pd.testing.assert_frame_equal(found, expected, check_dtype=False)
    assert found["text"].str.startswith("fin test").any()
    unknown = texts(place, frame)("evaluation-unknown")
    assert unknown.empty and tuple(unknown.columns) == record.ITEM_COLUMNS


def test_a_sweep_is_there_for_retrieval_alone(place: Place, frame: ScoreFrame):
    read = sweep(place, frame)
    found = read("evaluation-tatoeba-nano-mnli-1")
    assert tuple(found.columns) == record.SWEEP_COLUMNS
    assert set(found["layer"]) == {0, 1, 2} and set(found["lang"]) == set(DEMO.languages)
    assert read("evaluation-xnli-nano-mnli-1").empty


def test_a_curve_is_read_point_by_point_and_kept(place: Place, frame: ScoreFrame):
    found = curves(place, frame)(RUN)
    assert list(found.columns) == ["metric", "step", "time", "value"]
    loss = found[found["metric"].eq("train/loss")]
    assert loss["step"].tolist() == list(range(1, STEPS + 1))
    assert loss["time"].is_monotonic_increasing and loss["value"].iloc[-1] < loss["value"].iloc[0]
    assert found.set_index("metric").at["dev/eng/accuracy", "value"] == 60.0
    pd.testing.assert_frame_equal(curves(place, frame, offline=True)(RUN), found)
    assert curves(place, frame)("run-unknown").empty


def test_a_recipe_has_every_knob_and_where_it_was_trained(place: Place, frame: ScoreFrame):
    told = recipe(place, frame)(RUN)
    assert (told["lr"], told["batch"], told["freeze"]) == (2e-5, 32, "embeddings")
    assert told["source"] == DEMO.source and told["parent"] == "run-mnli-nano-1"
    assert told["provenance.packages.torch"] == "2.13.0"
    assert recipe(place, frame, offline=True)(RUN) == told
    assert recipe(place, frame)("run-unknown") == {}


def test_without_its_document_a_recipe_is_mlflows_parameters(place: Place):
    server, experiment = client(place)
    one = DEMO.trainings()[0]
    tags = {record.KIND: "training", record.ID: "run-bare", record.PHASE: one["phase"]}
    run = server.create_run(experiment, tags=tags).info.run_id
    server.log_param(run, "lr", 0.5)
    server.set_terminated(run)
    now = snapshot(place.tracking_uri, place.directory)
    assert recipe(place, now)("run-bare") == {"lr": "0.5"}
    assert training(now, "run-bare")["state"] == "done"
    assert pd.isna(training(now, "run-bare")["tokens_per_second"])


def test_offline_nothing_is_asked(place: Place, frame: ScoreFrame):
    for reader in (texts, sweep):
        assert reader(place, frame, offline=True)("evaluation-tatoeba-nano-mnli-1").empty
    assert curves(place, frame, offline=True)(RUN).empty
    assert recipe(place, frame, offline=True)(RUN) == {}
    assert module.items(place.tracking_uri, place.directory, frame, offline=True)("x").empty
