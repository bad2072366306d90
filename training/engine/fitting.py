"""Lightning over the planned batches of a run, from its start or from a checkpoint of it."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

import pytorch_lightning as pl
import torch

from training.data.module import Split, Steps
from training.engine.checkpoints import FOLDER, Checkpoints, Found, discard
from training.engine.encoders import ENCODER
from training.engine.ending import Ending
from training.engine.finite import Finite, NotFinite
from training.engine.memory import OutOfMemory, out_of_memory
from training.engine.provenance import provenance, versions
from training.engine.resume import Resumable
from training.engine.room import say
from training.engine.runtime import Runtime
from training.engine.selection import Material, Selection
from training.engine.store import DOCUMENT, FAILED, INTERRUPTED, Store, write_json
from training.phases.adapters import merged
from training.phases.compiled import is_compiled
from training.phases.encoder import save
from training.phases.flat import is_flat
from training.phases.target import Target
from training.spec import record
from training.spec.run import Run


def origin(run: Run, material: Material, devices: int = 1) -> dict[str, Any]:
    """What a checkpoint must share with a run to be taken up: all that its state depends on."""
    told = {
        "run": run.document(),
        "data": material.digests,
        "steps": material.module.steps,
        "packages": {name: versions().get(name) for name in ("torch", "pytorch-lightning")},
        "device": "cuda" if torch.cuda.is_available() else "cpu",
    }
    if devices > 1:  # sums over other parts differ in their last digits
        told["devices"] = devices
    if is_flat(material.module.encoder):  # so do sums over texts of other lengths
        told["layout"] = "flat"
    if is_compiled(material.module.encoder):
        told["compiled"] = True
    plain: dict[str, Any] = json.loads(json.dumps(told))
    return plain


def newest(checkpoints: Checkpoints, runtime: Runtime) -> Found | None:
    """The checkpoint to go on from, the same in all processes that share the training."""
    if runtime.devices == 1:
        return checkpoints.newest()
    from training.engine.together import found

    return found(checkpoints)


def begun(store: Store, document: dict[str, Any]) -> None:
    """An empty folder but for the document."""
    store.begin(document["id"], document)


def taken_up(store: Store, document: dict[str, Any], found: Found) -> None:
    """A folder with a whole checkpoint, without what was written after it."""
    path = store.path(document["id"])
    path.mkdir(exist_ok=True)  # a rank that is not the lead has a new folder
    for name in (FAILED, INTERRUPTED, ENCODER, "head.safetensors", "labels.json"):
        discard(path / name)
    for part in (path / FOLDER).glob(".step-*"):
        discard(part)
    write_json(path / DOCUMENT, document | {"resumed": found.step})
    say(f"{document['id']}: going on from step {found.step}")


@dataclass
class Attempt:
    """One attempt at a run, from its start or from a checkpoint."""

    run: Run
    material: Material
    checkpoints: Checkpoints
    found: Found | None
    micro: int
    """Examples of a step that are in memory at once; 0: all of them."""
    began: float

    def __post_init__(self) -> None:
        sizes = (self.micro, self.found.micro_batch if self.found else 0)
        self.micro = min(filter(None, sizes), default=0)
        self.material.module.split = bool(self.micro)

    def batches(self) -> Steps:
        """The batches that are left."""
        data = self.material.data
        return Steps(Split(data, self.micro) if self.micro else data, self.step)

    @property
    def step(self) -> int:
        """Steps that were done before."""
        return self.found.step if self.found else 0

    def callbacks(
        self, selection: Selection, ending: Ending, runtime: Runtime
    ) -> list[pl.Callback]:
        """What goes on beside the steps, in this order."""
        finite = Finite()
        every = runtime.checkpoint_every
        return [finite, selection, Resumable(self.checkpoints, ending, every, finite, self.note)]

    def note(self) -> dict[str, Any]:
        """What is told beside a checkpoint: seconds over all attempts, and the micro-batch."""
        before = self.found.seconds if self.found else 0.0
        seconds = round(before + time.monotonic() - self.began, 2)
        return {"seconds": seconds, "micro_batch": self.micro}

    def told(self) -> dict[str, Any]:
        """For run.json; `micro_batch` only where batches had to be split, `layout` where flat,
        `compiled` where layers were."""
        told = self.note() | {"steps": self.material.module.steps, "health": self.material.health}
        told |= {"layout": "flat"} if is_flat(self.material.module.encoder) else {}
        told |= {"compiled": True} if is_compiled(self.material.module.encoder) else {}
        return told if self.micro else {k: v for k, v in told.items() if k != "micro_batch"}

    def failed(self, error: Exception, store: Store) -> Exception:
        """What to raise for an error of the training."""
        if isinstance(error, NotFinite):
            what = {"step": error.step, "loss": str(error.loss)}
            store.update(self.run.id, {"health": record.NONFINITE, "not_finite": what})
        if out_of_memory(error):
            return OutOfMemory(self.micro or self.run.recipe.batch, error)
        return error

    def interrupted(self, step: int, store: Store) -> None:
        """Say in the run's folder how far it is."""
        told = f"step {step} of {self.material.module.steps}"
        (store.path(self.run.id) / INTERRUPTED).write_text(told)


def hand_over(attempt: Attempt, tokenizer: Any, store: Store) -> None:
    """Write what a trained run leaves, and the marker last. Can be done again."""
    run, module, path = attempt.run, attempt.material.module, store.path(attempt.run.id)
    encoder = merged(module.encoder) if run.recipe.method == "lora" else module.encoder
    rounds = run.recipe.handover == "bf16"
    save(encoder, tokenizer, path / ENCODER, torch.bfloat16 if rounds else None)
    if isinstance(module, Target):
        module.save_head(path)
        write_json(path / "labels.json", list(module.tasks[run.task].task.labels))
    store.update(run.id, attempt.told() | provenance(attempt.material.digests))
    store.finish(run.id)
    attempt.checkpoints.clear()  # not before: a death in between would begin again
