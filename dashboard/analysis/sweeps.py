"""Retrieval read from every layer: what the choice of a layer decides, and what it does not.

A sweep (columns `SWEEP`) is measured beside each retrieval evaluation. Nothing here enters a
result: those are read as was fixed beforehand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pandas as pd

from dashboard.analysis.answer import points
from dashboard.analysis.factors import known
from dashboard.analysis.frames import require
from dashboard.analysis.intervals import t_half_width
from dashboard.analysis.results import records

SWEEP = ("split", "lang", "layer", "pooling", "centred", "metric", "value")
"""Columns of an evaluation's sweep (record.SWEEP_COLUMNS); `layer` 0 are the embeddings, `value` in
points, `centred`: each language's mean vector was taken away."""
Sweeps = Callable[[str], pd.DataFrame]
"""Evaluation id -> its sweep, without rows where there is none."""
READING = ["layer", "pooling", "centred"]
MEAN = "mean"
"""Stands for the unweighted mean over all languages of the sweep."""
SAMPLED = "_sampled"
"""Ends a metric that was measured on a sample of the sentences."""
THRESHOLD = "_oracle_threshold"
"""Ends a metric of BUCC's dev, whose threshold was fitted to its own gold pairs."""

BEFOREHAND = "fixed beforehand"
ON_DEV = "best on dev, all languages together"
ORACLE = "oracle: best on this very test set"
WAYS = (BEFOREHAND, ON_DEV, ORACLE)

CURVES = ("intermediate", "lang", *READING, "value", "low", "high", "gain", "seeds")
"""One row per intermediate, language (and their mean) and reading: means over seeds, `low` and
`high` a 95 % t interval of `value` over them from three on; `gain` over the baseline read alike."""
CHOSEN = ("intermediate", "lang", "chosen_on", *READING, "value", "gain", "lost", "spread")
"""One row per intermediate, language and way of choosing a reading. `gain`: over the baseline whose
reading was chosen the same way. `lost`: by how many points the oracle is ahead, never below 0 and
too high by chance, as a maximum is; `spread`: from the worst layer to the best, of this pooling."""


