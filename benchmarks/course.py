"""What `race.py` trains on: texts of given lengths, and one set of weights in two models.

The words are random: only lengths decide how long a step takes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from transformers import XLMRobertaForSequenceClassification, XLMRobertaForTokenClassification

from training.catalogue import SCALES, TASKS
from training.families.base import Feature
from training.families.registry import FAMILIES
from training.families.tagging import Chunk
from training.phases.encoder import configuration, fresh
from training.phases.flat import laid_out
from training.phases.intermediate import Intermediate
from training.phases.supervised import Learnt
from training.spec.recipe import Recipe
from training.spec.scale import Scale

PIECES, PAD, LONGEST, TAGS = 4000, 1, 128, 17
STEPS = 5000
"""What a run is told to be long, so that rates hardly fall and logs come every 50 steps."""
LR = 5e-5
"""run_glue's, as are: no weight decay, no warm-up, clipping at 1."""


@dataclass(frozen=True)
class Shape:
    """Of the model."""

    layers: int = 4
    hidden: int = 256
    heads: int = 4

    @property
    def scale(self) -> Scale:
        width = self.hidden
        told = {"layers": self.layers, "hidden": width, "feedforward": 4 * width}
        return replace(SCALES["nano"], heads=self.heads, **told)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Course:
    """What is learnt: texts of these lengths, as pairs (one label) or sentences (tags)."""

    task: str
    lengths: tuple[int, ...]
    batch: int = 32
    shape: Shape = Shape()

    @property
    def tags(self) -> bool:
        return TASKS[self.task].family == "tagging"

    @cached_property
    def features(self) -> list[Feature]:
        """Random tokens; about three words in four are one piece long."""
        draw = np.random.default_rng(5)
        made = []
        for place, length in enumerate(self.lengths):
            ids = (0, *draw.integers(4, PIECES, length - 2).tolist(), 2)
            if not self.tags:
                made.append(Feature((ids,), int(draw.integers(3)), place))
                continue
            firsts = (1, *(i for i in range(2, length - 1) if draw.random() < 0.75))
            target = tuple(draw.integers(TAGS, size=len(firsts)).tolist())
            made.append(Feature((ids,), target, place, Chunk(0, firsts)))
        return made

    @cached_property
    def learnt(self) -> Learnt:
        task = TASKS[self.task]
        labels = tuple(f"T{i}" for i in range(TAGS)) if self.tags else task.labels
        return Learnt(replace(task, labels=labels), FAMILIES[task.family])

    @property
    def recipe(self) -> Recipe:
        told = {"steps": STEPS, "warmup_steps": 1, "weight_decay": 0.0, "dropout": 0.0, "lr": LR}
        return Recipe(batch=self.batch, max_length=LONGEST, **told)  # type: ignore[arg-type]

    def module(self, layout: str = "padded") -> Intermediate:
        """Silta's model: encoder and head from one seed."""
        encoder = laid_out(fresh(self.shape.scale, PIECES, 1), layout)
        return Intermediate(encoder, {self.task: self.learnt}, self.recipe, 1, STEPS)

    def theirs(self) -> Any:
        """transformers' model with the same weights."""
        ours = self.module()
        head: Any = ours.heads[self.task]
        config = configuration(self.shape.scale, PIECES, dropout=0.0)
        config.num_labels = len(self.learnt.task.labels)
        kind = (
            XLMRobertaForTokenClassification if self.tags else XLMRobertaForSequenceClassification
        )
        model = kind(config)
        model.roberta.load_state_dict(ours.encoder.state_dict())
        if self.tags:
            model.classifier.load_state_dict(head[1].state_dict())
        else:
            model.classifier.dense.load_state_dict(head.dense.state_dict())
            model.classifier.out_proj.load_state_dict(head.out.state_dict())
        return model

    def rows(self, padded: bool) -> list[dict[str, Any]]:
        """As transformers' examples prepare them: run_glue pads to 128 while it tokenises."""
        made = []
        for one in self.features:
            ids, labels = list(one.ids[0]), one.target
            if self.tags:
                labels = [-100] * len(ids)
                for at, tag in zip(one.place.firsts, one.target, strict=True):
                    labels[at] = tag
            fill = LONGEST - len(ids) if padded else 0
            if self.tags:
                labels = labels + [-100] * fill
            mask = [1] * len(ids) + [0] * fill
            made.append({"input_ids": ids + [PAD] * fill, "attention_mask": mask, "labels": labels})
        return made
