"""Commands that show what the catalogue knows."""

from __future__ import annotations

import typer

from training.cli.app import app


@app.command()
def tasks() -> None:
    """List the tasks of the catalogue."""
    from training.catalogue import TASKS

    for task in TASKS.values():
        roles = ", ".join(task.roles)
        typer.echo(f"{task.name:10} {task.family:15} {roles:22} {len(task.languages):3} languages")
