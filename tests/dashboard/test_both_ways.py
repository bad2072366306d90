"""A database read itself, and the same through mlflow's client: one snapshot, first and later."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from mlflow import MlflowClient
from worlds import DEMO, World, measure, train

from dashboard.analysis.frames import ScoreFrame
from dashboard.place import Place
from dashboard.snapshot import connect, snapshot
from dashboard.snapshot.rest import Rest
from dashboard.snapshot.sql import Sql
from training.spec import record

TABLES = ("scores", "evaluations", "plan", "trainings", "planned_runs", "costs", "contrasts")


def both(place: Place, monkeypatch: pytest.MonkeyPatch) -> tuple[ScoreFrame, ScoreFrame]:
    """(by SQL, by REST), each kept in a folder of its own."""
    told = []
    for way, direct in ((Sql, True), (Rest, False)):
        with monkeypatch.context() as patched:
            if not direct:
                patched.setattr(connect, "readable", lambda uri: False)
            assert type(connect.source(place.tracking_uri)) is way
            folder: Path = place.directory / way.__name__
            told.append(snapshot(place.tracking_uri, folder))
    return told[0], told[1]


def each(frame: ScoreFrame, name: str) -> pd.DataFrame:
    found: pd.DataFrame = frame.scores if name == "scores" else getattr(frame, name)
    return found


def same(one: ScoreFrame, other: ScoreFrame) -> None:
    for name in TABLES:
        left, right = (each(frame, name) for frame in (one, other))
        assert len(left) or name == "costs", name
        pd.testing.assert_frame_equal(left, right, obj=name)


def test_a_first_and_a_later_reading_are_the_same_either_way(
    place: Place, monkeypatch: pytest.MonkeyPatch
):
    before = both(place, monkeypatch)
    same(*before)
    server = MlflowClient(place.tracking_uri)
    experiment = server.get_experiment_by_name(record.EXPERIMENT).experiment_id
    measure(server, experiment, DEMO, World().evaluation("nano", "xnli", "hellaswag", 1))
    late = next(one for one in DEMO.trainings() if one["id"] == "run-xnli-nano-hellaswag-1")
    train(server, experiment, DEMO, late, state="running")
    lost = before[0].evaluations.iloc[3]
    server.delete_run(lost["run_id"])
    after = both(place, monkeypatch)
    same(*after)
    for frame in after:
        assert len(frame.evaluations) == len(before[0].evaluations)
        assert lost["evaluation"] not in set(frame.scores["evaluation"])
        assert "running" in set(frame.trainings["state"])
