"""The items of one cell, with and without the intermediate task: which it fixed, which it broke."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dashboard.analysis.frames import require

RIGHT, WRONG = "right both times", "wrong both times"
FIXED, BROKEN = "fixed", "broken"
BETTER, WORSE, FULL, ALIKE = "better", "worse", "full marks both times", "about the same"
RIGHT_OR_WRONG = (FIXED, BROKEN, RIGHT, WRONG)
GRADED = (BETTER, WORSE, FULL, ALIKE)
MARGIN = 10
"""Points by which a graded item must change to be called better or worse, unless told otherwise."""

KEPT = ["cluster_id", "gold", "n_words", "n_subwords", "feats", "text"]
"""What an item is, whoever answers it: taken from the side after the intermediate task."""
TEXTS = ["cluster_id", "gold", "feats", "text", "prediction"]
PAIRED = (
    *("item_id", *KEPT),
    *("prediction", "prediction_before", "score", "score_before", "change"),
    *("per_word", "group"),
)
"""Columns of `Paired.table`. Scores and `change` are in points; `per_word` is sub-words a word."""


@dataclass(frozen=True)
class Paired:
    """Items that both sides answered, in the order of the test set."""

    table: pd.DataFrame
    """Columns `PAIRED`, one row an item."""
    graded: bool
    """Whether some item is neither wholly right nor wholly wrong."""
    alone: int = 0
    """Items that one side alone has answered; they are in no group."""
    unscored: int = 0
    """Items whose score is no number on either side; in no group either."""

    @property
    def groups(self) -> tuple[str, ...]:
        return GRADED if self.graded else RIGHT_OR_WRONG

    @property
    def has_text(self) -> bool:
        return bool(self.table["text"].notna().any())


def paired(
    after: pd.DataFrame, before: pd.DataFrame, lang: str, split: str, margin: float = MARGIN
) -> Paired:
    """The items of two evaluations side by side, matched by `item_id` in one language and split.

    `margin`: points by which a graded item must change to count as better or worse.
    Raises ValueError where a side names an item twice: nobody could say which answers which.
    """
    mine, base = (_of(side, lang, split) for side in (after, before))
    both = mine.merge(
        base[["item_id", "prediction", "score"]],
        on="item_id",
        suffixes=("", "_before"),
        validate="one_to_one",
    )
    alone = len(mine) + len(base) - 2 * len(both)
    there = both["score"].notna() & both["score_before"].notna()
    table = both[there].reset_index(drop=True)
    for name in ("score", "score_before"):
        table[name] = 100 * table[name]
    graded = bool(_between(table["score"]).any() or _between(table["score_before"]).any())
    table["change"] = table["score"] - table["score_before"]
    table["per_word"] = table["n_subwords"] / table["n_words"].where(table["n_words"].gt(0))
    table["group"] = grouped(table, graded, margin)
    return Paired(table[list(PAIRED)], graded, alone, int((~there).sum()))


def _of(items: pd.DataFrame, lang: str, split: str) -> pd.DataFrame:
    """The items of one language and split; what a side does not tell is missing, not made up."""
    require(items, ["item_id", "lang", "split", "score"], "the table of items")
    rows = items[items["lang"].eq(lang) & items["split"].eq(split)]
    columns = ["item_id", *KEPT, "prediction", "score"]
    rows = rows.reindex(columns=columns).astype(dict.fromkeys(TEXTS, "str"))
    rows[["n_words", "n_subwords"]] = rows[["n_words", "n_subwords"]].astype("float64")
    rows["cluster_id"] = rows["cluster_id"].fillna(rows["item_id"])
    rows["score"] = rows["score"].astype("float64").replace([np.inf, -np.inf], np.nan)
    twice = rows.loc[rows["item_id"].duplicated(), "item_id"]
    if len(twice):
        raise ValueError(
            f"item {twice.iloc[0]} of {lang} ({split}) is there twice in one evaluation: "
            "its answers cannot be told apart."
        )
    return rows


def _between(scores: pd.Series[float]) -> pd.Series[bool]:
    return scores.gt(0) & scores.lt(100)


def grouped(table: pd.DataFrame, graded: bool, margin: float = MARGIN) -> pd.Series[str]:
    """One of `RIGHT_OR_WRONG`, or of `GRADED`, for each row of score and score_before."""
    score, before = table["score"], table["score_before"]
    if graded:
        change = (score - before).round(9)  # 0.3 - 0.2 is not less than a tenth
        conditions = [change.ge(margin), change.le(-margin), score.ge(100) & before.ge(100)]
        told = np.select(conditions, GRADED[:3], ALIKE)
    else:
        right, was = score.ge(50), before.ge(50)
        told = np.select([right & ~was, ~right & was, right & was], RIGHT_OR_WRONG[:3], WRONG)
    return pd.Series(told, index=table.index, dtype="str")


def counts(told: Paired) -> pd.DataFrame:
    """Columns group, items, share (of all paired items, in percent), in the order of the groups."""
    found = told.table["group"].value_counts().reindex(list(told.groups), fill_value=0)
    share = 100 * found / max(1, len(told.table))
    return pd.DataFrame({"group": found.index, "items": found.to_numpy(), "share": share.array})


def sentence(told: Paired, language: str, task: str, base: str, margin: float = MARGIN) -> str:
    """The finding in words, safe to be shown as it is where the names are."""
    total = len(told.table)
    if not total:
        return f"No {language} item was answered both with and without {task}."
    found = counts(told).set_index("group")
    up, down = (_share(pd.Series(found.loc[name])) for name in told.groups[:2])
    balance = int(found["items"].iloc[0] - found["items"].iloc[1])
    if told.graded:
        mean = float(told.table["change"].mean())
        return (
            f"Of {total:,} {language} items, {task} makes {up} better and {down} worse by "
            f"{margin:g} points or more, against {base}; the mean item changes by "
            f"{_signed(mean, 1)} points."
        )
    net = f"{abs(balance):,} {'more' if balance > 0 else 'fewer'} right" if balance else "no change"
    return (
        f"Of {total:,} {language} items, {task} fixes {up} and breaks {down}, against {base}: "
        f"{net} on balance ({_signed(100 * balance / total, 1)} points)."
    )


def _share(row: pd.Series[Any]) -> str:
    return f"{int(row['items']):,} ({row['share']:.1f}\u00a0%)"


def _signed(value: float, places: int) -> str:
    text = f"{value:+.{places}f}"
    return text.lstrip("+-") if float(text) == 0 else text.replace("-", "−")


def gold_answers(gold: object) -> list[str]:
    """The answers that count as right: a JSON list of a question's, else the one there is."""
    if not isinstance(gold, str):
        return []
    if gold.startswith("["):
        try:
            found = json.loads(gold)
        except ValueError:
            return [gold]
        if isinstance(found, list) and all(isinstance(one, str) for one in found):
            return list(dict.fromkeys(found))
    return [gold]
