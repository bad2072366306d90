"""What stands behind the numbers: what is missing, how they were computed, and from which runs."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import pandas as pd

from dashboard.analysis import coverage
from dashboard.analysis.health import RULE, WORDS
from dashboard.analysis.means import XTREME, groups, retrieval
from dashboard.analysis.results import PLACE, Results, moment
from dashboard.report.parts import Block, Section, Table, plain


def missing(results: Results) -> Iterator[Block]:
    """How many cells are there, and why the others are not; then every evaluation not done."""
    yield (
        "A cell is one language of one target at one scale after one intermediate task. Missing is "
        "never zero: each cell without a gain has its reason."
    )
    rows = []
    for place, some in results.cells.groupby(PLACE, sort=False):
        fewer = some["state"].eq(coverage.MEASURED) & (some["seeds"] < some["planned"])
        about = dict(zip(PLACE, place, strict=True)) | {"cells": len(some)}
        rows.append(about | coverage.counts(some) | {"fewer seeds than planned": int(fewer.sum())})
    yield plain("coverage", "Cells by target, scale and reason", pd.DataFrame(rows), words=3)
    plan = results.plan
    gone = plan[plan["state"].ne("done")].drop(columns="study")
    if gone.empty:
        yield "Every evaluation that the study plans is done."
    else:
        yield plain("missing", f"The {len(gone)} planned evaluations that are not done", gone)


def methods(results: Results) -> Iterator[str]:
    """How every number came about: gains, intervals, weights, and what is left out."""
    base = results.title(results.over)
    yield (
        f"Gain: the score after an intermediate task less that of {base}, in points (0 to 100) of "
        "the target's main metric, paired by target seed within scale, target, way of reading, "
        f"language and data source. Retrieval ({_names(results, retrieval(results))}) trains no "
        "target: where its baseline has no seed it is the same for all seeds."
    )
    yield (
        "Intervals: Student's t at 95 % over seeds where a cell has three or more. Intermediate "
        "and target seeds move together in a paired design, so one lineage is one replicate and "
        "the two cannot be told apart; in a crossed one the wider of the two intervals counts. "
        "With fewer seeds: a percentile interval of a paired bootstrap over test items (1,000 "
        "draws; sentences, paragraphs or pairs stay together), which leaves out how much training "
        "varies and is marked so. Intervals are not corrected for the number of cells."
    )
    yield (
        "Means: a target's score is the unweighted mean over all its languages, an average the "
        "unweighted mean over targets. Averages here: "
        + "; ".join(f"{name}: {_names(results, some)}" for name, some in groups(results).items())
        + ". "
        + _official(results)
        + " The mean is taken within each lineage before its interval. Nothing is averaged over "
        "what happens to be there: where a part is missing the mean is missing."
    )
    words = ", ".join(WORDS.values())
    yield f"{RULE} The three verdicts on a run are: {words}; an empty one: nobody judged it."
    yield (
        "Zero-shot: models are selected on English only. Gains marked ^ are after a task that "
        "holds the target's own English training data. No published figure enters any number here."
    )


def _official(results: Results) -> str:
    lacking = [one for one in XTREME if one not in set(results.plan["target"])]
    if not lacking:
        return "With all nine targets the first is XTREME's official average."
    names = ", ".join(results.title(one) for one in lacking)
    return (
        f"This study has not all of XTREME's nine targets (without: {names}), so none of these is"
        " its official average."
    )


def _names(results: Results, tasks: Collection[str]) -> str:
    order = [one for one in dict.fromkeys(results.plan["target"]) if one in tasks]
    return ", ".join(map(results.title, order)) or "none in this study"


def provenance(results: Results) -> Iterator[Block]:
    """Every evaluation with the run that it measures and its MLflow run."""
    yield (
        f"Tracking server {results.frame.server}, snapshot of {moment(results.frame.taken)}. A "
        "run's id ends in the hash of everything that changes its results (task, scale, recipe, "
        "seed, parent). The MLflow run has the rest: commit, settings and per-item predictions."
    )
    told = runs(results)
    yield Section(told.title, (told,), folded=True)


def runs(results: Results) -> Table:
    """One row per evaluation of the study that was recorded."""
    evaluations = results.frame.evaluations
    mine = evaluations[evaluations["evaluation"].isin(results.plan["evaluation"])]
    names = ["evaluation", "run", "run_id", "scale", "target", "intermediate"]
    names += ["intermediate_seed", "target_seed", "state", "health", "variant", "mlm", "source"]
    names += [name for name in ("commit",) if name in mine]  # snapshots of this schema lack it
    told = mine[names].rename(columns={"run_id": "mlflow_run"})
    ended = pd.to_datetime(mine["ended"], unit="ms", utc=True).dt.strftime("%Y-%m-%d %H:%M:%S")
    return plain("runs", f"The {len(told)} evaluations", told.assign(ended=ended))
