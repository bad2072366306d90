"""The command `silta`: one file per group of commands, each of which registers with the app."""

from training.cli import study, tasks, world
from training.cli.app import app

__all__ = ["app", "study", "tasks", "world"]
