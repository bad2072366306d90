"""The pages without a browser: what is said with results, without, and without a server."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from pages_of import figure, words
from worlds import DEMO, World, publish

from dashboard.place import Place
from dashboard.snapshot import snapshot


def test_opens_on_the_heatmap_with_the_finding_above(open_page, work: Path):
    page = open_page(work)
    assert not page.exception
    labels = figure(page)["layout"]["yaxis"]["ticktext"]
    assert labels[:2] == ["<b>Finnish</b>", "<b>Hungarian</b>"]
    assert len(labels) == len(DEMO.languages)
    told = words(page)
    assert "Finnish, the one" in told and "Hungarian, the one intermediate" in told
    assert "8 of 24 cells measured; missing: 8 not run, 8 failed" in told
    assert "An artificial world" in told and "it says nothing about XLM-R" in told


def test_the_contrast_named_beforehand_is_told(open_page, work: Path):
    said = "first (SQuAD 1.1 → Tatoeba) at nano, named beforehand: "
    told = words(open_page(work, path="answer"))
    assert said in told and "Accuracy on test, mean of 8 languages" in told


def test_the_table_holds_the_numbers_of_the_picture(open_page, work: Path):
    page = open_page(work)
    table = page.dataframe[-1].value.set_index("language")
    assert list(table.index[:2]) == ["Finnish", "Hungarian"]
    written = [one for one in figure(page)["data"] if one.get("mode") == "text"]
    texts = {text for one in written for text in one["text"]}
    for gain in table["MNLI"]:
        assert f"{gain:+.1f}".replace("-", "−").replace("+0.0", "0.0") in texts
    assert table["SQuAD 1.1"].isna().all()


def test_a_link_shows_what_it_names_and_the_address_names_everything(open_page, work: Path):
    page = open_page(work, target="tatoeba", split="dev")
    assert not page.exception
    boxes = {box.key: box.value for box in page.selectbox}
    assert (boxes["target"], boxes["split"]) == ("tatoeba", "dev")
    assert "Tatoeba, accuracy" in words(page) and "dev scores" in words(page)
    for name in ("study", "target", "scale", "metric", "split", "over", "v"):
        assert name in page.query_params, name


def test_choosing_another_target_changes_the_address_and_the_picture(open_page, work: Path):
    page = open_page(work)
    page.selectbox(key="target").select("pawsx").run()
    assert not page.exception
    assert page.query_params["target"] in ("pawsx", ["pawsx"])
    told = words(page)
    assert "The benchmark has no Finnish test set." in told
    assert "not in this benchmark" in told


def test_a_link_to_what_is_not_there_says_so_and_shows_something(open_page, work: Path):
    page = open_page(work, target="xnil")
    assert not page.exception
    assert "“xnil”" in words(page) and page.get("plotly_chart")


def test_another_baseline_may_be_chosen(open_page, work: Path):
    page = open_page(work, target="tatoeba", over="mnli")
    assert not page.exception and "gains over MNLI" in words(page)


def test_an_empty_server_says_what_to_run(open_page, tmp_path: Path):
    page = open_page(tmp_path / "new")
    assert not page.exception
    assert page.title[0].value == "Nothing measured yet"
    assert "silta run training/matrices/demo.yaml" in page.code[0].value
    assert not (tmp_path / "new").exists()


def test_a_server_that_is_away_is_said(open_page, tmp_path: Path):
    page = open_page(tmp_path, "http://me:secret@127.0.0.1:9")
    assert not page.exception
    assert page.title[0].value == "The tracking server gives no answer"
    assert "`http://me:***@127.0.0.1:9` cannot be read" in page.error[0].value
    assert "(Connection refused)" in words(page) and "secret" not in words(page)


def test_a_server_that_comes_back_is_read_at_once(open_page, work: Path):
    database = work / "mlflow.db"
    good = database.read_bytes()
    database.write_text("not a database, not at all")
    page = open_page(work)
    assert page.title[0].value == "The tracking server gives no answer"
    database.write_bytes(good)
    page.run()
    assert page.error  # what was told is kept for a while
    page.button[0].click().run()
    assert not page.exception and not page.error and page.get("plotly_chart")


def test_a_server_that_is_away_leaves_the_last_snapshot(open_page, work: Path, place: Place):
    taken = snapshot(place.tracking_uri, place.directory).taken
    page = open_page(work, "http://127.0.0.1:9")
    assert not page.exception
    assert taken in page.warning[0].value
    assert page.get("plotly_chart") and "Finnish, the one intermediate" in words(page)


def test_a_study_where_nothing_has_run_yet(open_page, mlflow_uri: str, tmp_path: Path):
    tasks = ("none", "mnli")
    waiting = World(targets=("xnli",), absent=frozenset((task, "xnli") for task in tasks))
    publish(mlflow_uri, tmp_path, waiting.__class__(**vars(waiting) | {"intermediates": tasks}))
    page = open_page(tmp_path)
    assert not page.exception
    assert "Nothing is measured in Finnish yet." in words(page)
    assert "named beforehand" not in words(page)  # this study named nothing


def test_a_study_of_baselines_only(open_page, mlflow_uri: str, tmp_path: Path):
    publish(mlflow_uri, tmp_path, World(targets=("xnli",), intermediates=("none",), seeds=(1,)))
    page = open_page(tmp_path)
    assert not page.exception
    assert "no other intermediate task" in words(page)


def test_two_recipes_of_one_cell_are_said_and_not_averaged(open_page, mlflow_uri, tmp_path: Path):
    one = World(targets=("xnli",), intermediates=("none", "mnli"), seeds=(1,))

    class Twice(World):
        def evaluations(self):
            rows = super().evaluations()
            return rows + [{**row, "id": row["id"] + "-other-recipe"} for row in rows]

    publish(mlflow_uri, tmp_path, Twice(**vars(one)))
    page = open_page(tmp_path)
    assert not page.exception
    assert "their recipes differ" in page.error[0].value


def test_few_seeds_get_intervals_over_items_and_say_so(open_page, mlflow_uri, tmp_path: Path):
    publish(mlflow_uri, tmp_path, World(targets=("xnli",), seeds=(1, 2)))
    page = open_page(tmp_path)
    assert not page.exception
    told = words(page)
    assert "over items only, 2 seeds" in told
    assert "24 of 24 intervals are over test items only" in told


def test_runs_at_chance_are_left_out_until_they_are_asked_for(
    open_page, migrated: Path, tmp_path: Path
):
    health = {("none", "xnli"): "ok", ("mnli", "xnli"): "constant"}
    world = World(
        targets=("xnli",), intermediates=("none", "mnli"), seeds=(1,), languages=("fin", "hun")
    )
    uri = f"sqlite:///{shutil.copy(migrated, tmp_path / 'mlflow.db')}"
    publish(uri, tmp_path, replace(world, health=health))
    page = open_page(tmp_path, target="xnli")
    told = words(page)
    assert "Nothing can be said of Finnish" in told and "2 left out, at chance" in told
    assert page.selectbox(key="chance").value == "left out"
    page.selectbox(key="chance").select("included").run()
    assert page.query_params["chance"] in ("included", ["included"])
    told = words(page)
    assert "at chance are included" in told and "Nothing can be said" not in told
    assert not page.exception
