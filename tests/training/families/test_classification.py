"""Classification: layouts, cuts, known scores, and that it learns."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tiny import PAD, Model, examples, named, tokenizer

from training.families.base import Feature, pieces
from training.families.classification import Classification
from training.families.examples import PairExample
from training.spec.recipe import Recipe
from training.spec.record import ITEM_COLUMNS

FAMILY = Classification()
MNLI, QQP, SIB = named("mnli"), named("qqp"), named("sib200")


def example(
    label: int, first: str = "Maria met Anna.", second: str | None = "Anna ran."
) -> PairExample:
    return PairExample(f"i{label}", f"c{label}", "eng", first, second, label)


def encoded(one: PairExample, longest: int = 256) -> Feature:
    (made,) = FAMILY.encode([one], tokenizer(), MNLI, Recipe(max_length=longest), False)
    return made


def test_a_pair_and_a_single_text_are_laid_out_as_xlm_r_has_it() -> None:
    a, b = pieces(tokenizer(), ["Maria met Anna.", "Anna ran."])
    s, e = 0, 2
    assert encoded(example(1)).ids == ((s, *a, e, e, *b, e),)
    assert encoded(example(1, second=None)).ids == ((s, *a, e),)
    assert encoded(example(1)).target == 1


@given(first=st.integers(0, 40), second=st.integers(0, 40), longest=st.integers(6, 40))
def test_nothing_is_longer_than_asked(first: int, second: int, longest: int) -> None:
    made = encoded(example(0, " Anna" * first, " Maria" * second), longest)
    a, b = (len(ids) for ids in pieces(tokenizer(), [" Anna" * first, " Maria" * second]))
    assert made.length == min(longest, a + b + 4)
    assert made.place == a + b  # what is counted for fertility was not cut


def test_a_batch_is_padded_and_masked() -> None:
    features = [encoded(example(0)), encoded(example(2, second=None))]
    batch = FAMILY.collate(features, PAD)
    assert batch["labels"].tolist() == [0, 2]
    lengths = [one.length for one in features]
    assert batch["input_ids"].shape == (2, max(lengths))
    assert batch["attention_mask"].sum(1).tolist() == lengths
    assert (batch["input_ids"][batch["attention_mask"] == 0] == PAD).all()


def test_loss_and_decoding_have_known_values() -> None:
    batch = {"labels": torch.tensor([2, 0])}
    logits = torch.zeros(2, 3)
    assert FAMILY.loss(logits, batch).item() == pytest.approx(math.log(3))
    assert FAMILY.loss(logits.bfloat16(), batch).dtype == torch.float32
    logits[0, 2] = logits[1, 1] = 9.0
    assert FAMILY.decode(logits, batch) == [2, 1]


def test_scores_and_items_are_the_known_ones() -> None:
    found = [example(0), example(1), example(2, second=None), example(2)]
    features = FAMILY.encode(found, tokenizer(), MNLI, Recipe(), False)
    scores = FAMILY.score(found, features, [0, 1, 2, 0], MNLI)
    assert scores.metrics == {"accuracy": 75.0}
    assert [item["score"] for item in scores.items] == [1.0, 1.0, 1.0, 0.0]
    last = scores.items[3]
    assert (last["gold"], last["prediction"]) == ("contradiction", "entailment")
    assert (last["n_words"], last["text"]) == (5, "Maria met Anna. | Anna ran.")
    assert scores.items[2]["text"] == "Maria met Anna."
    assert set(last) == set(ITEM_COLUMNS) - {"split"}


def test_qqp_is_the_mean_of_accuracy_and_f1_of_duplicates() -> None:
    found = [example(label) for label in (1, 1, 0, 0, 0)]
    features = FAMILY.encode(found, tokenizer(), QQP, Recipe(), False)
    scores = FAMILY.score(found, features, [1, 0, 1, 0, 0], QQP)
    assert scores.metrics == {"accuracy_f1": 55.0, "accuracy": 60.0, "f1": 50.0}
    assert list(scores.metrics)[0] == QQP.metric


@given(st.permutations(range(6)))
def test_features_may_come_in_any_order(order: list[int]) -> None:
    found = [example(i % 3, f"{i} Anna") for i in range(6)]
    features = FAMILY.encode(found, tokenizer(), MNLI, Recipe(), False)
    outputs = [0, 1, 2, 2, 1, 0]
    straight = FAMILY.score(found, features, outputs, MNLI)
    mixed = FAMILY.score(found, [features[i] for i in order], [outputs[i] for i in order], MNLI)
    assert mixed == straight


@pytest.mark.parametrize("task", [MNLI, QQP], ids=lambda task: task.name)
def test_it_learns_and_decodes_what_it_learnt(task) -> None:  # type: ignore[no-untyped-def]
    model = Model(FAMILY, task)
    found = examples(task)[:32]
    losses = model.learn(found)
    assert losses[0] == pytest.approx(math.log(len(task.labels)), abs=0.15)
    assert losses[-1] < 0.8 * losses[0]
    assert model.metrics(found)["accuracy"] > 100 / len(task.labels) + 15


def test_topics_have_a_head_of_seven() -> None:
    head = FAMILY.head(64, SIB, 0.1)
    assert FAMILY.logits(head, torch.randn(5, 9, 64), {}).shape == (5, 7)
