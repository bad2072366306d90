"""The command that shows the published recipes."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from training.cli.app import AsJson, answered, app


@app.command()
@answered
def recipe(
    name: Annotated[str, typer.Argument(help="A task or an intermediate setting; none: all.")] = "",
    as_json: AsJson = False,
    scale: Annotated[str, typer.Option(help="For the largest input that a scale takes.")] = "large",
) -> None:
    """Show how runs learn: the authors' released recipe (default) and XTREME's own settings."""
    from training.plan.published import document, table

    made = document(name, scale)
    typer.echo(json.dumps(made, indent=1) if as_json else table(made))
