"""Every way to read sentence vectors off an encoder: each layer, two poolings, raw and centred.

Published beside the official cell, so that its layer and pooling, which were fixed beforehand, can
be judged. Nothing is chosen here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor

from training.families.examples import Bitext
from training.families.metrics import Counts, accuracy
from training.families.mining import Mined, mine, threshold
from training.families.retrieval import ORACLE, embed, tatoeba
from training.spec.run import digest
from training.spec.task import Split, Task

POOLINGS = ("mean", "cls")
SAMPLED = "_sampled"
"""Ends the names of metrics that were measured on a sample of the sentences."""


@dataclass(frozen=True)
class Variant:
    """One reading. `layer` indexes hidden_states (0 = embeddings)."""

    layer: int
    pooling: str
    centred: bool


def variants(layers: int) -> Iterator[Variant]:
    """All readings of an encoder with `layers` hidden states, the embeddings among them."""
    for layer in range(layers):
        for pooling in POOLINGS:
            yield from (Variant(layer, pooling, centred) for centred in (False, True))


def stacked(states: Sequence[Tensor], attention_mask: Tensor) -> Tensor:
    """Vectors [N, layers, poolings, H] in fp32 from all hidden states, each [N, T, H]."""
    layers = [[embed(one, attention_mask, pooling) for pooling in POOLINGS] for one in states]
    return torch.stack([torch.stack(layer, 1) for layer in layers], 1)


def read(vectors: Tensor, variant: Variant) -> Tensor:
    """One side's vectors [N, H] out of the stack.

    Centring takes the mean vector of the side away, computed on these very sentences (no label is
    looked at, but the test sentences are): what all sentences of a language share says nothing of
    any of them.
    """
    found = vectors[:, variant.layer, POOLINGS.index(variant.pooling)]
    return found - found.mean(0) if variant.centred else found


def sampled(bitext: Bitext, most: int) -> Bitext:
    """At most `most` sentences a side: the same share of gold pairs and of other sentences.

    Which ones is decided by a hash of their text. A bitext that is small enough stays as it is.
    """
    longest = max(len(bitext.foreign), len(bitext.english))
    if longest <= most:
        return bitext
    share = most / longest
    gold = sorted(bitext.gold, key=lambda pair: digest(bitext.english[pair[1]]))
    kept = gold[: int(share * len(gold))]
    sides = []
    for side, lines in ((0, bitext.foreign), (1, bitext.english)):
        paired = {pair[side] for pair in gold}
        rest = sorted(set(range(len(lines))) - paired, key=lambda i: digest(lines[i]))
        sides.append(sorted({pair[side] for pair in kept} | set(rest[: int(share * len(rest))])))
    x, y = ({old: new for new, old in enumerate(side)} for side in sides)
    return Bitext(
        bitext.lang,
        tuple(bitext.foreign[i] for i in sides[0]),
        tuple(bitext.english[j] for j in sides[1]),
        frozenset((x[i], y[j]) for i, j in kept),
        tuple(bitext.foreign_ids[i] for i in sides[0]),
        tuple(bitext.english_ids[j] for j in sides[1]),
    )


Thresholds = dict[Variant, float]
"""BUCC: the margin that suits the gold pairs of dev best, for each reading."""


def measured(
    task: Task,
    split: Split,
    bitext: Bitext,
    foreign: Tensor,
    english: Tensor,
    dev: Mapping[Variant, float],
) -> tuple[list[dict[str, Any]], Thresholds]:
    """One row a reading and metric, and the thresholds that suit this very bitext.

    `foreign` and `english` are stacks [F or E, layers, poolings, H]. BUCC's test is measured with
    thresholds of dev or not at all; dev with its own, and its metrics say so, as in the cell.
    """
    rows: list[dict[str, Any]] = []
    own: Thresholds = {}
    for variant in variants(foreign.shape[1]):
        x, y = read(foreign, variant), read(english, variant)
        if task.schema == "tatoeba":
            told = _accuracy(bitext, tatoeba(x, y))
        else:
            mined = mine(x, y, bitext.foreign, bitext.english)
            if split == "dev":
                own[variant] = threshold(mined, bitext.gold)
            limit, suffix = (dev.get(variant), "") if split == "test" else (own[variant], ORACLE)
            told = {} if limit is None else _pairs(bitext, mined, limit, suffix)
        place = {"split": split, "lang": bitext.lang, **asdict(variant)}
        rows += [{**place, "metric": name, "value": value} for name, value in told.items()]
    return rows, own


def _accuracy(bitext: Bitext, found: Sequence[int]) -> dict[str, float]:
    """As `retrieval.score_tatoeba`, without its items: they cost more than all the rest."""
    gold = {english: foreign for foreign, english in sorted(bitext.gold)}
    return {"accuracy": accuracy([*gold.values()], [found[j] for j in gold])}


def _pairs(bitext: Bitext, mined: Sequence[Mined], limit: float, suffix: str) -> dict[str, float]:
    """As `retrieval.score_bucc`, without its items."""
    said = {(one.foreign, one.english) for one in mined if one.score >= limit}
    both = len(said & bitext.gold)
    counts = Counts(both, len(said) - both, len(bitext.gold) - both)
    told = {"f1": counts.f1, "precision": counts.precision, "recall": counts.recall}
    return {name + suffix: value for name, value in told.items()}
