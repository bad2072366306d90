"""Commands of a study: plan, run, train, run-one, publish."""

from __future__ import annotations

import gc
import json
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from training.cli.app import (
    BAD_INPUT,
    DEFAULT_PATIENCE,
    DEFAULT_WORK,
    SOME_FAILED,
    AsJson,
    Data,
    Patience,
    Uri,
    Work,
    answered,
    app,
    heed_ends,
)
from training.cli.placement import Executor, Format, Gpus, Laid, for_slurm, placed
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
    format: Annotated[Format, typer.Option(help="slurm: job scripts of what is not done.")] = (
        Format.page
    ),
    out: Annotated[Path | None, typer.Option(help="slurm: folder for the scripts.")] = None,
    gpus: Gpus = None,
    device: Annotated[
        str, typer.Option(help="h200, h100, a100-80, a100-40, l40s or cpu: what hours are for.")
    ] = "",
    work: Work = DEFAULT_WORK,
    data: Data = None,
) -> None:
    """Show every run and evaluation of a matrix, with what they are likely to cost."""
    gc.disable()  # a plan of 100,000 cells is a fifth quicker, and the process ends soon
    made = plan_of(matrix)
    if format is Format.slurm:
        for_slurm(made, work, data, gpus or [], out)
        return
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
    retries: Annotated[
        int, typer.Option(min=0, help="Further tries of a job whose worker died.")
    ] = 2,
    patience: Patience = DEFAULT_PATIENCE,
    executor: Annotated[Executor, typer.Option(help="Who carries jobs out.")] = Executor.local,
    address: Annotated[str, typer.Option(help="A running Ray cluster, HOST:PORT.")] = "",
    gpus: Gpus = None,
    layout: Laid = "auto",
) -> None:
    """Carry a matrix out: what is done is left alone, what another process does is left to it."""
    from training.engine.machine import refuse
    from training.engine.study import carry_out

    heed_ends()
    made, place = plan_of(matrix), placed(work, data, executor, address, gpus or [])
    place = replace(place, jobs=jobs, retries=retries, tracking_uri=tracking_uri, patience=patience)
    place = replace(place, layout=layout)
    if not address:  # a cluster's nodes are not this machine
        refuse(made.runs, place)
    outcome = carry_out(made, place)
    for reason in outcome.mend:
        typer.echo(f"silta: {reason}", err=True)
    if outcome.mend:
        raise typer.Exit(BAD_INPUT)
    if outcome.count("done") < len(outcome.states):
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
    method: Annotated[
        str, typer.Option(help="full or lora (adapters); short for --set recipe.method=...")
    ] = "",
    dry_run: Annotated[bool, typer.Option(help="Say what would be done, and stop.")] = False,
    export: Annotated[Path | None, typer.Option(help="Copy the encoder here (16-bit).")] = None,
    work: Work = DEFAULT_WORK,
    data: Data = None,
    tracking_uri: Uri = "",
    patience: Patience = DEFAULT_PATIENCE,
    layout: Laid = "auto",
) -> None:
    """Launch one Lightning trainer, with the ids, store and tracking that a matrix would use."""
    from training.engine.machine import refuse
    from training.engine.runtime import Runtime
    from training.engine.single import launch
    from training.plan.single import single

    heed_ends()
    drawn = seed if seed is not None else int(phase != "mlm")
    told = [*(changes or []), *([f"recipe.method={method}"] if method else [])]
    made = single(phase, scale, task, source or default_source(data), drawn, parent, told)
    runtime = Runtime(work, data, tracking_uri=tracking_uri, patience=patience, layout=layout)
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
    tracking_uri: Uri = "",
    patience: Patience = DEFAULT_PATIENCE,
    devices: Annotated[int, typer.Option(min=1, help="GPUs that share a training.")] = 1,
    layout: Laid = "auto",
) -> None:
    """Carry one job out from its document; what a scheduler calls.

    MLflow is told where a server is named; the work directory's own database would be opened by
    all jobs of a scheduler at once, and is for `silta publish`.
    """
    from training.engine import jobs
    from training.engine.runtime import Runtime
    from training.engine.slurm import finished, unmet

    heed_ends()
    if serve:
        jobs.serve(Runtime(work, data, devices=devices, layout=layout, progress=False))
        return
    if document is None:
        raise typer.BadParameter("name a run.json, or --serve")
    where = Runtime(work, data, tracking_uri=tracking_uri, patience=patience)
    runtime = replace(where, devices=devices, layout=layout)
    if finished(document, runtime):  # queued again, perhaps: torch is not even imported
        return
    lacking = unmet(document, runtime)
    if lacking:  # not a failure of its own: what can be done later is not marked
        typer.echo(f"not run: {lacking}", err=True)
        raise typer.Exit(SOME_FAILED)
    from training.engine.single import one

    failure = one(document, runtime)
    if failure:
        typer.echo(f"{'silta' if failure.mend else 'failed'}: {failure.reason}", err=True)
        raise typer.Exit(BAD_INPUT if failure.mend else SOME_FAILED)


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
    from training.engine.runtime import Runtime
    from training.engine.study import publish_all

    sent, refused = publish_all(Runtime(work, tracking_uri=tracking_uri), everything)
    typer.echo(f"published {sent} records")
    if refused:
        typer.echo(f"silta: the tracking server refuses: {refused}", err=True)
        raise typer.Exit(BAD_INPUT)
