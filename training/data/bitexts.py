"""Retrieval rows -> the two sides of a language pair."""

from __future__ import annotations

from collections.abc import Iterable

from training.catalogue.beyond import NTREX_COLUMNS
from training.catalogue.classification import SIB_CODES
from training.catalogue.languages import LANGUAGES
from training.data.columns import Place, Row, text, texts, value
from training.families.examples import Bitext


def tatoeba(rows: Iterable[Row], place: Place) -> Bitext:
    """One row per pair, in aligned order; the hub's sentences keep a trailing newline."""
    foreign, english = [], []
    for number, row in enumerate(rows, start=1):
        here = place.of(row, number)
        sides = (
            text(row, here, *_columns("source_sentence", place.lang)),
            text(row, here, *_columns("target_sentence", "eng")),
        )
        if row.get("source_lang") == "eng" and row.get("target_lang") != "eng":
            sides = (sides[1], sides[0])
        foreign.append(sides[0].strip())
        english.append(sides[1].strip())
    ids = tuple(str(i) for i in range(len(foreign)))
    gold = frozenset((i, i) for i in range(len(foreign)))
    return Bitext(place.lang, tuple(foreign), tuple(english), gold, ids, ids)


def _columns(side: str, lang: str) -> tuple[str, ...]:
    """By side, or one a language: `sentence_fin_Latn` and `fin_Latn` of FLORES, and as NTREX."""
    named = SIB_CODES[lang]
    return side, f"sentence_{named}", named, NTREX_COLUMNS.get(lang, named)


def bucc(rows: Iterable[Row], place: Place) -> Bitext:
    """One row with both haystacks and the gold pairs, whose positions count from 1.

    Ids follow the shared task (`de-000000001`) unless the row has `ids1` and `ids2` (its tarballs).
    """
    table = list(rows)
    if len(table) != 1:
        raise place.wrong(
            f"{len(table)} rows in a BUCC table",
            "one row with all sentences is expected (mteb/BUCC, not bucc-bitext-mining)",
        )
    row, here = table[0], place.of(table[0], 1)
    foreign, english = texts(row, here, "sentence1"), texts(row, here, "sentence2")
    try:
        gold = frozenset((int(i) - 1, int(j) - 1) for i, j in value(row, here, "gold"))
    except (TypeError, ValueError) as error:
        raise here.wrong("column 'gold' holds no pairs of numbers", "[[1, 4], ...]") from error
    for i, j in gold:
        if not (0 <= i < len(foreign) and 0 <= j < len(english)):
            raise here.wrong(f"gold pair [{i + 1}, {j + 1}] names no sentence", "count from 1")
    short = LANGUAGES[place.lang].short
    return Bitext(
        place.lang,
        tuple(one.strip() for one in foreign),
        tuple(one.strip() for one in english),
        gold,
        _ids(row, here, "ids1", short, len(foreign)),
        _ids(row, here, "ids2", "en", len(english)),
    )


def _ids(row: Row, place: Place, column: str, short: str, count: int) -> tuple[str, ...]:
    if row.get(column) is not None:
        return texts(row, place, column)
    return tuple(f"{short}-{i:09d}" for i in range(1, count + 1))
