"""Rows taken apart into sentences and put together again; answers carried into the translation."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.catalogue import TASKS
from training.data.carrying import Passage, carried
from training.data.columns import Place
from training.data.rows import read
from training.data.sentences import cut, sentences
from training.data.translating import EMPTY, LOST, SAME, SHAPES, translate
from training.miniature import tasks


class Shouted(dict[str, str]):
    """A translation known by heart: capitals, with what `told` says of single sentences."""

    def __init__(self, **told: str) -> None:
        super().__init__(told)

    def __missing__(self, sentence: str) -> str:
        return sentence.upper()

    def get(self, sentence: str, default: Any = None) -> Any:
        return self[sentence] if sentence else default


def build(task: str, row: dict[str, Any], said: Any = None, lang: str = "deu") -> Any:
    place = Place(TASKS[task], lang, "here")
    shape = SHAPES[TASKS[task].schema]
    told = said if said is not None else Shouted()
    return shape.build(row, place, {one: told[one] for one in shape.needed(row, place)})


# --- sentences -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A dog slept. It woke up!", ["A dog slept.", "It woke up!"]),
        ('He said "Go." She went.', ['He said "Go."', "She went."]),
        ("Mr. Smith met J. R. Ewing. They ate.", ["Mr. Smith met J. R. Ewing.", "They ate."]),
        ("It cost 3.5 euros. really", ["It cost 3.5 euros. really"]),
        ("One line\n  another", ["One line", "another"]),
        ("  ", []),
    ],
)
def test_where_sentences_end(text: str, expected: list[str]) -> None:
    assert cut(text) == expected


@settings(deadline=None)
@given(st.text(alphabet="Ab. !?\n\"'", max_size=40), st.integers(0, 40), st.integers(0, 10))
def test_sentences_lose_white_space_only(text: str, start: int, length: int) -> None:
    whole = (start, min(len(text), start + length))
    spans = sentences(text, [whole])
    bare = "".join("".join(text[a:b].split()) for a, b in spans)
    assert bare == "".join(text.split())
    inner = text[slice(*whole)]
    if inner == inner.strip() and inner:
        assert any(a <= whole[0] and whole[1] <= b for a, b in spans)


def test_languages_without_spaces_are_joined_without() -> None:
    said = {"A dog.": "狗。", "A cat.": "猫。"}
    assert translate("A dog. A cat.", said, "cmn") == "狗。猫。"
    assert translate("A dog. A cat.", said, "deu") == "狗。 猫。"
    assert translate("A dog. A cat.", said | {"A cat.": ""}, "deu") == ""


# --- rows ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("task", ["mnli", "anli", "qqp", "hellaswag", "cosmosqa", "csqa"])
def test_rows_keep_their_schema_their_labels_and_their_ids(task: str) -> None:
    english = tasks.rows(task, "train", "eng", 3, 60)
    made = [build(task, row) for row in english]
    before, after = (read(TASKS[task], rows, "deu", "here").examples for rows in (english, made))
    assert [(one.id, one.label) for one in before] == [(one.id, one.label) for one in after]
    for row, new in zip(english, made, strict=True):
        assert set(new) == set(row) - {"reason"}


def test_the_original_files_columns_become_the_published_ones() -> None:
    row = {"sentence1": "A dog.", "sentence2": "A cat.", "gold_label": "neutral", "pairID": "7n"}
    more = {"sentence1_parse": "(ROOT ...)", "genre": "fiction"}
    assert build("mnli", row | more) == {
        "pairID": "7n",
        "premise": "A DOG.",
        "hypothesis": "A CAT.",
        "label": "neutral",
    }


def test_an_ending_is_translated_with_what_it_goes_on_from() -> None:
    row = {
        "ind": 4,
        "ctx_a": "A man sits down.",
        "ctx_b": "He",
        "endings": ["sings.", "eats."],
        "label": "1",
    }
    made = build("hellaswag", row)
    assert (made["ctx_b"], made["ctx"]) == ("", "A MAN SITS DOWN.")
    assert made["endings"] == ["HE SINGS.", "HE EATS."] and made["label"] == "1"


@pytest.mark.parametrize("wrong", [1, 2])
def test_a_right_choice_that_became_a_wrong_one_is_dropped(wrong: int) -> None:
    row = {
        "id": "a",
        "question": "Who?",
        "choices": {"label": ["A", "B", "C"], "text": ["hare", "rabbit", "fox"]},
        "answerKey": "A",
    }
    other = row["choices"]["text"][wrong]  # type: ignore[index]
    assert build("csqa", row, Shouted(**{other: "HARE"})) == SAME
    assert build("csqa", row | {"answerKey": "B"}, Shouted(fox="HARE"))["answerKey"] == "B"


def test_a_lost_text_drops_its_row() -> None:
    row = {"question1": "Why?", "question2": "How?", "label": 0, "idx": 3}
    assert build("qqp", row, Shouted(**{"How?": ""})) == EMPTY
    assert build("qqp", row | {"question2": ""})["question2"] == ""


# --- answers -------------------------------------------------------------------------------------

CONTEXT = "Anna lives in Bonn. In Bonn Leo sold a car. He left."
AT = CONTEXT.index("a car")


def span(said: dict[str, str], *answers: tuple[str, int]) -> Any:
    passage = Passage.of(CONTEXT, answers or [("a car", AT)])
    return carried(passage, {one: said[one] for one in passage.needed()}, "deu")


def test_the_answer_alone_is_searched_in_its_sentence() -> None:
    context, found = span(Shouted(**{"In Bonn Leo sold [a car].": "kein Wort"}))
    assert context == CONTEXT.upper()
    assert found == [("A CAR", AT)]


def test_the_brackets_lead_to_the_plain_translation() -> None:
    """The answer translated alone has another form than in its sentence."""
    said = Shouted(
        **{
            "a car": "ein Auto",
            "In Bonn Leo sold a car.": "In Bonn hat Leo einen Wagen verkauft.",
            "In Bonn Leo sold [a car].": "In Bonn verkaufte Leo [ einen Wagen ].",
        }
    )
    context, [(text, start)] = span(said)
    assert text == "einen Wagen" and context[start:].startswith("einen Wagen verkauft. HE LEFT.")


def test_the_bracketed_translation_stands_in_where_the_plain_one_has_no_answer() -> None:
    said = Shouted(
        **{
            "a car": "ein Auto",
            "In Bonn Leo sold a car.": "Dort wurde Leo ihn los.",
            "In Bonn Leo sold [a car].": "Dort gab Leo [einen Wagen] weg.",
        }
    )
    context, [(text, start)] = span(said)
    assert context == "ANNA LIVES IN BONN. Dort gab Leo einen Wagen weg. HE LEFT."
    assert context[start : start + len(text)] == text == "einen Wagen"


def test_of_several_the_one_at_the_same_place_is_taken_as_a_whole_word() -> None:
    said = Shouted(Bonn="ab", **{"In Bonn Leo sold a car.": "Ab Aber xab ab."})
    _, [first] = span(said, ("Bonn", CONTEXT.index("Bonn Leo")))
    assert first == ("Ab", len("ANNA LIVES IN BONN. "))
    _, [last] = span(Shouted(**said, **{"a car": "ab"}), ("a car", AT))
    assert last == ("ab", len("ANNA LIVES IN BONN. Ab Aber xab "))


def test_an_answer_that_is_lost_drops_the_row() -> None:
    row = {
        "id": "q",
        "title": "T",
        "context": CONTEXT,
        "question": "What?",
        "answers": {"text": ["a car"], "answer_start": [AT]},
    }
    lost = Shouted(**{"a car": "Schiff", "In Bonn Leo sold [a car].": "Nichts."})
    assert build("squad", row, lost) == LOST
    wrong = row | {"answers": {"text": ["a car"], "answer_start": [AT + 1]}}
    assert build("squad", wrong) == LOST
    assert build("squad", row, Shouted(**{"What?": ""})) == EMPTY
    several = row | {"answers": {"text": ["a car", "car"], "answer_start": [AT, AT + 2]}}
    kept = build("squad", several, Shouted(**{"car": "Schiff", "In Bonn Leo sold a [car].": ""}))
    assert kept["answers"] == {"text": ["A CAR"], "answer_start": [AT]}


def test_an_unanswerable_question_stays_so() -> None:
    row = {
        "id": "q",
        "context": CONTEXT,
        "question": "What?",
        "answers": {"text": [], "answer_start": []},
    }
    assert build("squad2", row)["answers"] == {"text": [], "answer_start": []}


def test_brackets_of_the_text_itself_are_no_marks() -> None:
    text = "He [Leo] sold a car."
    assert Passage.of(text, [("a car", 14)]).marked(("a car", 14)) is None


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_every_answer_that_is_kept_stands_where_it_says(data: st.DataObject) -> None:
    """Whatever the model says."""
    row = data.draw(st.sampled_from(tasks.rows("squad2", "train", "eng", 3, 60)))
    words = st.sampled_from(["a", "[b", "b]", "ä", "A.", "[a]", "İ", ""])
    sentence = st.lists(words, min_size=1, max_size=4).map(" ".join)

    class Said(dict[str, str]):
        def __missing__(self, key: str) -> str:
            self[key] = data.draw(sentence)
            return self[key]

    made = build("squad2", row, Said(), data.draw(st.sampled_from(["fin", "cmn"])))
    if isinstance(made, str):
        assert made in (LOST, EMPTY)
        return
    (example,) = read(TASKS["squad2"], [made], "fin", "here").examples
    assert bool(example.answers) == bool(row["answers"]["text"])
    for text, start in example.answers:
        assert text and example.context[start : start + len(text)] == text
