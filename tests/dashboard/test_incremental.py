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
from dashboard.snapshot import folding, load, snapshot
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
    for scores in (one.scores, other.scores):
        coded = scores.columns[scores.dtypes.eq("category")]
        assert all(scores[name].cat.categories.is_monotonic_increasing for name in coded)


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
        patch.setattr(folding, "FEW", few)
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


def test_what_did_not_change_is_neither_read_nor_joined_again(place: Place):
    frame = snapshot(place.tracking_uri, place.directory)
    path = place.tracking_uri.removeprefix("sqlite:///")
    for turn in range(3):
        tables = {target: frame.held.target(target) for target in frame.held.parts}
        with closing(sqlite3.connect(path)) as base, base:
            more(base, World().evaluation("nano", "xnli", "ccg", turn))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(folding, "FEW", 0.5)
            later = snapshot(place.tracking_uri, place.directory, before=frame)
        assert later.read == 1
        changed = {name for name in frame.files if frame.files[name] != later.files[name]}
        assert changed == {"evaluations", "recent"}
        for target, table in tables.items():
            assert (later.held.target(target) is table) == (target != "xnli")
        frame = later
    same(frame, snapshot(place.tracking_uri, place.directory / "anew"))


def test_a_target_that_much_came_of_is_written_anew_alone(place: Place):
    frame = snapshot(place.tracking_uri, place.directory)
    path = place.tracking_uri.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path)) as base, base:
        for seed in range(40, 60):
            more(base, World().evaluation("nano", "xnli", "ccg", seed))
    later = snapshot(place.tracking_uri, place.directory, before=frame)
    changed = {name for name in frame.files if frame.files[name] != later.files[name]}
    written = {name for name in changed if name.startswith("scores")}
    meta = shelf.meta(place.directory)
    assert meta is not None and written == {meta["many"]["xnli"][0]}
    same(later, snapshot(place.tracking_uri, place.directory / "anew"))


def test_a_frame_reads_what_it_is_of_though_others_have_replaced_it(
    place: Place, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(shelf, "GRACE", -1.0)
    frame = snapshot(place.tracking_uri, place.directory)
    was = snapshot(place.tracking_uri, place.directory / "beside")
    with closing(sqlite3.connect(place.tracking_uri.removeprefix("sqlite:///"))) as base, base:
        base.execute("update latest_metrics set value = value / 2")
    now = snapshot(place.tracking_uri, place.directory, full=True)
    assert not (place.directory / next(iter(frame.files.values()))).exists()
    same(frame, was)
    assert now.scores["value"].sum() < frame.scores["value"].sum()


def test_a_file_that_is_spoilt_where_nobody_looked_yet_is_read_anew(place: Place):
    snapshot(place.tracking_uri, place.directory)
    for path in place.directory.glob("scores*.parquet"):
        content = bytearray(path.read_bytes())
        content[4:600] = bytes(596)
        path.write_bytes(content)
    frame = load(place.directory)
    assert frame is not None
    with pytest.raises(shelf.Spoilt, match="damaged, and will be read anew"):
        _ = frame.scores
    assert load(place.directory) is None
    same(
        snapshot(place.tracking_uri, place.directory),
        snapshot(place.tracking_uri, place.directory / "anew"),
    )
