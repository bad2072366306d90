"""Morphology as measured on text: the table that `silta morphology` writes, read strictly.

`measures.csv` was written by it on SIB-200's test sentences (FLORES-200: the same 204 sentences in
all 40 languages) with XLM-R's vocabulary. Numbers of another text or tokenizer are not comparable
with these: read one table or the other.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from dashboard.analysis.frames import require

TABLE = Path(__file__).with_name("measures.csv")
SCHEMA = "silta.morphology/1"
"""As `training/spec/record.py` names it; analysis imports nothing of training."""
COLUMNS = (
    "schema",
    "lang",
    "measure",
    "value",
    "words",
    "text",
    "parallel",
    "tokenizer",
    "note",
)
"""`value` is empty where there is none, and `note` then says why; `words` are those measured;
`parallel` is yes, or no where the text says other things in other languages."""

MEASURES: dict[str, str] = {
    "fertility": "sub-words per word",
    "continued_words": "share of words in more than one sub-word",
    "premium": "sub-words for the same text, English being 1",
    "mattr_500": "type-token ratio, moving average over 500 words",
    "word_length": "characters per word",
    "types_per_lemma": "word forms per lemma",
}


def read(path: Path = TABLE) -> pd.DataFrame:
    """Rows of a table, columns `COLUMNS` without schema; `value` float, NaN where there is none.

    Raises ValueError for another schema, an unknown measure, a value told twice, and for a missing
    value without a reason.
    """
    table = pd.read_csv(path, dtype="str", keep_default_na=False)
    require(table, COLUMNS, str(path))
    other = sorted(set(table["schema"]) - {SCHEMA})
    if other:
        raise ValueError(
            f"{path}: its schema is {other[0]!r}, this reads {SCHEMA!r}: write it again with "
            "`silta morphology`"
        )
    _known(table, path)
    table["value"] = _numbers(table, path)
    table["words"] = pd.to_numeric(table["words"]).astype(int)
    doubles = table[table.duplicated(["lang", "measure"])]
    if len(doubles):
        first = doubles.iloc[0]
        raise ValueError(f"{path}: {first['measure']} of {first['lang']} is told twice: keep one")
    return table[list(COLUMNS[1:])]


def _known(table: pd.DataFrame, path: Path) -> None:
    unknown = sorted(set(table["measure"]) - set(MEASURES))
    if unknown:
        raise ValueError(f"{path}: unknown measure {unknown[0]!r} (known: {', '.join(MEASURES)})")


def _numbers(table: pd.DataFrame, path: Path) -> pd.Series[float]:
    values = pd.to_numeric(table["value"].where(table["value"].ne("")), errors="coerce")
    bare = table.assign(line=range(2, len(table) + 2))[values.isna()]
    for row in bare.to_dict("records"):
        where = f"{path}:{row['line']}"
        if row["value"]:
            raise ValueError(f"{where}: {row['value']!r} is no number")
        if not row["note"]:
            raise ValueError(f"{where}: {row['measure']} of {row['lang']} is missing without why")
    return values.astype(float)


def basis(measured: pd.DataFrame, measure: str) -> str:
    """What a measure was taken on, for people: text, whether parallel, tokenizer."""
    rows = measured[measured["measure"].eq(measure) & measured["value"].notna()]
    if rows.empty:
        return "measured in no language"
    texts, tokenizers = (list(dict.fromkeys(rows[name])) for name in ("text", "tokenizer"))
    told = texts[0] if len(texts) == 1 else f"{len(texts)} texts, one a language"
    told += "" if rows["parallel"].eq("yes").all() else " (not parallel: it measures genre too)"
    used = [name for name in tokenizers if name]
    return f"{told}, tokenizer {used[0]}" if used else told
