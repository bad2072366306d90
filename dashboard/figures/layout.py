"""Where the rows of a language picture stand: pinned first, then family by family."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go

from dashboard.analysis.frames import PINNED
from dashboard.figures.theme import Look

ROW, TOP, BOTTOM = 25, 92, 118
"""Pixels: of a row, above the first one (column titles) and below the last (colours, legend)."""


@dataclass(frozen=True)
class Rows:
    """Row numbers from the top; a heading takes a row of its own."""

    of: dict[str, int]
    names: dict[str, str]
    headings: dict[int, str]

    @property
    def count(self) -> int:
        return len(self.of) + len(self.headings)

    @property
    def labels(self) -> list[str]:
        """A label for every row, empty for headings: what the axis shows, from the top."""
        told = [""] * self.count
        for lang, row in self.of.items():
            told[row] = self.names[lang]
        return told


def rows(table: pd.DataFrame) -> Rows:
    """Order the languages of a grid: Finnish, Hungarian, then families by name, genus, language.

    A family that also holds a pinned language is headed `Uralic, others`, since its best-known
    members stand above.
    """
    about = table.drop_duplicates("lang").set_index("lang")
    pinned = [lang for lang in PINNED if lang in about.index]
    of = {lang: row for row, lang in enumerate(pinned)}
    shared = set(about.loc[pinned, "family"])
    rest = about.drop(index=pinned).sort_values(["family", "genus", "language"], kind="stable")
    headings: dict[int, str] = {}
    for family, some in rest.groupby("family", sort=True):
        headings[len(of) + len(headings)] = f"{family}, others" if family in shared else str(family)
        for lang in some.index:
            of[str(lang)] = len(of) + len(headings)
    return Rows(of, dict(zip(map(str, about.index), about["language"], strict=True)), headings)


def axes(figure: go.Figure, places: Rows, titles: list[str], style: Look) -> None:
    """Names beside the rows and above the columns, headings, and room for the legend."""
    plain = {
        "showgrid": False,
        "zeroline": False,
        "showline": False,
        "ticks": "",
        "fixedrange": True,
    }
    labelled = [(row, label) for row, label in enumerate(places.labels) if label]
    names = [f"<b>{label}</b>" if row < _pinned(places) else label for row, label in labelled]
    figure.update_xaxes(
        **plain,
        side="top",
        tickvals=list(range(len(titles))),
        ticktext=titles,
        tickangle=-38,
        range=[-0.5, len(titles) - 0.5],
    )
    figure.update_yaxes(
        **plain,
        tickvals=[row for row, _ in labelled],
        ticktext=names,
        range=[places.count - 0.5, -0.5],
        ticklabelstandoff=6,
    )
    for row, text in places.headings.items():
        _heading(figure, row, text, style)
    figure.update_layout(
        height=places.count * ROW + TOP + BOTTOM,
        margin={"l": 118, "r": 12, "t": TOP, "b": BOTTOM},
        hovermode="closest",
        hoverdistance=45,
        dragmode=False,
        uirevision="heatmap",
        legend={
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "y": -68 / (places.count * ROW),
            "yanchor": "top",
            "font": {"size": 12},
            "itemclick": False,
            "itemdoubleclick": False,
        },
    )


def _pinned(places: Rows) -> int:
    return min(places.headings, default=places.count)


def _heading(figure: go.Figure, row: int, text: str, style: Look) -> None:
    """The family's name over its rows, and a line that parts it from what stands above."""
    figure.add_annotation(
        x=0,
        xref="paper",
        xanchor="right",
        xshift=-6,
        y=row + 0.16,
        text=text.upper(),
        showarrow=False,
        font={"size": 10, "color": style.faint},
    )
    line = {"color": style.faint, "width": 1}
    figure.add_shape(
        type="line",
        x0=0,
        x1=1,
        xref="x domain",
        y0=row + 0.12,
        y1=row + 0.12,
        line=line,
        opacity=0.45,
    )
