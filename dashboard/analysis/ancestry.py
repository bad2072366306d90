"""The way of one cell from phase 1 to its score, and what sets two recipes apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from dashboard.analysis.forest import chain, parents_of

STEPS = ("phase", "id", "task", "scale", "seed", "state", "health", "seconds", "run_id")


def steps(told: pd.DataFrame, evaluations: pd.DataFrame, evaluation: str) -> pd.DataFrame:
    """Columns `STEPS`: phase 1 first, the evaluation last; the scale's own weights are no step.

    `told` as of `forest.runs`, `evaluations` of the frame. A parent that nobody knows keeps a row
    with its id, so that a gap is seen.
    """
    found = evaluations[evaluations["evaluation"].eq(evaluation)]
    if found.empty:
        return pd.DataFrame(columns=list(STEPS))
    cell = found.iloc[0]
    known = told.set_index("run")
    rows = []
    for run in reversed(list(chain(parents_of(told), str(cell["run"])))):
        rows.append(_step(pd.Series(known.loc[run]), run) if run in known.index else _unknown(run))
    seed = cell["target_seed"] or cell["intermediate_seed"]
    last = {"phase": "evaluation", "id": evaluation, "task": cell["target"], "seed": seed}
    rows.append(last | {name: cell[name] for name in ("scale", "state", "health", "run_id")})
    return pd.DataFrame(rows).reindex(columns=list(STEPS))


def _step(row: pd.Series[Any], run: str) -> dict[str, Any]:
    names = ("phase", "task", "scale", "seed", "state", "health", "run_id")
    seconds = (row["ended"] - row["started"]) / 1000
    return {"id": run, "seconds": seconds} | {name: row[name] for name in names}


def _unknown(run: str) -> dict[str, Any]:
    return {"phase": run.split("-")[0], "id": run, "task": "", "state": "unknown", "run_id": ""}


def flat(recipe: Mapping[str, Any], before: str = "") -> dict[str, str]:
    """Nested names joined by dots, values as text: `{"a": {"b": 1}}` is `a.b` = `1`."""
    told: dict[str, str] = {}
    for name, value in recipe.items():
        if isinstance(value, Mapping) and value:
            told |= flat(value, f"{before}{name}.")
        else:
            told[f"{before}{name}"] = "" if value is None else str(value)
    return told


def difference(one: Mapping[str, Any], other: Mapping[str, Any]) -> pd.DataFrame:
    """Columns name, one, other, same: every setting of either, by name; missing where not told."""
    left, right = flat(one), flat(other)
    names = sorted(left.keys() | right.keys())
    rows = pd.DataFrame(
        {
            "name": names,
            "one": [left.get(n) for n in names],
            "other": [right.get(n) for n in names],
        },
        dtype="str",
    )
    rows["same"] = [left.get(name) == right.get(name) for name in names]
    return rows
