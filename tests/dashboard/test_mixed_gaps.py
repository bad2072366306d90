"""Whatever is missing from a study, the mixed model answers, and accounts for every row."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from planted import Planted, frame_of_languages, table

from dashboard.analysis.mixed import FIXED, RANDOM, Model, fit

LANGUAGES = frame_of_languages()
SOME = ("fin", "hun", "est", "tur", "eus", "deu", "fra", "vie")
STUDY = table(
    Planted(
        languages=SOME,
        targets=("xnli", "udpos", "tatoeba"),
        tasks=("mnli", "squad"),
        scales=("large", "xl"),
        deviations={"language": 0.5, "lineage": 0.5},
    ),
    LANGUAGES,
    5,
)
ASKED = Model(least_languages=5)
COLUMNS = ("scale", "target", "intermediate", "intermediate_seed", "lang")


@st.composite
def studies(draw: st.DrawFn) -> pd.DataFrame:
    """A part of the study: some levels gone, rows lost at random, gains missing, some all alike."""
    rows = STUDY
    for column in COLUMNS:
        levels = sorted(set(STUDY[column]))
        kept = draw(st.lists(st.sampled_from(levels), min_size=1, unique=True))
        rows = rows[rows[column].isin(kept)]
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    rows = rows[rng.random(len(rows)) < draw(st.sampled_from([0.3, 0.8, 1.0]))]
    gain = rows["gain"].where(rng.random(len(rows)) < draw(st.sampled_from([0.5, 1.0])))
    if draw(st.booleans()):
        gain = gain.where(rows["target"].ne("xnli"), 1.0)
    return rows.assign(gain=gain)


@settings(max_examples=40, deadline=None)
@given(studies())
def test_any_part_of_a_study_has_an_answer_that_accounts_for_its_rows(rows: pd.DataFrame):
    found = fit(rows, LANGUAGES, ASKED)
    assert found.rows + sum(found.left_out.values()) == len(rows)
    terms = {name.split(":")[0] for name in found.dropped} | set(found.fixed["term"])
    assert found.fixed.empty or set(FIXED) <= terms
    assert {*found.components["component"], *found.dropped} >= set(RANDOM)
    assert found.components["variance"].dropna().ge(0).all()
    assert found.fixed["estimate"].notna().all()
    tested = found.fixed[found.fixed["se"].gt(0)]
    assert (tested["low"].lt(tested["estimate"]) & tested["high"].gt(tested["estimate"])).all()
    assert tested["df"].ge(1).all()
    assert found.converged or found.notes
