"""Gain tables with planted effects: what a mixed model must find again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from dashboard.analysis.covariates import covariates, wide
from dashboard.analysis.factors import known
from dashboard.analysis.gains import GAINS

TARGETS = ("xnli", "pawsx", "udpos", "panx", "xquad", "tydiqa", "bucc", "tatoeba")
TASKS = ("mnli", "squad", "qqp", "hellaswag", "cosmosqa")


@dataclass(frozen=True)
class Planted:
    """Slopes per standard deviation (morphology) and per tenfold (scale); random deviations."""

    languages: Sequence[str] = field(default_factory=lambda: list(frame_of_languages()["lang"]))
    targets: Sequence[str] = TARGETS
    tasks: Sequence[str] = TASKS
    scales: Sequence[str] = ("large", "xl", "xxl")
    seeds: int = 2
    level: float = 2.0
    morphology: float = 0.0
    scale: float = 0.0
    interaction: float = 0.0
    by_task: Mapping[str, float] = field(default_factory=dict)
    deviations: Mapping[str, float] = field(default_factory=dict)
    """Standard deviations by random component, and `residual`."""


def frame_of_languages(seed: int = 0) -> pd.DataFrame:
    """The catalogue's languages but English, with a measure and tokens drawn at random."""
    frame = wide(covariates())
    frame = frame[frame["lang"].ne("eng")].reset_index(drop=True)
    rng = np.random.default_rng(seed)
    frame["fertility"] = 1.5 + rng.gamma(2.0, 0.4, len(frame))
    frame["word_length"] = 5.0 + rng.normal(0, 1, len(frame))
    return frame


def table(planted: Planted, frame: pd.DataFrame, seed: int) -> pd.DataFrame:
    """A gain table (columns `GAINS`) of a paired design."""
    rng = np.random.default_rng(seed)
    drawn: dict[Any, float] = {}

    def effect(component: str, *names: Any) -> float:
        if (component, *names) not in drawn:
            deviation = planted.deviations.get(component, 0.0)
            drawn[component, *names] = deviation * rng.normal()
        return drawn[component, *names]

    chosen = frame[frame["lang"].isin(planted.languages)].set_index("lang")
    z = (chosen["fertility"] - chosen["fertility"].mean()) / chosen["fertility"].std(ddof=0)
    sizes = {scale: np.log10(known().parameters[scale]) for scale in planted.scales}
    middle = float(np.mean(list(sizes.values())))
    rows = []
    for scale in planted.scales:
        x = sizes[scale] - middle
        for target in planted.targets:
            for task in planted.tasks:
                for number in range(1, planted.seeds + 1):
                    name = f"{scale}-{target}-{task}-{number}"
                    for lang in chosen.index:
                        slope = planted.morphology + planted.interaction * x
                        gain = planted.level + planted.scale * x + slope * z[lang]
                        gain += planted.by_task.get(task, 0.0)
                        gain += effect("family", chosen.at[lang, "family"])
                        gain += effect("language", lang) + effect("target", target)
                        gain += effect("language x scale", lang) * x
                        gain += effect("language in target", lang, target)
                        gain += effect("intermediate in target", scale, target, task)
                        gain += effect("intermediate run", scale, task, number)
                        gain += effect("baseline run", scale, target, number)
                        gain += effect("lineage", name)
                        gain += planted.deviations.get("residual", 1.0) * rng.normal()
                        rows.append(_row(scale, target, task, number, name, str(lang), gain))
    return pd.DataFrame(rows, columns=list(GAINS))


def _row(
    scale: str, target: str, task: str, number: int, name: str, lang: str, gain: float
) -> dict[str, Any]:
    return {
        "scale": scale,
        "target": target,
        "variant": "",
        "split": "test",
        "lang": lang,
        "metric": "accuracy",
        "intermediate": task,
        "intermediate_seed": str(number),
        "target_seed": "" if known().family[target] == "retrieval" else str(number),
        "evaluation": name,
        "baseline_evaluation": f"{scale}-{target}-none-{number}",
        "value": 50.0 + gain,
        "baseline": 50.0,
        "gain": gain,
        "n": 1000.0,
        "reuses": False,
        "health": "ok",
        "baseline_health": "ok",
        "at_chance": False,
    }
