"""Tasks that nobody annotated: the label is computed from the text. They control for training as
such: what they teach is of no use to a target."""

from __future__ import annotations

from training.spec.task import Task

WORDORDER = Task(
    name="wordorder",
    title="Word order (synthetic)",
    family="classification",
    schema="nli",
    metrics=("accuracy",),
    labels=("kept", "swapped"),
    roles=("intermediate",),
    made_from="mnli",
    benchmark="control",
    licence="that of MNLI",
)
"""MNLI's hypotheses, in every other one (by a hash of its text) two neighbouring words swapped."""

TASKS = (WORDORDER,)
