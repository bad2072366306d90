"""Retrieval: sentence vectors, Tatoeba, BUCC."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from training.catalogue.retrieval import BUCC, TATOEBA
from training.catalogue.span import SQUAD
from training.data.sources import rows
from training.data.tokenizer import train
from training.families.examples import Bitext
from training.families.metrics import Counts
from training.families.mining import Mined
from training.families.retrieval import (
    Embedded,
    embed,
    encode,
    score,
    score_bucc,
    score_tatoeba,
    tatoeba,
)
from training.spec.record import ITEM_COLUMNS


def bitext(foreign: int, english: int, gold: set[tuple[int, int]]) -> Bitext:
    return Bitext(
        "fin",
        tuple(f"lause {i} on tässä" for i in range(foreign)),
        tuple(f"sentence {i}" for i in range(english)),
        frozenset(gold),
        tuple(f"fi-{i}" for i in range(foreign)),
        tuple(f"en-{i}" for i in range(english)),
    )


def aligned(count: int) -> Bitext:
    return bitext(count, count, {(i, i) for i in range(count)})


def noisy(seed: int, count: int, noise: float = 0.8):  # type: ignore[no-untyped-def]
    """Vectors of two sides that resemble each other line by line."""
    torch.manual_seed(seed)
    one = torch.randn(count, 8)
    return one, one + noise * torch.randn(count, 8)


# --- vectors -------------------------------------------------------------------------------------


def test_mean_is_over_attended_positions_specials_included() -> None:
    states = torch.arange(12.0).reshape(1, 4, 3)
    mask = torch.tensor([[1, 1, 1, 0]])
    assert embed(states, mask).tolist() == [[3.0, 4.0, 5.0]]
    assert embed(states, mask, "cls").tolist() == [[0.0, 1.0, 2.0]]


def test_padding_changes_no_vector() -> None:
    states = torch.randn(2, 5, 4)
    mask = torch.tensor([[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]])
    assert torch.allclose(embed(states, mask)[:1], embed(states[:1, :3], mask[:1, :3]))


def test_half_precision_is_averaged_in_full() -> None:
    states = torch.full((1, 4096, 1), 1.0, dtype=torch.bfloat16)
    made = embed(states, torch.ones(1, 4096, dtype=torch.long))
    assert made.dtype == torch.float32 and made.item() == 1.0


def test_unknown_pooling_is_refused() -> None:
    with pytest.raises(ValueError, match="'max' is unknown: choose `mean` or `cls`"):
        embed(torch.zeros(1, 1, 1), torch.ones(1, 1), "max")


def test_sentences_are_features() -> None:
    tokenizer = train(11, 100, 800)
    features = encode(["The dog slept.", "Anna read the old book in the morning."], tokenizer, 8)
    ids = tokenizer("The dog slept.", add_special_tokens=False)["input_ids"]
    assert features[0].ids == ((0, *ids[:6], 2),)
    assert features[0].place == len(ids)
    assert [f.example for f in features] == [0, 1]
    assert features[1].length == 8 and features[1].place > 8
    assert encode([], tokenizer) == []


# --- Tatoeba -------------------------------------------------------------------------------------


def test_english_asks_and_the_foreign_side_answers() -> None:
    """The other direction would give 50 here."""
    foreign = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    english = torch.tensor([[1.0, 0.2], [1.0, 0.1]])
    assert tatoeba(foreign, english) == [0, 0]
    assert tatoeba(english, foreign) == [1, 0]


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6), st.integers(1, 40))
def test_the_same_vectors_give_100(seed: int, count: int) -> None:
    torch.manual_seed(seed)
    same = torch.randn(count, 8)
    side = Embedded(aligned(count), same, 3 * same)
    assert score(TATOEBA, side).metrics == {"accuracy": 100}


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6), st.integers(2, 40), st.randoms())
def test_the_order_of_the_foreign_side_is_nothing(seed: int, count: int, random) -> None:  # type: ignore[no-untyped-def]
    foreign, english = noisy(seed, count)
    plain = score(TATOEBA, Embedded(aligned(count), foreign, english))
    order = random.sample(range(count), count)
    moved = bitext(count, count, {(place, i) for place, i in enumerate(order)})
    mixed = score(TATOEBA, Embedded(moved, foreign[order], english))
    assert mixed.metrics == plain.metrics
    assert [i["score"] for i in mixed.items] == [i["score"] for i in plain.items]


def test_tatoeba_items() -> None:
    scores = score_tatoeba(aligned(4), [0, 0, 2, 1], subwords=[7, 8, 9, 10])
    assert scores.metrics == {"accuracy": 50}
    first, second = scores.items[:2]
    assert set(first) == set(ITEM_COLUMNS) - {"split"}
    assert (second["item_id"], second["gold"], second["prediction"]) == ("en-1", "fi-1", "fi-0")
    assert (first["score"], second["score"]) == (1.0, 0.0)
    assert (second["n_words"], second["n_subwords"]) == (4, 8)
    assert second["text"] == "lause 1 on tässä | sentence 1"


def test_one_english_sentence_is_one_cluster_in_every_language() -> None:
    one, other = aligned(3), replace(aligned(3), lang="hun", foreign=("a", "b", "c"))
    clusters = [[i["cluster_id"] for i in score_tatoeba(b, [0, 1, 2]).items] for b in (one, other)]
    assert clusters[0] == clusters[1] and len(set(clusters[0])) == 3


def test_a_prediction_for_each_sentence_is_demanded() -> None:
    with pytest.raises(ValueError, match="2 predictions for 3 sentences"):
        score_tatoeba(aligned(3), [0, 1])


# --- BUCC ----------------------------------------------------------------------------------------

MINED = [Mined(0, 0, 3.0), Mined(1, 2, 2.0), Mined(4, 4, 1.5), Mined(2, 1, 1.0)]
GOLD = bitext(6, 6, {(0, 0), (1, 1), (3, 3), (2, 1)})


def test_bucc_counts_pairs() -> None:
    scores = score_bucc(GOLD, MINED, 1.5)
    assert scores.metrics["precision"] == pytest.approx(100 / 3)
    assert scores.metrics["recall"] == 25
    assert scores.metrics["f1"] == pytest.approx(200 / 7)


def test_bucc_items_are_what_the_f1_is_made_of() -> None:
    scores = score_bucc(GOLD, MINED, 1.5, subwords=[5] * 6)
    told = {i["item_id"]: (i["tp"], i["fp"], i["fn"]) for i in scores.items}
    assert told == {
        "fi-0": (1, 0, 0),
        "fi-1": (0, 1, 1),
        "fi-2": (0, 0, 1),
        "fi-3": (0, 0, 1),
        "fi-4": (0, 1, 0),
    }
    total = Counts(*(sum(column) for column in zip(*told.values(), strict=True)))
    assert total.f1 == scores.metrics["f1"]
    assert set(scores.items[0]) == set(ITEM_COLUMNS) - {"split"}
    assert (scores.items[1]["gold"], scores.items[1]["prediction"]) == ("en-1", "en-2")
    assert [i["score"] for i in scores.items] == [1, 0, 0, 0, 0]
    assert scores.items[4]["text"] == "lause 4 on tässä"


def test_nothing_mined_scores_zero() -> None:
    scores = score_bucc(GOLD, [], 0.0)
    assert scores.metrics == {"f1": 0, "precision": 0, "recall": 0}
    assert len(scores.items) == 4


def half(seed: int) -> Embedded:
    """20 pairs among 40 sentences a side."""
    one, two = noisy(seed, 40)
    english = torch.cat([two[:20], torch.randn(20, 8)])
    return Embedded(bitext(40, 40, {(i, i) for i in range(20)}), one, english)


def test_the_threshold_of_dev_is_applied_to_test() -> None:
    dev, test = half(1), half(2)
    official = score(BUCC, test, dev.limit)
    oracle = score(BUCC, test)
    assert set(official.metrics) == {"f1", "precision", "recall"}
    assert set(oracle.metrics) == {f"{m}_oracle_threshold" for m in official.metrics}
    assert 30 < official.metrics["f1"] <= oracle.metrics["f1_oracle_threshold"]
    assert (
        score(BUCC, dev, dev.limit).metrics["f1"] == score(BUCC, dev).metrics["f1_oracle_threshold"]
    )
    assert official.metrics["f1"] != oracle.metrics["f1_oracle_threshold"]


def test_identical_sides_are_mined_whole() -> None:
    same = torch.randn(30, 8, generator=torch.Generator().manual_seed(0))
    side = Embedded(aligned(30), same, same)
    assert score(BUCC, side, side.limit).metrics == {"f1": 100, "precision": 100, "recall": 100}


def test_another_schema_is_refused() -> None:
    with pytest.raises(ValueError, match="task squad: schema 'squad'"):
        score(SQUAD, half(1))


@pytest.mark.parametrize("task", [TATOEBA, BUCC])
def test_the_miniature_can_be_measured(task) -> None:  # type: ignore[no-untyped-def]
    """Random vectors on a generated bitext: chance, and an item for what was asked."""
    test = rows(task, "test", "hun", "miniature/seed=3/sentences=600").read.examples[0]
    torch.manual_seed(0)
    side = Embedded(test, torch.randn(len(test.foreign), 32), torch.randn(len(test.english), 32))
    scores = score(task, side, side.limit)
    assert 0 <= scores.metrics[task.metric] < 20
    assert set(task.metrics) == set(scores.metrics)
    assert len(scores.items) >= len(test.gold)
    perfect = torch.randn(len(test.gold), 32)
    foreign, english = side.foreign.clone(), side.english.clone()
    for vector, (i, j) in zip(perfect, sorted(test.gold), strict=True):
        foreign[i] = english[j] = vector
    told = Embedded(test, foreign, english)
    assert score(task, told, told.limit).metrics[task.metric] > 90
