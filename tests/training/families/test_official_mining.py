"""BUCC and Tatoeba on given vectors: what XTREME's own code mined, chose and scored.

Lines repeat, also but for the white space around them; all decisions are wider than the rounding
of single precision. The golden file says how its numbers were made.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from training.catalogue.retrieval import BUCC
from training.families.examples import Bitext
from training.families.mining import Mined, threshold
from training.families.retrieval import Embedded, score, tatoeba

GOLDEN: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "golden/official_retrieval.json").read_text()
)


def side(told: dict[str, Any]) -> Embedded:
    foreign, english = (tuple(told[f"{one}_lines"]) for one in ("foreign", "english"))
    ids = [tuple(f"{p}-{i}" for i in range(len(s))) for p, s in (("f", foreign), ("e", english))]
    gold = frozenset((i, j) for i, j in told["gold"])
    vectors = (torch.tensor(told[one]) for one in ("foreign", "english"))
    return Embedded(Bitext("deu", foreign, english, gold, *ids), *vectors)


@pytest.mark.parametrize("case", GOLDEN["bitexts"])
def test_pairs_threshold_and_scores_are_the_official_ones(case: dict[str, Any]) -> None:
    dev, test = side(case["dev"]), side(case["test"])
    for one, name in ((dev, "dev_pairs"), (test, "test_pairs")):
        found = one.mined
        assert [list(pair[:2]) for pair in found] == [pair[:2] for pair in case[name]]
        margins = [pair[2] for pair in case[name]]
        assert [pair.score for pair in found] == pytest.approx(margins, abs=2e-6)
    limit = dev.limit
    assert limit == pytest.approx(case["threshold"], abs=2e-6)
    said = [list(pair[:2]) for pair in test.mined if pair.score >= limit]
    assert said == case["said"]
    assert score(BUCC, test, dev.limit).metrics == pytest.approx(case["scores"], abs=1e-9)
    oracle = score(BUCC, dev).metrics
    for name, value in case["dev_scores"].items():
        assert oracle[f"{name.lower()}_oracle_threshold"] == pytest.approx(value, abs=1e-9)
    assert tatoeba(test.foreign, test.english) == case["tatoeba"]


@pytest.mark.parametrize("case", GOLDEN["thresholds"])
def test_the_threshold_is_the_official_one(case: Any) -> None:
    """Among equally good prefixes the last bit of the published F1 decides: followed, exactly."""
    margins, right, missing, expected = case
    mined = [Mined(i, i, margin) for i, margin in enumerate(margins)]
    gold = {(i, i) for i, one in enumerate(right) if one}
    gold |= {(1000 + i, 1000 + i) for i in range(missing)}
    assert threshold(mined, gold) == expected
