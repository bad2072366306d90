"""Gain against the size of the model: a line for each language or family, with its band."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from dashboard.analysis.answer import interval, points
from dashboard.analysis.frames import PINNED
from dashboard.figures.pens import ENGLISH, over_zero, pen, quiet_axis, washed, written
from dashboard.figures.theme import LIGHT, Look, dress

HEIGHT, APART, AWAY = 470, 17, 26
"""Pixels: of the picture, between two names at the ends of lines, and from a line to its name."""
BAND = 0.17
"""How much of a band's colour shows; all but those of the pinned languages are quieter."""
BANDS = 6
"""Lines from which on only the pinned ones and English have bands: more make a fog."""
NAMED = 16
"""Lines beside the pinned ones and English that can all be named at their ends."""
DASHES = ("solid", "dash", "dot", "dashdot", "longdash")


def scaling(
    means: pd.DataFrame,
    style: Look = LIGHT,
    names: Mapping[str, str] | None = None,
    shown: str = "gain",
) -> go.Figure:
    """`means`: `groups.group_means` with a column `parameters`, groups being languages or families.

    Pinned languages are in colour and English dashed in ink, over the quiet rest; where that is
    few it is named too. What has no gain at a scale leaves a gap in its line.
    """
    told = names or {}
    langs = set(means["group"]) & {*PINNED, ENGLISH}
    few = len(set(means["group"]) - langs) <= NAMED
    figure = go.Figure()
    order = sorted(dict.fromkeys(means["group"]), key=lambda one: (one in PINNED, one == ENGLISH))
    for at, group in enumerate(order):
        rows = means[means["group"].eq(group)].sort_values("parameters")
        named = few or group in langs
        if group in langs or (few and len(order) <= BANDS):
            figure.add_traces(_band(rows, _colour(group, style), group in PINNED))
        figure.add_trace(_line(rows, group, told, style, named, DASHES[at % len(DASHES)]))
    dress(figure, style)
    _axes(figure, means, style, shown)
    _ends(figure, means, [one for one in order if few or one in langs], told, style)
    return figure


def _colour(group: str, style: Look) -> str:
    return style.ink if group == ENGLISH else pen(group, style)


def _band(rows: pd.DataFrame, colour: str, strong: bool) -> list[go.Scatter]:
    """The interval from scale to scale; where there is one scale only, a bar."""
    some = rows[rows["low"].notna()]
    if some.empty:
        return []
    x, low, high = some["parameters"], some["low"], some["high"]
    shared = {"mode": "lines", "hoverinfo": "skip", "showlegend": False}
    if len(some) == 1:
        line = {"color": washed(colour, 0.45), "width": 7}
        return [go.Scatter(x=[*x, *x], y=[*low, *high], line=line, **shared)]
    return [
        go.Scatter(
            x=[*x, *x[::-1]],
            y=[*high, *low[::-1]],
            fill="toself",
            fillcolor=washed(colour, BAND if strong else BAND / 3),
            line={"width": 0},
            **shared,
        )
    ]


def _line(
    rows: pd.DataFrame,
    group: str,
    names: Mapping[str, str],
    style: Look,
    named: bool,
    dash: str,
) -> go.Scatter:
    colour = _colour(group, style)
    strong = group in PINNED
    dash = dash if named and not strong and group != ENGLISH else "solid"
    dash = "dash" if group == ENGLISH else dash
    quiet = washed(colour, 0.4) if not named else colour
    return go.Scatter(
        x=rows["parameters"],
        y=rows["gain"],
        mode="lines+markers",
        line={"color": quiet, "width": 3.2 if strong else 1.8 if named else 1.1, "dash": dash},
        marker={"size": 10 if strong else 7 if named else 4, "color": quiet},
        name=written(group, names),
        showlegend=False,
        customdata=rows["scale"],
        text=[_hover(row, names) for row in rows.to_dict("records")],
        hovertemplate="%{text}<extra></extra>",
        connectgaps=False,
    )


