"""Tagging: first subwords, chunks that lose no word, official scores, and that it learns."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tiny import PAD, Model, examples, named, tokenizer

from training.data.sources import rows
from training.families.base import pieces
from training.families.examples import TagExample
from training.families.tagging import Tagging, chunks, labels_of
from training.spec.recipe import Recipe
from training.spec.record import ITEM_COLUMNS
from training.spec.task import Task

FAMILY = Tagging()
UDPOS, PANX = named("udpos"), named("panx")
CCG = replace(named("ccg"), labels=("N", "NP", "S"))
UNK = 3


def example(tags: str, words: str = "", feats: tuple[str, ...] | None = None) -> TagExample:
    told = tags.split()
    made = words.split() or [f"w{i}" for i in range(len(told))]
    return TagExample("i", "c", "fin", tuple(made), tuple(told), feats)


def scores(task: Task, found: list[TagExample], predicted: list[str], longest: int = 256):  # type: ignore[no-untyped-def]
    """Scores of given tags, handed over chunk by chunk as decoding does."""
    features = FAMILY.encode(found, tokenizer(), task, Recipe(max_length=longest), False)
    tags = [[task.labels.index(tag) for tag in told.split()] for told in predicted]
    outputs = [
        tags[one.example][one.place.start : one.place.start + len(one.target)] for one in features
    ]
    return FAMILY.score(found, features[::-1], outputs[::-1], task)


@given(st.lists(st.integers(1, 6), max_size=40), st.integers(6, 20))
def test_chunks_hold_every_word_once_and_are_greedy(sizes: list[int], room: int) -> None:
    made = chunks(sizes, room)
    assert [i for start, stop in made for i in range(start, stop)] == list(range(len(sizes)))
    assert all(sum(sizes[start:stop]) <= room for start, stop in made)
    for (start, stop), _ in zip(made, made[1:], strict=False):
        assert sum(sizes[start : stop + 1]) > room


def test_labels_sit_on_first_subwords() -> None:
    one = example("PROPN VERB NOUN", "Maria unohtikin kelloansa")
    (made,) = FAMILY.encode([one], tokenizer(), UDPOS, Recipe(), True)
    words = pieces(tokenizer(), list(one.words))
    assert made.ids == ((0, *words[0], *words[1], *words[2], 2),)
    assert [made.ids[0][at] for at in made.place.firsts] == [word[0] for word in words]
    assert [UDPOS.labels[label] for label in made.target] == list(one.tags)


def test_words_without_subwords_or_too_long_become_unknown() -> None:
    one = TagExample("i", "c", "eng", ("", "Anna", "x" * 90, "."), ("NOUN",) * 4)
    assert pieces(tokenizer(), [""]) == [[]]  # or the test would show nothing
    (made,) = FAMILY.encode([one], tokenizer(), UDPOS, Recipe(max_length=20), False)
    assert [made.ids[0][at] for at in made.place.firsts[0:4:2]] == [UNK, UNK]
    assert made.place.firsts[:2] == (1, 2)
    assert len(made.target) == 4


@given(count=st.integers(1, 60), longest=st.integers(12, 40))
def test_every_word_of_a_long_sentence_is_predicted(count: int, longest: int) -> None:
    one = example("NOUN " * count, "Maria unohtikin kelloansa asemalle . " * count)
    one = replace(one, words=one.words[:count])
    features = FAMILY.encode([one], tokenizer(), UDPOS, Recipe(max_length=longest), False)
    assert all(made.length <= longest for made in features)
    batch = FAMILY.collate(features, PAD)
    decoded = FAMILY.decode(torch.randn(len(batch["labels"]), 17), batch)
    item = FAMILY.score([one], features, decoded, UDPOS).items[0]
    assert len(item["prediction"].split()) == count
    whole = sum(map(len, pieces(tokenizer(), list(one.words))))
    assert item["n_subwords"] == whole  # however it was cut


def test_the_head_reads_first_subwords_only() -> None:
    found = [example("NOUN VERB", "kelloansa unohtikin"), example("PROPN", "Maria")]
    features = FAMILY.encode(found, tokenizer(), UDPOS, Recipe(), True)
    batch = FAMILY.collate(features, PAD)
    assert batch["counts"].tolist() == [2, 1]
    states = torch.arange(2.0)[:, None, None] * 100 + torch.arange(features[0].length)[:, None]
    told = FAMILY.logits(torch.nn.Identity(), states, batch)
    firsts = [100 * n + at for n, one in enumerate(features) for at in one.place.firsts]
    assert told[:, 0].tolist() == firsts
    assert FAMILY.head(64, UDPOS, 0.1)(torch.randn(3, 64)).shape == (3, 17)


def test_decoding_and_loss_have_known_values() -> None:
    batch = {"labels": torch.tensor([1, -100, 0]), "counts": torch.tensor([1, 2])}
    logits = torch.zeros(3, 4)
    assert FAMILY.loss(logits, batch).item() == pytest.approx(math.log(4))
    logits[0, 3] = logits[1, 1] = logits[2, 2] = 5
    assert FAMILY.decode(logits, batch) == [[3], [1, 2]]
    unknown = {"labels": torch.tensor([-100, -100])}
    assert FAMILY.loss(torch.zeros(2, 4), unknown).item() == 0.0


def test_udpos_is_the_f1_of_runs_and_reports_accuracy_too() -> None:
    found = [example("DET CCONJ NOUN NOUN"), example("SYM SYM")]
    told = scores(UDPOS, found, ["DET SCONJ NOUN NOUN", "SYM NOUN"])
    # 5 spans each side (NOUN NOUN is one, SYM never merges), 3 agree; 4 of 6 words do.
    assert told.metrics == {"f1": pytest.approx(60.0), "accuracy": pytest.approx(400 / 6)}
    assert [(item["tp"], item["fp"], item["fn"]) for item in told.items] == [(2, 1, 1), (1, 1, 1)]
    assert told.items[1]["score"] == pytest.approx(0.5)


def test_panx_is_the_f1_of_entities() -> None:
    found = [example("B-PER I-PER O B-LOC"), example("O O")]
    told = scores(PANX, found, ["I-PER I-PER O O", "O O"])
    assert told.metrics == {
        "f1": pytest.approx(200 / 3), "precision": 100.0, "recall": 50.0
    }  # fmt: skip
    assert [item["score"] for item in told.items] == [pytest.approx(2 / 3), 1.0]
    assert told.items[0]["prediction"] == "I-PER I-PER O O"


def test_unseen_supertags_are_wrong_and_counted() -> None:
    told = scores(CCG, [example("N NP S N/N")], ["N NP NP N"])
    assert told.metrics == {"accuracy": 50.0, "unseen": 25.0}
    assert (told.items[0]["score"], told.items[0]["tp"]) == (0.5, None)
    assert told.items[0]["gold"] == "N NP S N/N"


def test_training_leaves_out_what_teaches_nothing() -> None:
    found = [example("N/N S/S"), example("N N/N")]
    for training, kept in ((True, [1]), (False, [0, 1])):
        made = FAMILY.encode(found, tokenizer(), CCG, Recipe(), training)
        assert [one.example for one in made] == kept
    assert made[1].target == (0, -100)


def test_items_carry_what_the_analysis_needs() -> None:
    one = example("NOUN VERB", "kello käy", ("Case=Nom", "_"))
    item = scores(UDPOS, [one], ["NOUN VERB"]).items[0]
    assert set(item) == set(ITEM_COLUMNS) - {"split"}
    assert (item["text"], item["feats"], item["n_words"]) == ("kello käy", "Case=Nom _", 2)


def test_missing_labels_and_predictions_are_refused() -> None:
    bare = replace(CCG, labels=())
    with pytest.raises(ValueError, match="ccg has no labels.*labels_of"):
        FAMILY.head(8, bare, 0.1)
    one = example("NOUN " * 20)
    features = FAMILY.encode([one], tokenizer(), UDPOS, Recipe(max_length=16), False)
    outputs = [[0] * len(made.target) for made in features]
    with pytest.raises(ValueError, match="udpos.*no prediction"):
        FAMILY.score([one], features[1:], outputs[1:], UDPOS)


def test_labels_are_read_off_the_training_data() -> None:
    assert labels_of([example("S N"), example("N NP")]) == ("N", "NP", "S")
    assert "N" in named("ccg").labels


@given(st.lists(st.lists(st.sampled_from(UDPOS.labels), min_size=1, max_size=9), min_size=1))
def test_the_gold_tags_score_a_hundred(tags: list[list[str]]) -> None:
    found = [example(" ".join(one)) for one in tags]
    told = scores(UDPOS, found, [" ".join(one) for one in tags], longest=12)
    assert told.metrics == {"f1": 100.0, "accuracy": 100.0}
    assert all(item["score"] == 1.0 for item in told.items)


@pytest.mark.parametrize("name", ["udpos", "panx", "ccg"])
def test_it_learns_and_decodes_what_it_learnt(name: str) -> None:
    task = named(name)
    found = examples(task)[:32]
    model = Model(FAMILY, task)
    losses = model.learn(found)
    assert losses[0] == pytest.approx(math.log(len(task.labels)), abs=0.3)
    assert losses[-1] < 0.5 * losses[0]
    assert model.metrics(found)[task.metric] > 70


@pytest.mark.parametrize("lang", ["fin", "hun", "tha"])
def test_real_sentences_lose_no_word(lang: str, data_dir: Path) -> None:
    found = rows(UDPOS, "test", lang, "files", data_dir).read.examples
    features = FAMILY.encode(found, tokenizer(), UDPOS, Recipe(max_length=40), False)
    assert len(features) > len(found)  # some were cut
    assert max(one.length for one in features) <= 40
    assert sum(len(one.target) for one in features) == sum(len(one.words) for one in found)
