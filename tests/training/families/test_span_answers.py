"""The span family: decoding and scores."""

from __future__ import annotations

import gzip
import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from spans import LONG, RECIPE, SPAN, answered, example, sure
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from training.catalogue.span import MLQA, SQUAD, SQUAD2, TYDIQA, XQUAD
from training.data.sources import rows
from training.data.tokenizer import SPECIAL, sentencepiece_like, train, wrapped
from training.families.base import Feature
from training.families.span import Found, predictions
from training.families.windows import Window
from training.spec.recipe import Recipe
from training.spec.record import ITEM_COLUMNS


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerBase:
    return train(11, 300, 1500)


def window(first: int, count: int, starts: tuple[int, int]) -> Window:
    return Window(first, tuple((i, i + 1) for i in range(count)), starts, count)


def batch_of(*places: Window, longest: int):  # type: ignore[no-untyped-def]
    features = [
        Feature(((0,) * (p.first + len(p.offsets) + 1),), (0, 0), i, p)
        for i, p in enumerate(places)
    ]
    features.append(Feature(((0,) * longest,), (0, 0), len(features), window(4, 1, (0, 1))))
    return SPAN.collate(features, 1)


def slow_decode(logits: Tensor, place: Window) -> tuple[float, int, int]:
    """Every pair of the 20 best allowed starts and ends, one by one."""
    context = range(place.first, place.first + len(place.offsets))
    starts = [i for i in context if place.starts[0] <= i - place.first < place.starts[1]]
    starts = sorted(starts, key=lambda i: -float(logits[i, 0]))[:20]
    ends = sorted(context, key=lambda i: -float(logits[i, 1]))[:20]
    pairs = [
        (float(logits[s, 0] + logits[e, 1]), s, e) for s in starts for e in ends if s <= e < s + 30
    ]
    return max(pairs, default=(-math.inf, -1, -1))


@settings(deadline=None, max_examples=60)
@given(st.data(), st.integers(0, 10**6))
def test_decoding_as_the_slow_reading(data: st.DataObject, seed: int) -> None:
    places = []
    for _ in range(3):
        count = data.draw(st.integers(0, 60))
        low = data.draw(st.integers(0, count))
        high = data.draw(st.integers(low, count))
        places.append(window(data.draw(st.integers(4, 9)), count, (low, high)))
    batch = batch_of(*places, longest=75)
    torch.manual_seed(seed)
    logits = torch.randn(4, 75, 2)
    for row, (place, found) in enumerate(zip(places, SPAN.decode(logits, batch), strict=False)):
        score, start, end = slow_decode(logits[row], place)
        assert found.score == pytest.approx(score)
        assert found.null == pytest.approx(float(logits[row, 0].sum()))
        if score > -math.inf:
            assert (found.start, found.end) == (start, end)


def test_an_answer_has_thirty_tokens_at_most() -> None:
    batch = batch_of(window(4, 40, (0, 40)), longest=45)
    logits = torch.zeros(2, 45, 2)
    logits[0, 4, 0], logits[0, 33, 1], logits[0, 34, 1] = 9.0, 5.0, 7.0
    found = SPAN.decode(logits, batch)[0]
    assert (found.start, found.end, found.score) == (4, 33, 14.0)


@pytest.mark.parametrize(("late", "found"), [(19, True), (20, False)])
def test_twenty_starts_and_ends_are_combined(late: int, found: bool) -> None:
    """The early ends fit none of the late starts, which are better than the one they fit."""
    batch = batch_of(window(4, 45, (0, 45)), longest=50)
    logits = torch.full((2, 50, 2), -1.0)
    logits[0, 4:24, 1] = 5.0
    logits[0, 25 : 25 + late, 0] = 9.0
    logits[0, 4, 0] = 5.0
    assert (SPAN.decode(logits, batch)[0].score == 10.0) == found


def test_nothing_outside_the_context_is_an_answer() -> None:
    batch = batch_of(window(6, 3, (0, 3)), longest=12)
    logits = torch.zeros(2, 12, 2)
    logits[0, [0, 1, 4, 5, 9, 11]] = 9.0
    logits[0, 7] = 1.0
    assert SPAN.decode(logits, batch)[0] == (2.0, 18.0, 7, 7)


def test_an_answer_starts_where_it_has_most_context(tokenizer: PreTrainedTokenizerBase) -> None:
    """A higher score in another window does not count."""
    one = example(LONG, "Budapest")
    features = SPAN.encode([one], tokenizer, SQUAD, RECIPE, training=False)
    batch = SPAN.collate(features, 1)
    logits = torch.zeros(*batch["input_ids"].shape, 2)
    logits[1, features[1].place.first] = 50.0  # the second window's first token
    logits[1, features[1].place.first + features[1].place.starts[0]] = 9.0
    found = SPAN.decode(logits, batch)[1]
    assert features[1].place.starts[0] > 0
    assert found.start == features[1].place.first + features[1].place.starts[0]


@pytest.mark.parametrize(
    ("nulls", "scores", "schema_task", "said"),
    [
        ([5.0, 3.0], [2.0, 3.0], SQUAD2, "b"),  # the lowest null counts; equal: answered
        ([5.0, 3.1], [2.0, 3.0], SQUAD2, ""),
        ([5.0, 9.0], [6.0, 3.0], SQUAD2, "a"),
        ([9.0, 9.0], [1.0, 2.0], SQUAD, "b"),  # SQuAD 1.1 always answers
        ([9.0, 9.0], [-math.inf, -math.inf], SQUAD, ""),
        ([-9.0, -9.0], [-math.inf, -math.inf], SQUAD2, ""),
    ],
)
def test_no_answer(nulls, scores, schema_task, said) -> None:  # type: ignore[no-untyped-def]
    one = example("a b", "b")
    places = [Window(4, ((0, 1),), (0, 1), 2), Window(4, ((2, 3),), (0, 1), 2)]
    features = [Feature(((0,) * 6,), (0, 0), 0, place) for place in places]
    outputs = [Found(s, n, 4, 4) for s, n in zip(scores, nulls, strict=True)]
    assert predictions([one], features, outputs, schema_task) == [said]


