"""How many rows each data set has, by split and language: `published.csv`, and `sizes.csv`.

The latter has what no reader is held to, and what differs on the hub. `*` stands for all languages
of the task. UDPOS, PAN-X and Tatoeba are counted on the hub, of BUCC the gold pairs, of TyDiQA's
training data the English rows, of SNLI (in ANLI+) also the rows without an agreed label. XED's rows
of several emotions are counted here and left out when it is read. CCG, TyDiQA's English rows and
SST are from memory; MultiWikiQA says 5,000 for most languages.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

from training.catalogue import TASKS
from training.catalogue.published import table
from training.spec.task import Split

EVERY = "*"


@cache
def _rows() -> dict[tuple[str, str, str], int]:
    text = files(__package__).joinpath("sizes.csv").read_text(encoding="utf-8")
    own = {
        (one["task"], one["split"], one["language"]): int(one["rows"])
        for one in csv.DictReader(text.splitlines())
    }
    told = {
        (task, split, "eng" if split == "train" else lang): rows
        for (task, split, lang), rows in table().items()
    }
    return told | own


def published(task: str, split: Split, lang: str) -> int | None:
    """Rows of one split in one language; None where the number is not known."""
    found = _rows().get((task, split, lang))
    if found is None and lang in TASKS[task].languages:
        found = _rows().get((task, split, EVERY))
    return found


def sizes(task: str, split: Split) -> dict[str, int]:
    """Rows by language; a mixture's are those of its members together."""
    one = TASKS[task]
    if one.members:
        found = [sizes(member, split).get("eng", 0) for member in one.members]
        return {"eng": sum(found)} if any(found) else {}
    asked = dict.fromkeys(("eng", *one.languages))
    without = one.no_dev if split == "dev" else ()
    told = {lang: published(task, split, lang) for lang in asked if lang not in without}
    return {lang: rows for lang, rows in told.items() if rows is not None}
