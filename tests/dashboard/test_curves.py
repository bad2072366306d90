"""Curves: joined once, thinned without losing a peak, drawn one a run."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.analysis import curves
from dashboard.figures.curves import curves as picture
from dashboard.figures.theme import look


def line(values: list[float], metric: str = "train/loss") -> pd.DataFrame:
    steps = range(1, len(values) + 1)
    return pd.DataFrame({"metric": metric, "step": steps, "time": steps, "value": values})


def test_a_step_told_again_counts_as_it_was_told_last():
    again = pd.concat([line([3.0, 2.0, 9.0]), line([3.0, 2.0, 1.0]).assign(time=[7, 8, 9])])
    table = curves.joined({"a": again, "b": line([])})
    assert table["value"].tolist() == [3.0, 2.0, 1.0] and set(table["run"]) == {"a"}
    assert curves.joined({}).empty and curves.joined({"b": line([])}).empty


def test_losses_are_offered_first():
    table = curves.joined({"a": pd.concat([line([1.0], "dev/eng/f1"), line([1.0], "train/loss")])})
    assert curves.metrics(table) == ["train/loss", "dev/eng/f1"]


@settings(deadline=None)
@given(
    st.lists(st.floats(-1e6, 1e6) | st.just(float("nan")), min_size=1, max_size=3000),
    st.integers(10, 400),
)
def test_thinning_keeps_the_ends_and_the_extremes(values: list[float], most: int):
    whole = line(values)
    kept = curves.thinned(whole, most)
    assert len(kept) <= most or len(whole) <= most
    assert kept["step"].is_monotonic_increasing and not kept["step"].duplicated().any()
    assert {1, len(values)} <= set(kept["step"])
    if not np.isnan(values).all():
        assert np.nanmax(kept["value"]) == np.nanmax(values)
        assert np.nanmin(kept["value"]) == np.nanmin(values)


def test_every_run_is_a_line_and_nothing_heavy_is_sent():
    long = {f"run{i}": line(list(np.random.default_rng(i).random(20_000))) for i in range(8)}
    names = {run: f"<b>{run}</b>" for run in long}
    figure = picture(curves.joined(long), look("dark"), "train/loss", names, ["x"])
    assert len(figure.data) == 8 and figure.layout.xaxis.type == "log"
    assert figure.layout.yaxis.type == "linear" and "&lt;b&gt;" in figure.data[0].name
    assert len({(one.line.color, one.line.dash) for one in figure.data}) == 8
    assert len(figure.to_json()) < 200_000
