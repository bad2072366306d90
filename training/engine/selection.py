"""While a run trains: its local curve, English dev scores, and the best state so far."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch

from training.data.module import predict
from training.data.sources import Loaded
from training.engine.encoders import Start
from training.engine.room import append, patiently
from training.engine.store import CURVE, SCORES, read_json, write_json
from training.families.health import finite, health, worst
from training.phases.base import Phase
from training.phases.supervised import Learnt, Supervised
from training.spec import record

LOSSES = ("train/loss", "train/mlm", "train/ranking")
STATE = "silta.selection"
"""What a checkpoint holds of all this."""


@dataclass
class Material:
    """A module ready to be fitted, its batches, and what English dev is scored on."""

    module: Phase
    data: Any
    dev: dict[str, tuple[Learnt, Loaded]]
    digests: dict[str, str]
    health: str = record.UNJUDGED
    """Known when it is fitted."""


class Selection(pl.Callback):  # type: ignore[misc]
    """Writes the local curve, scores English dev now and then, and keeps the best state."""

    def __init__(
        self, material: Material, encoder: Start, path: Path, patience: float = 0.0
    ) -> None:
        self.material, self.tokenizer, self.path = material, encoder[1], path
        self.patience = patience
        self.best: tuple[float, dict[str, torch.Tensor]] | None = None
        self.before: dict[str, float] = {}
        """Losses as they were when the run was taken up again."""
        self.features: dict[str, Any] = {}
        self.judged: dict[str, str] = {}
        """Part -> its health at the last look at dev."""
        self.diverged = False
        module = material.module
        checks = max(1, module.recipe.dev_checks)
        self.every = max(1, module.steps // checks) if material.dev else 0
        self.curve_every = max(1, module.steps // 100)

    def on_train_batch_end(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
    ) -> None:
        step, steps = trainer.global_step, self.material.module.steps
        told: dict[str, float] = {}
        if step % self.curve_every == 0 or step == steps:
            told |= self.logged()
            self.diverged = self.diverged or not finite(told.values())
            told["train/lr"] = float(trainer.optimizers[0].param_groups[0]["lr"])
        if self.every and (step % self.every == 0 or step == steps):
            told |= self.check(pl_module, step)
        if told:
            self.write(step, told)

    def logged(self) -> dict[str, float]:
        """Losses there are so far: a task's and MLM's are learnt in different steps."""
        known = self.before | {key: float(v) for key, v in self.material.module.known.items()}
        return {key: known[key] for key in LOSSES if key in known}

    def on_save_checkpoint(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        texts = {name: text_of(self.path / name) for name in (CURVE, SCORES)}
        checkpoint[STATE] = {"best": self.best, "losses": self.logged(), "files": texts}

    def on_load_checkpoint(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        """The curve is cut back to what it was then: no point comes twice."""
        told = checkpoint[STATE]
        self.best, self.before = told["best"], told["losses"]
        for name, text in told["files"].items():
            patiently(partial(put_back, self.path / name, text), self.path, self.patience)

    def check(self, module: pl.LightningModule, step: int) -> dict[str, float]:
        """English dev scores; the mean of the tasks' main metrics decides which state is best.

        `scores.json` holds those of the state that is kept.
        """
        assert isinstance(module, Supervised)
        module.eval()
        told: dict[str, float] = {}
        mains = []
        for name, (one, loaded) in self.material.dev.items():
            scores = self.score(module, name, one, loaded)
            keyed = name if len(self.material.dev) > 1 else ""
            for metric, value in scores.items():
                told["/".join(filter(None, ("dev/eng", keyed, metric)))] = value
            mains.append(scores[one.task.metric])
        module.train()
        mean = sum(mains) / len(mains)
        if module.recipe.selection == "last" or self.best is None or mean > self.best[0]:
            self.keep(module, mean)
            kept = {"schema": record.RUN_SCHEMA, "dev": told, "mean": mean, "step": step}
            kept |= {"health": worst(self.judged.values())}
            write = partial(write_json, self.path / SCORES, kept)
            patiently(write, self.path, self.patience)
        return told

    def keep(self, module: pl.LightningModule, mean: float) -> None:
        """Copy the state, where it is not the last one that counts."""
        if module.recipe.selection == "best":
            state = {key: aside(value) for key, value in learnt(module).items()}
            self.best = (mean, state)

    def score(self, module: Supervised, name: str, one: Learnt, loaded: Loaded) -> dict[str, float]:
        examples = loaded.read.examples[: module.recipe.dev_examples or None]
        if name not in self.features:
            self.features[name] = one.family.encode(
                examples, self.tokenizer, one.task, module.recipe, training=False
            )
        outputs = outputs_of(module, name, self.features[name], int(self.tokenizer.pad_token_id))
        scores = one.family.score(examples, self.features[name], outputs, one.task)
        self.judged[name] = health(one.task, examples, scores)
        return scores.metrics

    def restore(self, module: Phase) -> None:
        """The state that is kept, and its health, which an earlier process may have found."""
        if self.best:
            module.load_state_dict(module.state_dict() | self.best[1])
        scores = self.path / SCORES
        if self.diverged:
            self.material.health = record.NONFINITE
        elif scores.exists():
            self.material.health = read_json(scores).get("health", record.UNJUDGED)

    def write(self, step: int, told: dict[str, float]) -> None:
        """Append to the run's own log, which is what MLflow's curves are made from later."""
        line = {"step": step, "time": round(time.time(), 3), "metrics": told}
        write = partial(append, self.path / CURVE, json.dumps(line))
        patiently(write, self.path, self.patience)


def aside(value: torch.Tensor) -> torch.Tensor:
    """A copy in main memory, which a GPU's need not hold; of a divided one beside the original."""
    value = value.detach()
    return value.clone() if hasattr(value, "to_local") else value.to("cpu", copy=True)


def learnt(module: pl.LightningModule) -> dict[str, torch.Tensor]:
    """A module's state without what is frozen."""
    fixed = {name for name, one in module.named_parameters() if not one.requires_grad}
    return {key: value for key, value in module.state_dict().items() if key not in fixed}


def text_of(path: Path) -> str | None:
    """A file's text; None where there is none."""
    return path.read_text("utf-8") if path.exists() else None


def put_back(path: Path, text: str | None) -> None:
    """Make a file what it was."""
    if text is None:
        path.unlink(missing_ok=True)
        return
    temporary = path.with_name(f".{path.name}")
    temporary.write_text(text, "utf-8")
    temporary.rename(path)


def outputs_of(module: Supervised, name: str, features: Any, pad: int) -> list[Any]:
    """Decoded outputs of one task's features under a module in evaluation mode."""
    device = module.device

    def forward(batch: dict[str, torch.Tensor]) -> torch.Tensor:
        batch = module.on_before_batch_transfer(batch, 0)
        return module.logits(name, {key: value.to(device) for key, value in batch.items()}).cpu()

    with torch.no_grad():
        return predict(features, module.tasks[name].family, pad, forward)
