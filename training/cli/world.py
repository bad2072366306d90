"""The command of the miniature world."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from training.cli.app import answered, app


@app.command()
@answered
def miniature(
    directory: Annotated[Path | None, typer.Argument(help="Where to write the files.")] = None,
    seed: int = 13,
    sentences: int = 4000,
    forms: Annotated[str | None, typer.Option(help="Print the word forms of a language.")] = None,
    tokenizer: Annotated[
        Path | None, typer.Option(help="Train the tokenizer and write it here.")
    ] = None,
) -> None:
    """Write the artificial world: parallel text and every task in its published schema."""
    from training.miniature import write
    from training.miniature.languages import CODES

    if forms:
        from training.catalogue import UnknownName, language

        code = language(forms).code
        if code not in CODES:
            raise UnknownName("language of the miniature", forms, CODES)
        for form, lemma, feats in write.forms(code, seed):
            typer.echo(f"{form}\t{lemma}\t{feats}")
    if tokenizer:
        from training.data.tokenizer import write as write_tokenizer

        write_tokenizer(tokenizer, seed)
    if directory:
        count = write.write(directory, seed, sentences)
        typer.echo(f"{count} files in {directory}")
