"""The sets beyond XTREME: real files where they are, and rows in the hub's published columns."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from training.catalogue import TASKS
from training.catalogue.beyond import INTENTS
from training.data.beyond import SEVERAL, UNANSWERED
from training.data.errors import DataError
from training.data.rows import Read, read
from training.data.sources import rows


@pytest.mark.parametrize(
    ("name", "split", "lang", "count", "dropped"),
    [
        ("hucola", "test", "hun", 910, 0),
        ("husst", "test", "hun", 1165, 0),
        ("hurte", "test", "hun", 243, 0),
        ("hucopa", "test", "hun", 100, 0),
        ("exams", "dev", "hun", 536, 0),
        ("exams", "test", "hun", 1731, 0),
        ("xed", "train", "eng", 13655, 17528 - 13655),
        ("xed", "test", "fin", 11068, 14449 - 11068),
        ("xed", "test", "hun", 3708, 5778 - 3708),
        ("xed", "test", "est", 968, 1476 - 968),
    ],
)
def test_real_files(
    data_dir: Path, name: str, split: Any, lang: str, count: int, dropped: int
) -> None:
    found = rows(TASKS[name], split, lang, "files", data_dir).read
    assert (len(found.examples), sum(found.dropped.values())) == (count, dropped)


@pytest.mark.parametrize("lang", ["fin", "hun", "est", "cmn", "swh"])
def test_ntrex_is_aligned(data_dir: Path, lang: str) -> None:
    (bitext,) = rows(TASKS["ntrex"], "test", lang, "files", data_dir).read.examples
    assert len(bitext.foreign) == len(bitext.english) == 1997
    assert bitext.english[0].startswith("Welsh AMs")


def made(name: str, row: dict[str, Any], lang: str = "fin") -> Read:
    return read(TASKS[name], [row], lang, "hub")


def one(name: str, row: dict[str, Any], lang: str = "fin") -> Any:
    return made(name, row, lang).examples[0]


UTTERANCE = {
    "id": "7", "locale": "fi-FI", "partition": "test", "scenario": "alarm", "intent": "alarm_set",
    "utt": "herätä minut yhdeksältä aamulla perjantaina",
    "annot_utt": "herätä minut [time : yhdeksältä aamulla] [date : perjantaina]",
}  # fmt: skip


def test_massive() -> None:
    assert len(INTENTS) == len(set(INTENTS)) == 60
    assert one("massive-intent", UTTERANCE).label == INTENTS.index("alarm_set")
    slots = one("massive-slots", UTTERANCE)
    assert slots.words == ("herätä", "minut", "yhdeksältä", "aamulla", "perjantaina")
    assert slots.tags == ("O", "O", "B-time", "I-time", "B-date")
    chinese = {"id": "1", "utt": "九点叫我", "annot_utt": "[time : 九点]叫我"}
    assert one("massive-slots", chinese, "cmn").tags == ("B-time", "I-time", "O", "O")
    with pytest.raises(DataError, match="does not say"):
        made("massive-slots", UTTERANCE | {"utt": "jotain muuta"})


def test_massive_keeps_the_split_and_names_every_malformed_line(tmp_path: Path) -> None:
    path = tmp_path / TASKS["massive-intent"].files / "1.0/data/fi-FI.jsonl"
    path.parent.mkdir(parents=True)
    parts = ["train", "dev", "test", "test"]
    made = [json.dumps(UTTERANCE | {"id": f"{i}", "partition": p}) for i, p in enumerate(parts)]
    path.write_text("\n".join(made))
    found = rows(TASKS["massive-intent"], "test", "fin", "files", tmp_path)
    assert [one.id for one in found.read.examples] == ["2", "3"] and found.read.original
    unknown = made[3].replace("alarm_set", "alarm_sett")
    path.write_text("\n".join([made[0], "{", made[2], unknown]))
    with pytest.raises(DataError, match=r"fi-FI.jsonl:2: is not JSON.*2 malformed lines.*: 2, 4"):
        rows(TASKS["massive-intent"], "test", "fin", "files", tmp_path)


def test_belebele_counts_from_one() -> None:
    row = {
        "link": "https://x", "question_number": 2, "flores_passage": "Teksti.", "question": "Mikä?",
        "correct_answer_num": "3", **{f"mc_answer{i}": str(i) for i in range(1, 5)},
    }  # fmt: skip
    example = one("belebele", row)
    assert (example.prompt, example.choices[example.label]) == ("Teksti. Mikä?", "3")
    assert (example.id, example.cluster) == ("https://x#2", "https://x")
    for wrong in ("0", "5"):
        with pytest.raises(DataError, match="correct_answer_num"):
            made("belebele", row | {"correct_answer_num": wrong})


def test_hulu_in_the_columns_of_files_and_hub() -> None:
    for row in (
        {"id": "3", "Sent": "Jó.", "label": "1"},
        {"Sent_id": "3", "Sent": "Jó.", "Label": 1},
    ):
        example = one("hucola", row, "hun")
        assert (example.id, example.first, example.label) == ("3", "Jó.", 1)
    assert one("husst", {"id": "1", "Sent": "x", "label": "positive"}, "hun").label == 2
    row = {"id": "1", "question": "cause", "premise": "P.", "choice1": "a", "choice2": "b"}
    assert one("hucopa", row | {"label": "2"}, "hun").choices == ("a", "b")
    with pytest.raises(DataError, match="'cause' or 'effect'"):
        made("hucopa", row | {"question": "why", "label": "2"}, "hun")


def test_sst_folds_five_classes_into_three() -> None:
    for named, label in (("very negative", 0), ("neutral", 1), ("very positive", 2)):
        row = {"text": "x", "label": 4, "label_text": named}
        assert one("sst", row, "eng").label == label


def test_xed_takes_lines_of_one_emotion() -> None:
    assert one("xed", {"sentence": "x", "labels": "8"}).label == 8
    assert one("xed", {"sentence": "x", "labels": ["trust"]}).label == 8
    assert made("xed", {"sentence": "x", "labels": "1, 8"}).dropped == {SEVERAL: 1}


def test_exams_leaves_out_what_has_no_answer() -> None:
    asked = {"stem": "Melyik?", "choices": {"label": ["A", "B"], "text": ["ez", "az"]}}
    row = {"id": "1", "question": asked, "answerKey": "B"}
    assert one("exams", row, "hun").label == 1
    assert made("exams", row | {"answerKey": "@"}, "hun").dropped == {UNANSWERED: 1}
    with pytest.raises(DataError, match="holds 'C'"):
        made("exams", row | {"answerKey": "C"}, "hun")


@pytest.mark.parametrize(
    ("lang", "column"),
    [("pes", "fas_Arab"), ("tgl", "fil_Latn"), ("zsm", "msa_Latn"), ("swh", "swa_Latn"),
     ("ara", "arb_Arab"), ("cmn", "zho_Hans"), ("kor", "kor_Hang"), ("fin", "fin_Latn")],
)  # fmt: skip
def test_ntrex_names_languages_its_own_way(lang: str, column: str) -> None:
    row = {column: "x", "eng_Latn": "Hi."}
    assert one("ntrex", row, lang).foreign == ("x",)
    with pytest.raises(DataError, match=f"nor .*{column}"):
        made("ntrex", {"eng_Latn": "Hi."}, lang)


def test_parallel_tables_with_a_column_a_language() -> None:
    for row in (
        {"sentence_fin_Latn": "Hei.", "sentence_eng_Latn": "Hi."},
        {"fin_Latn": "Hei.", "eng_Latn": "Hi."},
    ):
        for name in ("flores", "ntrex"):
            bitext = one(name, row)
            assert (bitext.foreign, bitext.english) == (("Hei.",), ("Hi.",))


def test_flores_as_published(tmp_path: Path) -> None:
    for split, sib, text in (("devtest", "fin_Latn", "Hei.\n"), ("devtest", "eng_Latn", "Hi.\n")):
        path = tmp_path / "parallel/flores200_dataset" / split / f"{sib}.{split}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (bitext,) = rows(TASKS["flores"], "test", "fin", "files", tmp_path).read.examples
    assert (bitext.foreign, bitext.english) == (("Hei.",), ("Hi.",))
