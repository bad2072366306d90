"""Phase-1 text, and the mixture of the nine intermediate tasks."""

from __future__ import annotations

from training.catalogue.languages import LANGUAGES
from training.spec.task import Task

TEXT = Task(
    name="text",
    title="Text (masked language model)",
    family="text",
    schema="text",
    metrics=("perplexity",),
    roles=("mlm",),
    languages=tuple(LANGUAGES),
    files="parallel",
    benchmark="",
    licence="per corpus",
    redistribute=False,
)
MIXTURE = Task(
    name="mixture",
    title="All nine",
    family="mixture",
    schema="mixture",
    metrics=("mean",),
    roles=("intermediate",),
    members=(
        "anli",
        "mnli",
        "qqp",
        "squad",
        "squad2",
        "hellaswag",
        "ccg",
        "cosmosqa",
        "csqa",
    ),
    licence="that of its members",
    redistribute=False,
)

TASKS = (TEXT, MIXTURE)
