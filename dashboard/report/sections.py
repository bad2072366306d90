"""The report from top to bottom: which sections there are, and what stands in them."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from dashboard.analysis import answer, contrast, coverage, verdict
from dashboard.analysis.frames import ARTIFICIAL, PINNED
from dashboard.analysis.health import AT_CHANCE
from dashboard.analysis.means import target_means
from dashboard.analysis.results import PLACE, Results, moment
from dashboard.report.background import methods, missing, provenance
from dashboard.report.literature import literature
from dashboard.report.parts import Block, Section, Table, cell
from dashboard.report.pictures import drawn, slug
from dashboard.report.tables import average_table, language_table, main_tables, pinned_table
from dashboard.report.verdicts import verdicts


def sections(results: Results) -> list[Section]:
    """All of the report, in reading order."""
    means = target_means(results)
    return [
        Section("What this is", tuple(lead(results))),
        *beforehand(results),
        *verdicts(results),
        Section("Main table", tuple(main_tables(results, means))),
        Section("Averages with and without retrieval", (average_table(results, means),)),
        Section("Finnish and Hungarian", (pinned_table(results),)),
        Section("By language", tuple(by_language(results))),
        *literature(results),
        Section("Coverage", tuple(missing(results))),
        Section("Methods", tuple(methods(results))),
        Section("Provenance", tuple(provenance(results))),
    ]


def lead(results: Results) -> Iterator[str]:
    """What was asked, of how much, as of when; and that it is artificial, where it is."""
    plan = results.plan
    scales, seeds = list(dict.fromkeys(plan["scale"])), results.lineages["target_seed"]
    count = (
        len(set(seeds) - {""}) or results.lineages["intermediate_seed"].replace("", None).nunique()
    )
    yield (
        "Do the gains of training on an English intermediate task carry over, zero-shot, to other "
        f"languages? Study {results.study}: {plan['target'].nunique()} target tasks, "
        f"{plan['intermediate'].nunique() - 1} intermediate tasks, "
        f"scale{'s' * (len(scales) > 1)} {', '.join(scales)}, {count} seed{'s' * (count != 1)}; "
        f"{results.split} scores by each target's main metric, gains in points "
        f"over {results.title(results.over)}."
    )
    read = f"Read from {results.frame.server}, {moment(results.frame.taken)}."
    yield f"{read} {coverage.caption(results.cells)}."
    if results.frame.artificial(results.study):
        yield f"An artificial world (the embedded miniature): {ARTIFICIAL}"


def beforehand(results: Results) -> list[Section]:
    """The contrast that the study named before its numbers were seen; none where it named none."""
    frame = results.frame
    named = contrast.named(frame, results.study)
    if named is None:
        return []
    lineages = contrast.lineages(frame, results.study, named, results.split)
    found = contrast.summary(lineages)
    blocks: list[Block] = [f"{verdict.title(named, frame.title)}."]
    for place, some in lineages.groupby(contrast.PLACE, sort=False):
        here = found[found[contrast.PLACE].eq(list(place)).all(axis=1)]
        blocks.append(verdict.sentence(named, here.iloc[0], frame.title))
        blocks.append(_seeds(some, here))
    return [Section("Named beforehand", tuple(blocks))]


def _seeds(lineages: pd.DataFrame, found: pd.DataFrame) -> Table:
    """A row a seed, then mean and interval."""
    told = contrast.by_seed(lineages)
    first = found.iloc[0]
    rows = []
    for row in told.to_dict("records"):
        kind = str(row["factor"]).removesuffix("_seed")
        gains = [row[name] for name in contrast.GROUPS]
        rows.append((cell(f"{kind} seed {row['seed']}"), *(cell(_gain(one), one) for one in gains)))
    means = found.set_index("group").loc[list(contrast.GROUPS)]
    rows.append((cell("mean"), *(cell(_gain(one), one) for one in means["gain"])))
    spans = zip(means["low"], means["high"], strict=True)
    told_spans = ["–" if pd.isna(low) else f"{_gain(low)} to {_gain(high)}" for low, high in spans]
    rows.append((cell("95 % t interval"), *map(cell, told_spans)))
    name = slug("beforehand", first["scale"], first["variant"])
    title = f"Gains in points at {verdict.where(first)}, {verdict.basis(first)}"
    head = ("seed", "together", *PINNED.values())
    return Table(name, title, head, tuple(rows), pd.concat([told, found], ignore_index=True))


def _gain(value: float) -> str:
    return "–" if pd.isna(value) else answer.points(value)


def by_language(results: Results) -> Iterator[Section]:
    """For every target and scale the finding in words, the pictures, and the table."""
    for place, some in results.cells.groupby(PLACE, sort=False):
        target, scale, variant = map(str, place)
        told = [answer.sentence(some, code, results.title) for code in PINNED]
        told.append(coverage.caption(some) + ".")
        if some["state"].eq(AT_CHANCE).any():
            told[-1] += " A dot in a ring marks cells at chance."
        title = f"{results.title(target)} at {scale}" + (f", {variant}" if variant else "")
        table = language_table(results, some, slug("languages", target, scale, variant))
        yield Section(title, (" ".join(told), *drawn(results, some), table), folded=True)
