"""Embeddings that start aligned: pieces of the same lines lie together, whatever the language."""

from __future__ import annotations

import random

import torch
from torch import nn

from training.phases.latent import LENGTH, align, latent_vectors, occurrences

WORDS = 20
"""Words of each toy language; piece i of one language translates to piece WORDS + i."""


def toy(count: int = 400) -> dict[str, list[list[int] | None]]:
    drawn = random.Random(3)
    lines = [drawn.sample(range(WORDS), 4) for _ in range(count)]
    return {"aaa": list(lines), "bbb": [[WORDS + word for word in line] for line in lines]}


def test_translations_are_nearest_neighbours() -> None:
    vectors = latent_vectors(toy(), 2 * WORDS + 1, 20, seed=1)
    cosines = vectors[:WORDS] @ vectors[WORDS : 2 * WORDS].T / LENGTH**2
    assert (cosines.argmax(1) == torch.arange(WORDS)).all()


def test_lines_that_are_not_parallel_say_nothing() -> None:
    lines = toy()
    shuffled = list(lines["bbb"])
    random.Random(5).shuffle(shuffled)
    vectors = latent_vectors(lines | {"bbb": shuffled}, 2 * WORDS + 1, 20, seed=1)
    cosines = vectors[:WORDS] @ vectors[WORDS : 2 * WORDS].T / LENGTH**2
    assert (cosines.argmax(1) == torch.arange(WORDS)).float().mean() < 0.5


def test_the_same_seed_gives_the_same_vectors_and_leaves_the_stream_alone() -> None:
    torch.manual_seed(0)
    first = latent_vectors(toy(), 2 * WORDS + 1, 20, seed=1)
    drawn = torch.rand(1)
    torch.manual_seed(0)
    assert torch.equal(torch.rand(1), drawn)
    assert torch.equal(first, latent_vectors(toy(), 2 * WORDS + 1, 20, seed=1))


def test_pieces_that_never_occur_keep_their_random_start() -> None:
    words = nn.Embedding(2 * WORDS + 1, 20)
    before = words.weight[-1].clone()
    align(words, latent_vectors(toy(), 2 * WORDS + 1, 20, seed=1))
    assert torch.equal(words.weight[-1], before)
    assert torch.allclose(words.weight[0].norm(), torch.tensor(LENGTH))


def test_a_missing_line_is_no_occurrence() -> None:
    assert occurrences({"aaa": [None, [7, 7, 5]]}).tolist() == [[5, 7], [1, 1]]
