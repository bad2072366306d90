"""`silta tasks`: what the catalogue holds, and one task with a row of its data."""

from __future__ import annotations

import json
import os
from typing import Annotated

import typer

from training.cli.app import DEFAULT_WORK, AsJson, Data, Work, answered, app


@app.command()
@answered
def tasks(
    name: Annotated[str | None, typer.Argument(help="One task, with a row of its data.")] = None,
    as_json: AsJson = False,
    work: Work = DEFAULT_WORK,
    data: Data = None,
) -> None:
    """List every task with languages, sizes, licence and sources; or show one."""
    from training import catalogue
    from training.cli import known
    from training.spec.record import TASKS_SCHEMA

    if name is None:
        listed = [known.told(one) for one in catalogue.TASKS.values()]
        document = {"schema": TASKS_SCHEMA, "tasks": listed}
        typer.echo(json.dumps(document, indent=1) if as_json else known.page(listed))
        return
    os.environ.setdefault("HF_HUB_OFFLINE", "1")  # a look at the cache, never a download
    task = catalogue.task(name)
    shown = known.told(task) | {"sample": known.sample(task, data, work / "cache")}
    document = {"schema": TASKS_SCHEMA, "tasks": [shown]}
    typer.echo(json.dumps(document, indent=1, default=str) if as_json else known.one(shown))
