"""The console command `silta-dashboard`, also `python -m dashboard`."""

from __future__ import annotations

import sys
from importlib.util import find_spec

ADVICE = "silta-dashboard needs the dashboard extra: pip install 'silta[dashboard]'"
NEEDED = ("typer", "streamlit", "plotly", "mlflow", "pandas", "pyarrow", "scipy")
BAD_INPUT = 2


def missing() -> str | None:
    """The first needed module that is not installed: asked for up front, since each of them is
    otherwise imported late, by the command or the page that uses it."""
    for name in NEEDED:
        try:
            found = find_spec(name)
        except ModuleNotFoundError:
            return name
        # a bare folder `mlflow/` in the working directory is found too, but has no origin
        if found is None or found.origin is None:
            return name
    return None


def main() -> None:
    """Run the command line; exit with 2 and advice where the extra is not installed."""
    absent = missing()
    if absent:
        print(f"{ADVICE} ({absent} is not installed)", file=sys.stderr)
        raise SystemExit(BAD_INPUT)
    from dashboard.cli import app

    app(prog_name="silta-dashboard")


if __name__ == "__main__":
    main()
