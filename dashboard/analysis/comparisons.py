"""The paper's own comparisons by name, and the choice of an intermediate with its regret.

Names are the settings' (`mnli`, `mnli+mlm`, `mnli@deu`, `mnli+squad`, `mixture`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

import pandas as pd

from dashboard.analysis.coding import written
from dashboard.analysis.frames import CELL, require
from dashboard.analysis.gains import gains
from dashboard.analysis.intervals import CELLS, cells
from dashboard.analysis.rollup import over_languages

ENGLISH = "eng"
BEST = "best single task"
MIXTURE = "mixture"
Selection = Literal["English dev", "oracle: target-language dev"]
SELECTIONS: tuple[Selection, ...] = ("English dev", "oracle: target-language dev")

PLACE = ["scale", "target", "variant", "metric", "lang"]
CHOICES = (
    *PLACE,
    *("selected_on", "chosen", "value", "gain", "best", "best_value", "regret", "candidates"),
    *("seeds", "missing", "why"),
)
"""One row per place and way of choosing; means over seeds, in points of the metric. `chosen` is the
intermediate with the highest dev score, `value` its score on test and `gain` that over the
baseline; `best` is the best one on test, which nobody can know beforehand, and `regret` is how much
higher it scores (never below 0, and too high by chance, as a maximum of noisy means is). `missing`
counts candidates that lack a score, `seeds` the fewest behind a mean; `why` there is no choice."""


@dataclass(frozen=True)
class Comparison:
    """`intermediate` against `baseline`: a positive gain says that the former scores higher."""

    kind: Literal["none", "mlm joint", "translated", "mixture"]
    intermediate: str
    baseline: str
    """An intermediate, or `BEST`: then the one that English dev chooses for each target."""

    @property
    def name(self) -> str:
        return f"{self.intermediate} against {self.baseline}"


def single(intermediate: str) -> bool:
    """Whether it is one English task: no mixture, translation, control, nor MLM."""
    return intermediate not in ("none", "mlm", "mixture", "") and not set("+@~") & {*intermediate}


def named(intermediates: Iterable[str]) -> list[Comparison]:
    """The paper's comparisons that these intermediates allow, in the order of its sections."""
    there = list(dict.fromkeys(intermediates))
    english = [one for one in there if single(one)]
    plain = [*english, *(["mixture"] if "mixture" in there else [])]
    found = [Comparison("none", one, "none") for one in plain if "none" in there]
    found += [Comparison("mlm joint", one, f"{one}+mlm") for one in plain if f"{one}+mlm" in there]
    for one in english:
        translated = [name for name in there if name.startswith(f"{one}@") and single(name[-3:])]
        found += [Comparison("translated", one, name) for name in translated if "+" not in name]
    if "mixture" in there and english:
        found.append(Comparison("mixture", "mixture", BEST))
    return found


def compare(
    scores: pd.DataFrame,
    comparisons: Iterable[Comparison] | None = None,
    split: str = "test",
    confidence: float = 0.95,
    least: int = 3,
    whole: bool = False,
) -> pd.DataFrame:
    """CellTable of every comparison: columns comparison, kind, baseline_task, then `CELLS`.

    `whole`: one row a target, the mean over its languages within each lineage (`lang` is `mean`),
    NaN where a language is missing.

    Scores are paired by seed as in `gains`; runs that learnt nothing are left out. Against the best
    single task, that one is chosen per scale, target and variant on English dev, and named in
    `baseline_task`; where no English dev score is there, the comparison has no row.
    """
    require(scores, [*CELL, "value", "intermediate"], "the score frame")
    scores = written(scores)
    asked = named(scores["intermediate"].unique()) if comparisons is None else list(comparisons)
    here, parts = scores[scores["split"].eq(split)], []
    for (kind, baseline), told in groupby(asked, lambda one: (one.kind, one.baseline)):
        names = {one.intermediate: one.name for one in told}  # over one baseline: all at once
        for base, rows in _against(baseline, scores, here):
            pairs = gains(rows[rows["intermediate"].isin([*names, base])], base)
            pairs = over_languages(pairs) if whole else pairs
            table = cells(pairs[pairs["intermediate"].isin(list(names))], confidence, least)
            for task, name in names.items():
                mine = table[table["intermediate"].eq(task)]
                parts.append(mine.assign(comparison=name, kind=kind, baseline_task=base))
    columns = ["comparison", "kind", "baseline_task", *CELLS]
    parts = [part for part in parts if len(part)]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def _against(
    baseline: str, scores: pd.DataFrame, here: pd.DataFrame
) -> list[tuple[str, pd.DataFrame]]:
    """(baseline, the scores it is for): one for all, or the best single task of each target."""
    if baseline != BEST:
        return [(baseline, here)]
    place, found = ["scale", "target", "variant"], []
    for names, some in scores.groupby(place, sort=False):
        dev = _means(some[some["split"].eq("dev") & some["lang"].eq(ENGLISH)], ["metric"])
        dev = dev[dev["intermediate"].map(single)]
        if len(dev):
            best = str(dev.reset_index().loc[int(dev["value"].argmax()), "intermediate"])
            found.append((best, here[(here[place] == list(names)).all(axis=1)]))
    return found


