"""Phase 3: English fine-tuning on a target, whose head is kept for zero-shot evaluation."""

from __future__ import annotations

from pathlib import Path

from safetensors.torch import load_file, save_file

from training.phases.supervised import Supervised

HEAD = "head.safetensors"


class Target(Supervised):
    """An encoder and the single head that all languages of the target share."""

    @property
    def name(self) -> str:
        (name,) = self.tasks
        return name

    def save_head(self, directory: Path) -> None:
        weights = {
            key: value.contiguous() for key, value in self.heads[self.name].state_dict().items()
        }
        save_file(weights, directory / HEAD)

    def load_head(self, directory: Path) -> None:
        self.heads[self.name].load_state_dict(load_file(directory / HEAD))
