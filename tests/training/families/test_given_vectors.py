"""BUCC and Tatoeba on given vectors: pairs and scores that the rules give in double precision.

The golden file was made apart from this code (numpy, dictionaries and loops). Lines repeat on both
sides; the threshold is tuned on dev and measured on test.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from training.catalogue.retrieval import BUCC, TATOEBA
from training.families.examples import Bitext
from training.families.retrieval import Embedded, score, tatoeba

GOLDEN: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "golden/retrieval_vectors.json").read_text()
)


def side(name: str) -> Embedded:
    told = GOLDEN[name]
    foreign, english = (tuple(told[f"{one}_lines"]) for one in ("foreign", "english"))
    ids = [tuple(f"{p}-{i}" for i in range(len(s))) for p, s in (("f", foreign), ("e", english))]
    gold = frozenset((i, j) for i, j in told["gold"])
    vectors = (torch.tensor(told[one]) for one in ("foreign", "english"))
    return Embedded(Bitext("deu", foreign, english, gold, *ids), *vectors)


@pytest.mark.parametrize("name", ["dev", "test"])
def test_the_mined_pairs(name: str) -> None:
    found, expected = side(name).mined, GOLDEN[f"{name}_pairs"]
    assert [list(one[:2]) for one in found] == [one[:2] for one in expected]
    assert [one.score for one in found] == pytest.approx([one[2] for one in expected], abs=1e-5)


def test_the_threshold_and_the_scores() -> None:
    dev, test = side("dev"), side("test")
    found = dev.limit
    assert found == pytest.approx(GOLDEN["threshold"], abs=1e-5)
    assert score(BUCC, test, dev.limit).metrics == pytest.approx(GOLDEN["scores"], abs=1e-9)


def test_tatoeba_asks_from_english() -> None:
    one = side("test")
    assert tatoeba(one.foreign, one.english) == GOLDEN["tatoeba"]
    count = len(one.bitext.english)
    lines = Bitext(
        "deu",
        one.bitext.foreign,
        one.bitext.english,
        frozenset((i, i) for i in range(count)),
        one.bitext.foreign_ids,
        one.bitext.english_ids,
    )
    told = score(TATOEBA, Embedded(lines, one.foreign, one.english))
    assert told.metrics["accuracy"] == pytest.approx(GOLDEN["tatoeba_accuracy"], abs=1e-9)
