"""Multiple choice: layouts, cuts at the beginning, ragged choices, known scores, learning."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tiny import PAD, Model, examples, named, tokenizer

from training.families.base import pair, pieces
from training.families.choice import Choice, ending_pair, kept
from training.families.examples import ChoiceExample
from training.spec.recipe import Recipe
from training.spec.record import ITEM_COLUMNS

FAMILY = Choice()
CSQA = named("csqa")
S, E = 0, 2


def example(label: int, *choices: str, prefix: str = "") -> ChoiceExample:
    return ChoiceExample(f"i{label}", "c", "eng", "Where is Anna?", choices, label, prefix)


def test_each_choice_is_a_pair_with_the_prompt() -> None:
    one = example(1, "school", "the museum", prefix="She is in")
    (made,) = FAMILY.encode([one], tokenizer(), CSQA, Recipe(), False)
    texts = ["Where is Anna?", "She is in school", "She is in the museum"]
    prompt, *seconds = pieces(tokenizer(), texts)
    assert made.ids == tuple((S, *prompt, E, E, *second, E) for second in seconds)
    assert made.target == 1
    assert made.place == len(prompt) + sum(map(len, seconds))


@given(a=st.integers(0, 30), b=st.integers(0, 30), longest=st.integers(4, 70))
def test_segments_are_cut_at_their_beginning(a: int, b: int, longest: int) -> None:
    first, second = list(range(100, 100 + a)), list(range(200, 200 + b))
    made = ending_pair(tokenizer(), first, second, longest)
    left, right = kept(a, b, longest - 4)
    assert made == (S, *first[a - left :], E, E, *second[b - right :], E)
    assert len(made) == len(pair(tokenizer(), first, second, longest)) <= longest
    # The same share of each as base.pair keeps, which cuts the longer one, from its end.
    assert pair(tokenizer(), first, second, longest) == (
        S, *first[:left], E, E, *second[:right], E
    )  # fmt: skip


def test_examples_may_offer_different_numbers_of_choices() -> None:
    found = [example(2, "a", "b", "c"), example(1, "a", "b"), example(0, "a", "b", "c")]
    features = FAMILY.encode(found, tokenizer(), CSQA, Recipe(), True)
    batch = FAMILY.collate(features, PAD)
    assert batch["input_ids"].shape[0] == 8
    assert batch["rows"].tolist() == [[0, 1, 2], [3, 4, -1], [5, 6, 7]]
    head = FAMILY.head(16, CSQA, 0.0)
    states = torch.randn(8, 5, 16, requires_grad=True)
    logits = FAMILY.logits(head, states, batch)
    assert logits[1, 2] == -math.inf
    assert logits[2].tolist() == head(states)[5:8, 0].tolist()
    loss = FAMILY.loss(logits, batch)
    loss.backward()
    assert loss.isfinite() and states.grad is not None and states.grad.isfinite().all()
    assert states.grad[3:5, 0].abs().sum() > 0


@given(st.lists(st.integers(1, 5), min_size=1, max_size=6), st.integers(0, 99))
def test_only_offered_choices_are_decoded(offered: list[int], seed: int) -> None:
    found = [example(0, *"abcde"[:count]) for count in offered]
    batch = FAMILY.collate(FAMILY.encode(found, tokenizer(), CSQA, Recipe(), False), PAD)
    torch.manual_seed(seed)
    logits = FAMILY.logits(FAMILY.head(8, CSQA, 0.0), torch.randn(sum(offered), 3, 8), batch)
    decoded = FAMILY.decode(logits, batch)
    assert all(0 <= choice < count for choice, count in zip(decoded, offered, strict=True))


def test_scores_and_items_are_the_known_ones() -> None:
    found = [example(2, "a", "b", "c"), example(1, "a", "b"), example(0, "a", "b", "c")]
    features = FAMILY.encode(found, tokenizer(), CSQA, Recipe(), False)
    scores = FAMILY.score(found, features[::-1], [0, 0, 2], CSQA)
    assert scores.metrics == {"accuracy": pytest.approx(200 / 3)}
    item = scores.items[1]
    assert (item["gold"], item["prediction"], item["score"]) == ("1", "0", 0.0)
    assert item["text"] == "Where is Anna? | (0) a | (1) b"
    assert item["n_words"] == 5
    assert set(item) == set(ITEM_COLUMNS) - {"split"}


@pytest.mark.parametrize("name", ["csqa", "hellaswag", "cosmosqa"])
def test_it_learns_and_decodes_what_it_learnt(name: str) -> None:
    task = named(name)
    found = examples(task)[:32]
    model = Model(FAMILY, task)
    losses = model.learn(found)
    assert losses[0] == pytest.approx(math.log(len(found[0].choices)), abs=0.05)
    assert losses[-1] < 0.8 * losses[0]
    assert model.metrics(found)["accuracy"] > 100 / len(found[0].choices) + 10
