"""Measures of morphology: known answers, and texts that are parallel or refused."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.data import morphology, parallel
from training.data.errors import DataError, MissingData
from training.data.morphology import LEMMA_WORDS, mattr, of_text, types_per_lemma, words
from training.data.pieces import Pieces, opened

TOKENIZER = Path(morphology.__file__).parents[1] / "miniature/encoders/tokenizer"
CONLLU = "# text = x\n{}\n\n"


def letters(texts: Sequence[str]) -> list[int]:
    """A tokenizer that has letters only."""
    return [len(one.replace(" ", "")) for one in texts]


SPELLING = Pieces("letters", letters)


def plain(folder: Path, **texts: str) -> Path:
    for lang, text in texts.items():
        (folder / f"{lang}.txt").write_text(text, encoding="utf-8")
    return folder


# words


def test_words_are_bare_and_numbers_are_none():
    assert words("“Hän—joka” juoksi 3 km/h, no. 7-vuotias ei!") == [
        "Hän", "joka", "juoksi", "km", "h", "no", "ei",
    ]  # fmt: skip
    assert words("don't semi-final ... –") == ["don't", "semi-final"]
    assert words("हिन्दी में। தமிழ்") == ["हिन्दी", "में", "தமிழ்"]


def test_a_composed_and_a_decomposed_letter_are_one():
    assert words("pa\u0308iva\u0308") == words("p\u00e4iv\u00e4") == ["p\u00e4iv\u00e4"]


def test_fertility_continued_words_and_length_by_hand():
    told = of_text(["a", "bb", "a", "cccc"], letters)
    assert told == {"fertility": 2.0, "continued_words": 0.5, "word_length": 2.0}


def test_mattr_by_hand():
    # windows of two: ab, ba, aa -> 1, 1, 0.5
    assert mattr(list("abaa"), 2) == pytest.approx(2.5 / 3)
    assert mattr(list("ab"), 3) is None


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from("abcd"), min_size=3, max_size=30), st.integers(1, 3))
def test_mattr_is_the_mean_over_windows(found: list[str], window: int):
    each = [len(set(found[i : i + window])) / window for i in range(len(found) - window + 1)]
    assert mattr(found, window) == pytest.approx(sum(each) / len(each))


def test_types_per_lemma_by_hand():
    found = [("taloa", "talo", "NOUN"), ("talon", "talo", "NOUN"), ("on", "olla", "AUX")]
    assert types_per_lemma([*found, found[0]]) == 1.5
    assert types_per_lemma([]) is None


# parallel text


def test_files_by_language_in_any_spelling_plain_or_gzipped(tmp_path: Path):
    plain(tmp_path, fi="Talo\nPuu\n", eng="House\nTree\n", README="not a language\n")
    (tmp_path / "hun_Latn.txt.gz").write_bytes(gzip.compress("Ház\nFa\n".encode()))
    told = parallel.text(tmp_path, (), "test")
    assert told.lines == {
        "eng": ["House", "Tree"], "fin": ["Talo", "Puu"], "hun": ["Ház", "Fa"],
    }  # fmt: skip
    assert (told.name, told.left_out, told.parallel) == (tmp_path.name, 0, True)
    assert list(parallel.text(tmp_path, ["hun", "fin"], "test").lines) == ["hun", "fin"]


def test_unequal_line_counts_are_refused_and_named(tmp_path: Path):
    plain(tmp_path, fin="Talo\nPuu\n", eng="House\nTree\n", hun="Ház\n")
    with pytest.raises(DataError, match=r"most have 2 lines, .*hun.txt has 1; .*--not-parallel"):
        parallel.text(tmp_path, (), "test")
    told = parallel.text(tmp_path, (), "test", anyway=True)
    assert not told.parallel and told.name.endswith(", not parallel")
    rows = {(one["lang"], one["measure"]): one for one in morphology.rows(told, SPELLING)}
    assert rows["hun", "fertility"]["value"] == "3.0000"
    assert {one["parallel"] for one in rows.values()} == {"no"}
    assert rows["hun", "premium"]["note"] == "the texts are not parallel"


def test_a_line_that_a_language_lacks_is_left_out_of_all(tmp_path: Path):
    plain(tmp_path, fin="Talo\n\nPuu\n", eng="House\nTree\nRoot\n")
    told = parallel.text(tmp_path, (), "test")
    assert told.lines == {"eng": ["House", "Root"], "fin": ["Talo", "Puu"]} and told.left_out == 1


def test_sib_is_joined_by_its_ids(tmp_path: Path):
    for name, rows in {
        "eng_Latn": ["1\tx\tOne", "2\tx\tTwo"],
        "fin_Latn": ["2\tx\tKaksi", "3\tx\tKolme", "1\tx\tYksi"],
    }.items():
        (tmp_path / name).mkdir()
        text = "".join(f"{one}\n" for one in ["index_id\tcategory\ttext", *rows])
        (tmp_path / name / "test.tsv").write_text(text, encoding="utf-8")
    told = parallel.text(tmp_path, (), "test")
    assert told.lines == {"eng": ["One", "Two"], "fin": ["Yksi", "Kaksi"]}
    assert (told.left_out, told.name) == (1, "SIB-200 test (FLORES-200)")
    with pytest.raises(MissingData, match="parallel text in Hungarian .*has eng, fin there"):
        parallel.text(tmp_path, ["fin", "hun"], "test")


def test_flores_and_ntrex(tmp_path: Path):
    (tmp_path / "f").mkdir()
    (tmp_path / "n").mkdir()
    for name, line in {"fin_Latn": "Yksi", "zho_Hans": "一"}.items():
        (tmp_path / "f" / f"{name}.devtest").write_text(f"{line}\n", encoding="utf-8")
    for name, line in {"src.eng": "One", "ref.zho-CN": "一", "ref.fas": "یک"}.items():
        path = tmp_path / "n" / f"newstest2019-{name}.txt"
        path.write_text(f"{line}\n", encoding="utf-8")
    assert parallel.text(tmp_path / "f", (), "test").lines == {"fin": ["Yksi"], "cmn": ["一"]}
    assert set(parallel.text(tmp_path / "n", (), "test").lines) == {"eng", "cmn", "pes"}


def test_nothing_there_and_a_language_twice(tmp_path: Path):
    with pytest.raises(MissingData, match="parallel text not found: .*<lang>.txt"):
        parallel.text(tmp_path, (), "test")
    plain(tmp_path, fin="a\n", fi="a\n")
    with pytest.raises(DataError, match=r"is there twice \(fi.txt, fin.txt\)"):
        parallel.text(tmp_path, (), "test")


# the table


def test_what_has_no_spaces_has_no_words_and_says_so():
    text = parallel.Text("t", {"eng": ["a house"], "cmn": ["房子"], "vie": ["một ngôi nhà"]})
    rows = {(one["lang"], one["measure"]): one for one in morphology.rows(text, SPELLING)}
    assert rows["cmn", "fertility"]["value"] == "" and rows["cmn", "fertility"]["words"] == 0
    assert "without spaces" in str(rows["cmn", "fertility"]["note"])
    assert (
        rows["cmn", "premium"]["value"] == f"{2 / 6:.4f}" and rows["eng", "premium"]["note"] == ""
    )
    assert rows["vie", "fertility"]["value"] and "syllables" in str(
        rows["vie", "fertility"]["note"]
    )
    assert rows["eng", "mattr_500"]["note"] == "2 words, and a window takes 500"
    assert rows["eng", "types_per_lemma"]["note"] == "no treebanks were given"
    assert all(one["value"] or one["note"] for one in rows.values())


def test_premium_needs_english():
    rows = morphology.rows(parallel.Text("t", {"fin": ["talo"]}), SPELLING)
    told = next(one for one in rows if one["measure"] == "premium")
    assert (told["value"], told["note"]) == ("", "English is not among the languages")


def conllu(*words: tuple[str, str, str]) -> str:
    return CONLLU.format(
        "\n".join(
            f"{i}\t{form}\t{lemma}\t{upos}\t_\t_\t0\troot\t_\t_"
            for i, (form, lemma, upos) in enumerate(words, 1)
        )
    )


def test_lemmas_come_from_the_treebank_with_most_words(tmp_path: Path):
    few, more = tmp_path / "UD_Finnish-A", tmp_path / "UD_Finnish-B"
    few.mkdir()
    more.mkdir()
    (few / "fi_a-ud-test.conllu").write_text(conllu(("Talo", "talo", "NOUN")))
    (more / "fi_b-ud-test.conllu").write_text(
        conllu(("talot", "talo", "NOUN"), ("Talo", "talo", "NOUN"), (".", ".", "PUNCT"))
    )
    (more / "fi_b-ud-train.conllu").write_text(conllu(("puu", "puu", "NOUN"), ("x", "_", "X")))
    told = morphology.on_treebanks(tmp_path, ["fin", "hun"], limit=3)
    name, found = told["fin"]
    assert (name, found.value, found.words) == ("UD_Finnish-B", 1.5, 3)
    assert told["hun"][1].note == "no treebank of it is there"
    short = morphology.on_treebanks(tmp_path, ["fin"])["fin"][1]
    assert (
        short.value is None and short.note == f"3 words with lemmas, and {LEMMA_WORDS} are compared"
    )


# tokenizers


def test_a_tokenizer_from_a_folder_or_a_file():
    folder, file = opened(TOKENIZER), opened(TOKENIZER / "tokenizer.json")
    assert folder.name == file.name and folder.name.startswith("tokenizer.json sha256:")
    one, two, both = folder.count(["talo", "talossanikin", "talo talossanikin"])
    assert one >= 1 and two > 1 and both == one + two


def test_what_is_no_tokenizer_is_refused(tmp_path: Path):
    with pytest.raises(MissingData, match="a tokenizer not found"):
        opened(tmp_path)
    for name in ("tokenizer.json", "x.model", "x.model.gz"):
        (tmp_path / name).write_text("{")
        with pytest.raises(DataError, match=f"{name}: is no tokenizer"):
            opened(tmp_path / name)


# the real files


def test_real_news_is_parallel_and_finnish_words_are_the_longest(data_dir: Path):
    told = parallel.text(data_dir / "parallel/ntrex", (), "test")
    assert len(told.lines) == 9 and {len(found) for found in told.lines.values()} == {1997}
    few = parallel.Text(told.name, {lang: found[:200] for lang, found in told.lines.items()})
    rows = {(one["lang"], one["measure"]): one["value"] for one in morphology.rows(few, SPELLING)}
    lengths = {lang: float(str(rows[lang, "word_length"] or 0)) for lang in told.lines}
    assert max(lengths, key=lambda lang: lengths[lang]) == "fin" and lengths["cmn"] == 0


def test_real_treebanks_have_the_forms_per_lemma_that_were_computed_before(data_dir: Path):
    """Over 9,000 words of the whole treebanks: Finnish-TDT 1.68, Hungarian-Szeged 1.33; here are
    parts of them."""
    told = morphology.on_treebanks(data_dir / "ud", ["fin", "hun"], limit=9000)
    assert told["fin"][1].value == pytest.approx(1.68, abs=0.06)
    assert told["hun"][1].value == pytest.approx(1.33, abs=0.03)
