"""Text for phase 1 from original files: Bibles (OSIS), NTREX, and the sentences of UD treebanks.

UD test files are left out: they are what UDPOS is measured on.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path

from training.catalogue.languages import LANGUAGES, SPELLINGS
from training.data import conllu
from training.data.errors import DataError, MissingData
from training.data.opening import lines, members

BIBLES = "parallel/bible-osis/*.tar.gz"
NEWS = "parallel/ntrex/newstest2019-*.txt*"
TREEBANKS = "ud/UD_*/*-ud-{}*.conllu*"
NAMED = "corpora/{}/{}.txt*"
"""A corpus of the user's own (Wikipedia, say): one example a line."""
SETTLED = str.maketrans("õûÕÛ", "őűŐŰ")
"""The Hungarian Bible is published with õ and û throughout, which Hungarian does not have."""
Verses = dict[str, str]


def languages(data: Path) -> tuple[str, ...]:
    """Languages that have any text, in the catalogue's order."""
    found = {*_bibles(data), *_news(data), *_treebanks(data)}
    return tuple(code for code in LANGUAGES if code in found)


def text(languages: Iterable[str], data: Path) -> dict[str, list[str]]:
    """Lines of every language (ISO 639-3), none of them twice.

    Raises MissingData for a language without text, or for no language at all, and DataError for a
    broken file.
    """
    wanted = tuple(languages)
    if not wanted:
        raise _missing("text for MLM", data)
    return {lang: _text(lang, data) for lang in wanted}


def _missing(what: str, data: Path) -> MissingData:
    have = ", ".join(languages(data)) or "no language"
    return MissingData(
        what,
        ", ".join(str(data / one) for one in (BIBLES, NEWS, TREEBANKS.format("train"))),
        f"there is text in {have}; fetch NTREX or treebanks, or name a corpus of your own "
        "(recipe.corpus)",
        (
            f"git clone https://github.com/MicrosoftTranslator/NTREX (NTREX-128)  -> "
            f"{data / 'parallel/ntrex'}",
        ),
    )


def _text(lang: str, data: Path) -> list[str]:
    found: list[str] = (
        list(verses(_bibles(data)[lang], lang).values()) if lang in _bibles(data) else []
    )
    if lang in _news(data):
        found += _lines(_news(data)[lang])
    for path in _treebanks(data).get(lang, ()):
        found += conllu.texts(lines(path), str(path))
    if not found:
        raise _missing(f"text in {LANGUAGES[lang].name}", data)
    return [line for line in dict.fromkeys(found) if line]


def parallel(data: Path) -> dict[str, list[str | None]]:
    """Equally long lists: line i says the same in every language, None where one lacks it.

    News (NTREX) first, then the Bible's verses by their ids, English in front. Psalms, and in a
    language the chapters whose verses it counts differently from English, are left out.
    """
    news = {lang: _lines(path) for lang, path in _news(data).items()}
    bibles = {lang: verses(path, lang) for lang, path in _bibles(data).items()}
    count = max((len(found) for found in news.values()), default=0)
    for lang, found in news.items():
        if len(found) != count:
            raise DataError(
                str(_news(data)[lang]), None, f"{len(found)} lines of {count}", "fetch it again"
            )
    order = _order(bibles)
    return {
        lang: [*_padded(news.get(lang), count), *_aligned(bibles, lang, order)]
        for lang in LANGUAGES
        if lang in news or lang in bibles
    }


def named(corpus: str, wanted: Iterable[str], data: Path) -> dict[str, list[str | None]]:
    """Lines of a corpus of the user's own, in the wanted languages (none: all that it has).

    Raises MissingData for a language without a file and DataError for a broken one.
    """
    have = _coded(data.glob(NAMED.format(corpus, "*")), lambda name: name.split(".")[0])
    asked = tuple(wanted) or tuple(code for code in LANGUAGES if code in have)
    absent = [LANGUAGES[lang].name for lang in asked if lang not in have]
    if absent or not asked:
        raise MissingData(
            f"text of the corpus {corpus!r}" + f" in {', '.join(absent)}" * bool(absent),
            str(data / NAMED.format(corpus, "<lang>")),
            f"write one example a line into such files (there: {', '.join(have) or 'nothing'})",
        )
    return {lang: [line or None for line in _lines(have[lang])] for lang in asked}


