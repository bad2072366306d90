"""Mixed-effects regression of the gain on tasks, scale and what languages are like.

    fit(gains(scores), with_measures(wide(covariates()), measures.read()))

The gain of one lineage in one language is a sum of fixed terms (`FIXED`), of random effects
(`RANDOM`: what languages, families, targets and trainings have to themselves) and of a residual.
Estimation is by REML (`reml.py`), tests and intervals of fixed terms are t with Satterthwaite's
degrees of freedom: with 40 languages a slope over languages has 30-odd, however many rows there
are. What cannot be told is dropped and said; two languages tell no slope.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from dashboard.analysis import reml
from dashboard.analysis.design import Design, built, spare
from dashboard.analysis.factors import Factors
from dashboard.analysis.model import FIXED, RANDOM, Model
from dashboard.analysis.regressors import Regressors, prepare

__all__ = ["FIXED", "RANDOM", "Fit", "Model", "fit"]

FIXED_COLUMNS = ("term", "level", "estimate", "se", "df", "t", "p", "low", "high", "unit")
COMPONENTS = ("component", "groups", "spare", "variance", "deviation", "share", "with")
EXACT = "The fixed terms tell every gain exactly: nothing varies, so nothing can be tested."
LOST = "The likelihood's maximum was not found: do not read on."
HARDLY = 5
"""Groups below which a variance is hardly known."""
ENOUGH = 20
"""Languages below which distance, genealogy and morphology can hardly be told apart."""


@dataclass(frozen=True)
class Fit:
    """A fitted model. Estimates are points of the metric (0 to 100), per `unit` for slopes."""

    fixed: pd.DataFrame
    """Columns `FIXED_COLUMNS`. Levels are deviations from the mean over levels; the intercept is
    the gain of the average level, language, scale and training size."""
    components: pd.DataFrame
    """Columns `COMPONENTS`: groups, how many degrees of freedom the fixed terms leave them,
    variance (points squared), its root, its share of all (how alike two rows of one group are,
    which have nothing else in common), and components with the same groups."""
    dropped: dict[str, str]
    """Term -> why it is not in the model."""
    left_out: dict[str, int]
    """Why -> how many rows of the gain table."""
    scaling: pd.DataFrame
    """Columns term, centre, spread, unit: how to read a slope in the covariate's own unit."""
    rows: int
    languages: tuple[str, ...]
    deviance: float
    """-2 log restricted likelihood; NaN where nothing could be estimated."""
    converged: bool
    notes: tuple[str, ...]
    """What a reader must know, in sentences."""

    def slope(self, term: str = "morphology") -> pd.Series[float]:
        """One term's row of `fixed`; KeyError, with the reason, where it was dropped."""
        found = self.fixed[self.fixed["term"].eq(term)]
        if found.empty:
            raise KeyError(f"{term} is not in the model: {self.dropped.get(term, 'not asked for')}")
        return found.iloc[0]


def fit(
    gain_table: pd.DataFrame,
    languages: pd.DataFrame,
    model: Model | None = None,
    factors: Factors | None = None,
) -> Fit:
    """Fit the model to a gain table (`gains.gains`) with covariates of languages (`covariates`).

    Raises ValueError as `regressors.prepare` does. No gains, fewer than there are coefficients, and
    gains that do not vary give a Fit whose tables say what there is and whose notes say why.
    """
    asked = model or Model()
    told = prepare(gain_table, languages, asked, factors)
    return solved(built(told, asked), told, asked)


def solved(design: Design, told: Regressors, model: Model) -> Fit:
    """The fit of a design."""
    found, why = solution(design)
    empty = found is None or found.residual == 0
    fixed = _fixed(design, told, found, model.confidence)
    return Fit(
        fixed,
        _components(design, found),
        design.dropped,
        told.left_out,
        told.scaling,
        len(design.y),
        tuple(sorted(set(design.rows["lang"]))),
        float("nan") if found is None or empty else found.deviance,
        found is not None and found.converged,
        tuple([*why, *_notes(design)]),
    )


