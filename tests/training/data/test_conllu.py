"""UD treebanks as XTREME prepares them, rule by rule."""

from __future__ import annotations

import pytest

from training.data import conllu
from training.data.errors import DataError


def word(number: object, form: str, upos: str, head: object, deps: str = "_") -> str:
    return "\t".join([str(number), form, form, upos, "_", "_", str(head), "dep", deps, "_"])


def tokens(*lines: str, short: str = "es") -> list[tuple[str, str]]:
    rows = list(conllu.rows([*lines, ""], short, "gsd", "x.conllu"))
    return [pair for row in rows for pair in zip(row["tokens"], row["pos_tags"], strict=True)]


def test_a_fused_token_takes_the_tag_of_its_head() -> None:
    fused = ("1-2\tdámelo\t_\t_\t_\t_\t_\t_\t_\t_", word(1, "da", "VERB", 0))
    assert tokens(*fused, word(2, "me", "PRON", 1), word(3, "ya", "ADV", 1)) == [
        ("dámelo", "VERB"),
        ("ya", "ADV"),
    ]


@pytest.mark.parametrize(("short", "upos"), [("es", "AUX"), ("fi", "NOUN"), ("it", "AUX")])
def test_ties_go_by_the_languages_own_precedence(short: str, upos: str) -> None:
    """Both members hang on word 3, so both have the same number of ancestors."""
    lines = ("1-2\tdel\t_\t_\t_\t_\t_\t_\t_\t_", word(1, "de", "AUX", 3), word(2, "el", "NOUN", 3))
    assert tokens(*lines, word(3, "fue", "VERB", 0), short=short)[0] == ("del", upos)


def test_enhanced_edges_count_as_ancestors() -> None:
    lines = (
        "1-2\tab\t_\t_\t_\t_\t_\t_\t_\t_",
        word(1, "a", "VERB", 3, "3:x|4:y"),
        word(2, "b", "PRON", 3),
        word(3, "c", "NOUN", 0),
        word(4, "d", "NOUN", 3),
    )
    assert tokens(*lines)[0] == ("ab", "PRON")


def test_empty_nodes_joiners_and_spaces_go() -> None:
    lines = (word(1, "می\u200cروم", "VERB", 0), "1.1\tx\tx\tX\t_\t_\t_\t_\t_\t_")
    assert tokens(*lines, word(2, "10 000", "NUM", 1)) == [("میروم", "VERB"), ("10000", "NUM")]


@pytest.mark.parametrize(("blanks", "kept"), [(0, True), (1, True), (2, False), (3, False)])
def test_sentences_of_blanks_are_left_out(blanks: int, kept: bool) -> None:
    forms = ["_"] * blanks + ["a"] * (3 - blanks)
    lines = [word(i, form, "X", i - 1) for i, form in enumerate(forms, start=1)]
    (row,) = conllu.rows([*lines, ""], "fi", "tdt", "x.conllu")
    assert (not row.left_out) == kept


def test_pud_is_parallel() -> None:
    lines = ["# sent_id = n01", "# text = A b.", word(1, "A", "X", 0), word(2, "b.", "X", 1), ""]
    row = next(conllu.rows(lines, "fi", "pud", "x"))
    assert row["id"] == row["cluster"] == "pud/n01"
    assert next(conllu.rows(lines, "fi", "tdt", "x"))["cluster"] == "fi/tdt/n01"
    assert list(conllu.texts(lines, "x")) == ["A b."]


def test_a_broken_treebank_line_is_named() -> None:
    (row,) = conllu.rows([word(1, "a", "X", 0), "2\tb", ""], "fi", "tdt", "x.conllu")
    assert str(row.fault).startswith("x.conllu:2: not a CoNLL-U line (2 columns)")
    with pytest.raises(DataError, match=r"x\.conllu:2: not a CoNLL-U line"):
        list(conllu.texts([word(1, "a", "X", 0), "2\tb", ""], "x.conllu"))