def _padded(found: list[str] | None, count: int) -> list[str | None]:
    return [line or None for line in found] if found else [None] * count


def _order(bibles: dict[str, Verses]) -> list[str]:
    """Verse ids, in English order as far as English has them."""
    english = bibles.get("eng", {})
    others = (found for lang, found in bibles.items() if lang != "eng")
    every = dict.fromkeys([*english, *(key for found in others for key in found)])
    return [key for key in every if not key.startswith("Ps.")]


def _chapter(verse: str) -> str:
    return verse.rpartition(".")[0]


def _aligned(bibles: dict[str, Verses], lang: str, order: list[str]) -> list[str | None]:
    own = bibles.get(lang, {})
    here, english = (Counter(map(_chapter, found)) for found in (own, bibles.get("eng", own)))
    return [
        own.get(key) if here[_chapter(key)] == english[_chapter(key)] else None for key in order
    ]


@lru_cache(maxsize=16)
def verses(path: Path, lang: str) -> Verses:
    """Verse id (`John.3.16`) -> text, of an archive with one OSIS file per book."""
    found: Verses = {}
    for name, content in members(path):
        if not name.endswith(".xml"):
            continue
        try:
            root = ET.fromstring(content)
        except ET.ParseError as error:
            where, line = f"{path}:{name}", error.position[0]
            raise DataError(where, line, f"is no XML ({error})", "fetch it", "line") from error
        for element in root.iterfind(".//{*}verse"):
            verse = " ".join("".join(element.itertext()).split())
            if verse:
                settled = verse.translate(SETTLED) if lang == "hun" else verse
                found[element.attrib.get("osisID", "")] = settled
    return found


def _lines(path: Path) -> list[str]:
    return [line.strip() for line in lines(path)]


def _bibles(data: Path) -> dict[str, Path]:
    """`fi.fin.gen-exod-ps-nt.tar.gz` by language."""
    return _coded(data.glob(BIBLES), lambda name: name.split(".")[0])


def _news(data: Path) -> dict[str, Path]:
    """`newstest2019-ref.fin.txt.gz` by language."""
    return _coded(data.glob(NEWS), lambda name: name.split(".")[1].split("-")[0])


def _coded(paths: Iterable[Path], code: Callable[[str], str]) -> dict[str, Path]:
    named = ((SPELLINGS.get(code(path.name)), path) for path in sorted(paths))
    return {lang: path for lang, path in named if lang}


def _treebanks(data: Path) -> dict[str, list[Path]]:
    """Train and dev files of every treebank by language, by name."""
    found: dict[str, list[Path]] = {}
    paths = [path for split in ("train", "dev") for path in data.glob(TREEBANKS.format(split))]
    for path in sorted(paths, key=lambda path: path.name):
        code = SPELLINGS.get(path.name.split("_")[0])
        if code:
            found.setdefault(code, []).append(path)
    return found


def with_single_lines(
    told: dict[str, list[str | None]], more: dict[str, list[str]]
) -> dict[str, list[str | None]]:
    """Parallel lines, and after them the lines that one language has alone."""
    length = max(map(len, told.values()), default=0)
    made: dict[str, list[str | None]] = {}
    for lang in sorted({*told, *more}):
        first = told.get(lang, [None] * length)
        known = set(first)
        alone = [line for line in more.get(lang, []) if line not in known]
        made[lang] = [
            *first,
            *[None] * (max(map(len, made.values()), default=length) - length),
            *alone,
        ]
    return made