def best_intermediate(
    scores: pd.DataFrame, baseline: str = "none", candidates: Iterable[str] | None = None
) -> pd.DataFrame:
    """The best intermediate of each target and language, chosen on dev and reported on test.

    Columns `CHOICES`. Chosen on English dev, which zero-shot transfer allows; and, labelled oracle,
    on the language's own dev. `candidates` are all single English tasks and the mixture, unless
    named; the baseline is one too, since to train nothing is a choice. Missing dev scores leave
    `chosen` empty, with `why`.
    """
    require(scores, [*PLACE, "split", "intermediate", "value"], "the score frame")
    scores = written(scores)
    there = dict.fromkeys(scores["intermediate"].unique())
    named = [one for one in there if single(one) or one == "mixture"]
    wanted = [baseline, *(named if candidates is None else candidates)]
    rows = scores[scores["intermediate"].isin(wanted)]
    dev, test = (_means(rows[rows["split"].eq(split)], PLACE) for split in ("dev", "test"))
    found = []
    known, nothing = dict(list(dev.groupby(PLACE, sort=False))), dev.iloc[:0]
    for place, mine in test.groupby(PLACE, sort=False):
        for how, lang in zip(SELECTIONS, (ENGLISH, place[-1]), strict=True):
            told = _choice(known.get((*place[:-1], lang), nothing), mine, baseline, set(wanted))
            found.append(dict(zip(PLACE, place, strict=True)) | {"selected_on": how} | told)
    return pd.DataFrame(found, columns=list(CHOICES))


def _means(rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Columns keys, intermediate, value, seeds: means over seeds, of those with a score."""
    grouped = rows[rows["value"].notna()].groupby([*keys, "intermediate"], sort=False)["value"]
    return grouped.agg(value="mean", seeds="size").reset_index()


def _choice(
    dev: pd.DataFrame, test: pd.DataFrame, baseline: str, wanted: set[str]
) -> dict[str, object]:
    """A row of `CHOICES` but for its place: ties go to the first in the frame's order."""
    on_test = test.set_index("intermediate")
    both = dev[dev["intermediate"].isin(on_test.index)].set_index("intermediate")
    told: dict[str, object] = {"candidates": len(wanted), "missing": len(wanted) - len(both)}
    if both.empty:
        return told | {"chosen": "", "seeds": 0, "why": "no candidate has scores on dev and test"}
    chosen, value = str(both["value"].idxmax()), on_test["value"]
    best = str(value[both.index].idxmax())
    over = value[baseline] if baseline in value.index else float("nan")
    return told | {
        "chosen": chosen,
        "value": value[chosen],
        "gain": value[chosen] - over,
        "best": best,
        "best_value": value[best],
        "regret": value[best] - value[chosen],
        "seeds": int(min(both["seeds"].min(), on_test["seeds"][both.index].min())),
        "why": "",
    }


REGRETS = ("scale", "target", "selected_on", "chosen", "gain", "best", "regret", "languages")


def regrets(choices: pd.DataFrame) -> pd.DataFrame:
    """Columns `REGRETS`: `best_intermediate` as means over a target's languages.

    `chosen` names what was chosen, by how often over languages; `best` is the mean gain of the best
    on test, `languages` those of which a choice could be made.
    """
    made = choices[choices["chosen"].ne("")]
    made = made.assign(top=made["gain"] + made["regret"])
    grouped = made.groupby(["scale", "target", "selected_on"], sort=False)
    told = grouped.agg(
        gain=("gain", "mean"),
        best=("top", "mean"),
        regret=("regret", "mean"),
        languages=("lang", "size"),
    )
    told["chosen"] = grouped["chosen"].agg(lambda one: ", ".join(one.value_counts().index))
    return pd.DataFrame(told.reset_index(), columns=list(REGRETS))
