"""The command `silta`: one file per group of commands, each of which registers with the app."""

from training.cli import interchange, ledger, morphology, recipes, study, tasks, translate, world
from training.cli.app import app

__all__ = [
    "app",
    "interchange",
    "ledger",
    "morphology",
    "recipes",
    "study",
    "tasks",
    "translate",
    "world",
]
