"""Phase 1 for `gpu.py`: the head on masked tokens, beside transformers' on all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from course import PAD, STEPS
from gpu_models import GIB, Sized
from gpu_steps import Figures, clock
from torch.nn.utils import clip_grad_norm_
from transformers import XLMRobertaForMaskedLM, XLMRobertaXLForMaskedLM

from training.families.base import Batch, inputs
from training.phases.encoder import configuration
from training.phases.flat import laid_out
from training.phases.mlm import MaskedHead, MaskedLanguageModel

MODELS = {"xlm-roberta": XLMRobertaForMaskedLM, "xlm-roberta-xl": XLMRobertaXLForMaskedLM}
SHARE = 0.15


def masked(one: Sized) -> Batch:
    """A batch of the course, of whose real tokens a share is to be predicted."""
    made = inputs(one.features[: one.batch], PAD)
    torch.manual_seed(3)
    real = made["attention_mask"].reshape(-1).nonzero().squeeze(1)
    positions = real[torch.rand(len(real)) < SHARE].sort().values
    labels = made["input_ids"].reshape(-1)[positions]
    return made | {"positions": positions, "labels": labels}


def ours(one: Sized) -> Figures:
    """Silta's phase 1."""
    module = MaskedLanguageModel(
        laid_out(one.encoder(), one.place.layout), one.recipe, 1, STEPS, one.scale.vocabulary
    ).to(one.place.device)
    batch = module.on_before_batch_transfer(masked(one), 0)
    batch = {key: value.to(one.place.device) for key, value in batch.items()}
    optimiser = module.configure_optimizers()["optimizer"]
    return figures(one, module, optimiser, lambda: module.total(module.losses(batch)))


def theirs(one: Sized) -> Figures:
    """transformers' model, whose head reads every token, with Silta's optimiser for its weights."""
    config = configuration(one.scale, one.scale.vocabulary, dropout=0.0)
    usual = torch.get_default_dtype()
    torch.set_default_dtype(torch.bfloat16)
    try:
        with one.place.device:
            model = MODELS[one.scale.architecture](config)
    finally:
        torch.set_default_dtype(usual)
    told = masked(one)
    labels = torch.full_like(told["input_ids"], -100)
    labels.view(-1)[told["positions"]] = told["labels"]
    kept = {"input_ids": told["input_ids"], "attention_mask": told["attention_mask"]}
    batch = {key: v.to(one.place.device) for key, v in (kept | {"labels": labels}).items()}
    from training.phases.optimiser import adamw

    optimiser = adamw([{"params": list(model.parameters())}], one.recipe)
    return figures(one, model, optimiser, lambda: model(**batch).loss)


def figures(one: Sized, model: Any, optimiser: Any, loss: Callable[[], torch.Tensor]) -> Figures:
    """Real tokens a second and memory of whole steps."""
    one.place.forget()

    def step() -> None:
        loss().backward()
        clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad()

    taken = clock(one.place, step, *one.place.steps(5, 20))
    tokens = sum(one.lengths[: one.batch])
    return {"tokens_per_s": tokens / taken, "step_ms": 1000 * taken, "peak_gib": one.place.peak}


def head_memory(one: Sized) -> Figures:
    """What head and loss need on masked rows, as a share of what they need on all."""
    narrow = replace(one.scale, layers=1)
    words = torch.nn.Embedding(narrow.vocabulary, narrow.hidden, device=one.place.device)
    head = MaskedHead(words).to(one.place.device)
    rows = sum(one.lengths[: one.batch])
    found = [needed(one, head, words, count) for count in (round(SHARE * rows), rows)]
    if None in found:
        return {"share": None}
    some, everything = (float(told) for told in found if told is not None)
    return {"share": some / everything, "masked_gib": some, "all_gib": everything}


def needed(one: Sized, head: MaskedHead, words: torch.nn.Embedding, rows: int) -> float | None:
    """GiB beyond what was there before, forward and backward."""
    given = torch.randn(rows, one.scale.hidden, device=one.place.device, requires_grad=True)
    wanted = torch.randint(one.scale.vocabulary, (rows,), device=one.place.device)
    one.place.forget()
    before = torch.cuda.memory_allocated() / GIB if one.place.device.type == "cuda" else 0.0
    torch.nn.functional.cross_entropy(head(given, words), wanted).backward()
    head.zero_grad()
    words.zero_grad()
    return None if one.place.peak is None else one.place.peak - before
