"""Morphology as text shows it: sub-words, variety and length of words, forms of a lemma.

Fertility and the share of continued words are those of Rust et al. (2021), MATTR is Covington &
McFall's (2010), the premium Petrov et al.'s (2023). Only values from the same lines can be compared
between languages: a treebank's genre moves MATTR by more than Finnish differs from Hungarian.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from training.catalogue.languages import LANGUAGES
from training.data import conllu
from training.data.errors import DataError
from training.data.opening import lines
from training.data.parallel import Text
from training.data.pieces import Pieces
from training.spec.record import MORPHOLOGY_COLUMNS, MORPHOLOGY_MEASURES, MORPHOLOGY_SCHEMA

UNSPACED = frozenset({"Hans", "Jpan", "Thai", "Mymr"})
"""Scripts without spaces between words: what spaces part there is no word."""
NO_WORDS = "written without spaces: words are not told apart"
SYLLABLES = {"vie": "spaces part syllables, not words"}
WINDOW = 500
LEMMA_WORDS = 5000
"""Words of a treebank that forms and lemmas are counted in, equally many in every language, since
the ratio grows with the text; as many as most test files hold."""
APART = re.compile(r"[\s/\u2013\u2014\u2026]+")
Row = dict[str, object]
"""A row of the table, columns `record.MORPHOLOGY_COLUMNS`."""


@dataclass(frozen=True)
class Measured:
    """One value, or the reason why there is none."""

    value: float | None
    words: int
    note: str = ""


def words(line: str) -> list[str]:
    """What spaces, dashes and slashes part, without punctuation at its ends, if it has a letter and
    no digit; as written, composed (NFC)."""
    made = (_bare(one) for one in APART.split(unicodedata.normalize("NFC", line)))
    return [one for one in made if one and _worded(one)]


def _bare(text: str) -> str:
    """Without what is neither letter, mark nor digit at either end."""
    inner = [i for i, char in enumerate(text) if unicodedata.category(char)[0] in "LMN"]
    return text[inner[0] : inner[-1] + 1] if inner else ""


def _worded(text: str) -> bool:
    kinds = {unicodedata.category(char)[0] for char in text}
    return "L" in kinds and "N" not in kinds


def _alphabetic(text: str) -> bool:
    """Letters and their marks only: `str.isalpha` would refuse most words of Hindi or Tamil."""
    kinds = {unicodedata.category(char)[0] for char in text}
    return "L" in kinds and kinds <= {"L", "M"}


def mattr(found: Sequence[str], window: int = WINDOW) -> float | None:
    """Mean type-token ratio of all windows of that many words; None where there are fewer."""
    if len(found) < window:
        return None
    counts = Counter(found[:window])
    total = len(counts)
    for gone, come in zip(found, found[window:], strict=False):
        counts[gone] -= 1
        if not counts[gone]:
            del counts[gone]
        counts[come] += 1
        total += len(counts)
    return total / (len(found) - window + 1) / window


def of_text(found: Sequence[str], count: Callable[[Sequence[str]], list[int]]) -> dict[str, float]:
    """Fertility, continued words and mean length of words (one at least), every token counting."""
    types = Counter(found)
    pieces = dict(zip(types, count(list(types)), strict=True))
    total = len(found)
    return {
        "fertility": sum(pieces[one] * n for one, n in types.items()) / total,
        "continued_words": sum(n for one, n in types.items() if pieces[one] > 1) / total,
        "word_length": sum(len(one) * n for one, n in types.items()) / total,
    }


def on_parallel(text: Text, tokenizer: Pieces) -> dict[tuple[str, str], Measured]:
    """(language, measure) -> value, of all measures that need no treebank."""
    told: dict[tuple[str, str], Measured] = {}
    whole = {lang: sum(tokenizer.count(found)) for lang, found in text.lines.items()}
    for lang, found in text.lines.items():
        each = [word for line in found for word in words(line)]
        unspaced = LANGUAGES[lang].script in UNSPACED
        note = NO_WORDS if unspaced else SYLLABLES.get(lang, "")
        values: dict[str, float | None] = {}
        if each and not unspaced:
            values |= of_text(each, tokenizer.count)
            values["mattr_500"] = mattr([one.lower() for one in each])
        short = f"{len(each)} words, and a window takes {WINDOW}"
        for name in ("fertility", "continued_words", "mattr_500", "word_length"):
            value = values.get(name)
            why = note or (short if name == "mattr_500" else "no words")
            told[lang, name] = Measured(value, 0 if unspaced else len(each), note if value else why)
        told[lang, "premium"] = _premium(lang, whole, text.parallel)
    return told


def _premium(lang: str, whole: Mapping[str, int], parallel: bool) -> Measured:
    """Sub-words of all lines against English's; it needs no words."""
    if not parallel:
        return Measured(None, 0, "the texts are not parallel")
    if not whole.get("eng"):
        return Measured(None, 0, "English is not among the languages")
    return Measured(whole[lang] / whole["eng"], 0)


