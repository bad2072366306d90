"""The command that translates an intermediate task."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from training.cli.app import DEFAULT_WORK, Data, Work, answered, app, heed_ends
from training.cli.study import default_source


@app.command()
@answered
def translate(
    task: Annotated[str, typer.Argument(help="mnli qqp hellaswag anli cosmosqa csqa squad squad2")],
    into: Annotated[str, typer.Option(help="Languages, for instance deu,rus,swh.")],
    model: Annotated[str, typer.Option(help="Marian, NLLB or M2M-100: a folder or a hub id.")],
    split: Annotated[str, typer.Option(help="train or dev")] = "train",
    source: Annotated[str, typer.Option(help="miniature/seed=N/sentences=M, files or hub")] = "",
    out: Annotated[Path | None, typer.Option(help="Folder to write to; else --data.")] = None,
    limit: Annotated[int, typer.Option(min=0, help="The first N rows only; 0: all.")] = 0,
    batch: Annotated[int, typer.Option(min=1, help="Sentences translated together.")] = 32,
    beams: Annotated[int, typer.Option(min=1, help="1: greedy.")] = 1,
    max_length: Annotated[int, typer.Option(min=8, help="Tokens of a sentence.")] = 256,
    dtype: Annotated[str, typer.Option(help="fp32; on a GPU also bf16 or fp16.")] = "fp32",
    device: Annotated[str, typer.Option(help="cpu, cuda, cuda:1; empty: a GPU if any.")] = "",
    threads: Annotated[int, typer.Option(min=1, help="Of the CPU; part of the result.")] = 1,
    data: Data = None,
    work: Work = DEFAULT_WORK,
) -> None:
    """Translate a task's English rows; labels and ids are kept. Stop and go on at will.

    Writes OUT/translated/TASK/SPLIT.LANG.jsonl, which a matrix reads with --data OUT.
    """
    from training import catalogue
    from training.engine.runtime import Runtime
    from training.engine.translate import Order, translate
    from training.engine.translator import device_of

    heed_ends()
    languages = [catalogue.language(one).code for one in into.split(",") if one.strip()]
    order = Order(
        catalogue.task(task),
        split,
        source or default_source(data),
        model,
        limit,
        batch,
        beams,
        max_length,
        dtype,
        device_of(device),
        threads,
    )
    translate(order, dict.fromkeys(languages), out or data or work, Runtime(work, data), typer.echo)
