"""The pages of targets, retrieval and coverage, without a browser: they show the analysis.

Longer than 250 lines because three pages are opened and read by the same helpers.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from mlflow import MlflowClient
from pages_of import Open, array, made
from streamlit.testing.v1 import AppTest
from worlds import DEMO, World

from dashboard.analysis import completion, resolution, sweeps
from dashboard.analysis.maintable import main_table
from dashboard.analysis.published import COLUMNS
from dashboard.analysis.results import gathered
from dashboard.place import PUBLISHED, Place
from dashboard.snapshot import items, snapshot, sweep
from training.spec import record

THREE = ("targets", "retrieval", "coverage")


def words(page: AppTest) -> str:
    """Of the page itself; the sidebar of every page says what the study lacks."""
    main = page.main
    parts = [*main.title, *main.markdown, *main.caption, *main.info, *main.error, *main.warning]
    parts += page.sidebar.warning
    return "\n".join(str(part.value) for part in parts).replace("\u00a0", " ").replace("\\", "")


def figures(page: AppTest) -> list[dict[str, Any]]:
    return [json.loads(one.proto.spec) for one in page.get("plotly_chart")]


def written(figure: dict[str, Any]) -> dict[tuple[str, str], str]:
    """Of a matrix: (column, row) of the overlay -> the number that stands there."""
    texts = {}
    for trace in figure["data"]:
        if trace.get("mode") == "text":
            for x, y, text in zip(array(trace["x"]), array(trace["y"]), trace["text"], strict=True):
                texts[round(x, 3), round(y, 3)] = text
    cells = figure["data"][-1]
    places = zip(array(cells["x"]), array(cells["y"]), cells["customdata"], strict=True)
    return {tuple(data): texts.get((round(x, 3), round(y, 3)), "") for x, y, data in places}


def number(text: str) -> float:
    return float(text.replace("−", "-")) if text else float("nan")


@pytest.fixture(scope="module")
def demo(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """The demo study, for tests that only look at it: one snapshot serves them all."""
    work = tmp_path_factory.mktemp("demo")
    shutil.copy(published, work / "mlflow.db")
    return Place(f"sqlite:///{work / 'mlflow.db'}", work / "snapshot")


@pytest.fixture(scope="module")
def opened_before() -> dict[tuple[Any, ...], AppTest]:
    """What `look` has opened."""
    return {}


@pytest.fixture
def look(open_alone: Open, demo: Place, opened_before: dict[tuple[Any, ...], AppTest]) -> Open:
    """`look("coverage", margin="5")`: a page over the demo study, opened once for all who read."""

    def run(name: str, **query: str) -> AppTest:
        key = (name, *sorted(query.items()))
        if key not in opened_before:
            opened_before[key] = open_alone(name, demo.directory.parent, **query)
        return opened_before[key]

    return run


# the main table


def test_the_main_table_on_the_page_is_that_of_the_analysis(look: Open, demo: Place):
    page = look("targets", scale="nano")
    assert not page.exception
    frame = snapshot(demo.tracking_uri, demo.directory)
    table = main_table(gathered(frame, "demo", "test", "none", None, scale="nano"))
    told = written(figures(page)[0])
    assert len(told) == len(table)
    for row in table.to_dict("records"):
        value = row["value"] if row["own"] else row["gain"]
        seen = number(told[row["column"], row["intermediate"]])
        assert seen == pytest.approx(value, abs=0.051, nan_ok=True), row
    assert "mean of 3 XTREME tasks" in str(told) and "mean of 2 without retrieval" in str(told)


def test_both_averages_stand_in_the_lead_and_common_cells_only_on_request(
    look: Open,
):
    told = words(look("targets", scale="nano"))
    assert "By the mean of 3 XTREME tasks the best single task is **MNLI**" in told
    assert "without retrieval" in told and "3 not run" not in told and "1 failed" in told
    assert "An average is missing where one of its targets is" in told
    same = words(look("targets", common="1"))
    assert "cells of a target and a language that every intermediate task has" in same


def test_comparisons_choices_and_published_figures_have_their_tables(look: Open):
    page = look("targets", scale="nano")
    tables = [one.value for one in page.dataframe]
    kinds = [list(one.columns)[0] for one in tables]
    assert kinds == ["intermediate", "comparison", "target", "target"]
    theirs = tables[-1]
    assert theirs["source"].str.startswith("published [").all() and theirs["ours"].isna().all()
    told = words(page)
    assert "oracle looks at labelled dev text" in told
    assert "They are of scale" in told and "which this study does not measure" in told


def mine(path: Path, **changes: str) -> Path:
    row = dict(
        source="<script>alert(1)</script>", scale="nano", intermediate="none", target="xnli",
        lang="", split="test", metric="accuracy", kind="score", value="77.7", protocol="zero-shot",
    )  # fmt: skip
    pd.DataFrame([row | changes], columns=list(COLUMNS)).to_csv(path, index=False)
    return path


def test_figures_of_ones_own_stand_beside_and_never_in_an_average(
    open_alone: Open, look: Open, demo: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    bare = written(figures(look("targets", scale="nano"))[0])
    monkeypatch.setenv(PUBLISHED, str(mine(tmp_path / "mine.csv")))
    page = open_alone("targets", demo.directory.parent)
    figure = figures(page)[0]
    assert written(figure) == bare
    texts = [one for one in figure["data"] if one.get("mode") == "text" and "customdata" in one]
    assert texts[0]["text"] == ["77.7"] and "<script>" not in json.dumps(figure)
    assert any("[1]" in name for name in figure["layout"]["yaxis"]["ticktext"])


def test_a_wrong_file_of_figures_is_told_and_the_page_stands(
    open_alone: Open, demo: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(PUBLISHED, str(mine(tmp_path / "mine.csv", value="many")))
    page = open_alone("targets", demo.directory.parent)
    assert not page.exception and "a value that is no number" in words(page)
    assert figures(page)


# retrieval


def test_layers_on_the_page_are_those_of_the_analysis(look: Open, demo: Place):
    page = look("retrieval", task="squad", vectors="centred")
    assert not page.exception
    frame = snapshot(demo.tracking_uri, demo.directory)
    ours = frame.evaluations[frame.evaluations["target"].eq("tatoeba")]
    table = sweeps.swept(ours, sweep(demo, frame))
    curves = sweeps.curves(table, "test", "accuracy")
    some = curves[curves["centred"].astype(bool) & curves["pooling"].eq("mean")]
    picture = figures(page)[0]
    lines = {one["name"]: one for one in picture["data"] if one.get("name") and one["xaxis"] == "x"}
    for task, name in (("squad", "SQuAD 1.1"), ("none", "no intermediate")):
        mine = some[some["intermediate"].eq(task) & some["lang"].eq("fin")].sort_values("layer")
        assert array(lines[f"{name}, mean"]["y"]) == pytest.approx(mine["value"].tolist())
    own = sweeps.chosen(table, "test", "accuracy", sweeps.fixed("nano", [""]))
    assert sweeps.finding(own, "squad", "**SQuAD 1.1**") in words(page)
    assert "oracle" in words(page) and len(figures(page)) == 2


def test_a_study_without_retrieval_says_so(open_alone: Open, migrated: Path, tmp_path: Path):
    work = made(migrated, tmp_path, World(targets=("xnli",), seeds=(1,)))
    page = open_alone("retrieval", work)
    assert not page.exception and "has no retrieval" in words(page)


# coverage


def test_states_on_the_page_are_those_of_the_plan(look: Open, demo: Place):
    page = look("coverage", margin="5")
    assert not page.exception
    frame = snapshot(demo.tracking_uri, demo.directory)
    jobs = completion.jobs(frame, "demo")
    told = words(page)
    assert completion.sentence(jobs) in told
    assert "3 failed, 3 not run" in told and "Completing it takes" in told
    bars, marks = figures(page)[:2]
    names = {one["name"] for one in bars["data"]}
    assert "failed (3)" in names and "not run (3)" in names
    count = sum(len(array(one["x"])) for one in marks["data"] if "(" in str(one.get("name")))
    assert count == len(jobs)


def test_what_a_cell_sees_is_that_of_the_analysis(look: Open, demo: Place):
    page = look("coverage", margin="5")
    frame = snapshot(demo.tracking_uri, demo.directory)
    read = items(demo.tracking_uri, demo.directory, frame)
    parts = [
        resolution.resolution(frame, "demo", "nano", one, read, margin=5.0) for one in DEMO.targets
    ]
    table = pd.concat(parts, ignore_index=True)
    assert resolution.sentence(table, 5.0).replace("\u00a0", " ") in words(page)
    told = written(figures(page)[2])
    for row in resolution.by_place(table).to_dict("records"):
        assert number(told[row["lang"], row["target"]]) == pytest.approx(
            row["detectable"], abs=0.051
        )
    cells = page.dataframe[-1].value
    assert len(cells) == len(table) and cells["in words"].str.contains("5 points").any()


def test_a_study_that_runs_counts_what_is_running(open_alone: Open, migrated: Path, tmp_path: Path):
    world = World(targets=("xnli",), seeds=(1,), absent=frozenset({("mnli", "xnli")}))
    work = made(migrated, tmp_path, world)
    client = MlflowClient(f"sqlite:///{work / 'mlflow.db'}")
    experiment = client.get_experiment_by_name(record.EXPERIMENT)
    (study,) = client.search_runs([experiment.experiment_id], f"tags.`{record.KIND}` = 'study'")
    rows = world.evaluations()
    states = {row["id"]: world.state(row) for row in rows} | {
        row["id"]: "running" for row in rows if row["intermediate"] == "mnli"
    }
    client.log_dict(study.info.run_id, states, record.STATE_ARTIFACT)
    told = words(open_alone("coverage", work))
    assert "3 of 4 planned evaluations are done; 1 running." in told


# all three


@pytest.fixture(scope="module")
def one_seed(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(migrated, tmp_path_factory.mktemp("one"), World(seeds=(1,)))


@pytest.fixture(scope="module")
def all_failed(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    every = {(task, target) for task in World.intermediates for target in World.targets}
    world = World(seeds=(1, 2), failed=frozenset(every))
    return made(migrated, tmp_path_factory.mktemp("failed"), world)


@pytest.mark.parametrize("name", THREE)
def test_one_seed_is_enough_to_show_something(open_alone: Open, one_seed: Path, name: str):
    page = open_alone(name, one_seed)
    assert not page.exception and not page.error and figures(page)


@pytest.mark.parametrize("name", THREE)
def test_a_study_that_failed_from_end_to_end(open_alone: Open, all_failed: Path, name: str):
    page = open_alone(name, all_failed)
    assert not page.exception and not page.error and page.title


@pytest.mark.parametrize("name", THREE)
def test_an_empty_server_says_what_to_run(open_alone: Open, tmp_path: Path, name: str):
    page = open_alone(name, tmp_path / "new")
    assert not page.exception and page.title[0].value == "Nothing measured yet"


@pytest.mark.parametrize("name", THREE)
def test_a_malformed_address_is_a_friendly_page(look: Open, name: str):
    query = {
        key: "<img src=x onerror=alert(1)>" * 40 for key in ("scale", "task", "common", "margin")
    }
    page = look(name, **query)
    assert not page.exception and not page.error and figures(page)
    assert "<img src=x" not in "\n".join(str(one.value) for one in page.markdown)
