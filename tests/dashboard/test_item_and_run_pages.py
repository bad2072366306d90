"""The pages of examples and of runs, without a browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import tracking
from dashboard.place import TRACKING, WORK, Place


@pytest.fixture
def visited(monkeypatch: pytest.MonkeyPatch, work: Path):
    """`visited("runs", target="xnli")`: a page of the demo study as a link shows it."""

    def run(name: str, **query: str) -> AppTest:
        import streamlit

        streamlit.cache_resource.clear()
        streamlit.cache_data.clear()
        monkeypatch.setenv(WORK, str(work))
        monkeypatch.delenv(TRACKING, raising=False)
        page = AppTest.from_function(_page, default_timeout=90, kwargs={"name": name})
        for key, value in query.items():
            page.query_params[key] = value
        return page.run()

    return run


def _page(name: str) -> None:
    from dashboard import app as shell

    shell.shown(name)


def words(page: AppTest) -> str:
    parts = [*page.title, *page.markdown, *page.caption, *page.info, *page.warning, *page.error]
    return "\n".join(str(part.value) for part in parts)


def shown(page: AppTest) -> str:
    return "".join(one.proto.body for one in page.get("html"))


def test_examples_tell_of_fixed_and_broken_items_and_send_one_page(visited):
    page = visited("examples", target="xnli", task="mnli", lang="fin")
    assert not page.exception and not page.error
    assert page.title[0].value == "Which Finnish items did MNLI fix or break?"
    assert "Of 60 Finnish items, MNLI fixes" in words(page)
    assert shown(page).count("<article") == 25
    page.number_input(key="page").set_value(3).run()
    assert shown(page).count("<article") == 10
    assert page.query_params["page"] in ("3", ["3"])


def test_a_filter_starts_at_the_first_page_and_a_bad_link_is_told(visited):
    page = visited("examples", target="xnli", task="mnli", lang="fin", page="3", group="nonsense")
    assert not page.exception and "“nonsense”" in words(page).replace("\\", "")
    page.selectbox(key="group").select("fixed").run()
    assert not page.exception
    assert page.query_params["page"] in ("1", ["1"])
    assert shown(page).count("<b>fixed</b>") == shown(page).count("<article") > 0


def test_runs_tell_of_the_forest_and_of_failures(visited):
    page = visited("runs")
    assert not page.exception and not page.error
    told = words(page)
    assert "trainings done" in told and "evaluations done" in told
    assert any("Failed trainings" in one.value for one in page.subheader)
    assert "class='lineage'" in shown(page)
    assert page.code[-1].value.startswith("mlflow server --backend-store-uri")


def test_only_a_server_has_pages_and_no_password_goes_into_a_link(tmp_path: Path):
    run = "a" * 32
    server = Place("https://me:secret@host:5000/x/", tmp_path)
    assert tracking.run_page(server, run, "3") == f"https://host:5000/x/#/experiments/3/runs/{run}"
    assert tracking.run_page(server, "javascript:alert(1)") == ""
    assert tracking.run_page(Place("sqlite:///a.db", tmp_path), run) == ""
    assert tracking.run_page(Place("javascript://x", tmp_path), run) == ""
    assert tracking.command(server) == "" and tracking.experiment(server) == ""


def test_a_link_is_to_where_browsers_find_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """In a container the dashboard reads a server by a name that no browser knows."""
    monkeypatch.setenv("SILTA_MLFLOW_PAGES", "http://localhost:5000")
    inner = Place("http://mlflow:5000", tmp_path)
    assert tracking.run_page(inner, "a" * 32) == f"http://localhost:5000/#/runs/{'a' * 32}"
