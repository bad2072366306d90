"""Gain by what words are like: their morphological features, and how far they are split.

Where every word has a gold tag and an answer (tagging), words are counted; elsewhere the items that
hold such a word. Standard errors are of a ratio of sums over clusters of items, so that words of a
sentence, and sentences of a text, are not taken for independent.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from dashboard.analysis.components import Floats, Ints

CASES: dict[str, str] = {
    "Abe": "abessive",
    "Abl": "ablative",
    "Abs": "absolutive",
    "Acc": "accusative",
    "Add": "additive",
    "Ade": "adessive",
    "All": "allative",
    "Cau": "causal-final",
    "Com": "comitative",
    "Dat": "dative",
    "Del": "delative",
    "Dis": "distributive",
    "Ela": "elative",
    "Equ": "equative",
    "Erg": "ergative",
    "Ess": "essive",
    "Gen": "genitive",
    "Ill": "illative",
    "Ine": "inessive",
    "Ins": "instrumental",
    "Lat": "lative",
    "Loc": "locative",
    "Nom": "nominative",
    "Par": "partitive",
    "Sub": "sublative",
    "Sup": "superessive",
    "Tem": "temporal",
    "Ter": "terminative",
    "Tra": "translative",
    "Voc": "vocative",
}
"""Universal Dependencies' names of the values of Case."""

BINS = 5
"""Most bins of equal size that items are told in."""
LEAST = 5
"""Clusters below which no interval is told: their spread says too little."""
PARTS = ["part", "words", "items", "before", "after", "gain", "low", "high"]
"""Columns of a table of parts. `words` counts what is averaged; before, after and gain in points;
low and high: 95 % interval of the gain over items, of one training a side."""
NONE = ""
"""The part of all words that have no value of the feature."""


@dataclass(frozen=True)
class Words:
    """Words (or items) in long form: what is averaged, and where it came from."""

    row: Ints
    """(words,) row of the table of items."""
    code: Ints
    """(words,) number of its bundle of features."""
    bundles: list[frozenset[str]]
    """`Case=Ine`, `Number=Sing`: the features of every bundle."""
    right: Floats | None = None
    """(words, 2) whether the word's tag is right before and after; None: items are scored whole."""

    def having(self, wanted: str, rows: int) -> npt.NDArray[np.bool_]:
        """(rows,): which items have a word of that feature."""
        mine = np.array([wanted in one for one in self.bundles], dtype=bool)
        found = np.zeros(rows, dtype=bool)
        if len(self.bundles):
            found[self.row[mine[self.code]]] = True
        return found


def words(table: pd.DataFrame) -> Words:
    """The words of the items that have features, aligned with their tags where all have one."""
    some = np.flatnonzero(table["feats"].notna().to_numpy())
    rows = table.iloc[some]
    parts, lengths = _split(rows["feats"])
    code, names = pd.factorize(parts)
    bundles = [frozenset(part for part in str(one).split("|") if "=" in part) for one in names]
    row = np.repeat(some, lengths)
    return Words(row, code.astype(np.int64), bundles, _right(rows, lengths))


def _split(texts: pd.Series[str]) -> tuple[npt.NDArray[np.object_], Ints]:
    """All parts between single spaces, and how many each text has."""
    lists = [one.split(" ") for one in texts.fillna("").tolist()]
    parts = np.array([part for some in lists for part in some], dtype=object)
    return parts, np.array([len(some) for some in lists], dtype=np.int64)


def _right(rows: pd.DataFrame, lengths: Ints) -> Floats | None:
    """(words, 2), or None where some item has not one tag a word."""
    tags = []
    for name in ("gold", "prediction_before", "prediction"):
        parts, found = _split(rows[name])
        if not len(rows) or not np.array_equal(found, lengths):
            return None
        tags.append(parts)
    gold, before, after = tags
    return np.column_stack([before == gold, after == gold]).astype(np.float64)


def offered(told: Words) -> pd.DataFrame:
    """Columns feature, items: every feature that some item has, Case first, then the frequent."""
    codes_of: dict[str, list[int]] = {}
    for code, bundle in enumerate(told.bundles):
        for feature in bundle:
            codes_of.setdefault(feature, []).append(code)
    counted = {}
    for feature, codes in codes_of.items():
        mine = np.zeros(len(told.bundles), dtype=bool)
        mine[codes] = True
        rows = told.row[mine[told.code]]  # in order, so that a change is another item
        counted[feature] = int(np.count_nonzero(np.diff(rows))) + 1
    ranked = sorted(counted.items(), key=lambda one: (not one[0].startswith("Case="), -one[1], one))
    return pd.DataFrame(ranked, columns=["feature", "items"])


