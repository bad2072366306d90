"""The one place where a kind of task gets its behaviour."""

from __future__ import annotations

from training.families.base import Family
from training.families.choice import Choice
from training.families.classification import Classification
from training.families.span import Span
from training.families.tagging import Tagging

FAMILIES: dict[str, Family] = {
    "classification": Classification(),
    "tagging": Tagging(),
    "span": Span(),
    "choice": Choice(),
}
"""Retrieval has no head and no training: `families.retrieval` is called by the evaluation."""
