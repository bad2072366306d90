"""Where the rows of a language picture stand: pinned first, then family by family."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from itertools import accumulate, pairwise
from textwrap import wrap
from typing import Any

import pandas as pd

from dashboard.analysis.frames import PINNED
from dashboard.figures.theme import Look

ROW, TOP, LEFT, RIGHT = 25, 92, 118, 66
"""Pixels: of a row, above the first one (column titles), beside the rows (names, last title)."""
COLOURS, LEGEND, ENTRY = 68, 20, 225
"""Pixels below the rows: height of the colours, of a line of the legend, width of its entries."""
TITLE = 16
"""Characters of a line of a column's title."""
HEADING = 0.72
"""Height of a family's heading, in rows."""


@dataclass(frozen=True)
class Rows:
    """Rows from the top, headings among them; a heading is lower than a language.

    `heights` are in rows of a language, so a place on the axis is a sum of them.
    """

    of: dict[str, int]
    names: dict[str, str]
    headings: dict[int, str]
    heights: list[float]

    @property
    def edges(self) -> list[float]:
        """Where rows begin and end on the axis: one more than there are rows."""
        return [0.0, *accumulate(self.heights)]

    @property
    def middles(self) -> list[float]:
        return [(top + low) / 2 for top, low in pairwise(self.edges)]

    @property
    def height(self) -> float:
        """Pixels of all rows."""
        return ROW * sum(self.heights)


def rows(table: pd.DataFrame) -> Rows:
    """Places for the languages of a grid, in its order; a heading before each new family (or
    `group`, where there is such a column).

    The pinned ones stand on top without a heading; a family that holds one of them is headed
    `Uralic, others` further down.
    """
    about = table.drop_duplicates("lang")
    group = "group" if "group" in table else "family"
    pinned = set(about.loc[about["lang"].isin(PINNED), group])
    of: dict[str, int] = {}
    headings: dict[int, str] = {}
    heights: list[float] = []
    last = None
    for lang, family in zip(about["lang"], about[group], strict=True):
        if lang not in PINNED and family != last:
            last = family
            headings[len(heights)] = f"{family}, others" if family in pinned else str(family)
            heights.append(HEADING)
        of[str(lang)] = len(heights)
        heights.append(1.0)
    names = dict(zip(about["lang"], about["language"], strict=True))
    return Rows(of, names, headings, heights)


def axes(
    traces: list[dict[str, Any]], places: Rows, titles: list[str], style: Look
) -> dict[str, Any]:
    """Names beside the rows and above the columns, headings, and room for the traces' legend."""
    plain = {
        "showgrid": False,
        "zeroline": False,
        "showline": False,
        "ticks": "",
        "fixedrange": True,
    }
    middles = places.middles
    names = [
        f"<b>{places.names[lang]}</b>"
        if lang in PINNED
        else escape(places.names[lang], quote=False)
        for lang in places.of
    ]
    across = plain | {
        "side": "top",
        "tickvals": list(range(len(titles))),
        "ticktext": [wrapped(title) for title in titles],
        "tickangle": -38,
        "ticklabeloverflow": "allow",  # a title too long for the narrowest picture is not dropped
        "range": [-0.5, len(titles) - 0.5],
    }
    down = plain | {
        "tickvals": [middles[row] for row in places.of.values()],
        "ticktext": names,
        "range": [places.edges[-1], 0],
        "ticklabelstandoff": 6,
    }
    headings = [(middles[row] + 0.1, text) for row, text in places.headings.items()]
    bottom = COLOURS + 10 + LEGEND * _legend_lines(traces, len(titles))
    return dict(
        xaxis=across,
        yaxis=down,
        annotations=[heading(y, escape(text, quote=False), style) for y, text in headings],
        shapes=[_line(y, style) for y, _ in headings],
        height=places.height + TOP + bottom,
        # nothing may push the rows about: names are laid over them (`labels`)
        margin={"l": LEFT, "r": RIGHT, "t": TOP, "b": bottom, "autoexpand": False},
        hovermode="closest",
        hoverdistance=45,
        dragmode=False,
        uirevision="heatmap",
        legend={
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "y": -COLOURS / places.height,
            "yanchor": "top",
            "font": {"size": 12},
            "itemclick": False,
            "itemdoubleclick": False,
        },
    )


def colour_bar(ticks: list[float], texts: list[str], title: str, y: float) -> dict[str, Any]:
    """A flat bar below the rows, from their left; `y` is its upper edge in heights of the rows."""
    return {
        "orientation": "h",
        "thickness": 9,
        "len": 0.6,
        "x": 0,
        "xanchor": "left",
        "y": y,
        "yanchor": "top",
        "ypad": 0,
        "xpad": 0,
        "tickvals": ticks,
        "ticktext": texts,
        "title": {"text": title, "side": "bottom", "font": {"size": 12}},
        "tickfont": {"size": 11},
        "outlinewidth": 0,
    }


def wrapped(title: str) -> str:
    """A column's title in short lines: the room above the rows, and beside the last column, is
    fixed, and `CommonsenseQA in Finnish + MLM` must be told from `CommonsenseQA`."""
    return "<br>".join(wrap(title, TITLE, break_long_words=False))


def least_width(columns: int) -> int:
    """Pixels that a picture needs for its numbers to be read; a narrower box scrolls."""
    return LEFT + RIGHT + 46 * columns


def _legend_lines(traces: list[dict[str, Any]], columns: int) -> int:
    """Lines of the legend in the narrowest picture (a phone's 358 pixels, or what it needs)."""
    listed = [one for one in traces if one["type"] == "scatter" and one.get("showlegend", True)]
    abreast = max(1, (max(358, least_width(columns)) - LEFT - RIGHT) // ENTRY)
    return -(-len(listed) // abreast)


def heading(y: float, text: str, style: Look) -> dict[str, Any]:
    """The family's name over its rows."""
    return {
        "x": 0,
        "xref": "paper",
        "xanchor": "right",
        "xshift": -6,
        "y": y,
        "text": text.upper(),
        "showarrow": False,
        "font": {"size": 10, "color": style.faint},
    }


def _line(y: float, style: Look) -> dict[str, Any]:
    """What parts a family from what stands above."""
    line = {"color": style.faint, "width": 1}
    across = {"type": "line", "x0": 0, "x1": 1, "xref": "x domain", "y0": y, "y1": y}
    return across | {"line": line, "opacity": 0.45}
