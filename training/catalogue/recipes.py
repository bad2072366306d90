"""Published recipes by name: a run's recipe starts from the one that a matrix names."""

from __future__ import annotations

from typing import Any

from training.catalogue import TASKS
from training.spec.task import Phase

JIANT, XTREME = "jiant", "xtreme"
TITLES = {
    JIANT: "the authors' released recipe (jiant's XTREME guide); the default",
    XTREME: "XTREME's own scripts for XLM-R large; targets only, other runs as jiant",
}

# Google's scripts check English dev every 100 to 1,000 steps: here as a number of checks a run, by
# the published sizes. All of dev is scored (10,000 examples are more than any English dev has).
_CHECKED: dict[str, Any] = {
    "warmup": 0.0,
    "weight_decay": 0.0,
    "max_length": 128,
    "dev_examples": 10_000,
}
_READING: dict[str, Any] = {
    "lr": 3e-5,
    "epochs": 3.0,
    "warmup_steps": 500,
    "weight_decay": 1e-4,
    "max_length": 384,
    "selection": "last",
}
SCRIPTS: dict[str, dict[str, Any]] = {
    "pawsx": _CHECKED | {"lr": 2e-5, "epochs": 5.0, "dev_checks": 38},
    "xnli": _CHECKED | {"lr": 3e-5, "epochs": 5.0, "dev_checks": 613},
    "udpos": _CHECKED | {"lr": 2e-5, "epochs": 10.0, "dev_checks": 13},
    "panx": _CHECKED | {"lr": 2e-5, "epochs": 10.0, "dev_checks": 6},
    "xquad": _READING,
    "mlqa": _READING,
    "tydiqa": _READING,
}
"""google-research/xtreme @838c13b, `scripts/train_*.sh`; batches of 32, which is the default."""


def published(base: str, phase: Phase, task: str) -> dict[str, Any]:
    """What the recipe of this name sets for a task in a phase, over the defaults of `Recipe`."""
    if base == XTREME and phase == "target" and task in SCRIPTS:
        return dict(SCRIPTS[task])
    return dict(TASKS[task].recipe) if task in TASKS else {}
