"""Figures that others published, for comparison only: they never enter an average of ours.

`published.csv` holds what was read in a source, which each row names; most cells of the paper's
main table were not, and are not here. Whoever has the paper at hand adds a csv of their own, in the
same columns: `published(mine)`.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from dashboard.analysis.frames import require

TABLE = Path(__file__).with_name("published.csv")
COLUMNS = (
    "source",
    "scale",
    "intermediate",
    "target",
    "lang",
    "split",
    "metric",
    "kind",
    "value",
    "protocol",
)
"""One figure a row. `source`: where it was read. `intermediate`: a task, `none`, or `best per
target`. `lang`: ISO 639-3, empty for the source's own average. `kind`: one of `KINDS`. `value`:
points, 0 to 100 for a score. `protocol`: `zero-shot` or what it was instead."""
KINDS = ("score", "gain")
SPLITS = ("dev", "test")
ZERO_SHOT = "zero-shot"
SHIPPED = "shipped"

COMPARISON = (
    "scale",
    "target",
    "intermediate",
    "lang",
    "split",
    "metric",
    "kind",
    "ours",
    "published",
    "difference",
    "source",
    "from",
)
"""`ours` is NaN where we measured nothing; `difference` is ours less the published figure; `from`
is `shipped` or the file of one's own."""
_PLACE = ["scale", "target", "intermediate", "lang", "split", "metric"]


def published(*extra: Path) -> pd.DataFrame:
    """The shipped figures and those of one's own files: `COLUMNS`, and `from`.

    Raises ValueError, with file and line, for other columns, a figure without source, a value that
    is no number or no score, an unknown kind or split, and a figure that one source gives twice.
    """
    parts = [_read(TABLE, SHIPPED), *(_read(path, str(path)) for path in extra)]
    table = pd.concat(parts, ignore_index=True)
    key = ["source", *_PLACE, "kind", "protocol"]
    doubles = table[table.duplicated(key, keep=False)]
    if len(doubles):
        first = doubles.iloc[0]
        same = doubles[(doubles[key] == first[key]).all(axis=1)]
        raise ValueError(
            f"{' and '.join(same['at'])}: {first['source']} gives {first['metric']} of "
            f"{first['target']} twice: keep one"
        )
    return table.drop(columns="at")


def _read(path: Path, origin: str) -> pd.DataFrame:
    table = pd.read_csv(path, dtype="str", keep_default_na=False)
    require(table, COLUMNS, str(path))
    table = table[list(COLUMNS)].assign(at=[f"{path}:{i}" for i in range(2, len(table) + 2)])
    values = pd.to_numeric(table["value"], errors="coerce")
    wrong = {
        "has no source: say where it was read": table["source"].str.strip().eq(""),
        "has no target": table["target"].eq(""),
        f"is of no known kind ({', '.join(KINDS)})": ~table["kind"].isin(KINDS),
        f"is of no known split ({', '.join(SPLITS)})": ~table["split"].isin(SPLITS),
        "has a value that is no number": ~values.between(-100, 100),
        "has a score below 0": table["kind"].eq("score") & values.lt(0),
        "names a language by other than three letters (or none, for an average)": ~(
            table["lang"].eq("") | table["lang"].str.fullmatch("[a-z]{3}")
        ),
    }
    for what, bad in wrong.items():
        if bad.any():
            row = table[bad].iloc[0]
            raise ValueError(f"{row['at']}: the figure {row['value']!r} {what}")
    return table.assign(value=values.astype(float), **{"from": origin})


def beside(
    cells: pd.DataFrame, figures: pd.DataFrame, protocol: str = ZERO_SHOT, variant: str = ""
) -> pd.DataFrame:
    """Published figures of one protocol beside ours (columns `COMPARISON`), a row per figure.

    `cells` is a cell table (`intervals.cells`): its `value` stands beside scores, its `gain` beside
    gains. An average (`lang` empty) has no figure of ours: it is over the source's languages.
    A table of its own, so that nothing published can be averaged with what we measured.
    """
    require(cells, [*_PLACE, "variant", "value", "gain"], "the cell table")
    some = figures[figures["protocol"].eq(protocol)].rename(columns={"value": "published"})
    here = cells[cells["variant"].eq(variant)]
    table = some.merge(here[[*_PLACE, "value", "gain"]], on=_PLACE, how="left", validate="m:1")
    table["ours"] = table["value"].where(table["kind"].eq("score"), table["gain"])
    table["difference"] = table["ours"] - table["published"]
    return table[list(COMPARISON)]
