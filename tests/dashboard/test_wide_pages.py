"""The pages of families, scale and morphology, without a browser: they show the analysis."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pages_of import Open, array, figure
from wide_of import (
    LANGUAGES,
    THREE,
    drawn,
    full,
    means,
    read,
    words,
)

from dashboard.analysis import complexity
from dashboard.analysis.factors import known
from dashboard.analysis.scope import Scope, chosen

__all__ = ["full"]
pytestmark = pytest.mark.slow


@pytest.mark.parametrize("by", ["family", "genus"])
def test_families_draw_what_the_analysis_computes(open_alone: Open, full: Path, by: str):
    page = open_alone("families", full, scale="large", by=by)
    assert not page.exception
    scope = Scope("full", ("large",), ("xnli", "udpos"))
    seen, frame = drawn(page), read(full)
    groups, langs = means(frame, scope, by), means(frame, scope, "lang")
    expected = dict(zip(groups["group"], groups["gain"], strict=True))
    expected |= dict(zip(langs["group"], langs["gain"], strict=True))
    assert seen == pytest.approx(expected)
    assert set(LANGUAGES) < set(seen) and len(groups) > 4
    bars = next(one for one in figure(page)["data"] if one["mode"] == "lines")
    ends = [one for one in array(bars["x"]) if one is not None]
    told = sorted([*groups["low"], *groups["high"]])
    assert sorted(ends) == pytest.approx(told)


def test_family_averages_change_with_the_languages_chosen(open_alone: Open, full: Path):
    whole = drawn(open_alone("families", full, scale="base"))
    page = open_alone("families", full, scale="base", langs="est,hun,deu")
    some = drawn(page)
    assert some["Uralic"] != pytest.approx(whole["Uralic"])
    assert some["Uralic"] == pytest.approx((some["est"] + some["hun"]) / 2)
    assert some["Indo-European"] == pytest.approx(whole["deu"]) and "Turkic" not in some
    assert "3 languages chosen" in words(page) and "No gain in Finnish" in words(page)
    page.multiselect(key="langs").select("fin").run()
    assert page.query_params["langs"] in ("est,hun,deu,fin", ["est,hun,deu,fin"])
    assert drawn(page)["Uralic"] == pytest.approx(whole["Uralic"])


def test_weights_and_retrieval_are_named_and_change_the_means(open_alone: Open, full: Path):
    page = open_alone("families", full, scale="base")
    assert "every target counts the same, in it every cell" in words(page)
    assert "XNLI, UDPOS," in words(page).replace("UD-POS", "UDPOS")
    more = open_alone("families", full, scale="base", retrieval="1", weights="items")
    assert "cells count by their number of test items" in words(more)
    assert "Tatoeba" in words(more) and drawn(more)["Uralic"] != drawn(page)["Uralic"]


def test_english_stands_apart_from_its_family(open_alone: Open, full: Path):
    page = open_alone("families", full, scale="base")
    seen = drawn(page)
    others = [seen[one] for one in ("deu", "rus", "fra", "spa", "hin")]
    assert seen["Indo-European"] == pytest.approx(np.mean(others))
    labels = [one.get("text", "") for one in figure(page)["layout"]["annotations"]]
    assert "English, which was trained on" in labels[-1]


def test_scale_draws_what_the_analysis_computes_at_the_parameters_told(
    open_alone: Open, full: Path
):
    page = open_alone("scale", full)
    assert not page.exception
    table = means(read(full), Scope("full", (), ("xnli", "udpos")), "lang")
    sizes = known().parameters
    lines = {one["name"]: one for one in figure(page)["data"] if "customdata" in one}
    assert len(lines) == len(LANGUAGES)
    for code, name in (("fin", "Finnish"), ("hun", "Hungarian"), ("swh", "Swahili")):
        mine = table[table["group"].eq(code)].set_index("scale")["gain"]
        told = dict(zip(lines[name]["customdata"], array(lines[name]["y"]), strict=True))
        assert told == pytest.approx(mine.to_dict())
        assert array(lines[name]["x"]) == [sizes["base"], sizes["large"]]
    assert lines["Finnish"]["line"]["width"] > lines["Swahili"]["line"]["width"]
    assert "Finnish goes from" in words(page)


def test_the_gap_to_english_on_request(open_alone: Open, full: Path):
    page = open_alone("scale", full, shown="gap_change", lines="family")
    assert not page.exception
    scope = Scope("full", (), ("xnli", "udpos"), shown="gap_change")
    table = means(read(full), scope, "family")
    lines = {one["name"]: one for one in figure(page)["data"] if "customdata" in one}
    assert "English" not in lines and {"Uralic", "Finnish", "Hungarian"} < set(lines)
    mine = table[table["group"].eq("Uralic")].set_index("scale")["gain"]
    told = dict(zip(lines["Uralic"]["customdata"], array(lines["Uralic"]["y"]), strict=True))
    assert told == pytest.approx(mine.to_dict())
    assert "Below zero the gap to English narrows." in words(page)


def test_morphology_draws_the_line_of_the_analysis(open_alone: Open, full: Path):
    page = open_alone("morphology", full, scale="large", measure="word_length")
    assert not page.exception
    table = means(read(full), Scope("full", ("large",), ("xnli", "udpos")), "lang")
    found = complexity.against(table, "word_length")
    line = next(one for one in figure(page)["data"] if one.get("name") == "line")
    assert array(line["y"]) == pytest.approx(list(found.line.band["fitted"]))
    assert line["line"]["dash"] == "solid" and found.line.languages == 11
    seen = drawn(page, "y")
    expected = found.table.dropna(subset=["x"]).set_index("lang")["gain"]
    assert seen == pytest.approx(expected.to_dict())
    assert "over 11 languages" in words(page)
    slopes = complexity.slopes(table).set_index("measure")
    assert slopes.loc["word_length", "slope"] == pytest.approx(found.line.slope * found.line.spread)


def test_another_measure_is_one_click_away_and_missing_ones_are_listed(
    open_alone: Open, full: Path
):
    page = open_alone("morphology", full)
    assert page.query_params["measure"] in ("fertility", ["fertility"])
    assert "Not known of, and so not drawn: Chinese." in words(page)
    page.get("button_group")[0].set_value("types_per_lemma").run()
    assert not page.exception
    assert page.query_params["measure"] in ("types_per_lemma", ["types_per_lemma"])
    assert figure(page)["layout"]["xaxis"]["title"]["text"] == "word forms per lemma"


def test_the_mixed_model_and_collinearity_on_request(open_alone: Open, full: Path):
    page = open_alone("morphology", full, mixed="1", measure="word_length")
    assert not page.exception
    told = words(page)
    assert "Collinearity: " in told and "10 languages: with fewer than 20" in told
    scope = Scope("full", (), ("xnli", "udpos"))
    pairs = chosen(read(full), scope).drop(columns=["family", "morphology", "language", "genus"])
    fit = complexity.regressed(pairs.drop(columns="script"), "word_length", "none", "test")
    slope = fit.slope("morphology")["estimate"]
    table = next(one.value for one in page.dataframe if "term" in one.value)
    seen = table.set_index("term").loc["morphology", "estimate"]
    assert seen == pytest.approx(slope)


def test_two_languages_cannot_identify_a_slope_and_the_page_says_so(open_alone: Open, full: Path):
    page = open_alone("morphology", full, langs="fin,hun")
    assert not page.exception
    assert "two languages cannot identify a slope" in words(page)
    assert not [one for one in figure(page)["data"] if one.get("name") == "line"]


@pytest.mark.parametrize("name", THREE)
def test_hostile_and_malformed_addresses_do_nothing(open_alone: Open, full: Path, name: str):
    bad = "<script>alert(1)</script>" * 400
    query = dict.fromkeys(("scale", "langs", "targets", "weights", "by", "lines", "measure"), bad)
    page = open_alone(name, full, **query, shown="x" * 9000, same="7", mixed="2", shared="é")
    assert not page.exception
    assert "is not here" in words(page) and page.get("plotly_chart")
    assert not [one for one in [*page.markdown, *page.sidebar.warning] if "<script>" in one.value]
