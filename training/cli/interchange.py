"""Commands that exchange predictions and scores with others: score, export-xtreme."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from training.cli.app import DEFAULT_WORK, AsJson, Work, answered, app


@app.command()
@answered
def score(
    predictions: Annotated[
        Path | None, typer.Option(help="Folder with <task>/test-<lg>.tsv or .json.")
    ] = None,
    labels: Annotated[Path | None, typer.Option(help="The same of the gold labels.")] = None,
    partial: Annotated[
        bool, typer.Option("--partial", help="Score the languages that are there, not XTREME's.")
    ] = False,
    squad2: Annotated[
        tuple[Path, Path] | None,
        typer.Option(metavar="DATA PREDICTIONS", help="Score answers to SQuAD 2.0 instead."),
    ] = None,
    na_probs: Annotated[
        Path | None, typer.Option(help="SQuAD 2.0: no-answer probabilities, {id: number}.")
    ] = None,
    na_prob_thresh: Annotated[
        float, typer.Option(help="SQuAD 2.0: above it a question counts as unanswered.")
    ] = 1.0,
    as_json: AsJson = False,
) -> None:
    """Official scores of predictions in XTREME's layout, or of answers to SQuAD 2.0."""
    from training.engine import scoring

    warnings: list[str] = []
    if squad2 and not (predictions or labels):
        numbers = scoring.squad2_numbers(*squad2, na_probs, na_prob_thresh, warnings)
        text = json.dumps(numbers, indent=2)
    elif predictions and labels and not (squad2 or na_probs):
        told = scoring.Scoring(predictions, labels, partial, warnings).document()
        text = json.dumps(told, indent=1) if as_json else "\n".join(described(told))
    else:
        raise typer.BadParameter(
            "give --predictions P and --labels L, or --squad2 data.json preds.json [--na-probs f]"
        )
    for warning in warnings:
        typer.echo(f"warning: {warning}", err=True)
    typer.echo(text)


def described(told: dict[str, Any]) -> Iterator[str]:
    """Lines for people: tasks with their languages, groups, overall."""
    for folder, task in told["tasks"].items():
        count = len(task["languages"])
        which = f"XTREME's {count} languages" if task["official"] else f"{count} languages"
        yield f"{folder:10} {task['score']:6.2f}  {task['metric']}, mean of {which}"
        for lang, metrics in task["languages"].items():
            values = "  ".join(f"{name} {value:.2f}" for name, value in metrics.items())
            yield f"  {lang:8} {values}"
    for group, value in told["groups"].items():
        yield f"{group:15} {value:6.2f}"
    if told["overall"] is None:
        yield "overall: none, it needs all nine tasks"
    else:
        yield f"{'overall':15} {told['overall']:6.2f}"
    if not told["official"]:
        yield "not comparable with XTREME's tables: the languages above are not all of its own"


@app.command("export-xtreme")
@answered
def export_xtreme(
    runs: Annotated[
        list[str], typer.Argument(help="Ids of evaluations, or of runs: all measured on them.")
    ],
    directory: Annotated[Path, typer.Argument(help="A new folder: predictions/ and labels/.")],
    work: Work = DEFAULT_WORK,
    with_text: Annotated[
        bool,
        typer.Option("--with-text", help="Also answers that their licence forbids to pass on."),
    ] = False,
) -> None:
    """Write predictions and gold labels of test sets in XTREME's submission layout."""
    from training.engine.export import export
    from training.engine.store import Store

    told = export(Store(work), runs, directory, with_text)
    for folder, task in told["tasks"].items():
        typer.echo(f"{folder:10} {len(task['languages']):3} languages  {task['evaluation']}")
        for note in task["notes"]:
            typer.echo(f"warning: {folder}: {note}", err=True)
