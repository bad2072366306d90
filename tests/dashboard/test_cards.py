"""Items as HTML: what a text or an answer says is shown and never obeyed."""

from __future__ import annotations

from html.parser import HTMLParser

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.analysis.examples import paired
from dashboard.figures.theme import look
from dashboard.views.cards import cards, tagged

NASTY = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "'><svg onload=alert(1)>",
    '" onmouseover="alert(1)',
    "[click](javascript:alert(1)) ![p](http://evil/x.png)",
    ":red[loud] :material/home: $x$ `code` <!-- -->",
    "&lt;b&gt; &amp; </article></div>",
]
OURS = {"style", "div", "article", "header", "b", "span", "p", "dl", "dt", "dd", "bdi", "i", "mark"}


class Seen(HTMLParser):
    """Which tags and attributes a browser would see, and the text between them."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def seen(html: str) -> Seen:
    told = Seen()
    told.feed(html)
    return told


def drawn(text: object, gold: str = "yes", said: str = "no", feats: object = None) -> str:
    side = {"item_id": ["1"], "lang": "fin", "split": "test", "text": [text], "gold": [gold]}
    side |= {"n_words": [3], "n_subwords": [7], "feats": [feats], "prediction": [said]}
    after, before = (pd.DataFrame(side | {"score": [score]}) for score in (1.0, 0.0))
    rows = paired(after, before.assign(prediction=said), "fin", "test").table
    return cards(rows, look("light"), "fin", False)


@pytest.mark.parametrize("nasty", NASTY)
def test_nothing_in_a_text_or_an_answer_is_obeyed(nasty: str):
    for html in (
        drawn(nasty),
        drawn("x", gold=nasty),
        drawn("x", said=nasty),
        drawn("x", feats=nasty),
    ):
        told = seen(html)
        assert told.tags <= OURS and told.attributes <= {"class", "lang", "dir", "title"}
    assert nasty in " ".join(seen(drawn(nasty)).text)


@settings(deadline=None, max_examples=50)
@given(st.text(min_size=1), st.text())
def test_any_text_makes_none_but_our_tags(text: str, said: str):
    told = seen(drawn(text, gold=said, said=text, feats=said))
    assert told.tags <= OURS and told.attributes <= {"class", "lang", "dir", "title"}


def test_a_tagged_sentence_shows_each_word_with_its_tags():
    html = drawn("Talossa asuu", "NOUN VERB", "NOUN NOUN", "Case=Ine|Number=Sing _")
    assert html.count("<b lang='fin'") == 2 and "✗ NOUN" in html
    assert "Case=Ine|Number=Sing" in html and "<dl>" not in html


def test_words_that_cannot_be_matched_with_tags_are_a_text():
    row = {"text": "a b c", "gold": "X Y", "prediction": "X Y", "prediction_before": "X Y"}
    assert tagged(row | {"feats": None}) == []
    words = tagged(row | {"text": "a b", "feats": "one"})
    assert words == [("a", "X", "X", "X", ""), ("b", "Y", "Y", "Y", "")]


def test_the_answer_of_a_question_is_marked_in_its_text_and_listed():
    html = drawn("Kuka? | Max <osti> talon", '["<osti> talon", "talon"]', "Max")
    assert "<mark>&lt;osti&gt; talon</mark>" in html and "&lt;osti&gt; talon / talon" in html


def test_a_text_that_may_not_be_passed_on_is_said_to_be_absent():
    html = drawn(None)
    assert "may not be passed on by its licence" in html


def test_directions_are_left_to_the_text_itself():
    html = drawn("שלום עולם | مرحبا | 你好世界", gold="שלום")
    assert html.count("dir='auto'") >= 4 and "שלום עולם" in html and "你好世界" in html
