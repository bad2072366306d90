"""What was read bit by bit is what a reading of everything gives, whatever happened in between."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from direct import Direct
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from worlds import DEMO, World, measure

from dashboard import shelf
from dashboard.analysis.coding import written
from dashboard.analysis.frames import ScoreFrame
from dashboard.place import Place
from dashboard.snapshot import load, snapshot, update
from training.spec import record

Act = Callable[[sqlite3.Connection, int], None]


def runs(base: sqlite3.Connection, stage: str = "active") -> list[str]:
    """The evaluations, the first that ended first."""
    query = (
        "select r.run_uuid from runs r join tags t on t.run_uuid = r.run_uuid and t.key = ? and"
        " t.value = 'evaluation' where r.lifecycle_stage = ? order by r.end_time, r.run_uuid"
    )
    return [run for (run,) in base.execute(query, (record.KIND, stage))]


def of(base: sqlite3.Connection, query: str, which: int, stage: str = "active") -> None:
    """Do something to one evaluation."""
    if there := runs(base, stage):
        base.execute(query, (there[which % len(there)],))


END = "update runs set end_time = (select max(end_time) from runs) + 1 where run_uuid = ?"
EARLY = "update runs set end_time = end_time - 500 where run_uuid = ?"
DELETE = "update runs set lifecycle_stage = 'deleted' where run_uuid = ?"
RESTORE = "update runs set lifecycle_stage = 'active' where run_uuid = ?"
SCORED = "update latest_metrics set value = value / 2 where run_uuid = ?"
UNSCORED = "delete from latest_metrics where run_uuid = ?"
ACTS: dict[str, Act] = {
    "one more": lambda base, which: more(base, World().evaluation("nano", "xnli", "ccg", which)),
    "another one of an id that is there": lambda base, which: more(base, DONE[which % len(DONE)]),
    "ended anew": lambda base, which: of(base, END, which),
    "ended anew, with other scores": lambda base, which: [
        of(base, query, which) for query in (SCORED, END)
    ],
    "ended anew, without scores": lambda base, which: [
        of(base, query, which) for query in (UNSCORED, END)
    ],
    "ended earlier": lambda base, which: of(base, EARLY, which),
    "deleted": lambda base, which: of(base, DELETE, which),
    "restored": lambda base, which: of(base, RESTORE, which, "deleted"),
    "nothing": lambda base, which: None,
}


DONE = [row for row in DEMO.evaluations() if DEMO.state(row) == "done"]


def more(base: sqlite3.Connection, row: Mapping[str, Any]) -> None:
    """Measure something into a record of its own."""
    base.commit()
    ((path,),) = base.execute("select file from pragma_database_list where name = 'main'")
    with closing(Direct(f"sqlite:///{path}")) as client:
        found = client.get_experiment_by_name(record.EXPERIMENT)
        assert found is not None
        measure(client, found.experiment_id, DEMO, row, shift=0.1)


def same(one: ScoreFrame, other: ScoreFrame) -> None:
    for name in ("evaluations", "plan", "trainings", "planned_runs"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), obj=name)
    pd.testing.assert_frame_equal(written(one.scores), written(other.scores), obj="scores")
    for frame in (one, other):
        coded = frame.scores.columns[frame.scores.dtypes.eq("category")]
        assert all(frame.scores[name].cat.categories.is_monotonic_increasing for name in coded)


STEPS = st.lists(
    st.lists(st.tuples(st.sampled_from(list(ACTS)), st.integers(0, 99)), max_size=3), max_size=3
)


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(few=st.sampled_from([0.0, 0.3, 9.0]), steps=STEPS)
def test_bit_by_bit_or_at_once(
    published: Path, tmp_path_factory: pytest.TempPathFactory, few: float, steps: list
):
    folder = tmp_path_factory.mktemp("steps")
    uri = f"sqlite:///{shutil.copy(published, folder / 'mlflow.db')}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(update, "FEW", few)
        frame = snapshot(uri, folder / "kept")
        for step in steps:
            with closing(sqlite3.connect(folder / "mlflow.db")) as base, base:
                for name, which in step:
                    ACTS[name](base, which)
            frame = snapshot(uri, folder / "kept", before=frame)
        apart = load(folder / "kept")
        assert apart is not None
        same(frame, apart)
        same(frame, snapshot(uri, folder / "anew"))


def test_what_came_last_is_put_below_without_the_rest_being_read(
    place: Place, monkeypatch: pytest.MonkeyPatch
):
    frame = snapshot(place.tracking_uri, place.directory)
    table, path = shelf.table, place.tracking_uri.removeprefix("sqlite:///")

    def spared(directory: Path, told: dict, name: str) -> pd.DataFrame:
        assert name != "values", "the many scores were read"
        return table(directory, told, name)

    monkeypatch.setattr(update, "FEW", 0.5)
    monkeypatch.setattr(shelf, "table", spared)
    for turn in range(3):
        with closing(sqlite3.connect(path)) as base, base:
            more(base, World().evaluation("nano", "xnli", "ccg", turn))
        later = snapshot(place.tracking_uri, place.directory, before=frame)
        assert later.files["values"] == frame.files["values"]
        assert later.files["recent"] != frame.files["recent"] and later.read == 1
        frame = later
    monkeypatch.undo()
    same(frame, snapshot(place.tracking_uri, place.directory / "anew"))
