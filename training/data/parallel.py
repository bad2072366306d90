"""Text that says the same in several languages, from files as they were published.

A folder is one of: `<lang>.txt` files, NTREX (`newstest2019-*.txt`), FLORES (`fin_Latn.devtest`),
SIB-200 (`fin_Latn/test.tsv`, FLORES sentences with ids), or Bibles (OSIS archives, verses with
ids). Any of them may be gzipped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from training.catalogue.beyond import NTREX_CODES
from training.catalogue.classification import SIB_CODES
from training.catalogue.languages import LANGUAGES, SPELLINGS
from training.data.corpora import verses
from training.data.errors import DataError, MissingData
from training.data.opening import lines, tsv
from training.data.origin import faults

Lines = dict[str, str]
"""Id -> line; an id says the same in every language."""
FORMS = (
    "<lang>.txt, newstest2019-*.<lang>.txt (NTREX), <lang>_<Script>.<split> (FLORES), "
    "<lang>_<Script>/<split>.tsv (SIB-200) or <lang>.*.tar.gz (OSIS Bibles)"
)
PROSE = "newstest2019"


@dataclass(frozen=True)
class Text:
    """Lines by language (ISO 639-3): equally many, none empty, where they are parallel."""

    name: str
    lines: dict[str, list[str]]
    left_out: int = 0
    """Lines that were not in all languages."""
    parallel: bool = True


@dataclass(frozen=True)
class _Form:
    """A published layout: how its files are found, read, and called."""

    name: str
    files: Callable[[Path, str, str], list[Path]]
    """Folder, language, split -> its file, if it is there."""
    read: Callable[[Path, str], Lines]
    by_line: bool
    """Lines belong together by their number, so that all files must have equally many."""


def text(folder: Path, languages: Iterable[str], split: str, anyway: bool = False) -> Text:
    """The parallel text in a folder, in these languages (none: all that it has).

    Lines that a language lacks are left out of all. `anyway`: take files of unequal length as they
    are, which is not parallel then. Raises MissingData where the folder, or a language in it, has
    no text, and DataError for files of unequal length, for text without a line in common, and for
    broken files.
    """
    asked = tuple(dict.fromkeys(languages))
    for form in _FORMS:
        there = {lang: form.files(folder, lang, split) for lang in LANGUAGES}
        have = [lang for lang, found in there.items() if found]
        if have:
            break
    else:
        raise MissingData("parallel text", str(folder), f"it should hold {FORMS} (split {split})")
    absent = [LANGUAGES[lang].name for lang in asked if lang not in have]
    if absent:
        told = f"{form.name} has {', '.join(have)} there; leave the others out"
        raise MissingData(f"parallel text in {', '.join(absent)}", str(folder), told)
    wanted = asked or tuple(have)
    read = {lang: form.read(_one(there[lang]), lang) for lang in wanted}
    name = form.name.format(split=split, folder=folder.name)
    if form.by_line and len({len(found) for found in read.values()}) > 1:
        counts = {str(_one(there[lang])): len(found) for lang, found in read.items()}
        if not anyway:
            raise _unequal(counts)
        bare = {lang: [one for one in found.values() if one] for lang, found in read.items()}
        return Text(f"{name}, not parallel", bare, parallel=False)
    return _joined(name, read, folder)


def _one(found: list[Path]) -> Path:
    if len(found) > 1:
        told = f"is there twice ({', '.join(path.name for path in found)})"
        raise DataError(str(found[0].parent), None, told, "keep one of them")
    return found[0]


def _unequal(counts: dict[str, int]) -> DataError:
    usual = Counter(counts.values()).most_common(1)[0][0]
    other = [f"{path} has {count}" for path, count in counts.items() if count != usual]
    first = next(path for path, count in counts.items() if count != usual)
    wrong = f"the texts are not parallel: most have {usual} lines, {'; '.join(other[:4])}"
    todo = (
        "line i must say the same in every language; --not-parallel measures them all the same, "
        "and then genre with them"
    )
    return DataError(first, None, wrong, todo)


def _joined(name: str, read: dict[str, Lines], folder: Path) -> Text:
    """The lines that every language has, in the order of the first."""
    every = dict.fromkeys(key for found in read.values() for key in found)
    kept = [key for key in every if all(found.get(key) for found in read.values())]
    if not kept:
        told = f"no line is in all of {', '.join(read)}"
        raise DataError(str(folder), None, told, "name fewer languages")
    made = {lang: [found[key] for key in kept] for lang, found in read.items()}
    return Text(name, made, len(every) - len(kept))


def _numbered(path: Path, _: str) -> Lines:
    return {str(i): line.strip() for i, line in enumerate(lines(path, closed=False))}


def _topics(path: Path, _: str) -> Lines:
    rows = list(tsv(path))
    if wrong := faults(rows):
        raise wrong[0]
    if rows and not {"index_id", "text"} <= set(rows[0]):
        told = f"has the columns {', '.join(rows[0])}"
        raise DataError(str(path), 1, told, "index_id, category, text are expected", "line")
    return {row["index_id"]: row["text"].strip() for row in rows}


def _verses(path: Path, lang: str) -> Lines:
    """Psalms are numbered in two ways: they are left out."""
    return {key: one for key, one in verses(path, lang).items() if not key.startswith("Ps.")}


def _spelt(lang: str, given: str) -> bool:
    return SPELLINGS.get(given.split("_")[0].split("-")[0].lower()) == lang


def _plain(folder: Path, lang: str, _: str) -> list[Path]:
    return [one for one in sorted(folder.glob("*.txt*")) if _spelt(lang, one.name.split(".")[0])]


def _news(folder: Path, lang: str, _: str) -> list[Path]:
    named = "src.eng" if lang == "eng" else f"ref.{NTREX_CODES.get(lang, lang)}"
    return sorted(folder.glob(f"{PROSE}-{named}.txt*"))


def _flores(folder: Path, lang: str, split: str) -> list[Path]:
    wanted = "devtest" if split == "test" else split
    return sorted(folder.glob(f"{SIB_CODES[lang]}.{wanted}*"))


def _sib(folder: Path, lang: str, split: str) -> list[Path]:
    return sorted(folder.glob(f"{SIB_CODES[lang]}/{split}.tsv*"))


def _bible(folder: Path, lang: str, _: str) -> list[Path]:
    found = sorted(folder.glob("*.tar.gz"))
    return [one for one in found if _spelt(lang, one.name.split(".")[0])]


_FORMS = (
    _Form("SIB-200 {split} (FLORES-200)", _sib, _topics, by_line=False),
    _Form("NTREX-128", _news, _numbered, by_line=True),
    _Form("FLORES {split}", _flores, _numbered, by_line=True),
    _Form("Bible", _bible, _verses, by_line=False),
    _Form("{folder}", _plain, _numbered, by_line=True),
)
