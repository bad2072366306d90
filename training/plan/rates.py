"""How fast finished jobs were, from their documents, and what that says of those to come.

Only documents of the same kind of hardware are asked: seconds on a processor say nothing of a GPU.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from training.catalogue.devices import CPU, named
from training.plan.memory import batch_tokens
from training.spec.run import Run

Told = Mapping[str, Any]
Kind = tuple[str, str, str]
"""Scale, phase and task; of evaluations scale, `evaluation` and target."""
EVALUATION = "evaluation"


@dataclass(frozen=True)
class Rates:
    """Seconds a token of training, seconds an evaluation, and how far estimates were off."""

    by_kind: Mapping[Kind, float] = field(default_factory=dict)
    factors: Mapping[tuple[str, str], float] = field(default_factory=dict)
    """(scale, phase) -> measured over estimated seconds, over all of its runs together."""
    counted: int = 0
    """How many finished jobs this was read off."""

    def training(self, run: Run, tokens: float, estimated: float) -> tuple[float, bool]:
        """(seconds, whether measured) of a run: by its like, else by its phase at its scale."""
        own = self.by_kind.get((run.scale, run.phase, run.task))
        if own is not None:
            return own * tokens, True
        factor = self.factors.get((run.scale, run.phase))
        return estimated * (factor or 1.0), factor is not None

    def evaluation(self, scale: str, target: str, estimated: float) -> tuple[float, bool]:
        """(seconds, whether measured) of an evaluation."""
        own = self.by_kind.get((scale, EVALUATION, target))
        return (estimated, False) if own is None else (own, True)


def rates(
    documents: Iterable[Told], device: str, estimate: Callable[[Run], tuple[float, float]]
) -> Rates:
    """From the documents of finished jobs on `device`; `estimate` gives (tokens, seconds) of a run.

    Documents that lack their time, or that this program no longer understands, are passed over.
    """
    seconds: dict[Kind, list[float]] = defaultdict(list)
    sums: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for told in documents:
        if not told.get("seconds") or hardware(told) != device:
            continue
        if "phase" not in told:
            seconds[told["scale"], EVALUATION, told["target"]].append(float(told["seconds"]))
            continue
        run = _run(told)
        if run is None:
            continue
        tokens = batch_tokens(run) * int(told.get("steps") or 0) or estimate(run)[0]
        seconds[run.scale, run.phase, run.task].append(float(told["seconds"]) / tokens)
        total = sums[run.scale, run.phase]
        total[0] += float(told["seconds"])
        total[1] += estimate(run)[1]
    factors = {key: spent / guessed for key, (spent, guessed) in sums.items() if guessed}
    by_kind = {key: median(some) for key, some in seconds.items()}
    return Rates(by_kind, factors, sum(map(len, seconds.values())))


def hardware(told: Told) -> str | None:
    """The device that a job ran on, by its provenance; None where that is not known."""
    gpus = told.get("provenance", {}).get("gpus")
    if gpus is None:
        return None
    return named(str(gpus[0])) if gpus else CPU


def _run(told: Told) -> Run | None:
    try:
        return Run.read(dict(told))
    except (KeyError, TypeError):
        return None
