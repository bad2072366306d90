"""The picture: order of rows, colours about zero, missing cells, marks and hover."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dashboard.analysis.coverage import ABSENT, FAILED, MEASURED, NOT_RUN
from dashboard.figures.heatmap import heatmap, hover
from dashboard.figures.layout import rows
from dashboard.figures.theme import DARK, LIGHT, _contrast, _luminance, _rgb, robust_range

PEOPLE = [
    ("fin", "Finnish", "Uralic"),
    ("hun", "Hungarian", "Uralic"),
    ("eng", "English", "Indo-European"),
    ("est", "Estonian", "Uralic"),
]


def table(**cells: dict) -> pd.DataFrame:
    """A grid of four languages and two tasks; `fin_mnli={...}` changes a cell."""
    told = []
    for lang, language, family in PEOPLE:
        for task in ("mnli", "squad"):
            cell = {"gain": 1.0, "baseline": 50.0, "value": 51.0, "seeds": 3, "planned": 3}
            cell |= {"low": -1.0, "high": 3.0, "interval_over": "seeds", "n": 1000.0}
            cell |= {"reuses": False, "state": MEASURED, "at_chance": 0, "why": np.nan}
            cell |= {"lang": lang, "language": language, "family": family, "intermediate": task}
            told.append(cell | cells.get(f"{lang}_{task}", {}))
    return pd.DataFrame(told)


def gone(state: str) -> dict:
    return {"gain": np.nan, "low": np.nan, "high": np.nan, "interval_over": None, "state": state}


def trace(figure, name: str):
    return next(one for one in figure.data if one.name and one.name.startswith(name))


def gains_of(figure):
    return next(one for one in figure.data if one.type == "heatmap" and one.showscale is not False)


def test_finnish_and_hungarian_on_top_then_families_under_headings():
    figure = heatmap(table())
    labels = figure.layout.yaxis.ticktext
    assert list(labels) == ["<b>Finnish</b>", "<b>Hungarian</b>", "English", "Estonian"]
    assert list(figure.layout.yaxis.tickvals) == sorted(figure.layout.yaxis.tickvals)
    top, bottom = figure.layout.yaxis.range[1], figure.layout.yaxis.range[0]
    assert top < bottom  # the axis runs downwards
    headings = [one.text for one in figure.layout.annotations]
    assert headings == ["INDO-EUROPEAN", "URALIC, OTHERS"]


def test_plotly_knows_everything_that_it_is_told():
    """It is not asked when a page is drawn: looking through one takes longer than making it."""
    sure = {"low": 0.5, "high": 3.0}
    cells = {"fin_mnli": sure, "hun_mnli": sure | {"reuses": True}, "eng_mnli": gone(NOT_RUN)}
    cells |= {"est_mnli": {"at_chance": 1, "why": "why"}, "est_squad": gone(FAILED)}
    for style in (LIGHT, DARK):
        made = heatmap(table(**cells), style)
        asked = go.Figure(json.loads(made.to_json()))  # raises ValueError where it does not
        assert json.loads(asked.to_json()) == json.loads(made.to_json())
        assert {one.mode for one in made.data[2:]} == {"text", "lines", "markers"}


def test_cells_stand_in_their_row_and_column():
    figure = heatmap(table(hun_squad={"gain": 7.0}))
    z = np.array(gains_of(figure).z, dtype=float)
    places = rows(table())
    assert z[places.of["hun"], 1] == 7 and z[places.of["hun"], 0] == 1
    assert np.isnan(z[min(places.headings)]).all()
    overlay = figure.data[-1]
    spot = [tuple(one) for one in overlay.customdata].index(("hun", "squad"))
    assert overlay.y[spot] == places.middles[places.of["hun"]] and overlay.x[spot] == 1


def test_colours_are_symmetric_about_zero():
    trace = gains_of(heatmap(table(fin_mnli={"gain": -9.0})))
    assert trace.zmid == 0 and trace.zmin == -trace.zmax and 1 < trace.zmax <= 9


@pytest.mark.parametrize(
    ("values", "limit"), [([], 1), ([0.1, -0.2], 1), ([*([1.0] * 99), -50.0], 2)]
)
def test_one_outlier_does_not_pale_the_rest(values: list[float], limit: float):
    assert robust_range(pd.Series(values, dtype=float)) <= limit


def test_missing_is_no_colour_and_each_reason_has_its_sign_and_count():
    odd = {"fin_mnli": gone(NOT_RUN), "fin_squad": gone(FAILED), "hun_mnli": gone(ABSENT)}
    figure = heatmap(table(**odd, eng_mnli={"gain": 0.0}))
    z = np.array(gains_of(figure).z, dtype=float)
    assert np.isnan(z[0]).all() and (z == 0).sum() == 1
    keys = [one for one in figure.data if one.type == "scatter" and one.showlegend is not False]
    names = {one.name: one.marker.symbol for one in keys}
    assert {"not run (1)", "failed (1)", "not in this benchmark (1)"} <= set(names)
    assert len(set(names.values())) == len(names)
    texts = [one for one in figure.data if one.type == "scatter" and one.mode == "text"]
    written = [text for one in texts for text in one.text]
    assert len(written) == 5 and "0.0" in written


def test_marks_tell_seeds_from_items_and_reuse():
    sure = {"low": 0.5, "high": 1.5}
    figure = heatmap(
        table(
            fin_mnli=sure,
            hun_mnli=sure | {"interval_over": "items"},
            eng_mnli={"reuses": True},
        )
    )
    for name in ("interval over seeds", "interval over items", "reuses"):
        marks = [one for one in figure.data if one.name and one.name.startswith(name)]
        assert len(marks) == 2, name  # the marks, and their legend entry
        assert len({round(x) for x in marks[0].x if x is not None}) == 1
    assert not [one for one in heatmap(table()).data if one.name and "interval" in one.name]


def test_hover_says_everything():
    cell = table().iloc[0].to_dict()
    text = hover(cell | {"reuses": True}).replace("\u00a0", " ")
    for part in ("Finnish, mnli", "gain +1.0: 50.0 without it, 51.0 with it", "3 of 3 seeds"):
        assert part in text
    assert "95 % interval −1.0 to +3.0 over 3 seeds" in text and "1,000 items" in text
    assert "reuses the target's own training data" in text
    assert hover(cell | gone(FAILED)).endswith("failed")


@pytest.mark.parametrize("look", [LIGHT, DARK])
@settings(max_examples=100, deadline=None)
@example(gain=5.75)  # where white and the dark ink read equally badly
@example(gain=-7.16)
@given(gain=st.floats(-30, 30))
def test_numbers_can_be_read_on_every_colour(look, gain: float):
    ground = _luminance(look.at(gain, 10))
    assert _contrast(_luminance(_rgb(look.upon(gain, 10))), ground) >= 3.9


@pytest.mark.parametrize("look", [LIGHT, DARK])
def test_the_figure_is_plain_json(look):
    figure = json.loads(heatmap(table(fin_mnli=gone(NOT_RUN)), look).to_json())
    assert figure["layout"]["height"] > 200
