"""The span family: features and loss."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch
from spans import LONG, RECIPE, SPAN, answered, example
from transformers import PreTrainedTokenizerBase

from training.catalogue.span import SQUAD, SQUAD2
from training.data.tokenizer import train
from training.families.examples import SpanExample
from training.spec.recipe import Recipe


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerBase:
    return train(11, 300, 1500)


def test_layout(tokenizer: PreTrainedTokenizerBase) -> None:
    one = example("Anna slept.", "Anna", question="Who slept?")
    (feature,) = SPAN.encode([one], tokenizer, SQUAD, Recipe(), training=True)
    asked, context = (
        tokenizer(t, add_special_tokens=False)["input_ids"] for t in ("Who slept?", one.context)
    )
    assert feature.ids == ((0, *asked, 2, 2, *context, 2),)
    assert feature.ids[0] == tuple(tokenizer("Who slept?", one.context)["input_ids"])
    assert feature.place.subwords == len(asked) + len(context)
    low, high = feature.target
    assert feature.place.text(one.context, low, high) == "Anna"


def test_the_question_is_cut_and_the_context_comes_in_windows(
    tokenizer: PreTrainedTokenizerBase,
) -> None:
    one = example(LONG, "Budapest", question="Who was it that slept in the old house? " * 5)
    recipe = replace(RECIPE, max_query=10)
    features = SPAN.encode([one], tokenizer, SQUAD, recipe, training=True)
    ids = tokenizer(LONG, add_special_tokens=False)["input_ids"]
    room = 48 - 10 - 4
    assert all(f.place.first == 13 and f.length <= 48 for f in features)
    for number, feature in enumerate(features):
        assert list(feature.ids[0][13:-1]) == ids[number * 8 : number * 8 + room]
    assert features[-1].ids[0][-2] == ids[-1]


def test_windows_without_the_answer_point_to_the_first_token(
    tokenizer: PreTrainedTokenizerBase,
) -> None:
    features = SPAN.encode([example(LONG, "Budapest")], tokenizer, SQUAD, RECIPE, training=True)
    told = ["Budapest" in f.place.text(LONG, f.place.first, f.length - 2) for f in features]
    assert told.count(True) >= 1 and told.count(False) >= 1
    assert [f.target != (0, 0) for f in features] == told


def test_an_answer_across_the_edge_of_a_window_is_not_in_it(
    tokenizer: PreTrainedTokenizerBase,
) -> None:
    start = LONG.index("old teacher", 120)
    one = SpanExample("1", "1", "eng", LONG, "Who?", (("old teacher gave", start),))
    recipe = replace(RECIPE, stride=1)  # so that some window ends at every token
    features = SPAN.encode([one], tokenizer, SQUAD, recipe, training=True)
    stop = start + len("old teacher gave")
    inside = [f.place.offsets[0][0] <= start and stop <= f.place.offsets[-1][1] for f in features]
    assert inside.count(True) >= 1 and inside.count(False) >= 10
    assert [f.target != (0, 0) for f in features] == inside


def test_training_leaves_out_what_has_no_place(tokenizer: PreTrainedTokenizerBase) -> None:
    lost = SpanExample("2", "2", "eng", "Anna slept.", "Who?", (("Maria", -1),))
    kept = example("Anna slept.", "Anna")
    features = SPAN.encode([lost, kept], tokenizer, SQUAD, Recipe(), training=True)
    assert [f.example for f in features] == [1]
    measured = SPAN.encode([lost, kept], tokenizer, SQUAD, Recipe(), training=False)
    assert [f.example for f in measured] == [0, 1]
    assert measured[0].target == (0, 0)


def test_unanswerable_questions_are_learnt_from(tokenizer: PreTrainedTokenizerBase) -> None:
    features = SPAN.encode([example("Anna slept.")], tokenizer, SQUAD2, Recipe(), training=True)
    assert [f.target for f in features] == [(0, 0)]


def test_a_long_question_leaves_half_of_a_short_input(tokenizer: PreTrainedTokenizerBase) -> None:
    one = example(LONG, "Budapest", question=LONG)
    features = SPAN.encode([one], tokenizer, SQUAD, Recipe(max_length=32), training=True)
    assert {f.place.first for f in features} == {16 + 3}
    assert answered([one], tokenizer, Recipe(max_length=32)).metrics["em"] == 100


def test_no_room_is_refused_with_advice(tokenizer: PreTrainedTokenizerBase) -> None:
    one = example(LONG, "Budapest", question=LONG)
    with pytest.raises(ValueError, match="max_length=6 .*set 16 or more"):
        SPAN.encode([one], tokenizer, SQUAD, Recipe(max_length=6), training=True)


def test_an_empty_context_is_answered_with_nothing(tokenizer: PreTrainedTokenizerBase) -> None:
    scores = answered([example("", question="Who?")], tokenizer, Recipe(), SQUAD2)
    assert scores.items[0]["prediction"] == ""
    assert SPAN.encode([], tokenizer, SQUAD, Recipe(), training=True) == []


def test_even_logits_cost_the_logarithm_of_the_tokens(tokenizer: PreTrainedTokenizerBase) -> None:
    features = SPAN.encode([example("Anna slept.", "Anna")], tokenizer, SQUAD, Recipe(), True)
    batch = SPAN.collate(features, 1)
    loss = SPAN.loss(torch.zeros(1, features[0].length, 2), batch)
    assert float(loss) == pytest.approx(math.log(features[0].length))


def test_padding_changes_nothing(tokenizer: PreTrainedTokenizerBase) -> None:
    """Neither the loss nor what is found depends on what else is in the batch."""
    torch.manual_seed(0)
    head = SPAN.head(6, SQUAD, 0.1)
    short = SPAN.encode([example("Anna slept.", "Anna")], tokenizer, SQUAD, Recipe(), True)
    both = [*short, *SPAN.encode([example(LONG, "Budapest")], tokenizer, SQUAD, Recipe(), True)]
    alone, beside = SPAN.collate(short, 1), SPAN.collate(both, 1)
    states = torch.randn(2, beside["input_ids"].shape[1], 6)
    cut = states[:1, : short[0].length]
    one, two = SPAN.logits(head, cut, alone), SPAN.logits(head, states, beside)
    first = {name: value[:1] for name, value in beside.items()}
    assert torch.allclose(SPAN.loss(one, alone), SPAN.loss(two[:1], first))
    assert SPAN.decode(one, alone)[0] == pytest.approx(SPAN.decode(two, beside)[0])


def test_the_head_learns(tokenizer: PreTrainedTokenizerBase) -> None:
    """Word vectors and a head find the city in contexts that differ in it."""
    torch.manual_seed(0)
    cities = ["Budapest", "Helsinki", "London"]
    examples = [
        example(f"{name} slept in {city}.", city, question="Where?")
        for name in ("Anna", "Maria", "The dog", "The old teacher")
        for city in cities
    ]
    features = SPAN.encode(examples, tokenizer, SQUAD, Recipe(), training=True)
    batch = SPAN.collate(features, 1)
    words, head = torch.nn.Embedding(len(tokenizer), 16), SPAN.head(16, SQUAD, 0.0)
    optimiser = torch.optim.Adam([*words.parameters(), *head.parameters()], lr=0.05)
    for _ in range(60):
        optimiser.zero_grad()
        loss = SPAN.loss(SPAN.logits(head, words(batch["input_ids"]), batch), batch)
        loss.backward()
        optimiser.step()
    outputs = SPAN.decode(SPAN.logits(head, words(batch["input_ids"]), batch), batch)
    assert SPAN.score(examples, features, outputs, SQUAD).metrics["em"] > 90
