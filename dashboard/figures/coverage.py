"""What a study lacks: its evaluations as one bar a scale, and as a mark for each seed of a cell."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

import pandas as pd
import plotly.graph_objects as go

from dashboard.analysis.completion import DONE, STATES
from dashboard.analysis.coverage import FAILED, NOT_RUN, RUNNING
from dashboard.analysis.health import AT_CHANCE
from dashboard.analysis.rollup import TARGET_FAMILY, UNKNOWN
from dashboard.figures import matrix
from dashboard.figures.theme import LIGHT, Look, dress

SYMBOLS = {
    DONE: "circle",
    AT_CHANCE: "circle-open-dot",
    RUNNING: "triangle-right",
    FAILED: "x-thin-open",
    NOT_RUN: "circle-open",
}
ABREAST, MANY = 5, 15
"""Marks in a line of a cell; twice as many where a cell has more than `MANY`."""
MARK = 7.0
"""Pixels of a mark that has room; in a full cell they shrink, so that each can be told."""
LEFT, TOP, BELOW, ROW, RIGHT, CELL = 150, 96, 16, 26, 66, 54


def colours(style: Look) -> dict[str, str]:
    """Of states: told apart by lightness too, and in the marks by shape."""
    return {
        DONE: style.diverging[-3],
        AT_CHANCE: style.diverging[-4],
        RUNNING: style.diverging[2],
        FAILED: style.diverging[1],
        NOT_RUN: style.hatch,
    }


def bars(completion: pd.DataFrame, style: Look = LIGHT) -> go.Figure:
    """Picture of `completion.completion` by scale: shares of its planned evaluations."""
    shade = colours(style)
    figure = go.Figure()
    for state in STATES:
        if completion[state].sum():
            share = 100 * completion[state] / completion["planned"]
            counts = [f"{count:,}" for count in completion[state]]
            figure.add_trace(
                go.Bar(
                    y=completion["scale"],
                    x=share,
                    orientation="h",
                    name=f"{state} ({completion[state].sum():,})",
                    marker={"color": shade[state], "line": {"width": 0}}
                    | ({"pattern": _sparse(style)} if state == NOT_RUN else {}),
                    text=[
                        one if part >= 6 else "" for one, part in zip(counts, share, strict=True)
                    ],
                    textposition="inside",
                    insidetextanchor="middle",
                    textangle=0,
                    customdata=completion["planned"],
                    hovertext=counts,
                    hovertemplate=f"%{{y}}: %{{hovertext}} of %{{customdata:,}} {state}"
                    "<extra></extra>",
                )
            )
    dress(figure, style)
    figure.update_xaxes(
        range=[0, 100], ticksuffix=" %", dtick=25, showgrid=False, zeroline=False, fixedrange=True
    )
    figure.update_yaxes(
        autorange="reversed", ticks="", showgrid=False, fixedrange=True, type="category"
    )
    figure.update_layout(
        barmode="stack",
        bargap=0.35,
        height=30 * len(completion) + 78,
        margin={"l": 76, "r": 24, "t": 40, "b": 34},
        dragmode=False,
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "traceorder": "normal"}
        | {"itemclick": False, "itemdoubleclick": False, "font": {"size": 12}},
    )
    return figure


def _sparse(style: Look) -> dict[str, object]:
    """A hatch: what is not there is not filled."""
    lines = {"shape": "/", "size": 7, "solidity": 0.18, "fillmode": "overlay"}
    return lines | {"fgcolor": style.hatch, "bgcolor": style.empty}


def marks(jobs: pd.DataFrame, style: Look = LIGHT, title: Callable[[str], str] = str) -> go.Figure:
    """Picture of `completion.jobs` of one scale: a cell for a target after an intermediate, in it a
    mark for every planned evaluation. Customdata: (target, intermediate) of the cell."""
    column = jobs["target"] + jobs["variant"].where(jobs["variant"].eq(""), "\n" + jobs["variant"])
    cells = jobs.assign(column=column, row=jobs["intermediate"])
    families = {
        one: TARGET_FAMILY.get(one.split("\n")[0], UNKNOWN) for one in dict.fromkeys(column)
    }
    order = sorted(families, key=lambda one: list(families.values()).index(families[one]))
    names = {one: title(one.split("\n")[0]) + one.partition("\n")[2] for one in order}
    columns = matrix.places(names, [families[one] for one in order])
    tasks = list(dict.fromkeys(cells["row"]))
    rows = matrix.places({one: title(one) for one in tasks}, [""] * len(tasks))
    figure = go.Figure()
    places = cells.drop_duplicates(["row", "column"])
    ground = {"colorscale": [(0, style.empty), (1, style.empty)], "opacity": 0.7}
    figure.add_trace(matrix.paint(places, rows, columns, [0.0] * len(places), **ground))
    figure.add_traces(_marks(matrix.at(_spread(cells), rows, columns), style))
    spots = matrix.at(places, rows, columns)
    texts = [
        _hover(cells, str(row.column), str(row.row), names, title) for row in spots.itertuples()
    ]
    data = list(zip(spots["target"], spots["intermediate"], strict=True))
    figure.add_trace(matrix.over(spots, texts, data, style))
    dress(figure, style)
    matrix.axes(figure, rows, columns)
    below = BELOW + matrix.legend(figure, least_width(jobs) - LEFT)
    matrix.frame(figure, rows, LEFT, TOP, below, RIGHT, ROW)
    key = {"y": -6 / (ROW * max(1, len(tasks))), "itemsizing": "constant"}
    figure.update_layout(legend=key, uirevision="coverage")
    return figure


def least_width(jobs: pd.DataFrame) -> int:
    """Pixels that it needs."""
    return LEFT + RIGHT + CELL * len(jobs[["target", "variant"]].drop_duplicates())


def _spread(cells: pd.DataFrame) -> pd.DataFrame:
    """With `dx` and `dy`, where a mark stands in its cell, and the `size` of all."""
    grouped = cells.groupby(["row", "column"], sort=False)
    number, count = grouped.cumcount(), grouped["row"].transform("size")
    most = int(count.max())
    line = ABREAST if most <= MANY else 2 * ABREAST
    abreast = count.clip(upper=line)
    lines = (count / line).map(ceil)
    dx = (number % line - (abreast - 1) / 2) * 0.85 / line
    dy = (number // line - (lines - 1) / 2) * 0.8 / lines
    tall, wide = 0.8 * ROW / ceil(most / line), 0.85 * CELL / line
    size = MARK if line == ABREAST and tall > MARK else min(tall, wide) * 0.9
    return cells.assign(dx=dx, dy=dy, size=max(1.5, min(MARK, size)))


def _marks(spots: pd.DataFrame, style: Look) -> list[go.Scatter]:
    """A trace for each state, with how many it holds."""
    shade, traces = colours(style), []
    for state in STATES:
        some = spots[spots["state"].eq(state)]
        if len(some):
            size = float(some["size"].iloc[0])
            line = {"width": min(1.4, size / 5), "color": shade[state]}
            traces.append(
                go.Scatter(
                    x=some["x"] + some["dx"],
                    y=some["y"] + some["dy"],
                    mode="markers",
                    name=f"{state} ({len(some):,})",
                    marker={
                        "symbol": SYMBOLS[state],
                        "size": size,
                        "color": shade[state],
                        "line": line,
                    },
                    hoverinfo="skip",
                    unselected={"marker": {"opacity": 1}},
                )
            )
    return traces


def _hover(
    cells: pd.DataFrame, column: str, row: str, names: dict[str, str], title: Callable[[str], str]
) -> str:
    """A cell and its states, in HTML lines."""
    here = cells[cells["column"].eq(column) & cells["row"].eq(row)]
    counts = here["state"].value_counts()
    told = [f"{counts[state]} {state}" for state in STATES if state in counts]
    return f"<b>{names[column]}, {title(row)}</b><br>" + ", ".join(told)