def test_items_and_metrics(tokenizer: PreTrainedTokenizerBase) -> None:
    examples = [example(LONG, "Budapest", "in Budapest"), example("Anna slept.", "Maria", id="2")]
    scores = answered(examples, tokenizer, RECIPE)
    assert scores.metrics == {"em_f1": 50, "em": 50, "f1": 50}
    first, second = scores.items
    assert set(first) == set(ITEM_COLUMNS) - {"split"}
    assert (first["gold"], first["prediction"]) == ('["Budapest", "in Budapest"]', "Budapest")
    assert (first["score"], second["score"]) == (1, 0)
    assert first["text"] == f"Who? | {LONG}"
    assert first["n_words"] == len(LONG.split()) + 1
    assert second["n_subwords"] == sum(
        len(tokenizer(t, add_special_tokens=False)["input_ids"]) for t in ("Who?", "Anna slept.")
    )


def test_squad2_tells_answerable_from_not(tokenizer: PreTrainedTokenizerBase) -> None:
    examples = [example("Anna slept.", "Anna"), example("Anna slept.", id="2")]
    scores = answered(examples, tokenizer, Recipe(), SQUAD2)
    assert scores.metrics["has_ans_f1"] == scores.metrics["no_ans_em"] == 100
    assert scores.metrics["em_f1"] == 100


def test_mlqa_is_scored_by_language(tokenizer: PreTrainedTokenizerBase) -> None:
    one = replace(example("die Katze schlief.", "Katze"), lang="deu")
    said = replace(one, answers=(("die Katze", 0),))
    features = SPAN.encode([said], tokenizer, MLQA, Recipe(), training=False)
    batch = SPAN.collate(features, 1)
    outputs = SPAN.decode(sure(features, batch["input_ids"].shape[1]), batch)
    assert SPAN.score([one], features, outputs, MLQA).metrics["em"] == 100
    assert SPAN.score([one], features, outputs, XQUAD).metrics["em"] == 0


@pytest.mark.parametrize("lang", ["eng", "fin", "hun", "cmn", "tur"])
def test_gold_spans_of_the_miniature_come_back(
    lang: str, tokenizer: PreTrainedTokenizerBase
) -> None:
    """Whatever the window; where a token runs past an answer's edge, a little is lost."""
    examples = rows(XQUAD, "test", lang, "miniature/seed=3/sentences=600").read.examples
    for recipe in (Recipe(), Recipe(max_length=40, stride=8)):
        assert answered(examples, tokenizer, recipe, XQUAD).metrics["em"] >= 94


def test_the_order_of_examples_is_nothing(tokenizer: PreTrainedTokenizerBase) -> None:
    examples = rows(TYDIQA, "test", "fin", "miniature/seed=3/sentences=600").read.examples
    features = SPAN.encode(examples, tokenizer, TYDIQA, RECIPE, training=False)
    batch = SPAN.collate(features, 1)
    torch.manual_seed(1)
    outputs = SPAN.decode(torch.randn(*batch["input_ids"].shape, 2), batch)
    forwards = SPAN.score(examples, features, outputs, TYDIQA)
    assert 0 < forwards.metrics["f1"] < 100
    last = len(examples) - 1
    turned = [replace(feature, example=last - feature.example) for feature in features]
    backwards = SPAN.score(examples[::-1], turned[::-1], outputs[::-1], TYDIQA)
    assert backwards.metrics == pytest.approx(forwards.metrics)
    assert backwards.items == forwards.items[::-1]


@pytest.fixture(scope="module")
def published_tokenizer(data_dir: Path) -> PreTrainedTokenizerBase:
    """XLM-R's own vocabulary."""
    import sentencepiece
    from tokenizers.models import Unigram

    packed = (data_dir / "tokenizer" / "xlmr.sentencepiece.bpe.rebuilt.model.gz").read_bytes()
    model = sentencepiece.SentencePieceProcessor(model_proto=gzip.decompress(packed))
    pieces = [(model.id_to_piece(i), model.get_score(i)) for i in range(3, model.get_piece_size())]
    return wrapped(sentencepiece_like(Unigram([*((s, 0.0) for s in SPECIAL), *pieces], 3)))


@pytest.mark.parametrize(
    ("short", "code"), [("en", "eng"), ("tr", "tur"), ("zh", "cmn"), ("th", "tha")]
)
def test_gold_spans_of_xquad_come_back(
    short: str, code: str, data_dir: Path, published_tokenizer: PreTrainedTokenizerBase
) -> None:
    """By offsets, in scripts without spaces too: a pipeline by white space gets EM 4 in Chinese."""
    examples = list(rows(XQUAD, "test", code, "files", data_dir).read.examples)[:300]
    recipe = Recipe(max_length=384)
    features = SPAN.encode(examples, published_tokenizer, XQUAD, recipe, training=True)
    assert {feature.example for feature in features} == set(range(len(examples)))
    scores = answered(examples, published_tokenizer, recipe, XQUAD)
    assert scores.metrics["em"] >= 98, (short, scores.metrics)