def _hover(row: dict[Any, Any], names: Mapping[str, str]) -> str:
    over = "seeds" if pd.notna(row["low"]) else None
    lines = [f"<b>{written(row['group'], names)}</b> at {written(row['scale'])}"]
    lines.append(f"{points(row['gain'])}: {interval(row['low'], row['high'], over, row['seeds'])}")
    return "<br>".join([*lines, f"{row['cells']} cells, {row['missing']} missing"])


def size(parameters: float) -> str:
    """`765 k`, `559 M`, `10.7 B`."""
    for unit, name in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if parameters >= unit:
            told = parameters / unit
            return f"{told:.0f} {name}" if told >= 20 else f"{told:.1f} {name}"
    return f"{parameters:.0f}"


def _axes(figure: go.Figure, means: pd.DataFrame, style: Look, shown: str) -> None:
    """A tick for every size, named by the scales that have it."""
    at = means.groupby("parameters")["scale"].unique()
    figure.update_xaxes(
        **quiet_axis(style),
        type="log",
        tickvals=list(at.index),
        ticktext=[
            f"<b>{written(', '.join(found))}</b><br>{size(float(str(x)))}"
            for x, found in at.items()
        ],
    )
    figure.update_xaxes(title_text="parameters of the encoder, logarithmic", range=_range(at.index))
    over_zero(figure, style, f"{shown}, points")
    figure.update_layout(
        height=HEIGHT,
        margin={"l": 52, "r": 104, "t": 16, "b": 74},
        hovermode="closest",
        dragmode=False,
        uirevision="scaling",
    )


def _range(sizes: Iterable[Any]) -> list[float] | None:
    """In powers of ten, with little room beside the first and the last."""
    found = [math.log10(float(one)) for one in sizes]
    if not found:
        return None
    room = 0.05 * (max(found) - min(found)) or 0.5
    return [min(found) - 2 * room, max(found) + room]


def _ends(
    figure: go.Figure,
    means: pd.DataFrame,
    groups: Iterable[str],
    names: Mapping[str, str],
    style: Look,
) -> None:
    """Names beside the last points, moved apart where they would overlap."""
    there = means[means["gain"].notna()]
    if there.empty:
        return
    last = there.sort_values("parameters").drop_duplicates("group", keep="last")
    last = last[last["group"].isin(list(groups))].sort_values("gain", ascending=False)
    values = pd.concat([there["gain"], there["low"], there["high"]])
    low, high = min(float(values.min()), 0.0), max(float(values.max()), 0.0)
    room = (high - low or 1.0) * 0.06
    figure.update_yaxes(range=[low - room, high + room])
    pixel = (high - low + 2 * room) / (HEIGHT - 90)
    rows = last.to_dict("records")
    ends = [float(row["gain"]) for row in rows]
    for row, y in zip(rows, _apart(ends, APART * pixel, low - room), strict=True):
        name = written(row["group"], names)
        figure.add_annotation(
            x=math.log10(row["parameters"]),  # of a logarithmic axis plotly wants the exponent
            y=row["gain"],
            ax=AWAY,
            ay=(row["gain"] - y) / pixel,
            xanchor="left",
            text=f"<b>{name}</b>" if row["group"] in PINNED else name,
            arrowhead=0,
            arrowwidth=0.8,
            standoff=6,
            arrowcolor=washed(_colour(row["group"], style), 0.6),
            font={"size": 12, "color": _colour(row["group"], style)},
        )


def _apart(places: list[float], room: float, lowest: float) -> list[float]:
    """Falling places moved so that each has `room`: downwards, and up again from `lowest`."""
    told: list[float] = []
    for place in places:
        told.append(min(place, told[-1] - room) if told else place)
    floor = lowest
    for at in range(len(told) - 1, -1, -1):
        told[at] = max(told[at], floor)
        floor = told[at] + room
    return told
