"""One small table per published schema, with every trap that the schema is known for."""

from __future__ import annotations

from typing import Any

import pytest

from training.catalogue import TASKS
from training.data.answers import ABSENT, REPAIRED
from training.data.errors import DataError
from training.data.rows import HIDDEN_LABEL, READERS, Read, read
from training.families.examples import ChoiceExample, PairExample, SpanExample, TagExample

Rows = list[dict[str, Any]]


def made(task: str, rows: Rows, lang: str = "eng", parallel: bool = False) -> Read:
    return read(TASKS[task], rows, lang, f"{task}.jsonl", parallel)


def nli(label: object, premise: str = "It rains.", **more: object) -> dict[str, Any]:
    return {"premise": premise, "hypothesis": "It is wet.", "label": label, **more}


def test_every_schema_of_the_catalogue_has_a_reader() -> None:
    assert {one.schema for one in TASKS.values()} - {"mixture"} == set(READERS)


@pytest.mark.parametrize(
    ("label", "index"),
    [(0, 0), (2, 2), ("1", 1), ("entailment", 0), ("contradiction", 2), ("contradictory", 2)],
)
def test_labels_in_every_spelling(label: object, index: int) -> None:
    found = made("xnli", [nli(label)])
    assert found.examples == (PairExample("0", "0", "eng", "It rains.", "It is wet.", index),)


@pytest.mark.parametrize("label", [-1, "-1", "-"])
def test_hidden_labels_are_left_out_and_counted(label: object) -> None:
    found = made("mnli", [nli(label), nli(1, idx=7)])
    assert [one.id for one in found.examples] == ["7"]
    assert found.dropped == {HIDDEN_LABEL: 1}


def test_hypotheses_of_one_premise_are_one_cluster() -> None:
    found = made("xnli", [nli(0), nli(1), nli(2, premise="It snows.")])
    assert [one.cluster for one in found.examples] == ["0", "0", "2"]
    assert len({one.id for one in found.examples}) == 3


def test_parallel_rows_share_clusters_across_languages() -> None:
    for task, row in (("xnli", nli(0)), ("udpos", {"tokens": ["a"], "pos_tags": ["X"]})):
        clusters = {
            tuple(one.cluster for one in made(task, [row, row], lang, parallel=True).examples)
            for lang in ("fin", "hun")
        }
        assert clusters == {("0", "1")}


def test_xnli_in_one_table_gives_only_its_language() -> None:
    row = {"sentence1": "a", "sentence2": "b", "gold_label": "neutral"}
    rows = [row | {"language": "de"}, row | {"language": "en"}, row | {"language": "de"}]
    assert len(made("xnli", rows, "deu").examples) == 2


def test_qqp_and_pawsx() -> None:
    row = {"question1": "Who?", "question2": "What?", "label": 1, "idx": 4}
    assert made("qqp", [row]).examples == (PairExample("4", "4", "eng", "Who?", "What?", 1),)
    row = {"id": 9, "sentence1": "a", "sentence2": "b", "label": "1"}
    assert made("pawsx", [row], "deu").examples == (PairExample("9", "9", "deu", "a", "b", 1),)


def test_sib200_has_one_segment() -> None:
    row = {"index_id": 548, "category": "sports", "text": "Hän juoksee."}
    expected = PairExample("548", "548", "fin", "Hän juoksee.", None, 3)
    assert made("sib200", [row], "fin").examples == (expected,)


def test_tags_as_numbers_names_and_blank_tokens() -> None:
    row = {"tokens": ["Ed", " ", "ja"], "ner_tags": [1, "O", 0], "langs": ["fi"] * 3}
    found = made("panx", [row], "fin")
    expected = TagExample("0", "fin/0", "fin", ("Ed", "", "ja"), ("B-PER", "O", "O"))
    assert found.examples == (expected,)


def test_supertags_are_any_string() -> None:
    found = made("ccg", [{"tokens": ["Ed", "ran"], "tags": ["NP", "S[dcl]\\NP"]}])
    assert found.examples[0].tags == ("NP", "S[dcl]\\NP")


def span(context: str, text: str, start: int, **more: object) -> dict[str, Any]:
    answers = {"text": [text], "answer_start": [start]}
    return {"id": "q1", "context": context, "question": "?", "answers": answers, **more}


