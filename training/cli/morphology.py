"""`silta morphology`: what text says of languages' morphology, as a table for the dashboard."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from training.cli.app import answered, app


@app.command()
@answered
def morphology(
    text: Annotated[Path, typer.Argument(help="Folder of parallel text: see below.")],
    tokenizer: Annotated[Path, typer.Option(help="tokenizer.json, a .model, or a model's folder.")],
    languages: Annotated[str, typer.Option(help="For instance fin,hun,eng; none: all.")] = "",
    split: Annotated[str, typer.Option(help="Of FLORES and SIB-200: dev, test or train.")] = "test",
    treebanks: Annotated[
        Path | None, typer.Option(help="Folder of UD_* folders, for types per lemma.")
    ] = None,
    lemma_words: Annotated[
        int, typer.Option(min=1, help="Words of a treebank that are counted.")
    ] = 5000,
    not_parallel: Annotated[
        bool, typer.Option("--not-parallel", help="Measure texts of unequal length all the same.")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="The table, as csv.")] = None,
) -> None:
    """Measure morphology: sub-words per word, continued words, variety and length of words.

    TEXT holds <lang>.txt files, NTREX, FLORES, SIB-200 or OSIS Bibles, plain or gzipped. Line i, or
    the line of an id, must say the same in every language: on other texts genre is measured too.
    """
    from training import catalogue
    from training.data import morphology as measuring
    from training.data import parallel, pieces

    codes = [catalogue.language(one).code for one in languages.split(",") if one.strip()]
    read = parallel.text(text, codes, split, not_parallel)
    used = pieces.opened(tokenizer)
    rows = measuring.rows(read, used, treebanks, lemma_words)
    typer.echo(f"text: {read.name}, {described(read)}")
    typer.echo(f"tokenizer: {used.name}")
    for line in page(rows):
        typer.echo(line)
    if not read.parallel:
        warn("the texts are not parallel: their genre differs, and these numbers hold it too")
    if treebanks:
        warn("types per lemma are of treebanks, each language's own: genre is in them")
    if out:
        write(out, rows)
        typer.echo(f"{len(rows)} rows in {out}")


def warn(told: str) -> None:
    typer.echo(f"warning: {told}", err=True)


def described(read: Any) -> str:
    """`204 lines in 40 languages`, and what was left out."""
    counts = {len(found) for found in read.lines.values()}
    told = f"{max(counts)} lines" if len(counts) == 1 else f"{min(counts)} to {max(counts)} lines"
    left = f" ({read.left_out} left out: not in all of them)" if read.left_out else ""
    number = len(read.lines)
    return f"{told} in {number} language{'s' * (number != 1)}{left}"


def page(rows: Iterable[dict[str, Any]]) -> list[str]:
    """One line a language, `-` where there is no value; then the reasons."""
    table: dict[str, dict[str, str]] = {}
    notes: dict[str, list[str]] = {}
    for row in rows:
        table.setdefault(row["lang"], {})[row["measure"]] = row["value"] or "-"
        if row["note"]:
            said = notes.setdefault(row["note"], [])
            said.extend([row["lang"]] if row["lang"] not in said else [])
    names = list(next(iter(table.values()), {}))
    lines = ["", "lang " + "".join(f"{name:>17}" for name in names)]
    for lang, values in table.items():
        lines.append(f"{lang:5}" + "".join(f"{values[name]:>17}" for name in names))
    return [*lines, "", *(f"{', '.join(langs)}: {note}" for note, langs in notes.items())]


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    from training.engine.writing import write_text
    from training.spec.record import MORPHOLOGY_COLUMNS

    path.parent.mkdir(parents=True, exist_ok=True)
    made = io.StringIO()
    writer = csv.DictWriter(made, MORPHOLOGY_COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_text(path, made.getvalue())
