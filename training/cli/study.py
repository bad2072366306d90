"""Commands of a study: plan, run, train, run-one, status, publish."""

from __future__ import annotations

import gc
import json
from pathlib import Path
from typing import Annotated, Any

import typer

from training.cli.app import (
    BAD_INPUT,
    DEFAULT_WORK,
    SOME_FAILED,
    AsJson,
    Data,
    Uri,
    Work,
    answered,
    app,
    heed_ends,
)
from training.spec.source import USUAL_WORLD


def plan_of(matrix: Path) -> Any:
    """The plan of a matrix file."""
    from training.plan.expand import expand
    from training.plan.matrix import read

    return expand(read(matrix))


@app.command()
@answered
def plan(
    matrix: Path,
    as_json: AsJson = False,
    check: Annotated[
        bool, typer.Option("--check", help="Look whether all it needs is there; exit 0 or 2.")
    ] = False,
    device: Annotated[
        str, typer.Option(help="h200, h100, a100-80, a100-40, l40s or cpu: what hours are for.")
    ] = "",
    work: Work = DEFAULT_WORK,
    data: Data = None,
) -> None:
    """Show every run and evaluation of a matrix, with what they are likely to cost."""
    gc.disable()  # a plan of 100,000 cells is a fifth quicker, and the process ends soon
    made = plan_of(matrix)
    if check:
        checked(made, work, data, as_json)
        return
    from training.cli.costs import costed

    typer.echo(costed(made, device, work, as_json))


def checked(made: Any, work: Path, data: Path | None, as_json: bool) -> None:
    """Say what a plan needs and what of it is missing."""
    from training.cli.checks import page
    from training.engine.preflight import document, preflight
    from training.engine.runtime import Runtime

    findings = preflight(made, Runtime(work, data))
    told = document(made.study, findings)
    typer.echo(json.dumps(told, indent=1) if as_json else page(made.study, findings))
    if not told["fine"]:
        raise typer.Exit(BAD_INPUT)


@app.command()
@answered
def run(
    matrix: Path,
    work: Work = DEFAULT_WORK,
    data: Data = None,
    tracking_uri: Uri = "",
    jobs: Annotated[int, typer.Option(min=0, help="Jobs at a time; 0: one a core.")] = 0,
) -> None:
    """Carry a matrix out: whatever is done already is left alone."""
    from training.engine.machine import refuse
    from training.engine.runtime import Runtime
    from training.engine.study import carry_out

    heed_ends()
    made, runtime = plan_of(matrix), Runtime(work, data, jobs, tracking_uri=tracking_uri)
    refuse(made.runs, runtime)
    outcome = carry_out(made, runtime)
    for reason in outcome.mend:
        typer.echo(f"silta: {reason}", err=True)
    if outcome.mend:
        raise typer.Exit(BAD_INPUT)
    if outcome.count("failed") or outcome.count("not run"):
        raise typer.Exit(SOME_FAILED)


@app.command()
@answered
def train(
    phase: Annotated[str, typer.Argument(help="mlm, intermediate or target")],
    scale: Annotated[str, typer.Option(help="nano, micro, ... base, large, xl, xxl")],
    task: Annotated[str, typer.Option(help="Task name; phase mlm: text.")] = "text",
    parent: Annotated[
        str | None, typer.Option("--from", help="Id of the run to start from.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Phase mlm: 0 unless told, else 1.")] = None,
    source: Annotated[str, typer.Option(help="miniature/seed=N/sentences=M, files or hub")] = "",
    changes: Annotated[list[str] | None, typer.Option("--set", help="recipe.FIELD=VALUE")] = None,
    dry_run: Annotated[bool, typer.Option(help="Say what would be done, and stop.")] = False,
    export: Annotated[Path | None, typer.Option(help="Copy the encoder here (16-bit).")] = None,
    work: Work = DEFAULT_WORK,
    data: Data = None,
    tracking_uri: Uri = "",
) -> None:
    """Launch one Lightning trainer, with the ids, store and tracking that a matrix would use."""
    from training.engine.machine import refuse
    from training.engine.runtime import Runtime
    from training.engine.single import launch
    from training.plan.single import single

    heed_ends()
    drawn = seed if seed is not None else int(phase != "mlm")
    made = single(phase, scale, task, source or default_source(data), drawn, parent, changes or [])
    runtime = Runtime(work, data, tracking_uri=tracking_uri)
    refuse([] if dry_run else [made], runtime)
    launch(made, runtime, dry_run, export)


def default_source(data: Path | None) -> str:
    """Original files where a folder of them is named, else the miniature."""
    return "files" if data else USUAL_WORLD


@app.command("run-one")
@answered
def run_one(
    document: Annotated[
        Path | None, typer.Argument(help="run.json of a training or an evaluation")
    ] = None,
    serve: Annotated[
        bool, typer.Option(help="Read paths from standard input (a warm worker).")
    ] = False,
    work: Work = DEFAULT_WORK,
    data: Data = None,
) -> None:
    """Carry one job out from its document; what a scheduler calls."""
    from training.engine import jobs
    from training.engine.runtime import Runtime

    if serve:
        jobs.serve(Runtime(work, data, progress=False))
        return
    if document is None:
        raise typer.BadParameter("name a run.json, or --serve")
    heed_ends()
    failure = jobs.carry_out(document, Runtime(work, data))
    if failure:
        typer.echo(f"{'silta' if failure.mend else 'failed'}: {failure.reason}", err=True)
        raise typer.Exit(BAD_INPUT if failure.mend else SOME_FAILED)


@app.command()
@answered
def status(matrix: Path, work: Work = DEFAULT_WORK, as_json: AsJson = False) -> None:
    """What of a matrix is done, failed or waiting."""
    from training.engine.runtime import Runtime
    from training.engine.study import status_of

    made = status_of(plan_of(matrix), Runtime(work))
    if as_json:
        typer.echo(json.dumps(made, indent=1))
        return
    for row in made["jobs"]:
        typer.echo(f"{row['state']:9} {row['id']:46} {row['reason'] or ''}")


@app.command()
@answered
def publish(
    work: Work = DEFAULT_WORK,
    tracking_uri: Uri = "",
    everything: Annotated[
        bool, typer.Option("--all", help="Send all, also what was sent.")
    ] = False,
) -> None:
    """Send to MLflow what it does not have: after it was away, or into an empty server."""
    from training.engine.publish import publish_all
    from training.engine.runtime import Runtime

    sent, refused = publish_all(Runtime(work, tracking_uri=tracking_uri), everything)
    typer.echo(f"published {sent} records")
    if refused:
        typer.echo(f"silta: the tracking server refuses: {refused}", err=True)
        raise typer.Exit(BAD_INPUT)
