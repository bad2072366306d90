"""Commands that look after a study's store: status, retry, prune."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from training.cli.app import DEFAULT_WORK, AsJson, Work, answered, app
from training.cli.study import plan_of

GIGA = 1e9


@app.command()
@answered
def status(
    matrix: Path,
    work: Work = DEFAULT_WORK,
    as_json: AsJson = False,
    watch: Annotated[bool, typer.Option(help="In a terminal: refresh until all is over.")] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="In a terminal: every job, however many there are.")
    ] = False,
) -> None:
    """What of a matrix is done, running (step, time left), failed (why), waiting."""
    from training.cli import board
    from training.engine.runtime import Runtime
    from training.engine.status import status_of

    plan, runtime = plan_of(matrix), Runtime(work)
    if as_json:
        typer.echo(json.dumps(status_of(plan, runtime), indent=1))
    elif watch and board.terminal():
        board.watch(lambda: status_of(plan, runtime), everything)
    else:
        board.show(status_of(plan, runtime), everything)


@app.command()
@answered
def retry(
    matrix: Path,
    ids: Annotated[
        list[str] | None, typer.Argument(help="Jobs; none: all of the matrix that failed.")
    ] = None,
    work: Work = DEFAULT_WORK,
) -> None:
    """Clear failures, so that a `silta run` under way, or the next one, tries these jobs again."""
    from training.engine.store import Store
    from training.engine.upkeep import retry

    told = retry(plan_of(matrix), ids or [], Store(work))
    for line in told:
        typer.echo(line)
    typer.echo(f"{len(told)} looked at" if ids else f"{len(told)} failures cleared")


@app.command()
@answered
def prune(
    matrices: list[Path],
    work: Work = DEFAULT_WORK,
    yes: Annotated[bool, typer.Option("--yes", help="Delete them.")] = False,
) -> None:
    """Which encoders nothing needs any more, and how many GB they take; --yes deletes them.

    Needed is what a run or an evaluation still to be done starts from, in these matrices or in any
    study of this work directory. A study that needs a pruned one later trains it again.
    """
    from training.engine.store import Store
    from training.engine.upkeep import prune, spare

    store = Store(work, write=yes)
    found = spare((plan_of(matrix) for matrix in matrices), store)
    for one in found:
        typer.echo(f"{one.bytes / GIGA:9.3f} GB  {one.id}  {one.title}")
    told = f"{len(found)} encoders, {sum(one.bytes for one in found) / GIGA:.3f} GB"
    if yes:
        prune((one.id for one in found), store)
        typer.echo(f"deleted: {told}; scores, curves and documents are kept")
    else:
        typer.echo(f"no longer needed: {told}" + ("; delete them with --yes" if found else ""))
