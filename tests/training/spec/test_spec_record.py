"""The names on the wire, and the arithmetic of a scale."""

from __future__ import annotations

import pytest

from training.spec import record
from training.spec.scale import Scale


def test_score_keys_go_there_and_back() -> None:
    assert record.score_key("test", "fin", "f1") == "test/fin/f1"
    assert record.parse_score_key("dev/cmn_Hant/em_f1") == ("dev", "cmn_Hant", "em_f1")


@pytest.mark.parametrize("key", ["train/loss", "loss", "train/fin/f1", "test/fin/f1/more", ""])
def test_other_metrics_are_no_scores(key: str) -> None:
    assert record.parse_score_key(key) is None


def test_no_two_names_are_one() -> None:
    tags = [v for k, v in vars(record).items() if k.isupper() and str(v).startswith("silta.")]
    assert len(tags) == len(set(tags)) > 15
    assert len(set(record.ITEM_COLUMNS)) == len(record.ITEM_COLUMNS)


def test_parameters_are_counted_by_hand() -> None:
    """10 words, 6 positions, 1 type of width 4; one block of 16 + 4 + 8 weights and biases each."""
    scale = Scale("tiny", "xlm-roberta", 4, 1, 2, 8, 10, positions=6)
    embeddings = (10 + 6 + 1) * 4
    attention, middle, norms = 4 * (4 * 4 + 4), (4 * 8 + 8) + (8 * 4 + 4), 2 * 2 * 4
    assert scale.parameters == embeddings + 2 * 4 + attention + middle + norms