def test_squad_answers_in_both_shapes() -> None:
    listed = span("In Oulu.", "Oulu", 3) | {"answers": [{"text": "Oulu", "answer_start": 3}]}
    for row in (span("In Oulu.", "Oulu", 3), listed):
        expected = SpanExample("q1", "q1", "fin", "In Oulu.", "?", (("Oulu", 3),))
        assert made("xquad", [row], "fin").examples == (expected,)


def test_no_answer_is_an_answer_only_in_squad_two() -> None:
    row = span("In Oulu.", "", 0) | {"answers": {"text": [], "answer_start": []}}
    assert made("squad2", [row]).examples[0].answers == ()
    with pytest.raises(DataError, match="row 1: there is no answer"):
        made("squad", [row])


def test_questions_of_one_context_are_one_cluster() -> None:
    rows = [span("In Oulu.", "Oulu", 3, id=name) for name in ("a", "b")]
    rows.append(span("In Vaasa.", "Vaasa", 3, id="c"))
    assert [one.cluster for one in made("squad", rows).examples] == ["a", "a", "c"]


def test_offsets_of_a_stripped_context_move_together() -> None:
    """Three characters were stripped; 'on' alone could also be taken for its second occurrence."""
    context = "on se on Oulu"
    rows = [
        span(context, "on", context.rindex("on") + 3, id="a"),
        span(context, "Oulu", context.index("Oulu") + 3, id="b"),
    ]
    found = made("squad", rows)
    assert [one.answers[0][1] for one in found.examples] == [6, 9]
    assert found.repaired == {REPAIRED: 2}


def test_the_shared_shift_settles_what_one_answer_leaves_open() -> None:
    context = "aa b"  # two stripped: 'a' at 2 was 0, though 'a' at 1 is nearer
    rows = [span(context, "a", 2, id="a"), span(context, "b", 5, id="b")]
    assert [one.answers[0][1] for one in made("squad", rows).examples] == [0, 3]


def test_an_answer_that_is_not_in_its_context_is_kept_for_scoring() -> None:
    found = made("squad", [span("In Oulu.", "Vaasa", 3)])
    assert found.examples[0].answers == (("Vaasa", -1),)
    assert found.repaired == {ABSENT: 1}


def test_tydiqa_takes_its_language_from_the_id() -> None:
    rows = [span("In Oulu.", "Oulu", 3, id=f"{name}-1-0") for name in ("finnish", "english")]
    assert [one.id for one in made("tydiqa", rows, "fin").examples] == ["finnish-1-0"]
    assert [one.id for one in made("tydiqa", rows, "eng").examples] == ["english-1-0"]


def test_hellaswag_has_string_labels_and_a_second_prefix() -> None:
    endings = ("ran", "fell", "sang", "slept")
    row = {"ind": 3, "ctx_a": "He sat.", "ctx_b": "he", "endings": [*endings], "label": "1"}
    first, second = made("hellaswag", [row, row | {"ctx_b": "", "ind": 4}]).examples
    assert first == ChoiceExample("3", "3", "eng", "He sat.", endings, 1, "he")
    assert first.seconds == ("he ran", "he fell", "he sang", "he slept")
    assert second.seconds == endings


def test_xcopa_asks_for_a_cause_or_an_effect() -> None:
    row = {"premise": "Satoi.", "choice1": "a", "choice2": "b", "question": "cause", "label": 1,
           "idx": 7, "changed": False}  # fmt: skip
    expected = ChoiceExample("7", "7", "est", "Satoi. What was the cause?", ("a", "b"), 1)
    assert made("xcopa", [row], "est").examples == (expected,)


def test_entity_types_beyond_pan_x_are_outside() -> None:
    row = {"tokens": ["H&M", "Garden", "x"], "ner_tags": ["B-ORG", "B-PRO", "I-PRO"]}
    assert made("turku_ner", [row], "fin").examples[0].tags == ("B-ORG", "O", "O")
    with pytest.raises(DataError, match="'B-PRO'"):
        made("panx", [row], "fin")


def test_cosmosqa() -> None:
    answers = {f"answer{i}": str(i) for i in range(4)}
    row = {"id": "c", "context": "It rained.", "question": "Why?", **answers, "label": "2"}
    found = made("cosmosqa", [row])
    assert found.examples[0].prompt == "It rained. Why?"
    assert found.examples[0].choices == ("0", "1", "2", "3") and found.examples[0].label == 2


