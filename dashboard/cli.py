"""`silta-dashboard serve | snapshot | report`. Bad input: one clear line and exit code 2."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from typing import Annotated, Literal, NoReturn

import typer

from dashboard import place
from dashboard.analysis.frames import ARTIFICIAL, ScoreFrame
from dashboard.analysis.published import published as figures
from dashboard.report import NoSuch, beforehand, gathered, markdown
from dashboard.snapshot import Unreachable, items, load
from dashboard.snapshot import snapshot as read

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Reads the runs that MLflow keeps, and explains them.",
)

Work = Annotated[
    Path | None, typer.Option(help="The work directory of `silta run` (default: work).")
]
Uri = Annotated[
    str | None,
    typer.Option(
        "--tracking-uri", help="MLflow server (default: MLFLOW_TRACKING_URI, else <work>/mlflow.db)"
    ),
]
LOCAL = {"127.0.0.1", "localhost", "::1"}


def fail(message: str) -> NoReturn:
    """One line on stderr, exit code 2."""
    print(f"silta-dashboard: {message}", file=sys.stderr)
    raise typer.Exit(2)


def located(work: Path | None, uri: str | None) -> place.Place:
    """Where to read from, refused where it cannot be a work directory."""
    told = place.place(work, uri)
    folder = told.directory.parent
    if folder.exists() and not folder.is_dir():
        fail(f"--work {folder} is a file: name the folder that `silta run` wrote to")
    return told


@app.command()
def serve(
    work: Work = None,
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8501,
    host: Annotated[str, typer.Option(help="0.0.0.0 lets other machines in.")] = "127.0.0.1",
    tracking_uri: Uri = None,
    published: Annotated[
        list[Path] | None,
        typer.Option(
            help="A csv of published figures to stand beside ours, in the columns of "
            "dashboard/analysis/published.csv; may be given more than once."
        ),
    ] = None,
) -> None:
    """Serve the pages until Ctrl-C."""
    told = located(work, tracking_uri)
    theirs = named(published or [])
    _free(host, port)
    print(f"Silta at http://{'localhost' if host in LOCAL else host}:{port}, reading {told.shown}")
    sys.stdout.flush()
    own = str(Path(__file__).resolve().parent.parent)
    paths = os.pathsep.join(filter(None, [own, os.environ.get("PYTHONPATH")]))
    settings = {
        place.WORK: str(told.directory.parent),
        place.TRACKING: told.tracking_uri,
        "PYTHONPATH": paths,
    }
    if theirs:
        settings[place.PUBLISHED] = theirs
    # this process becomes the server: whoever ends it leaves none behind
    os.execve(sys.executable, streamlit(host, port), os.environ | settings)


def named(files: list[Path]) -> str:
    """Published figures as the pages read them, refused here if they cannot be."""
    try:
        figures(*files)
    except (OSError, ValueError) as problem:
        fail(f"--published: {problem}")
    return os.pathsep.join(str(one.absolute()) for one in files)


def streamlit(host: str, port: int) -> list[str]:
    """The command line of the server: quiet, local, and without the reloading of development."""
    options = {
        "server.headless": "true",
        "server.address": host,
        "server.port": str(port),
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
        "client.toolbarMode": "viewer",
        "client.showErrorDetails": "none",
        "runner.magicEnabled": "false",
        "runner.postScriptGC": "false",  # Python looks for garbage by itself, less often
        # the figures' own purple; either colour stands out on its ground
        "theme.light.primaryColor": "#6a51a3",
        "theme.dark.primaryColor": "#b2a6dc",
        "logger.level": "warning",
    }
    page = str(Path(__file__).with_name("app.py"))
    flags = [part for key, value in options.items() for part in (f"--{key}", value)]
    return [sys.executable, "-m", "dashboard.start", "run", page, *flags]


def _free(host: str, port: int) -> None:
    """Refuse a port that is taken, or a host that is not ours, before Streamlit starts."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            fail(f"cannot serve at {host}:{port} ({error.strerror}): choose another --port")


