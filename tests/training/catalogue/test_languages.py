"""Languages: the 40 of XTREME, every accepted spelling, and errors that help."""

from __future__ import annotations

from collections import Counter

import pytest

from training.catalogue import LANGUAGES, UnknownName, language


def test_forty_languages_of_fourteen_families() -> None:
    assert len(LANGUAGES) == 40
    families = Counter(one.family for one in LANGUAGES.values())
    assert len(families) == 14  # twelve and the two isolates, each a family of one
    assert families["Uralic"] == 3 and families["Basque"] == families["Koreanic"] == 1
    assert families["Indo-European"] == 16


def test_every_row_is_whole() -> None:
    for code, one in LANGUAGES.items():
        assert one.code == code and len(code) == 3 and len(one.short) == 2
        assert len(one.script) == 4 and one.script.istitle()
        assert one.morphology in {"agglutinative", "fusional", "isolating", "analytic"}
        assert one.family and one.genus
    assert len({one.short for one in LANGUAGES.values()}) == 40
    assert len({one.name for one in LANGUAGES.values()}) == 40


def test_only_yoruba_is_new_to_the_encoder() -> None:
    assert [one.code for one in LANGUAGES.values() if not one.pretrained] == ["yor"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("fi", "fin"), ("fin", "fin"), ("fin_Latn", "fin"), ("fin-Latn", "fin"),
        ("Finnish", "fin"), ("finnish", "fin"), (" hu ", "hun"), ("zh", "cmn"), ("zho_Hans", "cmn"),
        ("arb_Arab", "ara"), ("fa", "pes"), ("sw", "swh"), ("el", "ell"), ("ms", "zsm"),
        ("kor_Hang", "kor"), ("no", None), ("fini", None),
    ],
)  # fmt: skip
def test_spellings(text: str, code: str | None) -> None:
    if code is None:
        with pytest.raises(UnknownName):
            language(text)
    else:
        assert language(text).code == code


def test_a_misspelt_language_gets_the_right_spelling() -> None:
    with pytest.raises(LookupError, match="unknown language 'Finish': did you mean 'Finnish'"):
        language("Finish")
    with pytest.raises(LookupError, match="known: afr, ara"):
        language("x")