def test_commonsenseqa_goes_by_letters_and_not_by_order() -> None:
    choices = {"label": ["B", "A"], "text": ["bank", "barn"]}
    listed = [{"label": "B", "text": "bank"}, {"label": "A", "text": "barn"}]
    row = {"id": "q", "question": "Where?", "choices": choices, "answerKey": "A"}
    for found in (made("csqa", [row]), made("csqa", [row | {"choices": listed}])):
        assert found.examples[0].choices[found.examples[0].label] == "barn"


def test_tatoeba_is_stripped_and_english_is_english() -> None:
    row = {"source_sentence": "Hei\n", "target_sentence": "Hi\n"}
    turned = {"source_sentence": "Hi\n", "target_sentence": "Hei", "source_lang": "eng",
              "target_lang": "fin"}  # fmt: skip
    for one in (row, turned):
        found = made("tatoeba", [one], "fin").examples[0]
        assert (found.foreign, found.english, found.gold) == (("Hei",), ("Hi",), {(0, 0)})


def test_bucc_counts_from_one() -> None:
    row = {"sentence1": ["a", "b"], "sentence2": ["x", "y", "z"], "gold": [[2, 3]]}
    found = made("bucc", [row], "deu").examples[0]
    assert found.gold == {(1, 2)}
    assert found.foreign_ids == ("de-000000001", "de-000000002")
    assert found.english_ids[2] == "en-000000003"


@pytest.mark.parametrize(
    ("task", "row", "wrong"),
    [
        ("xnli", {"premis": "a", "label": 0}, "'premise': did you mean 'premis'"),
        ("xnli", nli("entailmnt"), "'entailmnt': did you mean 'entailment'"),
        ("xnli", nli(3), "'label' holds 3"),
        ("xnli", nli(True), "holds True"),
        ("xnli", nli(0, premise=None), "'premise' holds None"),
        ("udpos", {"tokens": ["a", "b"], "pos_tags": ["X"]}, "2 tokens have 1 tags"),
        ("udpos", {"tokens": ["a"], "pos_tags": ["NUON"]}, "did you mean 'NOUN'"),
        ("udpos", {"tokens": "a", "pos_tags": ["X"]}, "a list of texts is expected"),
        ("udpos", {"tokens": [None], "pos_tags": ["X"]}, "holds None"),
        ("squad", span("a", "a", -1), "starts at -1"),
        ("squad", span("a", "a", 0) | {"answers": {"text": ["a"]}}, "answer_start"),
        ("squad", span("a", "a", 0) | {"answers": "a"}, "'answers' holds 'a'"),
        ("csqa", {"id": 1, "question": "?", "choices": {"label": ["A"], "text": ["a"]},
                  "answerKey": "B"}, "'answerKey' holds 'B'"),
        ("bucc", {"sentence1": ["a"], "sentence2": ["b"], "gold": [[0, 1]]}, "names no sentence"),
        ("bucc", {"sentence1": ["a"], "sentence2": ["b"], "gold": [3]}, "no pairs"),
        ("hellaswag", {"ind": 1, "ctx_a": "a", "ctx_b": "", "endings": ["b"] * 4, "label": "4"},
         "'label' holds '4'"),
        ("hellaswag", {"ind": 1, "ctx_a": "a", "ctx_b": "", "endings": ["b"], "label": ""},
         "1 endings"),
        ("xnli", nli(-1), "'label' holds -1"),
        ("cosmosqa", {"id": 1, "context": "a", "question": "b", "label": -1,
                      **{f"answer{i}": "c" for i in range(4)}}, "'label' holds -1"),
        ("csqa", {"id": 1, "question": "?", "choices": {"label": ["A"], "text": ["a"]},
                  "answerKey": ""}, "'answerKey' holds ''"),
        ("udpos", {"tokens": [], "pos_tags": []}, "0 tokens"),
        ("tydiqa", span("a", "a", 0, id="dutch-1-0") | {"id": "klingon-1-0"}, "no language"),
    ],
)  # fmt: skip
def test_a_corrupt_row_says_where_and_what(task: str, row: dict[str, Any], wrong: str) -> None:
    with pytest.raises(DataError) as caught:
        made(task, [row], "deu")
    assert str(caught.value).startswith(f"{task}.jsonl, row 1: ")
    assert wrong in str(caught.value)