def swept(evaluations: pd.DataFrame, read: Sweeps) -> pd.DataFrame:
    """All sweeps of some evaluations (of one scale and target): `SWEEP`, intermediate and seed.

    Where a target is read in several ways, each way has the same sweep: the first one counts.
    """
    require(evaluations, ["evaluation", "intermediate", "intermediate_seed", "variant"], "these")
    parts = []
    order = evaluations.sort_values("variant", kind="stable")
    for row in order.drop_duplicates(["intermediate", "intermediate_seed"]).itertuples():
        table = read(str(row.evaluation))
        if len(table):
            named = table[list(SWEEP)].assign(intermediate=str(row.intermediate))
            parts.append(named.assign(intermediate_seed=str(row.intermediate_seed)))
    columns = [*SWEEP, "intermediate", "intermediate_seed"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def metrics(table: pd.DataFrame, split: str) -> list[str]:
    """Metrics of a split, the one that the task is reported by first."""
    there = dict.fromkeys(table.loc[table["split"].eq(split), "metric"])
    return sorted(there, key=lambda one: not one.startswith(("accuracy", "f1")))


def fixed(scale: str, variants: Iterable[str]) -> dict[str, Any]:
    """The reading that results are given by: the scale's own, or what an evaluation names.

    Raises ValueError for a scale that the catalogue does not know.
    """
    first = sorted(variants)[0]
    told = dict(part.split("=", 1) for part in first.split())
    layer = int(told["layer"]) if "layer" in told else known().layer.get(scale)
    if layer is None:
        raise ValueError(f"which layer retrieval reads at scale {scale} is not known")
    return {"layer": layer, "pooling": told.get("pooling", "mean"), "centred": False}


def curves(table: pd.DataFrame, split: str, metric: str, baseline: str = "none") -> pd.DataFrame:
    """Columns `CURVES` of a frame from `swept`."""
    rows = _with_mean(table[table["split"].eq(split) & table["metric"].eq(metric)])
    place = ["lang", *READING]
    base = rows[rows["intermediate"].eq(baseline)]
    own = base[[*place, "intermediate_seed", "value"]].rename(columns={"value": "base"})
    once = base.drop_duplicates([*place]).shape[0] == len(base)
    keys = place if once else [*place, "intermediate_seed"]  # without a seed it is for all seeds
    rows = rows.merge(own.drop(columns="intermediate_seed") if once else own, on=keys, how="left")
    rows["gain"] = rows["value"] - rows.pop("base")
    grouped = rows.groupby(["intermediate", *place], sort=False)
    told = grouped.agg(value=("value", "mean"), gain=("gain", "mean"), seeds=("value", "count"))
    half = t_half_width(grouped["value"].std(ddof=1), told["seeds"], 0.95, 3)
    told = told.assign(low=told["value"] - half, high=told["value"] + half).reset_index()
    return told[list(CURVES)]


def _with_mean(rows: pd.DataFrame) -> pd.DataFrame:
    """With a row for the mean over languages, NaN where a sweep lacks one that another has."""
    keys = ["intermediate", "intermediate_seed", *READING]
    grouped = rows.groupby(keys, sort=False)["value"]
    mean = grouped.mean().where(grouped.count().eq(rows["lang"].nunique())).reset_index()
    names = [*keys, "lang", "value"]
    return pd.concat([mean.assign(lang=MEAN)[names], rows[names]], ignore_index=True)


def chosen(
    table: pd.DataFrame,
    split: str,
    metric: str,
    beforehand: dict[str, Any],
    baseline: str = "none",
) -> pd.DataFrame:
    """Columns `CHOSEN`: how much the choice of a reading matters, and on what it could be made.

    On dev it can be made where the target has one (BUCC); its best reading is taken by the mean
    over languages, so that one is used for all. The oracle chooses for each language on the scores
    that it is then judged by, which nobody can do beforehand.
    """
    here = curves(table, split, metric, baseline)
    dev = curves(table, "dev", _on_dev(table, metric), baseline) if split == "test" else here[:0]
    dev = dev[dev["lang"].eq(MEAN)]
    rows: list[dict[str, Any]] = []
    for place, some in here.groupby(["intermediate", "lang"], sort=False):
        named = dict(zip(("intermediate", "lang"), map(str, place), strict=True))
        own = dev[dev["intermediate"].eq(named["intermediate"])]
        rows += [named | row for row in _ways(_measured(some), _measured(own), beforehand)]
    told = pd.DataFrame(rows, columns=[name for name in CHOSEN if name != "gain"])
    base = told.loc[told["intermediate"].eq(baseline), ["lang", "chosen_on", "value"]]
    both = told.merge(base.rename(columns={"value": "base"}), on=["lang", "chosen_on"], how="left")
    return both.assign(gain=both["value"] - both["base"]).loc[:, list(CHOSEN)]


def _measured(rows: pd.DataFrame) -> list[dict[str, Any]]:
    return records(rows.loc[rows["value"].notna(), [*READING, "value"]])


def _ways(
    some: list[dict[str, Any]], dev: list[dict[str, Any]], beforehand: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    """A row for each way of choosing one of `some`, the readings of one intermediate and language;
    none where the way leads nowhere."""
    top = _best(some, some)
    found = {BEFOREHAND: _at(some, beforehand), ON_DEV: _best(some, dev), ORACLE: top}
    for way, row in found.items():
        if row is None or top is None:
            continue
        alike = ("pooling", "centred")
        span = [one["value"] for one in some if all(one[name] == row[name] for name in alike)]
        yield {
            "chosen_on": way,
            **{name: row[name] for name in READING},
            "value": row["value"],
            "lost": top["value"] - row["value"],
            "spread": max(span) - min(span),
        }


def _on_dev(table: pd.DataFrame, metric: str) -> str:
    """The metric of dev that a metric of test is chosen by."""
    core = metric.removesuffix(SAMPLED)
    there = dict.fromkeys(table.loc[table["split"].eq("dev"), "metric"])
    return next((one for one in there if one.startswith((core + THRESHOLD, core))), metric)


def _at(rows: list[dict[str, Any]], reading: dict[str, Any]) -> dict[str, Any] | None:
    """The row of a reading; None where it was not measured."""
    same = (row for row in rows if all(row[name] == reading[name] for name in READING))
    return next(same, None)


def _best(rows: list[dict[str, Any]], by: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The row of `rows` whose reading has the highest value in `by`; of equals the first."""
    return _at(rows, max(by, key=lambda row: row["value"])) if by else None


def finding(told: pd.DataFrame, task: str, name: str) -> str:
    """The gain as results give it, beside an oracle's, and how much a layer changes; `told` is from
    `chosen`, `name` how the task is written."""
    rows = records(told[told["intermediate"].eq(task) & told["lang"].eq(MEAN)])
    by = {row["chosen_on"]: row for row in rows}
    if BEFOREHAND not in by:
        return f"The mean over languages after {name} lacks the layer that results are read from."
    own = by[BEFOREHAND]
    return (
        f"{name} changes the mean over languages by {_points(own['gain'])} at layer "
        f"{own['layer']}, which was fixed beforehand. From its worst layer to its best lie "
        f"{own['spread']:.1f} points; an oracle that reads each side by the layer and pooling that "
        f"are best on this very test set says {_points(by[ORACLE]['gain'])}."
    )


def _points(gain: float) -> str:
    return "an unknown amount" if pd.isna(gain) else f"{points(gain)} points"
