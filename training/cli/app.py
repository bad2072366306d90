"""What all commands of `silta` share: the app, common options, how errors and signals end.

Exit codes: 0 all done; 1 finished with failed runs; 2 bad input; 75 interrupted, resumable.
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer

from training.spec.record import RESUMABLE

BAD_INPUT, SOME_FAILED = 2, 1

app = typer.Typer(
    name="silta",
    help="Silta: does English intermediate training carry over to other languages?",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Work = Annotated[
    Path, typer.Option(help="Folder for results, caches and the local MLflow database.")
]
Data = Annotated[Path | None, typer.Option(help="Folder of original data files and hub copies.")]
Uri = Annotated[str, typer.Option("--tracking-uri", help="MLflow server [MLFLOW_TRACKING_URI].")]
Patience = Annotated[
    float, typer.Option(min=0, help="Seconds to wait for MLflow once the work is over.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Machine-readable output.")]
DEFAULT_WORK = Path("work")
DEFAULT_PATIENCE = 60.0


def answered(command: Callable[..., Any]) -> Callable[..., Any]:
    """Bad input ends with one message and exit code 2, never with a traceback."""

    @wraps(command)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except KeyboardInterrupt:
            typer.echo("interrupted: run the same command again to go on", err=True)
            raise typer.Exit(RESUMABLE) from None
        except Exception as error:
            from training.engine.blame import input_error

            message = input_error(error)
            if message is None:
                raise
            typer.echo(f"silta: {message}", err=True)
            raise typer.Exit(BAD_INPUT) from None

    return guarded


def heed_ends() -> None:
    """Being told to end (a scheduler, a closed terminal) is like Ctrl-C: resumable.

    While a training runs, `training.engine.ending` takes its place: a checkpoint comes first.
    """

    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    for one in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(one) != signal.SIG_IGN:  # as under nohup
            signal.signal(one, stop)
