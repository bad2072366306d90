"""Hugging Face's Trainer in `race.py`, with run_glue's arguments, on batches given by number."""

from __future__ import annotations

import tempfile
from typing import Any

from course import LR, STEPS, Course
from racers import Lap, Order, Racer, collator
from transformers import PrinterCallback, Trainer, TrainerCallback, TrainingArguments


class Noted(TrainerCallback):
    """The lap of a Hugging Face trainer."""

    def __init__(self, lap: Lap) -> None:
        self.lap = lap

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        control.should_training_stop = self.lap.step(state.global_step)


class Given(Trainer):
    """The Trainer on batches in a given order, as one of its own samplers made them."""

    order: Order
    lap: Lap

    def _get_train_sampler(self, train_dataset: Any = None) -> Any:
        return [place for batch in self.order for place in batch]

    def compute_loss(self, *told: Any, **more: Any) -> Any:
        made = super().compute_loss(*told, **more)
        if self.lap.watch:
            loss = made[0] if isinstance(made, tuple) else made
            self.lap.losses = (*self.lap.losses, float(loss.detach()))
        return made


def hugging_face(padded: bool) -> Racer:
    """Trainer with run_glue's arguments; logs every 50 steps, no progress bar, nothing saved."""

    def race(course: Course, order: Order, lap: Lap) -> None:
        with tempfile.TemporaryDirectory() as folder:
            arguments = TrainingArguments(
                folder,
                per_device_train_batch_size=course.batch,
                max_steps=STEPS,
                learning_rate=LR,
                logging_steps=50,
                save_strategy="no",
                report_to="none",
                disable_tqdm=True,
                use_cpu=True,
            )
            fit_theirs(course, arguments, padded, order, lap)

    return race


def fit_theirs(
    course: Course, arguments: TrainingArguments, padded: bool, order: Order, lap: Lap
) -> None:
    """Let the Trainer train on examples in a given order."""
    trainer = Given(
        course.theirs(),
        arguments,
        data_collator=collator(course, padded),
        train_dataset=course.rows(padded),
        callbacks=[Noted(lap)],
    )
    trainer.remove_callback(PrinterCallback)
    trainer.order, trainer.lap = order, lap
    trainer.train()
