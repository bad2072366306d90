"""A matrix of cells between two axes whose places may stand in groups: main table, power.

Cells are given as a frame with `row` and `column` (names of their places); what is painted and
written in them is the caller's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboard.figures.layout import Rows, wrapped
from dashboard.figures.theme import Look

GAP, HEADING = 0.3, 1.0
"""Between two groups of places, in places: without and with a heading."""
LINE, ENTRY = 20, 225
"""Pixels: height of a line of the legend, and width of its entries."""
Head = Callable[[float, str], dict[str, Any]]
PLAIN: dict[str, Any] = {
    "showgrid": False,
    "zeroline": False,
    "showline": False,
    "ticks": "",
    "fixedrange": True,
}


def places(
    names: dict[str, str], groups: Sequence[str], heads: Mapping[str, str] | None = None
) -> Rows:
    """Places for `names` (key -> what is written), a gap before each new one of their `groups`.

    A group that is named in `heads` has a wider gap, in which that stands.
    """
    of: dict[str, int] = {}
    sizes: list[float] = []
    headings: dict[int, str] = {}
    last = groups[0] if groups else ""
    for key, group in zip(names, groups, strict=True):
        if group != last:
            if heads and group in heads:
                headings[len(sizes)] = heads[group]
            sizes.append(HEADING if len(sizes) in headings else GAP)
            last = group
        of[key] = len(sizes)
        sizes.append(1.0)
    return Rows(of, names, headings, sizes)


def at(cells: pd.DataFrame, rows: Rows, columns: Rows) -> pd.DataFrame:
    """`cells` with x and y, the middles of their places on the axes."""
    x = cells["column"].map({key: columns.middles[place] for key, place in columns.of.items()})
    y = cells["row"].map({key: rows.middles[place] for key, place in rows.of.items()})
    return cells.assign(x=x.astype(float), y=y.astype(float))


def paint(cells: pd.DataFrame, rows: Rows, columns: Rows, values: Any, **look: Any) -> go.Heatmap:
    """Colours of the cells; NaN leaves a cell bare. `look`: colour scale and limits."""
    array = np.full((len(rows.heights), len(columns.heights)), np.nan)
    places = [cells[name].map(axis.of) for name, axis in (("row", rows), ("column", columns))]
    array[places[0], places[1]] = np.asarray(values, dtype=float)
    quiet = {"hoverinfo": "skip", "xgap": 2, "ygap": 2, "showscale": False}
    return go.Heatmap(z=array, x=columns.edges, y=rows.edges, **(quiet | look))


def write(spots: pd.DataFrame, texts: Sequence[str], inks: Sequence[str]) -> list[go.Scatter]:
    """Texts in the middles of cells, a trace for each ink."""
    told = spots.assign(text=list(texts), ink=list(inks))
    return [
        go.Scatter(
            x=some["x"],
            y=some["y"],
            text=some["text"],
            mode="text",
            textfont={"size": 12, "color": ink},
            hoverinfo="skip",
            showlegend=False,
            unselected={"textfont": {"color": ink}},
        )
        for ink, some in told.groupby("ink", sort=False)
    ]


def over(
    spots: pd.DataFrame, texts: Sequence[str], data: Sequence[Any], style: Look, size: int = 22
) -> go.Scatter:
    """What is hovered and clicked: invisible squares, since heatmaps report no selections."""
    return go.Scatter(
        x=spots["x"],
        y=spots["y"],
        mode="markers",
        marker={"symbol": "square", "size": size, "opacity": 0, "color": style.ink},
        selected={"marker": {"opacity": 0.2}},
        unselected={"marker": {"opacity": 0}},
        customdata=list(data),
        text=list(texts),
        hovertemplate="%{text}<extra></extra>",
        showlegend=False,
        name="cells",
    )


def axes(
    figure: go.Figure,
    rows: Rows,
    columns: Rows,
    strong: Sequence[str] = (),
    head: Head | None = None,
) -> None:
    """Names beside the rows and slanted above the columns; `strong` ones are bold. `head` makes
    the annotation of a heading from its middle and text, `inside` unless told."""
    head = head or inside

    def named(axis: Rows, key: str) -> str:
        return f"<b>{axis.names[key]}</b>" if key in strong else axis.names[key]

    figure.update_xaxes(
        **PLAIN,
        side="top",
        tickvals=[columns.middles[place] for place in columns.of.values()],
        ticktext=[wrapped(named(columns, key)) for key in columns.of],
        tickangle=-38,
        ticklabeloverflow="allow",  # a title too long for the narrowest picture is not dropped
        range=[0, columns.edges[-1]],
    )
    figure.update_yaxes(
        **PLAIN,
        tickvals=[rows.middles[place] for place in rows.of.values()],
        ticktext=[named(rows, key) for key in rows.of],
        range=[rows.edges[-1], 0],
        ticklabelstandoff=6,
    )
    for place, text in rows.headings.items():
        figure.add_annotation(head(rows.middles[place], text))


def inside(y: float, text: str) -> dict[str, Any]:
    """A heading in the gap above its rows."""
    look = {"showarrow": False, "font": {"size": 11}, "opacity": 0.75}
    return {"x": 0, "xref": "paper", "xanchor": "left", "y": y + 0.14, "text": text} | look


def legend(figure: go.Figure, width: int) -> int:
    """Pixels of height that the legend takes where the cells have `width` pixels, as on a phone."""
    listed = [one for one in figure.data if one.type == "scatter" and one.showlegend is not False]
    abreast = max(1, width // ENTRY)
    return LINE * -(-len(listed) // abreast)


def frame(
    figure: go.Figure, rows: Rows, left: int, top: int, bottom: int, right: int = 44, size: int = 25
) -> None:
    """Room around the cells, in pixels; `size` is the height of a row."""
    height = size * sum(rows.heights)
    figure.update_layout(
        height=height + top + bottom,
        margin={"l": left, "r": right, "t": top, "b": bottom, "autoexpand": False},
        hovermode="closest",
        dragmode=False,
        legend={
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "yanchor": "top",
            "font": {"size": 12},
            "itemclick": False,
            "itemdoubleclick": False,
        },
    )
