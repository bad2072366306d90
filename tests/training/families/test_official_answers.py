"""Answers as the official scripts of SQuAD 1.1, MLQA and SQuAD 2.0 score them: known numbers.

The golden file says how they were made; the scripts themselves are no part of the project.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from training.families.official import Question
from training.families.squad import MLQA_LANGUAGES, mlqa, squad1
from training.families.squad2 import evaluation

GOLDEN: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "golden/official_answers.json").read_text()
)


def test_squad_as_published() -> None:
    for said, golds, em, f1 in GOLDEN["squad"]:
        assert squad1(said, golds) == pytest.approx((em, f1), abs=1e-9), (said, golds)
    assert len(GOLDEN["squad"]) == 60


@pytest.mark.parametrize("lang", MLQA_LANGUAGES)
def test_mlqa_as_published(lang: str) -> None:
    for said, golds, em, f1 in GOLDEN["mlqa"][lang]:
        assert mlqa(said, golds, lang) == pytest.approx((em, f1), abs=1e-9), (said, golds)
    assert len(GOLDEN["mlqa"][lang]) == 24


@pytest.mark.parametrize("case", GOLDEN["squad2"])
def test_squad2_prints_what_is_published(case: Any) -> None:
    """With and without probabilities; every number, in the published order."""
    rows, limit, expected = case
    told = evaluation(
        [Question(id, tuple(golds)) for id, golds, _, _ in rows],
        {id: said for id, _, said, _ in rows},
        None if limit is None else {id: probability for id, _, _, probability in rows},
        1.0 if limit is None else limit,
    )
    assert list(told) == list(expected)
    assert told == pytest.approx(expected, abs=1e-9)