@app.command()
def snapshot(
    work: Work = None,
    tracking_uri: Uri = None,
    full: Annotated[bool, typer.Option(help="Read everything anew.")] = False,
) -> None:
    """Bring the local copy of the scores up to date."""
    told = located(work, tracking_uri)
    try:
        frame = read(told.tracking_uri, told.directory, full)
    except (Unreachable, OSError) as problem:
        fail(str(problem))
    studies, scores = len(set(frame.plan["study"])), len(frame.scores)
    print(
        f"read {frame.read:,} new of {len(frame.evaluations):,} evaluations, {scores:,} scores,"
        f" {studies} stud{'y' if studies == 1 else 'ies'} from {told.shown}"
    )


@app.command()
def report(
    into: Annotated[
        Path | None,
        typer.Argument(metavar="[OUT]", help="A folder for the whole report, in every format."),
    ] = None,
    work: Work = None,
    tracking_uri: Uri = None,
    study: Annotated[str | None, typer.Option(help="Default: the latest.")] = None,
    form: Annotated[Literal["markdown", "csv"], typer.Option("--format")] = "markdown",
    split: Annotated[Literal["test", "dev"], typer.Option()] = "test",
    over: Annotated[str, typer.Option(help="The intermediate that gains are over.")] = "none",
    every: Annotated[
        bool, typer.Option("--all-languages", help="A row each, and no mean of the others.")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="A file instead of the terminal.")] = None,
) -> None:
    """Gains by target, scale and language as a table; Finnish and Hungarian come first.

    With OUT: a folder with the whole report (HTML, Markdown, LaTeX, CSV, and its figures as PNG
    and SVG where a Chromium is found).
    """
    told = located(work, tracking_uri)
    if into is not None:
        if out is not None or form == "csv":
            fail(f"{into} gets every format: leave {'--out' if out else '--format'} away")
        _folder(told, into, study, split, over)
        return
    frame = _latest(told)
    read = items(told.tracking_uri, told.directory, frame)
    try:
        rows = gathered(frame, study, split, over, read).cells
        named = beforehand(frame, str(rows["study"].iloc[0]), split) if form == "markdown" else ""
    except (NoSuch, ValueError) as problem:
        fail(str(problem))
    text = rows.to_csv(index=False) if form == "csv" else markdown(rows, frame.title, every)
    text += f"\n\n{named}" if named else ""
    if form == "markdown" and frame.artificial(str(rows["study"].iloc[0])):
        text += f"\n\nAn artificial world (the embedded miniature): {ARTIFICIAL}"
    if out is None:
        print(text)
        return
    try:
        out.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        fail(f"cannot write {out}: {error.strerror}")


def _folder(told: place.Place, into: Path, study: str | None, split: str, over: str) -> None:
    """The whole report, with a line on stderr for each step."""
    from dashboard.report import folder  # plotly takes a second, and a table needs none

    fresh = not into.exists()
    try:
        folder.ready(into)
        frame = _latest(told)
        read = items(told.tracking_uri, told.directory, frame)
        results = gathered(frame, study, split, over, read, _progress)
        files = folder.write(results, into, _progress)
    except (NoSuch, ValueError, folder.NotWritable) as problem:
        fail(str(problem))
    finally:
        if fresh and into.is_dir() and not any(into.iterdir()):
            into.rmdir()
    print(f"{len(files)} files in {into}; open {into / files[0]}")


def _progress(doing: str) -> None:
    print(f"  {doing}", file=sys.stderr, flush=True)


def _latest(told: place.Place) -> ScoreFrame:
    """A fresh snapshot; the last one, with a warning, where the server gives no answer."""
    try:
        frame = read(told.tracking_uri, told.directory)
    except (Unreachable, OSError) as problem:
        kept = load(told.directory)
        if kept is None:
            fail(str(problem))
        print(f"{problem} Reporting the snapshot of {kept.taken}.", file=sys.stderr)
        frame = kept
    if not frame.studies():
        fail(f"there are no evaluations at {told.shown}: run one, `silta run MATRIX.yaml`")
    return frame
