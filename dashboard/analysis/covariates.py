"""What is known of languages beside their scores: genealogy, WALS, distance, measured morphology.

`covariates.csv` is long (`COLUMNS`): every value with its source and licence. What no source told
us is not in it, so it is missing here (NaN, or None for text) and never a guess. A table of one's
own, in the same columns, adds values: `covariates(mine)`.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

import pandas as pd

from dashboard.analysis.frames import require
from dashboard.analysis.measures import MEASURES

TABLE = Path(__file__).with_name("covariates.csv")
COLUMNS = ("lang", "name", "value", "source", "licence")
"""`lang` is ISO 639-3; `value` is text, a number where `name` is one of `NUMBERS`."""

TEXTS: dict[str, str] = {
    "family": "family, as the catalogue of languages has it",
    "genus": "genus, as the catalogue of languages has it",
    "glottocode": "Glottolog's code",
    "glottolog_family": "family by Glottolog",
    "wals_20A": "fusion of selected inflectional formatives",
    "wals_21A": "exponence of selected inflectional formatives",
    "wals_22A": "inflectional synthesis of the verb",
    "wals_26A": "prefixing against suffixing",
    "wals_28A": "case syncretism",
    "wals_29A": "syncretism in verbal person and number marking",
    "wals_30A": "number of genders",
    "wals_33A": "coding of nominal plurality",
    "wals_34A": "occurrence of nominal plurality",
    "wals_49A": "number of cases",
    "wals_51A": "position of case affixes",
    "wals_69A": "position of tense and aspect affixes",
    "wals_70A": "the morphological imperative",
}
"""Names of textual covariates and what they say."""

NUMBERS: dict[str, str] = {
    "syntactic_distance": "syntactic distance from English, 0 to 1",
    "pretraining_tokens": "tokens of the language in the pre-training text",
    "pretraining_gib": "size of the language's pre-training text, GiB",
}
"""Names of numeric covariates. Tokens of the pre-training text are words between spaces, so those
of Chinese, Japanese, Thai and Burmese, which put none there, are not carried: their sizes are.
Yoruba is not in the text. A table of one's own can tell what is missing."""

ORDERED: dict[str, tuple[str, ...]] = {
    "wals_22A": (
        "0-1 category per word",
        "2-3 categories per word",
        "4-5 categories per word",
        "6-7 categories per word",
        "8-9 categories per word",
        "10-11 categories per word",
        "12-13 categories per word",
    ),
    "wals_49A": (
        "No morphological case-marking",
        "2 cases",
        "3 cases",
        "4 cases",
        "5 cases",
        "6-7 cases",
        "8-9 cases",
        "10 or more cases",
    ),
}
"""WALS features whose values are steps of more and less: `wide` gives their rank from 1 besides.
49A's ninth value (exclusively borderline case-marking) is no step, and has no rank."""
UNRANKED = frozenset({"Exclusively borderline case-marking"})


def covariates(*extra: Path) -> pd.DataFrame:
    """The shipped table, and tables of one's own after it: columns `COLUMNS`, all text.

    Raises ValueError, with file and line, for other columns, an unknown name or language, a value
    without source or licence, a number that is none, and for a value that is told twice.
    """
    parts = [_read(path) for path in (TABLE, *extra)]
    table = pd.concat(parts, ignore_index=True)
    known = set(table.loc[table["name"].eq("family"), "lang"])
    for row in table.itertuples(index=False):
        if row.lang not in known:
            _refuse(str(row.at), "language", str(row.lang), known)
    doubles = table[table.duplicated(["lang", "name"], keep=False)]
    if len(doubles):
        first = doubles.iloc[0]
        same = doubles[doubles["lang"].eq(first["lang"]) & doubles["name"].eq(first["name"])]
        raise ValueError(
            f"{' and '.join(same['at'])} both tell {first['name']} of {first['lang']}: keep one"
        )
    return table[list(COLUMNS)]


def _read(path: Path) -> pd.DataFrame:
    """One table as text, with `at` (`file:line`), each row checked by itself."""
    table = pd.read_csv(path, dtype="str", keep_default_na=False)
    require(table, COLUMNS, str(path))
    table = table[list(COLUMNS)].assign(at=[f"{path}:{i}" for i in range(2, len(table) + 2)])
    for row in table.to_dict("records"):
        _check({str(key): str(value) for key, value in row.items()})
    return table


