"""Small encoders in both layouts, and batches for every head, for the tests of the flat layout."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from training.catalogue import SCALES, TASKS
from training.families.base import Batch, Feature, padded
from training.families.registry import FAMILIES
from training.families.tagging import Chunk
from training.families.windows import Window
from training.phases import flat
from training.phases.base import Phase
from training.phases.encoder import fresh
from training.phases.intermediate import Intermediate
from training.phases.mlm import MaskedLanguageModel
from training.phases.supervised import Learnt
from training.spec.recipe import Recipe

PIECES, PAD, HIDDEN = 50, 1, 16
SHAPE = {"hidden": HIDDEN, "heads": 2, "feedforward": 32, "layers": 2, "vocabulary": PIECES}
RECIPE = Recipe(batch=4, steps=10, dropout=0.0)
LENGTHS = (5, 9, 9, 3, 12, 7)
CLOSE = 1e-5
TASK = {"pair": "mnli", "choice": "csqa", "tagging": "udpos", "span": "squad"}
HEADS = (*TASK, "mlm", "joint")


def encoder(scale: str, layout: str, dropout: float = 0.0) -> nn.Module:
    """Small, with attention that is far from even: a fresh one hardly looks at anything."""
    made = fresh(replace(SCALES[scale], **SHAPE), PIECES, 1)  # type: ignore[arg-type]
    sharpened(made)
    for one in made.modules():
        if isinstance(one, nn.Dropout):
            one.p = dropout
    return flat.laid_out(made, layout)


@torch.no_grad()
def sharpened(module: nn.Module) -> None:
    for one in module.modules():
        if isinstance(one, nn.Linear):
            one.weight *= 12


def texts(lengths: Sequence[int], seed: int = 3) -> list[tuple[int, ...]]:
    draw = torch.Generator().manual_seed(seed)
    words = [torch.randint(4, PIECES, (size - 2,), generator=draw).tolist() for size in lengths]
    return [(0, *one, 2) for one in words]


def inputs(lengths: Sequence[int]) -> Batch:
    ids = padded(texts(lengths), PAD)
    return {"input_ids": ids, "attention_mask": (ids != PAD).long()}


def feature(head: str, ids: tuple[int, ...], place: int) -> Feature:
    if head == "tagging":
        firsts = tuple(range(1, len(ids) - 1))
        return Feature((ids,), tuple(i % 5 for i in firsts), place, Chunk(0, firsts))
    if head == "span":
        window = Window(1, ((0, 1),) * (len(ids) - 2), (0, len(ids) - 2), len(ids))
        return Feature((ids,), (1, len(ids) - 2), place, window)
    return Feature((ids,), place % 3, place)


def told(head: str) -> Any:
    """A training batch of a head, as its phase gets it."""
    found = texts(LENGTHS)
    if head in ("mlm", "joint"):
        batch = inputs(LENGTHS)
        places = batch["attention_mask"].view(-1).nonzero().squeeze(1)[1::3]
        batch |= {"positions": places, "labels": batch["input_ids"].view(-1)[places]}
        return batch if head == "mlm" else ("mlm", batch)
    if head == "choice":
        both = [Feature(tuple(found[i : i + 3]), i % 3, i) for i in (0, 3)]
        return TASK[head], learnt(head).family.collate(both, PAD)
    features = [feature(head, ids, i) for i, ids in enumerate(found)]
    return TASK[head], learnt(head).family.collate(features, PAD)


def learnt(head: str) -> Learnt:
    task = TASKS[TASK[head]]
    return Learnt(replace(task, labels=task.labels or tuple("ABCDE")), FAMILIES[task.family])


def phase(head: str, one: nn.Module) -> Phase:
    if head == "mlm":
        return MaskedLanguageModel(one, RECIPE, 1, 10)
    name = "pair" if head == "joint" else head
    tasks = {TASK[name]: learnt(name)}
    return Intermediate(one, tasks, RECIPE, 1, 10, PIECES if head == "joint" else 0)


def equal(mine: Tensor, theirs: Tensor) -> None:
    torch.testing.assert_close(mine, theirs, rtol=0, atol=CLOSE)


def real(states: Tensor, batch: Batch) -> Tensor:
    """[P, H]: padding holds nothing that anybody reads."""
    return states[batch["attention_mask"].bool()]


def both(scale: str, lengths: Sequence[int] = LENGTHS) -> tuple[Tensor, nn.Module, Batch]:
    """The padded layout's states of real tokens, and a flat encoder to compare."""
    batch, plain = inputs(lengths), encoder(scale, "padded")
    return real(plain(**batch).last_hidden_state, batch), encoder(scale, "flat"), batch
