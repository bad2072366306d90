"""A measured thing: an encoder or a fine-tuned model, a target, and how it is read."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from training.spec.run import digest


@dataclass(frozen=True)
class Evaluation:
    """`run` is None where the scale's own weights are measured (retrieval with no training at all).

    The seed is read off the lineage and is no part of the identity. `layer` and `pooling` matter to
    retrieval only (layer -1: the scale's default). `languages` empty: all that the data offer.
    """

    run: str | None
    scale: str
    target: str
    source: str
    layer: int = -1
    pooling: str = "mean"
    languages: tuple[str, ...] = ()

    @property
    def settings(self) -> dict[str, Any]:
        """How the target is read: everything but the run and the target; defaults left out."""
        told: dict[str, Any] = {"source": self.source, "scale": self.scale}
        if self.layer != -1:
            told["layer"] = self.layer
        if self.pooling != "mean":
            told["pooling"] = self.pooling
        if self.languages:
            told["languages"] = list(self.languages)
        return told

    @cached_property
    def id(self) -> str:
        told = {"run": self.run, "target": self.target, **self.settings}
        return f"evaluation-{self.target}-{digest(told)}"

    def document(self) -> dict[str, Any]:
        return {"id": self.id, **asdict(self)}
