"""Whether the mixed model holds what it says, and what it costs: `python benchmarks/mixed.py`.

* Coverage: over 400 planted studies (24 languages, 4 targets, 3 tasks, 2 scales, 2 seeds, random
  effects at every level) the 95 % intervals of the slope of morphology and of its change with scale
  hold what was planted in 95 % of them, give or take three standard errors of such a count.
* Cost: the paper's grid (4 scales, 10 intermediates, 9 targets, 3 seeds) with all 39 languages in
  every target, which is more than it has: one fit, and the influence of every language.
* statsmodels' MixedLM on one planted study, for the same model: how much longer it takes.

The result: `benchmarks/results/mixed.json`.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from bench import RESULTS, SCHEMA, machine
from planted import TASKS, Planted, frame_of_languages, table

from dashboard.analysis.mixed import FIXED, Model, fit
from dashboard.analysis.sensitivity import influence

STUDIES = 400
LIMIT = 60.0
"""Seconds for one fit of the paper's grid."""
MODEL = Model(fixed=tuple(one for one in FIXED if one not in ("distance", "pre-training")))
TERMS = {"morphology": -0.8, "morphology x scale": 0.4}
DEVIATIONS = {
    "family": 0.3, "language": 0.7, "language x scale": 0.3, "target": 1.0,
    "language in target": 0.5, "intermediate in target": 0.5, "intermediate run": 0.4,
    "baseline run": 0.4, "lineage": 0.4, "residual": 1.0,
}  # fmt: skip
LANGUAGES = frame_of_languages()


def study(languages: Sequence[str], **more: Any) -> Planted:
    usual = dict(morphology=-0.8, interaction=0.4, scale=0.3, deviations=DEVIATIONS)
    return Planted(languages=languages, **(usual | more))


def timed(what: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    found = what()
    return time.perf_counter() - began, found


def coverage(studies: int) -> dict[str, dict[str, float]]:
    """Term -> share of studies whose interval holds what was planted, and means of estimates."""
    one = study(
        list(LANGUAGES["lang"])[:24],
        targets=("xnli", "udpos", "xquad", "tatoeba"),
        tasks=TASKS[:3],
        scales=("large", "xl"),
    )
    rows = []
    for seed in range(studies):
        found = fit(table(one, LANGUAGES, seed), LANGUAGES, MODEL)
        rows.append(pd.DataFrame([found.slope(term).drop("unit") for term in TERMS]))
    told: dict[str, dict[str, float]] = {}
    every = pd.concat(rows)
    for term, planted in TERMS.items():
        mine = every[every["term"].eq(term)].drop(columns=["term", "level"]).astype(float)
        held = mine["low"].le(planted) & mine["high"].ge(planted)
        told[term] = {
            "planted": planted,
            "mean": float(mine["estimate"].mean()),
            "deviation": float(mine["estimate"].std()),
            "mean_se": float(mine["se"].mean()),
            "coverage": float(held.mean()),
        }
    return told


def cost() -> dict[str, float]:
    """Seconds of one fit, and of the influence of every language, on the paper's grid."""
    grid = study(
        list(LANGUAGES["lang"]),
        targets=("xnli", "pawsx", "udpos", "panx", "xquad", "mlqa", "tydiqa", "bucc", "tatoeba"),
        tasks=("mnli", "anli", "qqp", "squad", "squad2", "hellaswag", "ccg", "cosmosqa", "csqa",
               "all9"),
        scales=("base", "large", "xl", "xxl"),
        seeds=3,
    )  # fmt: skip
    gains = table(grid, LANGUAGES, 0)
    once, found = timed(lambda: fit(gains, LANGUAGES, MODEL))
    held, _ = timed(lambda: influence(gains, LANGUAGES, MODEL))
    return {"rows": float(found.rows), "fit_s": once, "influence_s": held}


def beside_statsmodels() -> dict[str, float]:
    """Seconds of the same model, intercepts only, by ours and by MixedLM."""
    import statsmodels.formula.api as smf

    names = {"language": "C(lang)", "target": "C(target)", "lineage": "C(evaluation)"}
    gains = table(study(list(LANGUAGES["lang"]), scales=("large", "xl")), LANGUAGES, 0)
    model = Model(fixed=("intermediate", "morphology"), random=tuple(names))
    ours, _ = timed(lambda: fit(gains, LANGUAGES, model))
    measure = LANGUAGES.set_index("lang")["fertility"]
    frame = gains.assign(z=gains["lang"].map(measure), one=1)
    parts = {name: f"0 + {formula}" for name, formula in names.items()}
    asked = smf.mixedlm("gain ~ C(intermediate) + z", frame, groups="one", vc_formula=parts)
    theirs, _ = timed(lambda: asked.fit(reml=True))
    return {"rows": float(len(gains)), "ours_s": ours, "statsmodels_s": theirs}


def main() -> int:
    """Measure, write the result, and say whether it is as it should be."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--studies", type=int, default=STUDIES)
    studies = parser.parse_args().studies
    held = coverage(studies)
    wide = 3 * np.sqrt(0.95 * 0.05 / studies)
    spent = cost()
    passed = spent["fit_s"] <= LIMIT and all(
        abs(one["coverage"] - 0.95) <= wide for one in held.values()
    )
    told = {
        "schema": SCHEMA,
        "name": "mixed",
        "studies": studies,
        "slopes": held,
        "cost": spent,
        "statsmodels": beside_statsmodels(),
        "limit": LIMIT,
        "passed": bool(passed),
        "machine": machine(),
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "mixed.json").write_text(json.dumps(told, indent=2) + "\n")
    print(json.dumps({name: told[name] for name in ("slopes", "cost", "statsmodels")}, indent=1))
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
