"""Which figures a report holds. To add one: a function like `heatmap_of`, and its name in DRAWN."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import cache
from zlib import crc32

import pandas as pd
import plotly.graph_objects as go

from dashboard.analysis import answer
from dashboard.analysis.frames import PINNED
from dashboard.analysis.results import Results
from dashboard.figures import labels
from dashboard.figures.heatmap import heatmap
from dashboard.figures.layout import least_width
from dashboard.figures.theme import LIGHT, Look
from dashboard.report.parts import Picture

WIDE = 760
"""Pixels: of a figure on paper, if it needs no more."""


def heatmap_of(results: Results, some: pd.DataFrame) -> Picture:
    """Gains of one target at one scale, a row a language."""
    first = some.iloc[0]

    @cache
    def draw(style: Look) -> go.Figure:
        return heatmap(some, style, results.title)

    finding = " ".join(answer.sentence(some, code, results.title) for code in PINNED)
    return Picture(
        name=slug("heatmap", first["target"], first["scale"], first["variant"]),
        title=f"Gains in {results.title(first['target'])} at {first['scale']} by language",
        alt=f"Heatmap of gains. {finding}",
        width=max(WIDE, least_width(some["intermediate"].nunique())),
        height=int(draw(LIGHT).layout.height),
        draw=draw,
        labels=lambda style, inside: labels.names(some, style, inside),
        least=least_width(some["intermediate"].nunique()),
    )


DRAWN: tuple[Callable[[Results, pd.DataFrame], Picture], ...] = (heatmap_of,)
"""Each is given the cells of one target at one scale, and stands in that section."""


def drawn(results: Results, some: pd.DataFrame) -> list[Picture]:
    """The figures of one target at one scale."""
    return [draw(results, some) for draw in DRAWN]


def slug(*parts: object) -> str:
    """A file's name from what it holds: letters, digits, hyphens and underscores. What that loses
    (a sign, a script, on some disks the case) a checksum makes up for: no two share a name."""
    text = "-".join(str(part) for part in parts if str(part))
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    name = re.sub(r"[^A-Za-z0-9_]+", "-", plain).strip("-")
    return name if name == text.lower() else f"{name}-{crc32(text.encode()):08x}"
