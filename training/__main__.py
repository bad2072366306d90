"""The console command `silta`, also `python -m training`."""

from __future__ import annotations

import sys

from training.garbage import seldom

ADVICE = "silta needs the train extra: pip install 'silta[train]'"
BAD_INPUT = 2


def main() -> None:
    """Run the command line; exit with 2 and advice where a third-party module is not installed.

    The call is guarded too, not only the import: a command that trains imports torch late.
    """
    seldom()
    try:
        from training.cli import app

        app()
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] in {"training", "dashboard"}:
            raise  # a module of our own is missing: a broken installation or a bug, not an extra
        print(f"{ADVICE} ({error.name} is not installed)", file=sys.stderr)
        raise SystemExit(BAD_INPUT) from None


if __name__ == "__main__":
    main()
