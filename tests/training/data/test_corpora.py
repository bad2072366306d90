"""Phase-1 text: what is joined across languages, and what is not."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from training.data import corpora
from training.data.errors import DataError, MissingData

OSIS = "<osis xmlns='http://www.bibletechnologies.net/2003/OSIS/namespace'>{}</osis>"


def bible(data: Path, name: str, verses: dict[str, str]) -> Path:
    """An archive with one OSIS book, as the published ones are packed."""
    book = "".join(f"<verse osisID='{key}'>{text}</verse>" for key, text in verses.items())
    content = OSIS.format(book).encode()
    path = data / f"parallel/bible-osis/{name}.tar.gz"
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w:gz") as archive:
        member = tarfile.TarInfo("x/y/gen.xml")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return path


def news(data: Path, name: str, *lines: str) -> None:
    path = data / f"parallel/ntrex/newstest2019-{name}.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def test_verses_are_joined_by_id_and_news_by_line(tmp_path: Path) -> None:
    bible(tmp_path, "en.web.x", {"Gen.1.1": "In the", "Gen.1.2": "And", "Ps.3.1": "Lord"})
    bible(tmp_path, "fi.fin.x", {"Gen.1.2": "Ja", "Gen.1.1": "Alussa", "Ps.3.1": "Daavidin"})
    news(tmp_path, "src.eng", "One", "Two")
    news(tmp_path, "ref.zho-CN", "一", "二")
    assert corpora.parallel(tmp_path) == {
        "eng": ["One", "Two", "In the", "And"],
        "fin": [None, None, "Alussa", "Ja"],
        "cmn": ["一", "二", None, None],
    }


def test_chapters_that_are_counted_differently_are_not_joined(tmp_path: Path) -> None:
    bible(tmp_path, "en.web.x", {"Gen.31.1": "a", "Gen.31.2": "b", "Gen.32.1": "c"})
    bible(tmp_path, "fi.fin.x", {"Gen.31.1": "A", "Gen.32.1": "B", "Gen.32.2": "C"})
    joined = corpora.parallel(tmp_path)
    assert joined["eng"][:3] == ["a", "b", "c"]
    assert joined["fin"] == [None] * len(joined["eng"])


def test_news_of_unequal_length_is_refused(tmp_path: Path) -> None:
    news(tmp_path, "src.eng", "One", "Two")
    news(tmp_path, "ref.fin", "Yksi")
    with pytest.raises(DataError, match="1 lines of 2"):
        corpora.parallel(tmp_path)


def test_text_has_no_line_twice_and_hungarian_its_own_letters(tmp_path: Path) -> None:
    bible(tmp_path, "hu.hun.x", {"Gen.1.1": "Kezdetben  õ\n tûz", "Gen.1.2": "Ő"})
    news(tmp_path, "ref.hun", "Ő", "Hír")
    treebank = tmp_path / "ud/UD_X/hu_szeged-ud-{}.conllu"
    for split in ("train", "test"):
        path = Path(str(treebank).format(split))
        path.parent.mkdir(parents=True, exist_ok=True)
        word = "1\ta\ta\tX\t_\t_\t0\troot\t_\t_"
        path.write_text(f"# text = {split}\n{word}\n\n", encoding="utf-8")
    assert corpora.text(("hun",), tmp_path) == {"hun": ["Kezdetben ő tűz", "Ő", "Hír", "train"]}
    assert corpora.languages(tmp_path) == ("hun",)


def test_text_of_a_language_without_any(tmp_path: Path) -> None:
    with pytest.raises(MissingData, match="text in Finnish not found.*no language"):
        corpora.text(("fin",), tmp_path)


def test_a_broken_bible_is_named(tmp_path: Path) -> None:
    path = bible(tmp_path, "fi.fin.x", {"Gen.1.1": "Alussa"})
    path.write_bytes(path.read_bytes()[:60])
    with pytest.raises(DataError, match="fi.fin.x.tar.gz: cannot be unpacked"):
        corpora.text(("fin",), tmp_path)
