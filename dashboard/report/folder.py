"""The report as a folder: every format beside the others, written whole or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from dashboard.analysis.results import Progress, Results
from dashboard.report import browser, latex, page, prose
from dashboard.report.parts import Section, pictures, tables
from dashboard.report.sections import sections

MANIFEST = "report.json"
SCHEMA = "silta.report/1"
DRAFT = ".draft-"
"""Begins the name of the folder in which a report is made; a killed command may leave one."""


class NotWritable(OSError):
    """The folder cannot be written to; the message says why and what to do."""


def ready(out: Path) -> None:
    """Refuse a place where no report can go, before anything is computed. Raises NotWritable.

    A folder that holds anything but an earlier report is left alone.
    """
    if out.exists() and not out.is_dir():
        raise NotWritable(f"{out} is a file: name a folder for the report")
    others = (
        [one for one in out.iterdir() if not one.name.startswith(DRAFT)] if out.is_dir() else []
    )
    if others and not (out / MANIFEST).exists():
        raise NotWritable(f"{out} holds other files: name a new or empty folder for the report")
    try:
        out.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=out):
            pass
    except OSError as problem:
        raise NotWritable(f"cannot write to {out}: {problem.strerror}") from problem


def write(results: Results, out: Path, progress: Progress = lambda doing: None) -> list[Path]:
    """Write the whole report; returns its files, relative to `out`, index.html first.

    An earlier report in the same folder is replaced at the end. Raises NotWritable.
    """
    ready(out)
    progress("composing tables and figures")
    told = sections(results)
    try:
        with TemporaryDirectory(dir=out, prefix=DRAFT) as draft:
            _fill(Path(draft), results, told, progress)
            return _moved(Path(draft), out, results)
    except OSError as problem:
        raise NotWritable(f"cannot write to {out}: {problem.strerror or problem}") from problem


def _fill(draft: Path, results: Results, told: list[Section], progress: Progress) -> None:
    blocks = tuple(told)
    drawings = pictures(blocks)
    progress(f"drawing {len(drawings)} figures")
    drawn, why = browser.draw(drawings, draft / "figures", progress)
    title = f"Silta: {results.study}, {results.split}"
    told = [*told, Section("Files", (_files(len(drawn), why),))]
    progress("writing tables, texts and the page")
    (draft / "tables").mkdir()
    for table in tables(blocks):
        _csv(table.data, draft / "tables" / f"{table.name}.csv")
        _text(draft / "tables" / f"{table.name}.tex", latex.table(table))
    _csv(results.cells, draft / "tables" / "cells.csv")
    _csv(results.lineages, draft / "tables" / "lineages.csv")
    _text(draft / "report.md", prose.document(title, told, drawn))
    _text(draft / "report.tex", latex.document(title, told, drawn))
    _text(draft / "index.html", page.document(title, results, told))


def _files(drawn: int, why: str) -> str:
    pictured = f"figures/ has {drawn} figures as PNG and SVG." if drawn else ""
    if why:
        pictured += f" {'Others' if drawn else 'Figures'} are in index.html only: {why}."
    return (
        "index.html opens without a network. tables/ has every table as CSV and LaTeX, with "
        "cells.csv (all cells) and lineages.csv (every score beside its baseline's, seed by seed). "
        f"report.md and report.tex are the same in Markdown and LaTeX. {pictured}"
    )


def _csv(frame: pd.DataFrame, path: Path) -> None:
    frame.to_csv(path, index=False)


def _text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _moved(draft: Path, out: Path, results: Results) -> list[Path]:
    """Put the files in their places; those of the earlier report that are not renewed go."""
    files = sorted(path.relative_to(draft) for path in draft.rglob("*") if path.is_file())
    gone = _earlier(out) - {str(path) for path in files}
    _manifest(out, results, [*files, *map(Path, sorted(gone))])
    for old in gone:
        (out / old).unlink(missing_ok=True)
    for path in files:
        (out / path).parent.mkdir(parents=True, exist_ok=True)
        os.replace(draft / path, out / path)
    _manifest(out, results, files)
    return sorted(files, key=lambda path: path.name != "index.html")


def _manifest(out: Path, results: Results, files: list[Path]) -> None:
    about: Mapping[str, object] = {
        "schema": SCHEMA,
        "study": results.study,
        "split": results.split,
        "over": results.over,
        "snapshot": results.frame.taken,
        "server": results.frame.server,
        "files": [str(path) for path in files],
    }
    _text(out / MANIFEST, json.dumps(about, indent=1, ensure_ascii=False) + "\n")


def _earlier(out: Path) -> set[str]:
    """Files of the report that lies there; none that its manifest places elsewhere."""
    try:
        told = json.loads((out / MANIFEST).read_text(encoding="utf-8"))
        named = {str(name) for name in told["files"]}
    except (OSError, ValueError, KeyError, TypeError):
        return set()
    inside = out.resolve()
    return {name for name in named if (out / name).resolve().is_relative_to(inside)}
