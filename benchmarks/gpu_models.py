"""What `gpu.py` trains and times: the published sizes with random weights, texts of drawn lengths.

With a GPU models are made on it, in their own precision: a random start of 10.7 billion numbers
would take a processor minutes. In a rehearsal both architectures are two narrow layers on the CPU.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

import torch
from course import PAD, PIECES, STEPS, Course
from race import lengths
from racers import Lap, Order
from torch import nn
from transformers import (
    XLMRobertaForSequenceClassification,
    XLMRobertaForTokenClassification,
    XLMRobertaXLForSequenceClassification,
    XLMRobertaXLForTokenClassification,
)

from training.catalogue import SCALES
from training.phases.adapters import adapted
from training.phases.compiled import by_layer
from training.phases.encoder import CLASSES, configuration
from training.phases.flat import laid_out
from training.phases.intermediate import Intermediate
from training.plan.memory import activations, states
from training.plan.operations import forward, passes
from training.spec.recipe import Recipe
from training.spec.run import Run
from training.spec.scale import Scale

PEAK = 989.5e12
"""Dense bf16 operations a second of an H200, by its data sheet."""
GIB = 2**30
THEIRS = {
    "xlm-roberta": (XLMRobertaForSequenceClassification, XLMRobertaForTokenClassification),
    "xlm-roberta-xl": (XLMRobertaXLForSequenceClassification, XLMRobertaXLForTokenClassification),
}
MEANS = {"NLI": (39.9, 0.29, 128), "QA": (202.0, 0.45, 384), "UD": (29.8, 0.67, 128)}
"""Mean, spread and most tokens of a text."""


@dataclass(frozen=True)
class Place:
    """Where it is measured, and how large that makes it."""

    device: torch.device
    rehearsal: bool = False

    @property
    def layout(self) -> str:
        """Flat in a rehearsal too, where `auto` would not choose it."""
        return "flat" if self.rehearsal else "auto"

    def scale(self, name: str) -> Scale:
        """A published size, or its architecture at a size for a rehearsal."""
        one = SCALES[name]
        if not self.rehearsal:
            return one
        small = {"hidden": 32, "layers": 2, "heads": 2, "feedforward": 64}
        return replace(one, vocabulary=PIECES + 8, **small)  # type: ignore[arg-type]

    def steps(self, warm: int, count: int) -> tuple[int, int]:
        """Steps before the clock runs, and while it does."""
        return (1, 2) if self.rehearsal else (warm, count)

    def tokens(self, count: int) -> int:
        """Of a large batch."""
        return count // 64 if self.rehearsal else count

    def wait(self) -> None:
        """Until the device has done all it was told to."""
        if self.device.type == "cuda":
            torch.cuda.synchronize()

    def forget(self) -> None:
        """Begin to count the most memory anew."""
        if self.device.type == "cuda":
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats()

    @property
    def peak(self) -> float | None:
        """The most GiB in use since; nobody knows on a CPU."""
        return torch.cuda.max_memory_allocated() / GIB if self.device.type == "cuda" else None


@dataclass
class Watch(Lap):
    """A lap by the clock, from when the device has done one thing until it has done another."""

    place: Place = Place(torch.device("cpu"))
    stops: tuple[float, ...] = field(default=())

    def step(self, done: int, loss: Any = None) -> bool:
        if self.watch and loss is not None:
            self.losses = (*self.losses, float(loss.detach()))
        if done in (self.warm, self.warm + self.steps):
            self.place.wait()
            self.stops = (*self.stops, time.perf_counter())
            self.seconds = self.stops[-1] - self.stops[0]
        return done >= self.warm + self.steps


@dataclass(frozen=True)
class Sized(Course):
    """A course at a published size, in some precision and method."""

    place: Place = Place(torch.device("cpu"))
    name: str = "base"
    method: Literal["full", "lora"] = "full"
    precision: Literal["fp32", "bf16", "bf16-stochastic"] = "bf16"
    compiled: bool = False

    @property
    def scale(self) -> Scale:
        return self.place.scale(self.name)

    @property
    def recipe(self) -> Recipe:
        return replace(super().recipe, method=self.method, precision=self.precision, rank=16)

    @cached_property
    def run(self) -> Run:
        """For reckoning what memory `silta plan` would foresee."""
        return Run("intermediate", self.name, self.task, 1, "files", self.recipe)

    def encoder(self, dtype: torch.dtype = torch.bfloat16) -> nn.Module:
        return encoder(self.scale, dtype, self.place.device)

    def module(self, layout: str = "padded") -> Intermediate:
        """Silta's model with a head."""
        made = self.encoder(torch.float32 if self.precision == "fp32" else torch.bfloat16)
        if self.method == "lora":
            made = adapted(made, self.recipe.rank, 1)
        if self.compiled:
            by_layer(made, "aot_eager" if self.place.rehearsal else "")
        told = ({self.task: self.learnt}, self.recipe, 1, STEPS)
        return Intermediate(laid_out(made, layout), *told)

    def theirs(self) -> Any:
        """transformers' model, fp32 as its Trainer has it, with the same weights."""
        ours = replace(self, method="full").module("padded")
        config = configuration(self.scale, self.scale.vocabulary, dropout=0.0)
        config.num_labels = len(self.learnt.task.labels)
        with torch.device(self.place.device):
            model = THEIRS[self.scale.architecture][self.tags](config)
        model.roberta.load_state_dict(ours.encoder.state_dict())
        head: Any = ours.heads[self.task]
        parts = (
            ((model.classifier, head[1]),)
            if self.tags
            else ((model.classifier.dense, head.dense), (model.classifier.out_proj, head.out))
        )
        for mine, its in parts:
            mine.load_state_dict(its.state_dict())
        return model

    def rows(self, padded: bool) -> list[dict[str, Any]]:
        """As in a `Course`, padded to what is usual at these lengths."""
        made = super().rows(padded=False)
        blank = {"input_ids": PAD, "attention_mask": 0, "labels": -100}
        for row in made if padded else ():
            for name, value in row.items():
                if isinstance(value, list):
                    row[name] = value + [blank[name]] * (self.longest - len(value))
        return made

    @property
    def longest(self) -> int:
        """run_glue's and run_qa's `max_seq_length`."""
        return 128 if max(self.lengths) <= 128 else 384

    def figures(self, order: Order, lap: Watch) -> dict[str, Any]:
        """Real tokens a second, MFU and memory of a lap, beside what was foreseen."""
        seen = [self.lengths[i] for batch in order[lap.warm :] for i in batch]
        each = max(sum(self.lengths[i] for i in batch) for batch in order)
        once = forward(self.scale, sum(seen), sum(length**2 for length in seen))
        operations = passes(self.recipe) * once
        told = {
            "tokens_per_s": sum(seen) / lap.seconds,
            "step_ms": 1000 * lap.seconds / lap.steps,
            "tokens_a_step": sum(seen) / lap.steps,
            "mfu_percent": 100 * operations / lap.seconds / PEAK,
            "peak_gib": self.place.peak,
        }
        if not self.place.rehearsal:
            told["foreseen_gib"] = (states(self.run) + activations(self.run, each)) / GIB
        return told


def encoder(scale: Scale, dtype: torch.dtype, device: torch.device) -> nn.Module:
    """Random weights of a seed, made where and as they are used."""
    usual = torch.get_default_dtype()
    torch.manual_seed(1)
    torch.set_default_dtype(dtype)
    try:
        with device:
            _, kind = CLASSES[scale.architecture]
            return kind(configuration(scale, scale.vocabulary, 0.0), add_pooling_layer=False)
    finally:
        torch.set_default_dtype(usual)


def course(
    place: Place, name: str, kind: str, tokens: int = 0, steps: int = 70, **told: Any
) -> Sized:
    """Texts of a kind for so many steps: of 32, or of so many tokens together."""
    mean, spread, longest = MEANS[kind]
    batch = max(1, round(place.tokens(tokens) / mean)) if tokens else 4 if place.rehearsal else 32
    drawn = lengths(mean, spread, longest, batch * (3 if place.rehearsal else steps))
    task = "udpos" if kind == "UD" else "mnli"
    return Sized(task, drawn, batch, place=place, name=name, **told)
