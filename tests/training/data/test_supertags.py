"""CCG in both accepted forms, its splits, and the stand-in that is never taken for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from training.catalogue import LANGUAGES, TASKS
from training.data import files, sources
from training.data.errors import DataError, MissingData
from training.data.origin import faults
from training.data.supertags import dependencies, derivations, words_and_categories

CCG = TASKS["ccg"]
ENGLISH = LANGUAGES["eng"]
DERIVATION = (
    "(<T S[dcl] 0 2> (<T NP 0 1> (<L N NNP NNP -LRB- N>) ) "
    "(<T S[dcl]\\NP 0 2> (<L (S[dcl]\\NP)/NP VBZ VBZ a<b (S[dcl]\\NP_3)/NP_4>) "
    "(<L NP NNS NNS yen NP>) ) )"
)
FOUND = (["-LRB-", "a<b", "yen"], ["N", "(S[dcl]\\NP)/NP", "NP"])


def bank(root: Path, sections: range = range(25)) -> Path:
    """An LDC tree with one sentence a section, which names it."""
    for number in sections:
        path = root / f"ccg/ccgbank_1_1/data/AUTO/{number:02}/wsj_{number:02}01.auto"
        path.parent.mkdir(parents=True)
        path.write_text(f"ID=wsj_{number:02}01.1 PARSER=GOLD NUMPARSE=1\n{DERIVATION}\n")
    return root


def test_leaves_are_read_whatever_their_words_are(tmp_path: Path) -> None:
    path = bank(tmp_path, range(1)) / "ccg/ccgbank_1_1/data/AUTO/00/wsj_0001.auto"
    (row,) = derivations(path, ENGLISH)
    assert (row["tokens"], row["tags"]) == FOUND
    assert (row["id"], row.number) == ("wsj_0001.1", 2)


@pytest.mark.parametrize(
    ("split", "sections"), [("train", range(19)), ("dev", range(19, 22)), ("test", range(22, 25))]
)
def test_sections_are_split_as_jiant_splits_them(
    tmp_path: Path, split: str, sections: range
) -> None:
    rows, _ = files.rows(CCG, split, "eng", bank(tmp_path))  # type: ignore[arg-type]
    assert [row["id"] for row in rows] == [f"wsj_{number:02}01.1" for number in sections]


def test_a_missing_section_is_named(tmp_path: Path) -> None:
    bank(tmp_path, range(18))
    with pytest.raises(MissingData) as caught:
        files.rows(CCG, "train", "eng", tmp_path)
    assert "ccg.train.tsv" in str(caught.value) and "AUTO/" in str(caught.value)
    assert "ccg_ud is a free stand-in" in str(caught.value)


def test_both_forms_give_the_same_examples(tmp_path: Path) -> None:
    bank(tmp_path / "auto")
    path = tmp_path / "tsv/ccg/ccg.test.tsv"
    path.parent.mkdir(parents=True)
    path.write_text(f"{' '.join(FOUND[0])}\t{' '.join(FOUND[1])}\n" * 3)
    made = [
        [
            (one.words, one.tags)
            for one in sources.rows(CCG, "test", "eng", "files", tmp_path / form).read.examples
        ]
        for form in ("auto", "tsv")
    ]
    assert made[0] == made[1] and len(made[0]) == 3


@pytest.mark.parametrize(
    ("spoilt", "line"),
    [
        (DERIVATION[:-1], 2),
        (DERIVATION.replace("<L NP NNS", "<L NP"), 2),
        (DERIVATION.replace("(<T NP 0 1>", "(<T NP>"), 2),
        ("", 2),
    ],
)
def test_a_derivation_that_is_not_whole(tmp_path: Path, spoilt: str, line: int) -> None:
    path = tmp_path / "wsj.auto"
    path.write_text(f"ID=a PARSER=GOLD\n{spoilt}\nID=b PARSER=GOLD\n{DERIVATION}\n")
    rows = list(derivations(path, ENGLISH))
    assert [one.row for one in faults(rows)] == [line] and rows[-1]["tokens"] == FOUND[0]


def test_words_and_categories_are_equally_many(tmp_path: Path) -> None:
    path = tmp_path / "ccg.train.tsv"
    path.write_text("Ed ran\tNP S\\NP\nEd ran\tNP\nEd  ran\tNP S\\NP NP\n")
    wrong = faults(words_and_categories(path, ENGLISH))
    assert [one.row for one in wrong] == [2, 3]
    assert str(wrong[0]).startswith(f"{path}:2: has 2 words and 1 categories")


def word(number: int, form: str, head: int, relation: str) -> str:
    return f"{number}\t{form}\t{form}\tX\t_\t_\t{head}\t{relation}\t_\t_\n"


def test_the_stand_in_reads_supertags_off_dependencies(tmp_path: Path) -> None:
    path = tmp_path / "en_ewt-ud-train.conllu"
    rows = [("The", 2, "det"), ("cat", 3, "nsubj"), ("eats", 0, "root"), ("fish", 3, "obj")]
    text = "".join(word(n, *row) for n, row in enumerate(rows, 1))
    path.write_text(f"# sent_id = a\n{text}\n")
    (row,) = dependencies(path, ENGLISH)
    assert row["tokens"] == ["The", "cat", "eats", "fish"]
    assert row["tags"] == ["det/R", "nsubj/R+L", "root+LR", "obj/L"]
    path.write_text(f"# sent_id = a\n{text.replace('3	obj', '_	obj')}\n")
    with pytest.raises(DataError, match=r"conllu:5: the head of word 4 is '_'"):
        raise faults(dependencies(path, ENGLISH))[0]


def test_the_stand_in_is_a_task_of_its_own(tmp_path: Path) -> None:
    """Files of UD are never read as CCG, and its title says what it is."""
    path = tmp_path / "ud/UD_English-EWT/en_ewt-ud-train.conllu"
    path.parent.mkdir(parents=True)
    path.write_text(f"# sent_id = a\n{word(1, 'Go', 0, 'root')}\n")
    assert files.languages(TASKS["ccg_ud"], "train", tmp_path) == ("eng",)
    assert files.languages(CCG, "train", tmp_path) == ()
    assert "stand-in" in TASKS["ccg_ud"].title and not TASKS["ccg_ud"].group
    assert "ccg_ud" not in TASKS["mixture"].members and not CCG.redistribute
