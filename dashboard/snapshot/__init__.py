"""MLflow into columnar files that pages read: only what is new is asked for.

The one part of the dashboard that imports mlflow, or anything of `training` (its spec and its
catalogue); `shelf` keeps what it read.
"""

from dashboard.snapshot.readers import curves, items, recipe, sweep, texts
from dashboard.snapshot.source import Unreachable
from dashboard.snapshot.sync import Sync, sync
from dashboard.snapshot.whole import load, snapshot

__all__ = [
    "Sync",
    "Unreachable",
    "curves",
    "items",
    "load",
    "recipe",
    "snapshot",
    "sweep",
    "sync",
    "texts",
]
