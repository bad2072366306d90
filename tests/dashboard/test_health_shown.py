"""Runs that have learnt nothing: out of every gain, told apart from what is missing, and said."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import pandas as pd
import pytest
from frames_of import after, none, scores
from worlds import World, publish

from dashboard.analysis import answer, coverage
from dashboard.analysis.coverage import MEASURED
from dashboard.analysis.frames import PLAN, ScoreFrame
from dashboard.analysis.gains import gains
from dashboard.analysis.health import AT_CHANCE, WORDS
from dashboard.analysis.intervals import cells
from dashboard.analysis.picture import Choice, picture
from dashboard.figures.heatmap import heatmap, hover
from dashboard.report import markdown
from dashboard.snapshot import load, snapshot
from training.spec import record

LANGUAGES = pd.DataFrame(
    [("fin", "Finnish", "Uralic", "Finnic"), ("hun", "Hungarian", "Uralic", "Ugric")],
    columns=["lang", "language", "family", "genus"],
)
BAD = {"health": "chance"}


def drawn(*rows: dict, nothing_learnt: str = "left out") -> pd.DataFrame:
    """The grid of a picture of these scores, in Finnish only."""
    frame = scores(*rows)
    plan = frame.assign(study="s")[list(PLAN)].drop_duplicates("evaluation")
    table = cells(gains(frame, nothing_learnt=nothing_learnt))
    return coverage.grid(table, plan, LANGUAGES, ["fin"], ["fin"])


def cell(table: pd.DataFrame, task: str = "mnli") -> pd.Series:
    return table[table["lang"].eq("fin") & table["intermediate"].eq(task)].iloc[0]


def test_the_words_are_those_that_training_tags_with() -> None:
    assert set(WORDS) == set(record.DEGENERATE)
    assert record.UNJUDGED not in WORDS and record.HEALTHY not in WORDS


@pytest.mark.parametrize("health", record.DEGENERATE)
@pytest.mark.parametrize("side", ["gain", "baseline"])
def test_a_gain_is_left_out_whichever_side_has_learnt_nothing(side: str, health: str) -> None:
    mine, base = ({"health": health}, {}) if side == "gain" else ({}, {"health": health})
    rows = (none(50, **base), after("mnli", 55, **mine))
    table = gains(scores(*rows)).query("intermediate == 'mnli'").iloc[0]
    assert pd.isna(table["gain"]) and table["at_chance"]
    assert (table["baseline"], table["value"]) == (50, 55)  # what was measured stays in sight
    kept = gains(scores(*rows), nothing_learnt="included").query("intermediate == 'mnli'").iloc[0]
    assert kept["gain"] == 5 and kept["at_chance"]


@pytest.mark.parametrize("health", [record.HEALTHY, record.UNJUDGED])
def test_what_was_not_judged_counts(health: str) -> None:
    frame = scores(none(50, health=health), after("mnli", 55, health=health))
    for one in (frame, frame.drop(columns="health"), frame.assign(health=None)):
        table = gains(one).query("intermediate == 'mnli'")
        assert table["gain"].tolist() == [5] and not table["at_chance"].any()


def test_a_missing_side_is_missing_and_not_at_chance() -> None:
    table = gains(scores(after("mnli", 55, **BAD)))
    assert table["gain"].isna().all() and not table["at_chance"].any()


def test_seeds_that_learnt_something_make_the_cell() -> None:
    rows = [none(50, "1"), none(50, "2", **BAD), after("mnli", 54, "1"), after("mnli", 90, "2")]
    table = drawn(*rows)
    found = cell(table)
    assert (found["gain"], found["seeds"], found["planned"], found["at_chance"]) == (4, 1, 2, 1)
    assert found["state"] == MEASURED and found["unpaired"] == 0
    assert "1 with some runs at chance" in coverage.caption(table)
    assert "1 of 2 seeds at chance (without it: score at chance)" in hover(dict(found))


def test_a_cell_without_any_learnt_seed_is_at_chance_and_says_why() -> None:
    table = drawn(none(50, **BAD), after("mnli", 49.2, health="constant"), after("squad", 56))
    assert table["state"].eq(AT_CHANCE).sum() == 2  # squad too: its baseline learnt nothing
    told = hover(dict(cell(table)))
    assert "no gain, left out: 50.0 without it, 49.2 with it" in told
    assert "0 of 1 seeds, 100 items" in told and "1 of 1 seeds at chance" in told
    assert "after it: one answer for everything; without it: score at chance" in told
    assert coverage.caption(table).startswith("0 of 4 cells measured; 2 left out, at chance;")


def test_the_finding_says_so_instead_of_a_gain() -> None:
    table = drawn(none(50, **BAD), after("mnli", 49), after("squad", 56))
    assert answer.headline(table, "fin") == "Finnish: at chance"
    told = answer.sentence(table, "fin")
    assert "2 of 2 cells are at chance" in told and "learnt nothing" in told
    some = drawn(none(50), after("mnli", 49, **BAD), after("squad", 56))
    assert answer.headline(some, "fin") == "Finnish +6.0"
    assert answer.sentence(some, "fin").endswith("1 more left out, at chance.")


def test_the_picture_marks_what_is_left_out_and_what_is_included() -> None:
    rows = (none(50, **BAD), after("mnli", 49), after("squad", 56))
    marks = [one.name for one in heatmap(drawn(*rows)).data if one.name]
    assert "at chance (2)" in marks and "some runs at chance" not in marks
    kept = drawn(*rows, nothing_learnt="included")
    marks = [one.name for one in heatmap(kept).data if one.name]
    assert "some runs at chance" in marks and "at chance (2)" not in marks
    assert cell(kept, "squad")["gain"] == 6 and cell(kept, "squad")["state"] == MEASURED


LOST = World(
    targets=("xnli",),
    intermediates=("none", "mnli", "squad"),
    health={("none", "xnli"): "ok", ("mnli", "xnli"): "chance", ("squad", "xnli"): "ok"},
)


@pytest.fixture(scope="module")
def lost(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[ScoreFrame, Path]:
    """A study of which MNLI's runs are at chance, through MLflow, and its snapshot's folder."""
    folder = tmp_path_factory.mktemp("lost")
    uri = f"sqlite:///{shutil.copy(migrated, folder / 'mlflow.db')}"
    publish(uri, folder, LOST)
    return snapshot(uri, folder / "snapshot"), folder


def test_the_tag_arrives_in_the_frame_and_in_the_table(lost: tuple[ScoreFrame, Path]) -> None:
    frame, _ = lost
    told = frame.evaluations.groupby("intermediate")["health"].unique()
    assert {task: list(one) for task, one in told.items()} == {
        "mnli": ["chance"],
        "none": ["ok"],
        "squad": ["ok"],
    }
    choice = Choice("demo", "xnli", "nano", "accuracy", "test")
    table, _ = picture(frame, choice, lambda _: pd.DataFrame({"lang": []}))
    rows = table.assign(**dataclasses.asdict(choice))
    page = markdown(rows, frame.title)
    assert page.count(AT_CHANCE) >= 3 and "That is 8 of 16 cells." in page
    assert all(
        row["state"] == AT_CHANCE for _, row in table.query("intermediate=='mnli'").iterrows()
    )


def test_an_old_snapshot_without_the_column_is_read_on(lost: tuple[ScoreFrame, Path]) -> None:
    _, folder = lost
    uri, kept = f"sqlite:///{folder / 'mlflow.db'}", folder / "old"
    snapshot(uri, kept)
    (file,) = kept.glob("evaluations-*.parquet")
    pd.read_parquet(file).drop(columns="health").to_parquet(file, index=False)
    old = load(kept)
    assert old is not None and set(old.evaluations["health"]) == set(old.scores["health"]) == {""}
    fresh = snapshot(uri, kept, full=True)
    assert set(fresh.evaluations["health"]) == {"chance", "ok"}
