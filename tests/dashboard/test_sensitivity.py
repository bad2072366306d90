"""What a mixed model's answer hangs on: collinear terms, single languages, the measure."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from planted import Planted, frame_of_languages, table

from dashboard.analysis import measures
from dashboard.analysis.covariates import covariates, wide, with_measures
from dashboard.analysis.mixed import Model, fit
from dashboard.analysis.sensitivity import INFLUENCE, UNDER, collinearity, influence, under_measures

LANGUAGES = frame_of_languages()
SOME = ("fin", "hun", "est", "tur", "eus", "deu", "fra", "rus", "vie", "cmn", "swh", "ind")
MODEL = Model(fixed=("scale", "morphology", "morphology x scale"), random=("language", "lineage"))
STUDY = Planted(
    languages=SOME,
    targets=("xnli", "udpos"),
    tasks=("mnli",),
    scales=("large", "xl"),
    morphology=-1.5,
    deviations={"language": 0.3, "lineage": 0.3, "residual": 0.5},
)


@pytest.fixture(scope="module")
def gains() -> pd.DataFrame:
    return table(STUDY, LANGUAGES, 2)


def test_inflation_of_two_slopes_is_one_over_one_less_r_squared(gains: pd.DataFrame):
    two = replace(MODEL, fixed=("morphology", "distance"))
    once = LANGUAGES[LANGUAGES["lang"].isin(SOME)]
    r = np.corrcoef(once["fertility"], once["syntactic_distance"])[0, 1]
    told = collinearity(gains, LANGUAGES, two).set_index("term")
    for term in ("morphology", "distance"):
        assert told.at[term, "gvif"] == pytest.approx(1 / (1 - r**2))
        assert told.at[term, "among_languages"] == pytest.approx(1 / (1 - r**2))
        assert told.at[term, "root"] == pytest.approx(np.sqrt(1 / (1 - r**2)))


def test_a_balanced_factor_inflates_nothing_and_one_term_has_no_inflation(gains: pd.DataFrame):
    more = pd.concat([gains, gains.assign(intermediate="qqp"), gains.assign(intermediate="squad")])
    told = collinearity(more, LANGUAGES, replace(MODEL, fixed=("intermediate", "morphology")))
    assert told["gvif"].to_numpy() == pytest.approx(1)
    assert told["columns"].tolist() == [2, 1]
    assert told["among_languages"].isna().all()
    alone = collinearity(gains, LANGUAGES, replace(MODEL, fixed=("morphology",)))
    assert alone["gvif"].isna().all()


def test_a_language_that_was_bent_is_the_most_influential(gains: pd.DataFrame):
    bent = gains.assign(gain=gains["gain"].where(gains["lang"].ne("swh"), gains["gain"] + 8))
    told = influence(bent, LANGUAGES, MODEL)
    assert list(told.columns) == list(INFLUENCE) and len(told) == len(SOME)
    assert told["lang"].iloc[0] == "swh"
    whole = fit(bent, LANGUAGES, MODEL).slope()["estimate"]
    assert (told["estimate"] - told["change"]).to_numpy() == pytest.approx(whole)
    # Without it the slope is that of a fit without it, on the scale of all languages.
    again = influence(bent, LANGUAGES, MODEL, variances="refitted").set_index("lang")
    spread = LANGUAGES.set_index("lang")["fertility"]
    ratio = spread[list(SOME)].std(ddof=0) / spread[[x for x in SOME if x != "swh"]].std(ddof=0)
    alone = fit(bent[bent["lang"].ne("swh")], LANGUAGES, MODEL).slope()["estimate"]
    assert again.at["swh", "estimate"] == pytest.approx(alone * ratio, rel=1e-3)


def test_influence_on_a_term_that_is_not_there(gains: pd.DataFrame):
    with pytest.raises(KeyError, match="distance is not in the model: not asked for"):
        influence(gains, LANGUAGES, MODEL, term="distance")


def test_influence_where_nothing_varies_is_told_and_missing(gains: pd.DataFrame):
    told = influence(gains.assign(gain=2.0), LANGUAGES, MODEL)
    assert told["estimate"].isna().all() and told["dfbetas"].isna().all()
    assert told["why"].str.contains("nothing varies").all() and len(told) == len(SOME)


def test_the_planted_measure_explains_and_others_are_told_beside_it(gains: pd.DataFrame):
    frame = LANGUAGES.assign(mattr_500=np.nan)
    names = ("fertility", "word_length", "mattr_500", "wals_49A_rank")
    told = under_measures(gains, frame, names, MODEL).set_index("measure")
    assert list(told.reset_index().columns) == list(UNDER)
    assert told.at["fertility", "slope"] == pytest.approx(-1.5, abs=0.4)
    assert told.at["fertility", "high"] < 0 < told.at["word_length", "high"]
    assert told.at["mattr_500", "why"] == "no value is known of any of these languages"
    assert np.isnan(told.at["mattr_500", "slope"]) and told.at["fertility", "why"] == ""
    assert told["languages"].tolist() == [12, 12, 12, 12]


def test_shipped_covariates_fit_as_they_are(gains: pd.DataFrame):
    """Real measures of 40 languages: whoever lacks one is named, and the rest is fitted."""
    frame = with_measures(wide(covariates()), measures.read())
    study = replace(STUDY, languages=list(LANGUAGES["lang"]), targets=("panx",))
    found = fit(table(study, LANGUAGES, 3), frame, Model(fixed=("morphology", "distance")))
    assert "morphology is not known of cmn, jpn, mya, tha" in found.left_out
    assert len(found.languages) == 17  # 19 have a distance; Chinese and Japanese no words
    assert set(found.fixed["term"]) == {"intercept", "morphology", "distance"}


def test_common_languages_make_rows_comparable(gains: pd.DataFrame):
    frame = LANGUAGES.assign(
        word_length=LANGUAGES["word_length"].where(~LANGUAGES["lang"].isin(["cmn", "vie"]))
    )
    names = ("fertility", "word_length")
    own = under_measures(gains, frame, names, MODEL)
    common = under_measures(gains, frame, names, MODEL, common="common languages")
    assert own["languages"].tolist() == [12, 10]
    assert common["languages"].tolist() == [10, 10]
    assert common["deviance"].iloc[0] < common["deviance"].iloc[1]
