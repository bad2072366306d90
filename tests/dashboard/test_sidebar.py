"""The sidebar's memory: what a change of target keeps, and what it does not."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def sidebar() -> None:
    """A target box and, under it, the metrics that each target offers, its main one first."""
    from dashboard.views.choice import forget_metric, pick

    offered = {"pawsx": ["accuracy", "n_best"], "udpos": ["f1", "accuracy"]}
    target = pick("target", "Target task", list(offered))
    forget_metric(target)
    pick("metric", "Metric", offered[target])


def test_another_target_is_read_by_its_own_main_metric() -> None:
    page = AppTest.from_function(sidebar).run()
    assert page.selectbox(key="metric").value == "accuracy"
    page.selectbox(key="target").select("udpos").run()
    assert page.selectbox(key="metric").value == "f1" and page.query_params["metric"] == "f1"
    page.selectbox(key="metric").select("accuracy").run()
    assert page.selectbox(key="metric").value == "accuracy"


def test_a_link_keeps_the_metric_that_it_names() -> None:
    page = AppTest.from_function(sidebar)
    page.query_params["target"], page.query_params["metric"] = "udpos", "accuracy"
    assert page.run().selectbox(key="metric").value == "accuracy"