def named(feature: str) -> str:
    """`inessive (Case=Ine)` of a case, other features as they are."""
    name, _, value = feature.partition("=")
    return f"{CASES[value]} ({feature})" if name == "Case" and value in CASES else feature


def by_feature(table: pd.DataFrame, told: Words, feature: str = "Case") -> pd.DataFrame:
    """Columns `PARTS`: a row a value of the feature, the frequent first, then words without one.

    `words` of a part are its tagged words, or, where items are scored whole, the items holding one.
    """
    values = _values(told.bundles, f"{feature}=")
    parts = [value for value in dict.fromkeys(one for some in values for one in some) if value]
    if not parts:
        return pd.DataFrame(columns=PARTS)
    found = []
    for part in (*parts, NONE):
        mine = np.array([part in some if part else not some for some in values], dtype=bool)
        chosen = mine[told.code]
        if told.right is None and part == NONE:  # an item without any word of a case tells nothing
            continue
        if chosen.any():
            found.append({"part": part, **_part(table, told, chosen)})
    rows = pd.DataFrame(found, columns=PARTS)
    rows["rank"] = rows["part"].eq(NONE)
    rows = rows.sort_values(["rank", "words"], ascending=[True, False], kind="stable")
    return rows.drop(columns="rank").reset_index(drop=True)


def _values(bundles: list[frozenset[str]], prefix: str) -> list[list[str]]:
    """Of each bundle, the values of one feature: `Case=Acc,Nom` names two."""
    return [
        [
            value
            for one in bundle
            if one.startswith(prefix)
            for value in one[len(prefix) :].split(",")
        ]
        for bundle in bundles
    ]


def _part(table: pd.DataFrame, told: Words, chosen: npt.NDArray[np.bool_]) -> dict[str, float]:
    rows = told.row[chosen]
    if told.right is None:
        rows = np.unique(rows)
        return _means(table["cluster_id"].iloc[rows], _scores(table)[rows], rows)
    return _means(table["cluster_id"].iloc[rows], 100 * told.right[chosen], rows)


def _scores(table: pd.DataFrame) -> Floats:
    return table[["score_before", "score"]].to_numpy(dtype=float)


def _means(clusters: pd.Series[str], sides: Floats, rows: Ints) -> dict[str, float]:
    """Means of (n, 2) scores, and the interval of their difference over clusters."""
    before, after = (float(one) for one in sides.mean(axis=0))
    gain, half = after - before, _half_width(clusters, sides[:, 1] - sides[:, 0])
    told = {"before": before, "after": after, "gain": gain, "low": gain - half, "high": gain + half}
    return {"words": len(sides), "items": len(np.unique(rows))} | told


def _half_width(clusters: pd.Series[str], change: Floats, confidence: float = 0.95) -> float:
    """Of the interval of a mean change: linearised ratio of cluster sums (Cochran 1977, 6.3)."""
    code, names = pd.factorize(clusters)
    if len(names) < LEAST:
        return float("nan")
    sums, sizes = np.bincount(code, weights=change), np.bincount(code)
    off = sums - change.mean() * sizes
    error = np.sqrt((off**2).sum() * len(names) / (len(names) - 1)) / len(change)
    return float(stats.t.ppf(0.5 + confidence / 2, len(names) - 1) * error)


def binned(values: pd.Series[float], count: int = BINS) -> pd.Series[str]:
    """Up to `count` bins of about as many values each: `1.5–2` is over 1.5 and up to 2, the first
    one holds its lower end too; empty where there is no value."""
    there = values.dropna()
    at = np.linspace(0, 1, count + 1)
    edges = np.unique(np.quantile(there, at, method="inverted_cdf")) if len(there) else at[:0]
    if len(edges) < 2:
        return pd.Series("", index=values.index, dtype="str")
    names = [f"{_short(low)}–{_short(high)}" for low, high in zip(edges, edges[1:], strict=False)]
    place = np.clip(np.searchsorted(edges, values, side="left") - 1, 0, len(names) - 1)
    told = pd.Series(np.array(names, dtype=object)[place], index=values.index, dtype="str")
    return told.where(values.notna(), "")


def by_bins(table: pd.DataFrame, column: str, count: int = BINS) -> pd.DataFrame:
    """Columns `PARTS`: items in bins by a column (`binned`), lowest first."""
    told = binned(table[column], count)
    found = []
    for part in told[table[column].sort_values().index].unique():
        rows = np.flatnonzero(told.eq(part))
        if part:
            some = table.iloc[rows]
            found.append({"part": part, **_means(some["cluster_id"], _scores(some), rows)})
    return pd.DataFrame(found, columns=PARTS)


def _short(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
