"""Grids across tasks, targets and scales; the order of rows; which marks survive a correction."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from frames_of import after, none, scores
from scipy import stats
from worlds import World, publish

from dashboard.analysis import shapes
from dashboard.analysis.coverage import ABSENT, MEASURED
from dashboard.analysis.frames import PLAN, ScoreFrame
from dashboard.analysis.gains import gains
from dashboard.analysis.intervals import cells
from dashboard.analysis.picture import Choice, behind, paired, picture
from dashboard.analysis.significance import marked
from dashboard.figures.heatmap import heatmap
from dashboard.snapshot import items, snapshot

WORLD = World(
    study="two",
    scales=("nano", "micro"),
    targets=("xnli", "pawsx"),
    intermediates=("none", "mnli"),
    languages=("eng", "fin", "hun", "deu"),
)


@pytest.fixture(scope="module")
def told(migrated: Path, tmp_path_factory: pytest.TempPathFactory):
    """(frame, reader of items) of two scales and two targets."""
    folder = tmp_path_factory.mktemp("shapes")
    uri = f"sqlite:///{folder / 'mlflow.db'}"
    (folder / "mlflow.db").write_bytes(migrated.read_bytes())
    publish(uri, folder, WORLD)
    frame = snapshot(uri, folder / "snapshot")
    return frame, items(uri, folder / "snapshot", frame)


@pytest.mark.parametrize("shape", ["targets", "scales"])
def test_every_cell_is_that_of_its_own_picture(told, shape: str):
    frame, reader = told
    choice = Choice("two", "xnli", "nano", "accuracy", "test")
    table = shapes.grid(frame, choice, reader, shape, "mnli")
    column = shapes.SHAPES[shape]
    assert list(dict.fromkeys(table[column])) == list(getattr(WORLD, f"{column}s"))
    assert not table.duplicated(["lang", column]).any()
    for one in getattr(WORLD, f"{column}s"):
        mine = table[table[column].eq(one)].set_index("lang")
        alone, _ = picture(frame, Choice(**vars(choice) | {column: one}), reader)
        alone = alone[alone["intermediate"].eq("mnli")].set_index("lang")
        for name in ("gain", "low", "high", "seeds"):
            pd.testing.assert_series_equal(
                mine[name].reindex(alone.index), alone[name], check_dtype=False
            )
    assert set(table["intermediate"]) == {"mnli"}


@pytest.mark.parametrize("shape", shapes.SHAPES)
def test_without_items_the_same_cells_have_intervals_over_seeds(told, shape: str):
    frame, reader = told
    choice = Choice("two", "xnli", "nano", "accuracy", "test")
    asked = (choice, reader, shape, "mnli")
    table, whole = shapes.grid(frame, choice, None, shape, "mnli"), shapes.grid(frame, *asked)
    pd.testing.assert_series_equal(table["gain"], whole["gain"])
    pairs = paired(frame, choice)
    alone = cells(pairs).set_index(["lang", "intermediate"])
    mine = table[table["target"].eq("xnli") & table["scale"].eq("nano") & table["gain"].notna()]
    for row in mine.to_dict("records"):
        cell = alone.loc[(row["lang"], row["intermediate"])]
        assert (row["low"], row["high"]) == pytest.approx((cell["low"], cell["high"]), nan_ok=True)
        rows = behind(frame, choice, row["lang"], row["intermediate"])
        assert rows["gain"].mean() == pytest.approx(row["gain"])


def test_a_target_without_a_language_says_so(told):
    frame, reader = told
    choice = Choice("two", "xnli", "nano", "accuracy", "test")
    table = shapes.grid(frame, choice, reader, "targets", "mnli")
    states = table.set_index(["lang", "target"])["state"]
    assert states["fin", "pawsx"] == ABSENT and states["fin", "xnli"] == MEASURED
    drawn = heatmap(table, across="target")
    assert [tuple(one) for one in drawn.data[-1].customdata][:2] == [
        ("fin", "xnli"),
        ("fin", "pawsx"),
    ]


def grid(**gain: float) -> pd.DataFrame:
    about = {
        "fin": ("Finnish", "Uralic", "agglutinative"),
        "hun": ("Hungarian", "Uralic", "agglutinative"),
        "deu": ("German", "Indo-European", "fusional"),
        "tur": ("Turkish", "Turkic", "agglutinative"),
        "eng": ("English", "Indo-European", "analytic"),
    }
    rows = [
        (lang, *about[lang], "g", value, MEASURED if pd.notna(value) else "not run")
        for lang, value in gain.items()
    ]
    names = ["lang", "language", "family", "morphology", "genus", "gain", "state"]
    return pd.DataFrame(rows, columns=names)


@pytest.mark.parametrize(
    ("by", "order"),
    [
        ("family", ["fin", "hun", "eng", "deu", "tur"]),
        ("morphology", ["fin", "hun", "tur", "eng", "deu"]),
        ("gain", ["fin", "hun", "deu", "tur", "eng"]),
    ],
)
def test_rows_are_sorted_below_the_pinned_ones(by: str, order: list[str]):
    table = grid(eng=np.nan, tur=1.0, deu=3.0, hun=-1.0, fin=-2.0)
    table["genus"] = table["lang"].map({"eng": "A", "deu": "B"}).fillna("z")
    assert list(shapes.arranged(table, by)["lang"]) == order


def seeded(*gains_by_task: tuple[str, list[float]]) -> pd.DataFrame:
    rows = [none(50, str(seed)) for seed in range(5)]
    for task, values in gains_by_task:
        rows += [after(task, 50 + gain, str(seed)) for seed, gain in enumerate(values)]
    pairs = gains(scores(*rows))
    pairs = pairs[pairs["intermediate"].ne("none")]
    return cells(pairs)


def test_p_is_that_of_the_t_test_and_agrees_with_the_interval():
    values = [1.0, 2.0, 0.5, 1.5, 0.8]
    table = seeded(("mnli", values), ("squad", [0.1, -0.1, 0.2, -0.3, 0.0]))
    told = marked(table).set_index("intermediate")
    assert told.loc["mnli", "p"] == pytest.approx(stats.ttest_1samp(values, 0).pvalue)
    assert (told["p"].lt(0.05) == told["sure"]).all()
    assert told["sure"].tolist() == [True, False]


def test_a_correction_takes_marks_away_and_never_adds_one():
    many = [(f"t{i}", list(np.random.default_rng(i).normal(0.6, 0.8, 5))) for i in range(12)]
    table = seeded(*many)
    plain, holm, bh = (marked(table, one)["sure"] for one in ("none", "holm", "benjamini-hochberg"))
    assert plain.sum() > bh.sum() >= holm.sum()
    assert (plain | ~bh).all() and (bh | ~holm).all()


def test_a_cell_without_interval_is_neither_marked_nor_counted():
    table = seeded(("mnli", [1.0, 1.1, 1.2, 0.9, 1.0]))
    table = pd.concat(
        [table, table.assign(gain=3.0, low=np.nan, high=np.nan, p=np.nan, interval_over=None)]
    )
    told = marked(table.reset_index(drop=True), "holm")
    assert told["sure"].tolist() == [True, False] and set(told["tests"]) == {1}


def test_a_frame_without_anything_is_an_empty_grid():
    plan = pd.DataFrame([{name: "" for name in PLAN} | {"study": "s", "target": "xnli"}])
    frame = ScoreFrame(plan=plan.assign(intermediate="none"))
    table = shapes.grid(frame, Choice("s", "xnli", "", "score", "test"), lambda _: plan)
    assert table.empty
