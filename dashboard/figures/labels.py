"""Row names that stay in sight while a wide picture is scrolled sideways on a phone.

A picture cannot keep a part of itself in place, so the names are written a second time, in HTML,
exactly over its own; screen readers are told of one of the two only.
"""

from __future__ import annotations

from html import escape

import pandas as pd

from dashboard.analysis.frames import PINNED
from dashboard.figures.layout import LEFT, ROW, TOP, rows
from dashboard.figures.theme import FONT, Look

NARROW = 640
"""Pixels: the widest window in which the names are laid over the picture."""


def names(table: pd.DataFrame, style: Look, inside: str) -> str:
    """HTML of the names of a grid's rows, to be put first into the box that scrolls.

    `inside` is that box's CSS class. Nothing of it shows in a window wider than `NARROW`.
    """
    places = rows(table)
    middles = places.middles
    told = []
    for lang, row in places.of.items():
        name = escape(places.names[lang])
        name = f"<b>{name}</b>" if lang in PINNED else name
        told.append(_line(middles[row], name, f"color:{style.ink}"))
    for row, family in places.headings.items():
        quiet = f"color:{style.faint};font-size:10px"
        told.append(_line(middles[row] + 0.1, escape(family.upper()), quiet))
    ground = f"height:{TOP + places.height:.0f}px;background:{style.ground};font-family:{FONT}"
    return (
        f"<style>{_rules(inside)}</style>"
        f'<div class="names" aria-hidden="true" style=\'{ground}\'>{"".join(told)}</div>'
    )


def _line(middle: float, text: str, look: str) -> str:
    """One name, its middle as far down as the picture's own."""
    top = TOP + ROW * (middle - 0.5)
    return f'<div style="top:{top:.1f}px;{look}">{text}</div>'


def _rules(inside: str) -> str:
    """The box takes no room (its child overflows), lets touches through, and stays at the left."""
    box = f".{inside} > :has(> * .names), .{inside} > :has(> .names)"
    return f"""{box} {{display: none}}
@media (max-width: {NARROW}px) {{
  {box} {{display: block; position: sticky; left: 0; z-index: 2; width: {LEFT - 4}px;
    height: 0; margin-bottom: -1rem; overflow: visible; pointer-events: none; flex: none}}
}}
.names {{position: absolute; left: 0; top: 0; width: {LEFT - 4}px; font-size: 13px}}
.names div {{position: absolute; right: 2px; height: {ROW}px; line-height: {ROW}px;
  white-space: nowrap}}"""
