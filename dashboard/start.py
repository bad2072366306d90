"""Streamlit, with all that is slow done before the first visitor: imports, and the kept snapshot.

`python -m dashboard.start run app.py ...` takes what `streamlit` takes; `silta-dashboard serve`
calls it.
"""

from __future__ import annotations

import importlib
import sys

from dashboard.place import place

SLOW = (
    "scipy.stats",
    "plotly.graph_objects",
    "dashboard.analysis.shapes",
    "dashboard.figures.heatmap",
)
"""What pages import, views apart: those must meet Streamlit's own runtime first."""


def main() -> None:
    """Read what is kept and begin to ask the server, then serve until the end.

    Texts are Python's own: a page asks hundreds of small questions of them, each of which Arrow
    prepares for at length (a fifth of a drawing's time).
    """
    import pandas as pd

    from dashboard.snapshot import sync

    pd.options.mode.string_storage = "python"
    sync(place(), patience=0)
    for name in SLOW:
        importlib.import_module(name)
    from streamlit.web.cli import main as streamlit

    sys.argv[0] = "streamlit"
    streamlit()


if __name__ == "__main__":
    main()
