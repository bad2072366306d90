"""The mixed model: known answers, planted effects found again, and what it may never do.

Longer than 250 lines because all of them share one planted world and one fit.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from planted import Planted, frame_of_languages, table

from dashboard.analysis.mixed import FIXED, Fit, Model, fit

LANGUAGES = frame_of_languages()
NO_DISTANCE = tuple(one for one in FIXED if one not in ("distance", "pre-training"))
SOME = ("fin", "hun", "est", "tur", "eus", "deu", "fra", "rus", "vie", "cmn", "swh", "ind")
SIMPLE = Model(
    fixed=("intermediate", "scale", "morphology", "morphology x scale"),
    random=("language", "target", "lineage"),
)
DEVIATIONS = {"language": 0.8, "target": 1.0, "lineage": 0.5, "residual": 1.0}
SMALL = Planted(
    languages=SOME,
    targets=("xnli", "udpos", "xquad"),
    tasks=("mnli", "squad"),
    scales=("large", "xl"),
    morphology=-1.0,
    interaction=0.6,
    by_task={"mnli": 0.5, "squad": -0.5},
    deviations=DEVIATIONS,
)


@pytest.fixture(scope="module")
def gains() -> pd.DataFrame:
    return table(SMALL, LANGUAGES, 1)


@pytest.fixture(scope="module")
def simple(gains: pd.DataFrame) -> Fit:
    return fit(gains, LANGUAGES, SIMPLE)


def variance(found: Fit, name: str) -> float:
    return float(found.components.set_index("component").at[name, "variance"])


def test_agrees_with_statsmodels_called_directly():
    """Crossed intercepts and a random slope: coefficients to 1e-4 points, standard errors to 0.5 %,
    variances to 2 % or 1e-3, the deviance to 1e-3."""
    asked = Model(fixed=SIMPLE.fixed, random=("language", "language x scale", "target", "lineage"))
    slopes = replace(SMALL, deviations=DEVIATIONS | {"language x scale": 1.0})
    gains = table(slopes, LANGUAGES, 3)
    mine = fit(gains, LANGUAGES, asked)
    measure = LANGUAGES.set_index("lang")["fertility"].loc[list(SOME)]
    z = (measure - measure.mean()) / measure.std(ddof=0)
    scale = gains["scale"].map({"large": 558840832.0, "xl": 3475929600.0}).map(np.log10)
    frame = gains.assign(z=gains["lang"].map(z), x=scale - scale.unique().mean(), one=1)
    model = smf.mixedlm(
        "gain ~ C(intermediate, Sum) + x + z + z:x",
        frame,
        groups="one",
        vc_formula={
            "language": "0 + C(lang)",
            "language x scale": "0 + C(lang):x",
            "target": "0 + C(target)",
            "lineage": "0 + C(evaluation)",
        },
    )
    theirs = model.fit(reml=True, method=["lbfgs"])
    names = {
        "Intercept": ("intercept", ""),
        "C(intermediate, Sum)[S.mnli]": ("intermediate", "mnli"),
        "x": ("scale", ""),
        "z": ("morphology", ""),
        "z:x": ("morphology x scale", ""),
    }
    told = mine.fixed.set_index(["term", "level"])
    for name, place in names.items():
        assert told.at[place, "estimate"] == pytest.approx(theirs.fe_params[name], abs=1e-4)
        assert told.at[place, "se"] == pytest.approx(theirs.bse_fe[name], rel=5e-3)
    for name, value in zip(model.exog_vc.names, theirs.vcomp, strict=True):
        assert variance(mine, name) == pytest.approx(value, rel=0.02, abs=1e-3), name
    assert variance(mine, "residual") == pytest.approx(theirs.scale, rel=0.02)
    assert mine.deviance == pytest.approx(-2 * theirs.llf, abs=1e-3)
    assert all(variance(mine, name) > 0.1 for name in model.exog_vc.names)  # none at its boundary


# planted effects


def test_planted_slopes_and_variances_are_found_again():
    """Twelve studies: estimates lie around what was planted as their standard errors say."""
    studies = [fit(table(SMALL, LANGUAGES, seed), LANGUAGES, SIMPLE) for seed in range(12)]
    for term, planted in (("morphology", -1.0), ("morphology x scale", 0.6)):
        rows = pd.DataFrame([one.slope(term) for one in studies])
        off = (rows["estimate"] - planted) / rows["se"]
        assert abs(off.mean()) < 3 / np.sqrt(12), term
        assert 0.4 < off.std() < 1.7, term
        covered = rows["low"].le(planted) & rows["high"].ge(planted)
        assert covered.sum() >= 9, term  # 12 at 95 %: fewer than 9 is one case in 5,000
    for name, planted in DEVIATIONS.items():
        mean = np.mean([variance(one, name) for one in studies])
        few = {"language": 12, "target": 3}.get(name, 24)
        error = planted**2 * np.sqrt(2 / (few - 1) / 12)  # of a mean of 12 variances
        assert abs(mean - planted**2) < 3.5 * error, name
    tasks = pd.concat([one.fixed for one in studies]).query("term == 'intermediate'")
    assert tasks.groupby("level")["estimate"].mean().to_dict() == pytest.approx(
        {"mnli": 0.5, "squad": -0.5}, abs=0.2
    )


def test_the_slope_is_tested_with_the_degrees_of_freedom_of_languages(simple: Fit):
    assert simple.slope()["df"] == pytest.approx(len(SOME) - 2, abs=0.5)
    assert simple.slope()["unit"] == "standard deviation"


def test_adding_points_moves_the_intercept_and_scaling_scales(gains: pd.DataFrame, simple: Fit):
    other = fit(gains.assign(gain=3 * gains["gain"] + 7), LANGUAGES, SIMPLE)
    here, there = (one.fixed.set_index(["term", "level"])["estimate"] for one in (simple, other))
    shift = pd.Series(0.0, index=here.index)
    shift["intercept", ""] = 7.0
    assert there.to_numpy() == pytest.approx((3 * here + shift).to_numpy(), abs=1e-3)
    assert variance(other, "language") == pytest.approx(9 * variance(simple, "language"), rel=1e-2)


def test_morphology_by_task_is_found_again_and_agrees_with_statsmodels(gains: pd.DataFrame):
    """Slopes of morphology after each task as deviations from their mean: coefficients to 1e-3
    points, standard errors to 1 %."""
    measure = LANGUAGES.set_index("lang")["fertility"].loc[list(SOME)]
    z = gains["lang"].map((measure - measure.mean()) / measure.std(ddof=0))
    sign = gains["intermediate"].map({"mnli": 1.0, "squad": -1.0})
    table = gains.assign(gain=gains["gain"] + 0.8 * sign * z, z=z, sign=sign)
    asked = ("intermediate", "morphology", "morphology x intermediate")
    found = fit(table, LANGUAGES, Model(fixed=asked, random=("language",)))
    mine = found.fixed.set_index(["term", "level"]).loc["morphology x intermediate"]
    assert mine["estimate"].sum() == pytest.approx(0) and set(mine["unit"]) == {
        "standard deviation"
    }
    theirs = smf.mixedlm("gain ~ sign * z", table, groups=table["lang"]).fit(reml=True)
    assert mine.at["mnli", "estimate"] == pytest.approx(theirs.params["sign:z"], abs=1e-3)
    assert mine.at["mnli", "se"] == pytest.approx(theirs.bse["sign:z"], rel=0.01)
    assert abs(mine.at["mnli", "estimate"] - 0.8) < 3 * mine.at["mnli", "se"]
    one = fit(table.query("intermediate == 'mnli'"), LANGUAGES, Model(fixed=asked))
    assert one.dropped["morphology x intermediate"] == "mnli is the only one here"


def test_order_of_rows_changes_nothing(gains: pd.DataFrame, simple: Fit):
    mixed = fit(gains.sample(frac=1, random_state=1), LANGUAGES, SIMPLE)
    assert mixed.fixed["estimate"].to_numpy() == pytest.approx(simple.fixed["estimate"], abs=1e-4)
    assert mixed.deviance == pytest.approx(simple.deviance, abs=1e-4)


def test_levels_of_a_factor_add_up_to_nothing(simple: Fit):
    levels = simple.fixed.query("term == 'intermediate'")
    assert list(levels["level"]) == ["mnli", "squad"]
    assert levels["estimate"].sum() == pytest.approx(0)


# what cannot be told


def test_two_languages_tell_no_slope_and_the_result_says_so(gains: pd.DataFrame):
    two = fit(gains[gains["lang"].isin(["fin", "hun"])], LANGUAGES, Model(fixed=NO_DISTANCE))
    assert "2 languages (Finnish, Hungarian)" in two.dropped["morphology"]
    assert "a slope over languages takes 10" in two.dropped["morphology"]
    for term in ("morphology x scale", "morphology x intermediate"):
        assert two.dropped[term] == "morphology itself is not in the model"
    with pytest.raises(KeyError, match="any measure that differs between two languages"):
        two.slope()
    assert two.fixed.query("term == 'scale'")["estimate"].notna().all()


def test_tokens_and_their_absence_and_few_languages_are_told(gains: pd.DataFrame):
    asked = Model(fixed=FIXED, random=("language",), least_languages=8)
    found = fit(gains, LANGUAGES, asked)
    assert {"distance", "pre-training"} < set(found.fixed["term"])
    assert found.left_out == {"pre-training is not known of cmn": len(gains) // 12}
    assert "11 languages: with fewer than 20" in found.notes[0]
    assert fit(gains, LANGUAGES, replace(asked, data="pretraining_gib")).left_out == {}
    bare = fit(gains, LANGUAGES.drop(columns="pretraining_tokens"), asked)
    assert bare.dropped["pre-training"] == "no value is known of any of these languages"
    assert bare.left_out == {} and len(bare.languages) == 12


def test_languages_without_the_measure_are_left_out_by_name(gains: pd.DataFrame):
    bare = LANGUAGES.assign(
        fertility=LANGUAGES["fertility"].where(~LANGUAGES["lang"].isin(["cmn", "vie"]))
    )
    found = fit(gains, bare, SIMPLE)
    assert found.left_out == {"morphology is not known of cmn, vie": len(gains) // 6}
    assert len(found.languages) == 10


def test_one_scale_one_task_one_target(gains: pd.DataFrame):
    one = gains.query("scale == 'xl' and intermediate == 'mnli' and target == 'xnli'")
    found = fit(one, LANGUAGES, Model(fixed=NO_DISTANCE))
    assert found.dropped["scale"] == "all gains are of one scale"
    assert found.dropped["intermediate"] == "mnli is the only one here"
    assert found.dropped["language x scale"] == "all gains are of one scale"
    assert "the two are one component" in found.dropped["language in target"]
    assert found.components.set_index("component").at["intermediate run", "with"] == (
        "baseline run, lineage"
    )
    assert np.isfinite(found.slope()["estimate"])


def test_one_seed_is_said_and_its_component_merged(gains: pd.DataFrame):
    found = fit(gains.query("target_seed == '1'"), LANGUAGES, Model(fixed=NO_DISTANCE))
    assert any(one.startswith("One lineage per cell") for one in found.notes)
    merged = found.components.set_index("component")["with"]
    assert merged["intermediate in target"] == "lineage"


def test_unequal_seeds_and_pairing_are_said(gains: pd.DataFrame):
    gone = gains["target_seed"].eq("2") & gains["intermediate"].eq("mnli")
    found = fit(gains[~gone], LANGUAGES, SIMPLE)
    assert "Cells have between 1 and 2 lineages." in found.notes
    assert any(one.startswith("Seeds are paired") for one in found.notes)


def test_missing_gains_are_counted_and_never_zero(gains: pd.DataFrame, simple: Fit):
    more = gains.assign(intermediate="qqp", gain=np.nan).head(50)
    both = fit(pd.concat([gains, more]), LANGUAGES, SIMPLE)
    assert both.left_out == {"no gain: a side is missing or at chance": 50}
    assert both.rows == simple.rows
    assert both.fixed["estimate"].to_numpy() == pytest.approx(simple.fixed["estimate"], abs=1e-6)


def test_english_and_the_baseline_itself_are_no_data(gains: pd.DataFrame, simple: Fit):
    english = gains[gains["lang"].eq("fin")].assign(lang="eng")
    none = gains.assign(intermediate="none", gain=0.0)
    found = fit(pd.concat([gains, english, none]), LANGUAGES, SIMPLE)
    assert found.left_out == {"English: not transfer": len(english)}
    assert found.rows == simple.rows


def test_gains_that_do_not_vary_are_told_exactly_and_not_tested(gains: pd.DataFrame):
    found = fit(gains.assign(gain=1.5), LANGUAGES, SIMPLE)
    estimates = found.fixed.set_index(["term", "level"])["estimate"]
    assert estimates["intercept", ""] == pytest.approx(1.5)
    assert found.slope()["estimate"] == pytest.approx(0, abs=1e-9)
    assert found.fixed["se"].isna().all() and found.fixed["p"].isna().all()
    assert found.components["variance"].eq(0).all() and np.isnan(found.deviance)
    assert "nothing varies" in found.notes[0]


def test_nothing_and_next_to_nothing(gains: pd.DataFrame):
    for rows in (gains.iloc[:0], gains.assign(gain=np.nan), gains.iloc[:1]):
        found = fit(rows, LANGUAGES, SIMPLE)
        assert found.fixed.empty and not found.converged
        assert "nothing is estimated" in found.notes[0]


def test_two_metrics_or_variants_are_refused(gains: pd.DataFrame):
    double = pd.concat([gains, gains.assign(metric="f1")])
    with pytest.raises(ValueError, match="metric 'accuracy' and 'f1': keep the rows of one"):
        fit(double, LANGUAGES, SIMPLE)
    with pytest.raises(ValueError, match="variant '' and 'layer=2'"):
        fit(pd.concat([gains, gains.assign(variant="layer=2")]), LANGUAGES, SIMPLE)


def test_unknown_names_are_refused(gains: pd.DataFrame):
    with pytest.raises(ValueError, match="unknown fixed term 'morphologie'"):
        fit(gains, LANGUAGES, Model(fixed=("morphologie",)))
    with pytest.raises(ValueError, match="'genus' is no numeric column of languages"):
        fit(gains, LANGUAGES, Model(measure="genus"))
