"""The gains as one table in Markdown, for a terminal."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from dashboard.analysis import contrast, verdict
from dashboard.analysis.answer import mark, points
from dashboard.analysis.coverage import ABSENT, MEASURED
from dashboard.analysis.frames import PINNED, ScoreFrame, pinned_place
from dashboard.analysis.health import AT_CHANCE, RULE
from dashboard.analysis.results import PLACE
from dashboard.analysis.rollup import mean_gain

LEGEND = (
    "Gains in points over {baseline}, mean over seeds. `*` 95 % interval over three or more "
    "seeds excludes zero; `°` fewer seeds: interval over test items only, excludes zero; `^` "
    "reuses the target's own training data; `–` not in this benchmark, or not in every language."
)
MARKS = (
    "* the 95 % interval over three or more seeds excludes zero; ° fewer seeds: the interval "
    "over test items only excludes zero; ^ reuses the target's own training data."
)
"""The same marks, told in plain text."""


def markdown(rows: pd.DataFrame, title: Callable[[str], str], every: bool = False) -> str:
    """Finnish, then Hungarian, then the mean of the other languages (or `every` one of them)."""
    tasks = list(dict.fromkeys(rows["intermediate"]))
    head = ["language", "target", "scale", "metric", "baseline", *map(title, tasks)]
    lines = []
    for key, some in others(rows, every).groupby(["lang", *PLACE], sort=False):
        _, target, scale, variant = map(str, key)
        named = f"{title(target)} ({variant})" if variant else title(target)
        base = some["baseline"].mean()
        found = {row["intermediate"]: _cell(row) for _, row in some.iterrows()}
        line = [some["language"].iloc[0], named, scale, some["metric"].iloc[0]]
        line.append("–" if pd.isna(base) else f"{base:.1f}")
        lines.append([*line, *(found.get(task, "") for task in tasks)])
    legend = LEGEND.format(baseline=title(str(rows["over"].iloc[0])))
    lost = int(rows["state"].eq(AT_CHANCE).sum())
    if rows["at_chance"].any():
        legend += f"\n\n{RULE} That is {lost} of {len(rows)} cells"
        mixed = int((rows["at_chance"].gt(0) & rows["state"].ne(AT_CHANCE)).sum())
        legend += f", and some seeds of {mixed} more." if mixed else "."
    return f"{_aligned(head, lines)}\n\n{legend}"


def beforehand(frame: ScoreFrame, study: str, split: str) -> str:
    """The contrast that the study named beforehand, seed by seed, in Markdown; empty: none."""
    named = contrast.named(frame, study)
    if named is None:
        return ""
    lineages = contrast.lineages(frame, study, named, split)
    found = contrast.summary(lineages)
    parts = [f"Named beforehand in the plan: {verdict.title(named, frame.title)}."]
    for place, some in lineages.groupby(contrast.PLACE, sort=False):
        here = found[found[contrast.PLACE].eq(list(place)).all(axis=1)]
        parts.append(
            f"Gains in points at {verdict.where(here.iloc[0])}, {verdict.basis(here.iloc[0])}:"
        )
        parts.append(_seeds(some, here.set_index("group")))
        parts.append(verdict.sentence(named, here.iloc[0], frame.title))
    return "\n\n".join(parts)


def _seeds(lineages: pd.DataFrame, found: pd.DataFrame) -> str:
    """A row a seed, then mean and interval; a column for all languages and each pinned one."""
    table = contrast.by_seed(lineages)
    kinds = table["factor"].nunique() > 1
    lines = []
    for row in table.to_dict("records"):
        kind = str(row["factor"]).removesuffix("_seed") + " seed " if kinds else ""
        lines.append([kind + str(row["seed"]), *(_gain(row[name]) for name in contrast.GROUPS)])
    lines.append(["mean", *map(_gain, found.loc[list(contrast.GROUPS), "gain"])])
    spans = found.loc[list(contrast.GROUPS), ["low", "high"]].itertuples(index=False)
    told = ["–" if pd.isna(low) else f"{points(low)} to {points(high)}" for low, high in spans]
    lines.append(["95 % t interval", *told])
    return _aligned(["seed", "together", *PINNED.values()], lines, words=1)


def _gain(value: float) -> str:
    return "–" if pd.isna(value) else points(value)


def others(rows: pd.DataFrame, every: bool = False) -> pd.DataFrame:
    """Rows of the pinned languages, then of the mean of the others (or of `every` one of them)."""
    pinned = rows["lang"].isin(PINNED)
    rest = rows[~pinned] if every else _mean_of_others(rows[~pinned])
    told = pd.concat([rows[pinned], rest], ignore_index=True)
    targets = {target: rank for rank, target in enumerate(dict.fromkeys(rows["target"]))}
    ranks = [pinned_place(told["lang"]), told["target"].map(targets)]
    told = told.assign(first=ranks[0], second=ranks[1])
    by = ["first", "lang", "second"] if every else ["first", "second"]
    return told.sort_values(by, kind="stable")


def _mean_of_others(rows: pd.DataFrame) -> pd.DataFrame:
    """The mean over the other languages, each counting the same, where all of them are measured."""
    keys = [*PLACE, "metric", "intermediate", "over"]
    if rows.empty:
        return rows
    mean = mean_gain(rows, keys, weights="languages", missing="refuse")
    base = rows.groupby(keys, sort=False)["baseline"].mean().reset_index()
    mean = mean.merge(base, on=keys)
    states = rows.groupby(keys, sort=False)["state"].agg(lambda one: one.mode()[0]).reset_index()
    mean = mean.merge(states, on=keys)
    mean["language"] = "mean of " + (mean["languages"] + mean["missing"]).astype(str) + " others"
    return mean.assign(lang="others")


def _cell(row: pd.Series[float]) -> str:
    if pd.isna(row["gain"]):
        return "–" if row["state"] in {ABSENT, MEASURED} else str(row["state"])
    sign = mark(row.get("low", 0), row.get("high", 0), row.get("interval_over"))
    return points(float(row["gain"])) + sign + ("^" if row.get("reuses") is True else "")


def _aligned(head: list[str], lines: list[list[str]], words: int = 4) -> str:
    """A Markdown table that also reads well in a terminal: after `words` columns of text, numbers
    stand to the right."""
    widths = [max(len(line[at]) for line in [head, *lines]) for at in range(len(head))]
    rule = [
        "-" * width if at < words else "-" * (width - 1) + ":" for at, width in enumerate(widths)
    ]

    def line(parts: list[str]) -> str:
        padded = [
            part.ljust(width) if at < words else part.rjust(width)
            for at, (part, width) in enumerate(zip(parts, widths, strict=True))
        ]
        return f"| {' | '.join(padded)} |"

    return "\n".join([line(head), line(rule), *map(line, lines)])
