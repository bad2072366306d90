"""Who takes part in `race.py`: Silta's own `fit` and plain loops; Hugging Face's is in `rivals.py`.

All start from one set of weights and are given batches of examples by number; they differ in how
these lie in memory and in what goes on around a step. Dropout is 0 on all sides.
"""

from __future__ import annotations

import gc
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch
from course import LR, PAD, STEPS, Course
from torch.nn.utils import clip_grad_norm_
from torch.optim.lr_scheduler import LambdaLR
from transformers import (
    DataCollatorForTokenClassification,
    DataCollatorWithPadding,
    default_data_collator,
)

from training.data.module import Planned, Prepared
from training.engine.checkpoints import Checkpoints
from training.engine.ending import deferred
from training.engine.fitting import Attempt, origin
from training.engine.runtime import Runtime
from training.engine.selection import Material
from training.engine.store import Store
from training.engine.train import fit, quiet
from training.engine.weights import SHIPPED
from training.garbage import EVERY
from training.phases.compiled import by_layer
from training.phases.encoder import tokenizer_of
from training.spec.run import Run

Order = Sequence[Sequence[int]]
"""Examples of every step."""


@dataclass
class Lap:
    """CPU seconds of the steps after the warm-up, and losses if they were asked for."""

    warm: int
    steps: int
    watch: bool = False
    began: float = 0.0
    seconds: float = 0.0
    losses: tuple[float, ...] = ()

    def step(self, done: int, loss: Any = None) -> bool:
        """After each step; whether it was the last."""
        if self.watch and loss is not None:
            self.losses = (*self.losses, float(loss.detach()))
        now = time.process_time()
        if done == self.warm:
            self.began = now
        if done == self.warm + self.steps:
            self.seconds = now - self.began
        return done >= self.warm + self.steps


Racer = Callable[[Course, Order, Lap], None]


def planned(course: Course, order: Order) -> Planned:
    """Silta's data set, which has these batches first."""
    told = {course.task: Prepared(course.learnt.family, course.features)}
    data = Planned(told, replace(course.recipe, steps=1), 1, PAD)
    whole = [(course.task, np.asarray(one)) for one in order]
    data.plan, data.steps = whole * (STEPS // len(whole) + 1), STEPS
    return data


class Clock(pl.Callback):
    """The lap of a Lightning trainer."""

    def __init__(self, lap: Lap) -> None:
        self.lap = lap

    def on_train_batch_end(self, trainer: Any, pl_module: Any, *_: Any) -> None:
        trainer.should_stop = self.lap.step(trainer.global_step, pl_module.last)


@dataclass
class Timed(Attempt):
    """Silta's attempt at a run, with a clock behind its own callbacks."""

    lap: Lap = field(default_factory=lambda: Lap(0, 0))

    def callbacks(self, *told: Any) -> list[pl.Callback]:
        return [*super().callbacks(*told), Clock(self.lap)]


@contextmanager
def tidy() -> Iterator[None]:
    """Python looks for garbage as often as in every process of `silta`, and then as before."""
    usual = gc.get_threshold()
    gc.set_threshold(EVERY)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def prime(course: Course, module: Any) -> None:
    """Compile a module's layers for batches with and without padding, before any clock runs."""
    by_layer(module.encoder)
    short, long = (pick(course.lengths) for pick in (np.argmin, np.argmax))
    data = planned(course, [[int(short), int(long)], [int(long), int(long)]])
    for step in range(2):
        module.total(module.losses(module.on_before_batch_transfer(data[step], 0))).backward()
    module.zero_grad()


def silta(layout: str, compiled: bool = False) -> Racer:
    """`engine.train.fit` as every run has it: curve, checks and checkpoints are all there."""

    def race(course: Course, order: Order, lap: Lap) -> None:
        quiet()
        with tempfile.TemporaryDirectory() as folder, deferred() as ending:
            runtime = Runtime(Path(folder), progress=False)
            run = Run("intermediate", "nano", course.task, 1, "files", course.recipe)
            store = Store(runtime.work)
            store.begin(run.id, run.document())
            module = course.module(layout)
            if compiled:
                prime(course, module)
            material = Material(module, planned(course, order), {}, {})
            path = store.path(run.id)
            checkpoints = Checkpoints(path, origin(run, material))
            one = Timed(run, material, checkpoints, None, 0, time.monotonic(), lap)
            start: Any = (material.module.encoder, tokenizer())
            with tidy():
                fit(one, start, store, runtime, ending)

    return race


def tokenizer() -> Any:
    """The shipped one; of it only the padding is asked for."""
    return tokenizer_of(SHIPPED / "tokenizer")


def plain(course: Course, order: Order, lap: Lap) -> None:
    """A loop around Silta's model and padded batches: the floor under the framework."""
    module, data = course.module(), planned(course, order)
    optimiser, schedule = begun(module.parameters())
    for step in range(lap.warm + lap.steps):
        loss = sum(module.losses(data[step]).values())
        stepped(module, loss, optimiser, schedule)
        lap.step(step + 1, loss)


def plain_theirs(course: Course, order: Order, lap: Lap) -> None:
    """The same around transformers' model and collator, through torch's loader."""
    model, rows = course.theirs(), course.rows(padded=False)
    optimiser, schedule = begun(model.parameters())
    loader = torch.utils.data.DataLoader(
        rows, batch_sampler=list(order), collate_fn=collator(course, False)
    )
    for step, batch in enumerate(loader):
        loss = model(**batch).loss
        stepped(model, loss, optimiser, schedule)
        if lap.step(step + 1, loss):
            return


def begun(parameters: Iterator[torch.nn.Parameter]) -> tuple[Any, Any]:
    optimiser = torch.optim.AdamW(list(parameters), lr=LR, eps=1e-8, weight_decay=0.0, fused=True)
    return optimiser, LambdaLR(optimiser, lambda step: (STEPS - step) / STEPS)


def stepped(model: Any, loss: Any, optimiser: Any, schedule: Any) -> None:
    loss.backward()
    clip_grad_norm_(model.parameters(), 1.0)
    optimiser.step()
    schedule.step()
    optimiser.zero_grad()


def collator(course: Course, padded: bool) -> Any:
    """What run_glue and run_ner collate with."""
    if padded:
        return default_data_collator
    kind = DataCollatorForTokenClassification if course.tags else DataCollatorWithPadding
    return kind(tokenizer())
