"""Figures and tables with their downloads: CSV, LaTeX, PNG and SVG.

Pictures are made in the visitor's browser from what it shows; nothing is sent anywhere for it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from dashboard.report.latex import escaped

CONFIG = {"displayModeBar": False, "displaylogo": False, "showSendToCloud": False}
_SAVE = """<span class="saves">Save as
<button type="button" data-format="png">PNG</button>
<button type="button" data-format="svg">SVG</button></span>
<script>"""
SCRIPT = Path(__file__).with_name("save.js")


def picture(
    figure: go.Figure,
    name: str,
    alt: str,
    *,
    least: int = 0,
    select: bool = False,
    beside: str = "",
) -> list[dict[str, Any]]:
    """A figure; below `least` pixels of width it scrolls. Returns the points that are selected.

    `name` names its files and its place on the page; `alt` is what a screen reader says, the
    finding in it; `beside` is HTML that goes first into the box that scrolls.
    """
    key = safe(name)
    if least:
        st.html(f"<style>.st-key-{key} {{min-width: {least}px}}</style>")
    with st.container(key=f"scroll-{key}"):
        if beside:
            st.html(beside)
        told: dict[str, Any] = {"on_select": "rerun", "selection_mode": "points"} if select else {}
        event: Any = st.plotly_chart(figure, theme=None, key=key, config=CONFIG, alt=alt, **told)
    with st.container(key=f"save-{key}"):
        script = SCRIPT.read_text(encoding="utf-8").replace("NAME", key)
        st.html(f"{_SAVE}{script}</script>", unsafe_allow_javascript=True)
    return list(event["selection"]["points"]) if select and event else []


def table(
    frame: pd.DataFrame,
    name: str,
    config: dict[str, Any] | None = None,
    shown: pd.DataFrame | None = None,
) -> None:
    """A table (`shown`, or else all of `frame`), with `frame` as CSV and what is shown as LaTeX."""
    key = safe(name)
    seen = frame if shown is None else shown
    st.dataframe(seen, hide_index=True, column_config=config, placeholder="–", key=key)
    with st.container(horizontal=True, key=f"files-{key}"):
        _file("CSV", lambda: frame.to_csv(index=False), f"{name}.csv", "text/csv", key)
        _file("LaTeX", lambda: latex(seen), f"{name}.tex", "application/x-tex", key)


def _file(label: str, data: Callable[[], str], name: str, kind: str, key: str) -> None:
    """A button for a file, which is written when it is asked for."""
    st.download_button(
        label, data, filed(name), kind, key=f"{label}-{key}", on_click="ignore", type="tertiary"
    )


def latex(frame: pd.DataFrame) -> str:
    """A booktabs tabular; numbers with one decimal, missing ones a dash."""
    kinds = "".join("r" if pd.api.types.is_numeric_dtype(frame[one]) else "l" for one in frame)
    lines = [f"\\begin{{tabular}}{{@{{}}{kinds}@{{}}}}", "\\toprule"]
    lines += [_row(str(one) for one in frame.columns), "\\midrule"]
    lines += [_row(map(_told, row)) for row in frame.itertuples(index=False)]
    return "\n".join([*lines, "\\bottomrule", "\\end{tabular}", ""])


def _row(cells: Any) -> str:
    return " & ".join(escaped(one) for one in cells) + r" \\"


def _told(value: Any) -> str:
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return "–"
    return f"{value:.1f}" if isinstance(value, float) else str(value)


def filed(name: str) -> str:
    """A file's name without anything that a disk or a shell could take for more than a name."""
    return re.sub(r"[^\w.+-]+", "-", name).lstrip(".-") or "table"


def safe(name: str) -> str:
    """A name that can stand in CSS and in a script."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
