"""Score frames written by hand, for the statistics."""

from __future__ import annotations

from typing import Any

import pandas as pd

from dashboard.analysis.frames import SCORES, empty

USUAL: dict[str, Any] = {
    "run_id": "",
    "evaluation": "",
    "run": "",
    "scale": "nano",
    "target": "xnli",
    "intermediate": "none",
    "intermediate_seed": "",
    "target_seed": "1",
    "mlm": "",
    "source": "hub",
    "variant": "",
    "reuses": False,
    "state": "done",
    "health": "ok",
    "commit": "",
    "ended": 1.0,
    "split": "test",
    "lang": "fin",
    "metric": "accuracy",
    "value": 50.0,
    "n": 100.0,
    "language": "Finnish",
    "family": "Uralic",
    "genus": "Finnic",
    "script": "Latn",
    "morphology": "agglutinative",
}


def scores(*rows: dict[str, Any]) -> pd.DataFrame:
    """Rows as given, the usual where nothing is; an evaluation's id is its coordinates."""
    told = []
    for row in rows:
        full = USUAL | row
        seeds = f"{full['intermediate_seed']}-{full['target_seed']}"
        name = f"{full['scale']}-{full['target']}-{full['intermediate']}-{seeds}"
        told.append(full | {"evaluation": full["evaluation"] or name})
    return pd.DataFrame(told, columns=list(SCORES)) if told else empty(SCORES)


def none(value: float, seed: str = "1", **more: Any) -> dict[str, Any]:
    """A baseline score."""
    return {"value": value, "target_seed": seed} | more


def after(task: str, value: float, seed: str = "1", **more: Any) -> dict[str, Any]:
    """A score after an intermediate task, in the paired design."""
    told = {"intermediate": task, "value": value, "target_seed": seed, "intermediate_seed": seed}
    return told | more