def solution(design: Design) -> tuple[reml.Solution | None, list[str]]:
    """The solution, or None and the reason; one without any residual where nothing varies."""
    rows, count = design.x.shape
    if rows <= count:
        return None, [f"{rows} gains cannot tell {count} coefficients: nothing is estimated."]
    exact: reml.Floats = np.linalg.lstsq(design.x, design.y, rcond=None)[0].astype(np.float64)
    left = design.y - design.x @ exact
    if float(left @ left) <= 1e-18 * max(float(design.y @ design.y), 1e-9) * rows:
        nothing = np.zeros(len(design.groups))
        spread = np.full((count, count), np.nan)
        told = reml.Solution(nothing, exact, spread, 0.0, float("nan"), True)
        return told, [EXACT]
    found = reml.solve(reml.sums(design.y, design.x, tuple(design.groups.values())))
    return found, [] if found.converged else [LOST]


def _fixed(
    design: Design, told: Regressors, found: reml.Solution | None, confidence: float
) -> pd.DataFrame:
    table = design.shown.copy()
    units = dict(zip(told.scaling["term"], told.scaling["unit"], strict=True))
    units |= {"scale": units.get("log parameters", ""), "morphology x scale": "both"}
    units["morphology x intermediate"] = units.get("morphology", "")
    if found is None:
        return table.iloc[:0].reindex(columns=list(FIXED_COLUMNS))
    combined = design.combinations
    table["estimate"] = combined @ found.coefficients
    table["se"] = np.sqrt(np.einsum("kp,pq,kq->k", combined, found.covariance, combined))
    table["df"] = np.nan
    if found.residual > 0:
        sums = reml.sums(design.y, design.x, tuple(design.groups.values()))
        table["df"] = reml.degrees_of_freedom(sums, found, combined)
    table["t"] = table["estimate"] / table["se"]
    table["p"] = 2 * stats.t.sf(np.abs(table["t"]), table["df"])
    half = stats.t.ppf(0.5 + confidence / 2, table["df"]) * table["se"]
    table["low"], table["high"] = table["estimate"] - half, table["estimate"] + half
    table["unit"] = [units.get(term, "") for term in table["term"]]
    return table[list(FIXED_COLUMNS)]


def _components(design: Design, found: reml.Solution | None) -> pd.DataFrame:
    """One row per component, the residual last."""
    names = [*design.groups, "residual"]
    if found is None:
        variances = dict.fromkeys(names, float("nan"))
    else:
        each = [*(found.ratios**2 * found.residual), found.residual]
        variances = dict(zip(names, map(float, each), strict=True))
    whole = sum(variances.values())
    rows = []
    for name, variance in variances.items():
        group = design.groups.get(name)
        others = [one for one, kept in design.merged.items() if kept == name]
        groups = len(design.y) if group is None else int(group[0].max()) + 1
        rows.append(
            {
                "component": name,
                "groups": groups,
                "spare": groups - design.x.shape[1] if group is None else spare(group, design.x),
                "variance": variance,
                "deviation": float(np.sqrt(variance)),
                "share": variance / whole if whole > 0 else float("nan"),
                "with": ", ".join(others),
            }
        )
    return pd.DataFrame(rows, columns=list(COMPONENTS))


def _notes(design: Design) -> list[str]:
    """What the rows allow and what not."""
    rows, notes = design.rows, []
    langs = rows["lang"].nunique()
    slopes = {"morphology", "distance", "pre-training"} & {term for term, _ in design.columns}
    if slopes and langs < ENOUGH:
        notes.append(
            f"{langs} languages: with fewer than {ENOUGH}, distance, genealogy and morphology can "
            "hardly be told apart."
        )
    few = [name for name, (codes, _) in design.groups.items() if codes.max() + 1 < HARDLY]
    if few:
        notes.append(f"Fewer than {HARDLY} groups, so a variance hardly known: {', '.join(few)}.")
    return [*notes, *_seeds(rows)]


def _seeds(rows: pd.DataFrame) -> list[str]:
    """What is confounded in the design of seeds."""
    if rows.empty:
        return []
    cell = ["scale", "target", "intermediate", "lang"]
    counts = rows.groupby(cell, sort=False)["evaluation"].nunique()
    low, high = int(counts.min()), int(counts.max())
    notes = []
    if high == 1:
        notes.append(
            "One lineage per cell: what seeds do cannot be told from how an intermediate and a "
            "target go together."
        )
    elif low < high:
        notes.append(f"Cells have between {low} and {high} lineages.")
    both = rows[rows["intermediate_seed"].ne("") & rows["target_seed"].ne("")]
    if high > 1 and len(both) and both["intermediate_seed"].eq(both["target_seed"]).all():
        notes.append(
            "Seeds are paired: within one target the intermediate's seed and the target's cannot "
            "be separated, and `lineage` holds both; a crossed design tells them apart."
        )
    return notes
