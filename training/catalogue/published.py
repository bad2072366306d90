"""How many rows each data set was published with, from `published.csv`.

Counts before disputed labels are dropped; sentences of UDPOS are those of UD 2.5 without the other
languages in the hub's copy. `*` in the column `language`: the same in every language.
"""

from __future__ import annotations

import csv
from functools import lru_cache
from pathlib import Path

from training.spec.task import Split

TABLE = Path(__file__).with_name("published.csv")


@lru_cache(maxsize=1)
def table() -> dict[tuple[str, str, str], int]:
    """(task, split, language or `*`) -> rows."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {
            (row["task"], row["split"], row["language"]): int(row["rows"])
            for row in csv.DictReader(file)
        }


def published(task: str, split: Split, lang: str) -> int | None:
    """Rows of a split in a language; None where nobody has said."""
    return table().get((task, split, lang), table().get((task, split, "*")))