def types_per_lemma(found: Iterable[tuple[str, str, str]]) -> float | None:
    """Distinct (form, lemma, part of speech) over distinct (lemma, part of speech)."""
    forms = set(found)
    lemmas = {(lemma, upos) for _, lemma, upos in forms}
    return len(forms) / len(lemmas) if lemmas else None


def lemmas(paths: Iterable[Path], limit: int) -> list[tuple[str, str, str]]:
    """(form, lemma, part of speech) of the first alphabetic words that have a lemma, lower case.

    Raises DataError for a malformed file.
    """
    found: list[tuple[str, str, str]] = []
    for path in paths:
        for sentence in conllu.sentences(lines(path), str(path)):
            if sentence.faults:
                number, wrong, todo = sentence.faults[0]
                raise DataError(str(path), number, wrong, todo, "line")
            for columns in sentence.words.values():
                form, lemma = columns[1].lower(), columns[2].lower()
                if _alphabetic(form) and lemma != "_":
                    found.append((form, lemma, columns[3]))
            if len(found) >= limit:
                return found[:limit]
    return found


def on_treebanks(
    folder: Path, languages: Iterable[str], limit: int = LEMMA_WORDS
) -> dict[str, tuple[str, Measured]]:
    """Language -> the treebank that it was read from (the one with most words), and the value."""
    told = {}
    for lang in languages:
        best, found = "", list[tuple[str, str, str]]()
        pattern = f"{LANGUAGES[lang].short}_*-ud-*.conllu*"
        for treebank in sorted(folder.glob("UD_*")):
            paths = sorted(treebank.glob(pattern), key=_split)
            read = lemmas(paths, limit)
            if paths and (not best or len(read) > len(found)):
                best, found = treebank.name, read
        if not best:
            told[lang] = ("", Measured(None, 0, "no treebank of it is there"))
        elif len(found) < limit:
            why = f"{len(found)} words with lemmas, and {limit} are compared"
            told[lang] = (best, Measured(None, len(found), why))
        else:
            told[lang] = (best, Measured(types_per_lemma(found), limit))
    return told


def _split(path: Path) -> tuple[int, str]:
    order = ("train", "dev", "test")
    rank = next((i for i, one in enumerate(order) if f"-ud-{one}" in path.name), len(order))
    return rank, path.name


def rows(
    text: Text, tokenizer: Pieces, treebanks: Path | None = None, limit: int = LEMMA_WORDS
) -> list[Row]:
    """The table: every measure of every language, in the order of the text's languages."""
    measured = on_parallel(text, tokenizer)
    forms = on_treebanks(treebanks, text.lines, limit) if treebanks else {}
    made = []
    for lang in text.lines:
        for name in MORPHOLOGY_MEASURES:
            source, parallel, used = text.name, text.parallel, tokenizer.name
            if name == "types_per_lemma":
                where, one = forms.get(lang, ("", Measured(None, 0, "no treebanks were given")))
                source, parallel, used = where, False, ""
            else:
                one = measured[lang, name]
                used = used if name not in ("mattr_500", "word_length") else ""
            value = "" if one.value is None else f"{one.value:.4f}"
            about = (source, "yes" if parallel else "no", used, one.note)
            told = (MORPHOLOGY_SCHEMA, lang, name, value, one.words, *about)
            made.append(dict(zip(MORPHOLOGY_COLUMNS, told, strict=True)))
    return made
