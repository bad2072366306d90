"""The command `silta`: one file per group of commands, each of which registers with the app."""

from training.cli import interchange, known, recipes, study, translate, world
from training.cli.app import app

__all__ = ["app", "interchange", "known", "recipes", "study", "translate", "world"]