def _check(row: dict[str, str]) -> None:
    at, name, value = row["at"], row["name"], row["value"]
    if name not in TEXTS and name not in NUMBERS:
        _refuse(at, "covariate", name, [*TEXTS, *NUMBERS])
    for column in ("value", "source", "licence"):
        if not row[column].strip():
            raise ValueError(
                f"{at}: {name} of {row['lang']} has no {column}; leave the row out where it is "
                "not known"
            )
    if name in NUMBERS:
        number(value, f"{at}: {name} of {row['lang']}")
    if name in ORDERED and value not in UNRANKED and value not in ORDERED[name]:
        _refuse(at, f"value of {name}", value, ORDERED[name])


def number(text: str, what: str) -> float:
    """A finite number that is not negative; ValueError says whose it should have been."""
    found = pd.to_numeric(text, errors="coerce")
    if not 0 <= found < float("inf"):
        raise ValueError(f"{what}: {text!r} is no number from 0 on (a decimal point, no units)")
    return float(found)


def _refuse(at: str, what: str, given: str, known: Iterable[str]) -> None:
    near = get_close_matches(given, list(known), n=1, cutoff=0.4)
    meant = f"; did you mean {near[0]!r}?" if near else f" (known: {', '.join(sorted(known))})"
    raise ValueError(f"{at}: unknown {what} {given!r}{meant}")


def wide(table: pd.DataFrame) -> pd.DataFrame:
    """One row per language in the table's order: `lang`, `TEXTS`, `NUMBERS`, ranks of `ORDERED`.

    Every declared name is a column, also one that no language has a value of.
    """
    require(table, COLUMNS, "the table of covariates")
    names = [*TEXTS, *NUMBERS]
    langs = list(dict.fromkeys(table["lang"]))
    spread = table.pivot(index="lang", columns="name", values="value").reindex(langs)
    frame = spread.reindex(columns=names).astype(object).where(lambda cells: cells.notna(), None)
    for name in NUMBERS:
        frame[name] = pd.to_numeric(frame[name]).astype(float)
    for name, steps in ORDERED.items():
        ranks = {value: float(rank) for rank, value in enumerate(steps, start=1)}
        frame[f"{name}_rank"] = frame[name].map(ranks).astype(float)
    frame.columns.name = None
    return frame.reset_index()


def with_measures(frame: pd.DataFrame, measured: pd.DataFrame) -> pd.DataFrame:
    """`wide` with a column for each of `measures.MEASURES`, from what `measures.read` read.

    A language that was not measured, or a measure that it does not have, is NaN. Raises ValueError
    where one measure was taken on several texts (values of different texts differ by genre) and
    for a language that the frame does not have.
    """
    require(frame, ["lang"], "the frame of covariates")
    require(measured, ["lang", "measure", "value", "text"], "the table of measures")
    for measure, rows in measured.groupby("measure", sort=False):
        texts = list(dict.fromkeys(rows["text"]))
        if len(texts) > 1 and measure not in PER_TREEBANK:
            raise ValueError(
                f"{measure} was measured on {' and on '.join(texts[:3])}: keep the rows of one "
                "text, since genre differs more than languages do"
            )
    absent = sorted(set(measured["lang"]) - set(frame["lang"]))
    if absent:
        raise ValueError(
            f"{', '.join(absent)} was measured and has no covariates: tell at least its family, in "
            "a table of your own (covariates(mine))"
        )
    spread = measured.pivot(index="lang", columns="measure", values="value")
    spread = spread.reindex(columns=list(MEASURES)).astype(float)
    spread.columns.name = None
    return frame.merge(spread.reset_index(), on="lang", how="left", validate="one_to_one")


PER_TREEBANK = frozenset({"types_per_lemma"})
"""Measures that every language has a text of its own for: genre is in them, and nobody can help."""


def missing(frame: pd.DataFrame) -> pd.DataFrame:
    """Columns name, languages (how many have a value), without (those that have none)."""
    require(frame, ["lang"], "the frame of covariates")
    rows = [
        {
            "name": name,
            "languages": int(frame[name].notna().sum()),
            "without": " ".join(frame.loc[frame[name].isna(), "lang"]),
        }
        for name in frame.columns.drop("lang")
    ]
    return pd.DataFrame(rows, columns=["name", "languages", "without"])
