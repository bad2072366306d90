"""Every real file in a published layout gives the rows that the README beside the files states."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from training.catalogue import LANGUAGES, TASKS, language
from training.data import conllu, files
from training.data.errors import DataError
from training.data.layouts import (
    commonsense,
    cosmos,
    inference,
    objects,
    paws,
    squad,
    topics,
    translations,
    treebank,
)
from training.data.opening import lines
from training.data.origin import Line, faults
from training.data.tokens import nerkor, turku
from training.spec.language import Language

Layout = Callable[[Path, Language], Iterator[Line]]
ANY = LANGUAGES["eng"]
LAYOUTS: dict[str, tuple[Layout, str]] = {
    r"ud/.*/(\w\w)_[^/]*\.conllu\.gz": (treebank, "sentences"),
    r"tatoeba/v1/tatoeba\.(\w+)-eng\.(?!eng)\w+": (translations, "lines"),
    r"cls/sib200/(\w+)/\w+\.tsv": (topics, "rows"),
    r"qa/(?:squad|xquad|mlqa)/.*\.json(?:\.gz)?": (squad, "questions"),
    r"choice/commonsenseqa/(?:train|dev).*": (commonsense, "json lines"),
    r"choice/cosmosqa/.*": (cosmos, "rows"),
    r"choice/xcopa/data/(\w\w)/.*": (objects, "json lines"),
    r"nli/snli/.*": (inference, "json lines"),
    r"para/pawsx/x-final/(de)/.*": (paws, "rows"),
    r"ner/turku-ner/.*": (turku, "sentences"),
    r"ner/nerkor/.*": (nerkor, "sentences"),
}
FEWEST = {
    "ud": 40,
    "tatoeba": 36,
    "cls": 46,
    "qa": 26,
    "choice": 16,
    "nli": 1,
    "para": 2,
    "ner": 14,
}


def stated(data: Path) -> dict[str, tuple[Layout, str, int, str]]:
    """File -> its layout, language, rows and the README's whole cell of counts."""
    found = {}
    for line in (data / "README.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        for pattern, (layout, unit) in LAYOUTS.items():
            match = re.fullmatch(pattern, cells[1]) if len(cells) > 6 else None
            count = re.search(rf"(\d+) {unit}", cells[5]) if match else None
            if match and count:
                spoken = match[1] if match.re.groups else "en"
                found[cells[1]] = (layout, spoken, int(count[1]), cells[5])
    return found


def test_real_files_give_the_rows_that_are_stated(data_dir: Path) -> None:
    told = stated(data_dir)
    for folder, fewest in FEWEST.items():
        assert sum(path.startswith(f"{folder}/") for path in told) >= fewest, folder
    for path, (layout, spoken, count, _) in told.items():
        rows = list(layout(data_dir / path, language(spoken)))
        assert not faults(rows), path
        assert len(rows) == count, path


def test_real_treebanks_have_the_words_that_are_stated(data_dir: Path) -> None:
    spoken = set()
    for path, (layout, code, _, cell) in stated(data_dir).items():
        if layout is treebank:
            words = re.search(r"(\d+) words", cell)
            made = conllu.sentences(lines(data_dir / path), path)
            assert words and sum(len(one.words) for one in made) == int(words[1]), path
            spoken |= {code} if "-test." in path else set()
    assert len(spoken) == 33


def test_real_entities_have_the_tokens_that_are_stated(data_dir: Path) -> None:
    for path, (layout, _, _, cell) in stated(data_dir).items():
        if layout in (turku, nerkor):
            tokens = re.search(r"(\d+) tokens", cell)
            rows = layout(data_dir / path, ANY)
            assert tokens and sum(len(row["tokens"]) for row in rows) == int(tokens[1]), path


CUTS = {
    "udpos": ("ud/UD_Finnish-TDT/fi_tdt-ud-test.conllu.gz", "fin"),
    "turku_ner": ("ner/turku-ner/test.tsv.gz", "fin"),
    "xquad": ("qa/xquad/xquad.th.json.gz", "tha"),
    "pawsx": ("para/pawsx/x-final/de/test_2k.tsv.gz", "deu"),
    "tatoeba": ("tatoeba/v1/tatoeba.fin-eng.fin", "fin"),
    "sib200": ("cls/sib200/hun_Latn/test.tsv", "hun"),
}


@pytest.mark.parametrize("task", CUTS)
def test_real_files_that_are_cut_are_refused(data_dir: Path, tmp_path: Path, task: str) -> None:
    """In the middle, as an interrupted download leaves them; gzipped ones also unpacked."""
    name, lang = CUTS[task]
    source = data_dir / name
    for other in source.parent.glob(f"{source.name.removesuffix(lang)}*"):  # Tatoeba's English
        copy = tmp_path / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.with_name(other.name).write_bytes(other.read_bytes())
    path = tmp_path / name
    whole = "\n".join(lines(source, closed=False))
    for cut, content in (
        (path, source.read_bytes()[: source.stat().st_size // 2]),
        (path.with_name(path.name.removesuffix(".gz")), whole[: len(whole) // 2 - 3].encode()),
    ):
        path.unlink(missing_ok=True)
        cut.write_bytes(content)
        with pytest.raises(DataError) as caught:
            files.rows(TASKS[task], "test", lang, tmp_path)
        assert str(caught.value).startswith(f"{cut}:"), caught.value
