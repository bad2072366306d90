"""Phase 2: English training on one task or on a mixture; only the encoder is carried over."""

from __future__ import annotations

from training.phases.supervised import Supervised


class Intermediate(Supervised):
    """One head a task, all dropped at the hand-over, also where the target is the same task."""
