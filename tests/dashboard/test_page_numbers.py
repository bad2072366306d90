"""Every number of a page is one that analysis gives for the same snapshot."""

from __future__ import annotations

from pathlib import Path

import pytest
from pages_of import figure, words

from dashboard.analysis import answer, headline, shapes, xtreme
from dashboard.analysis.picture import Choice
from dashboard.place import Place
from dashboard.snapshot import items, snapshot


@pytest.mark.parametrize("shape", ["tasks", "targets", "scales"])
def test_every_number_of_the_figure_is_that_of_analysis(
    open_page, work: Path, place: Place, shape: str
):
    page = open_page(work, target="tatoeba", shape=shape, task="mnli", v="1")
    frame = snapshot(place.tracking_uri, place.directory)
    choice = Choice("demo", "tatoeba", "nano", "accuracy", "test")
    reader = items(place.tracking_uri, place.directory, frame)
    table = shapes.grid(frame, choice, reader, shape, "mnli")
    told = table[table["gain"].notna()]
    drawn = [one for one in figure(page)["data"] if one.get("mode") == "text"]
    assert sorted(text for one in drawn for text in one["text"]) == sorted(
        answer.points(gain) for gain in told["gain"]
    )
    shown = page.dataframe[-1].value.set_index("language")
    for row in told.to_dict("records"):
        column = row[shapes.SHAPES[shape]]
        title = column if shape == "scales" else frame.title(column)
        assert shown.loc[row["language"], title] == row["gain"]


def test_the_answer_tells_what_analysis_does(open_page, work: Path, place: Place):
    page = open_page(work, path="answer", v="1")
    frame = snapshot(place.tracking_uri, place.directory)
    means = headline.means(frame, "demo").set_index(["lang", "family"])["gain"]
    cards = [one.value for one in page.subheader if one.value[:5] in {"Finni", "Hunga"}]
    without = [answer.points(means[code, headline.WITHOUT]) for code in ("fin", "hun")]
    assert cards == [f"Finnish {without[0]}", f"Hungarian {without[1]}"]
    for code in ("fin", "hun"):
        assert f"{answer.points(means[code, headline.WITH])} with it" in words(page)
    verdicts = page.dataframe[0].value
    told = headline.headline(frame, "demo")
    assert verdicts["verdict"].tolist() == told["verdict"].tolist()
    assert verdicts["change"].tolist() == pytest.approx(told["change"].tolist(), nan_ok=True)
    averages = page.dataframe[1].value
    scores = frame.scored("demo")
    official = xtreme.averages(
        scores[scores["split"].eq("test")], ["scale", "intermediate"], missing="skip"
    )
    assert sorted(averages["average"]) == pytest.approx(sorted(official["average"]))
    states = frame.planned("demo")["state"]
    done = f"{states.eq('done').sum()} of {len(states)} evaluations are done"
    assert page.get("progress")[0].proto.text == done


def test_a_bare_address_brings_the_tour_and_a_link_does_not(open_page, work: Path):
    page = open_page(work, path="answer")
    assert "New here?" in words(page)
    next(one for one in page.button if one.label == "Got it").click().run()
    assert "New here?" not in words(page)
    assert "New here?" not in words(open_page(work, path="answer", v="1"))
