"""The report as one HTML file that asks no network for anything: plotly.js is inside it, once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from typing import Any

from plotly.offline import get_plotlyjs
from plotly.utils import PlotlyJSONEncoder

from dashboard.analysis.results import Results, moment
from dashboard.figures.theme import DARK, LIGHT, robust_range
from dashboard.report.parts import Cell, Picture, Section, Table
from dashboard.report.script import SCRIPT
from dashboard.report.style import ICON, css

POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data: blob:; base-uri 'none'; form-action 'none'"
)
"""What the page may load: nothing that is not in it. The browser holds it to that."""


def document(title: str, results: Results, sections: Iterable[Section]) -> str:
    """The whole page."""
    told = list(sections)
    limit = robust_range(results.cells["gain"])
    body = "\n".join(line for at, one in enumerate(told) for line in _section(one, f"s{at}", limit))
    links = "".join(f'<a href="#s{at}">{escape(one.title)}</a>' for at, one in enumerate(told))
    icon = ICON.replace("#", "%23").replace('"', "'")
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<title>{escape(title)}</title>
<link rel="icon" href="data:image/svg+xml,{icon}">
<style>{css()}</style>
</head>
<body>
<div class="page">
<header>{ICON}<h1>Do the gains carry over?</h1></header>
<p class="meta">{escape(title)}, read {escape(moment(results.frame.taken))}</p>
<nav aria-label="Sections">{links}</nav>
<noscript><p class="note">Without JavaScript the figures are not drawn; the tables are whole.</p>
</noscript>
<main>
{body}
</main>
</div>
<script>{get_plotlyjs()}</script>
<script>{SCRIPT}</script>
</body>
</html>
"""


def _section(section: Section, mark: str, limit: float, level: int = 2) -> Iterator[str]:
    title = escape(section.title)
    inner = []
    for block in section.blocks:
        if isinstance(block, str):
            inner.append(f"<p>{escape(block)}</p>")
        elif isinstance(block, Section):
            inner += _section(block, "", limit, level + 1)
        elif isinstance(block, Table):
            inner.append(_table(block, limit))
        else:
            inner.append(_picture(block))
    if section.folded:
        yield f"<details><summary>{title}</summary>"
        yield from (*inner, "</details>")
        return
    named = f' id="{mark}"' if mark else ""
    yield f"<section{named}><h{level}>{title}</h{level}>"
    yield from (*inner, "</section>")


def _table(table: Table, limit: float) -> str:
    """The table in a box of its own that scrolls where it is wider than the screen."""
    head = "".join(_head(name, at < table.words) for at, name in enumerate(table.head))
    rows = "\n".join(f"<tr>{_row(row, table.words, limit)}</tr>" for row in table.rows)
    small = any(one.small for row in table.rows for one in row)
    told = f"{table.note} {SMALL if small else ''}".strip()
    note = f'<p class="note">{escape(told)}</p>' if told else ""
    files = (f'<a href="tables/{table.name}.{kind}">{kind}</a>' for kind in ("csv", "tex"))
    title = f'{escape(table.title)}<span class="files">{" ".join(files)}</span>'
    return (
        f'<p class="title">{title}</p>'
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(table.title)}">'
        f"<table>"
        f"<thead><tr>{head}</tr></thead>\n<tbody>{rows}</tbody></table></div>{note}"
    )


SMALL = "In small: the 95 % interval."


def _head(name: str, word: bool) -> str:
    return (
        f'<th scope="col" class="w">{escape(name)}</th>'
        if word
        else f'<th scope="col">{escape(name)}</th>'
    )


def _row(row: tuple[Cell, ...], words: int, limit: float) -> str:
    first = f'<th scope="row" class="w">{escape(row[0].text)}</th>'
    rest = [_cell(one, at < words, limit) for at, one in enumerate(row[1:], 1)]
    return first + "".join(rest)


def _cell(one: Cell, word: bool, limit: float) -> str:
    small = f"<small>{escape(one.small)}</small>" if one.small else ""
    if word or not one.tint:
        kind = ' class="w"' if word else ""
        return f"<td{kind}>{escape(one.text)}{small}</td>"
    share = round(70 * min(1.0, abs(one.tint) / limit))
    kind = "up" if one.tint > 0 else "down"
    return f'<td class="{kind}" style="--s:{share}%">{escape(one.text)}{small}</td>'


def _picture(picture: Picture) -> str:
    """A box that the script draws into when it is seen, in the look of the moment."""
    told = {kind: picture.draw(look).to_plotly_json() for kind, look in LOOKS.items()}
    size = f"height:{picture.height}px;min-width:{picture.least}px"
    labels = f"<div>{_labels(picture)}</div>"  # the overlay makes its own first box take no room
    return (
        f'<figure><div class="picture">{labels}'
        f'<div class="plot" role="img" aria-label="{escape(picture.alt)}" style="{size}">'
        f'<script type="application/json">{embedded(told)}</script></div></div>'
        f"<figcaption>{escape(picture.title)}</figcaption></figure>"
    )


LOOKS = {"light": LIGHT, "dark": DARK}


def _labels(picture: Picture) -> str:
    if picture.labels is None:
        return ""
    parts = (
        f'<div class="only-{kind}">{picture.labels(look, "picture")}</div>'
        for kind, look in LOOKS.items()
    )
    return "".join(parts)


def embedded(told: Any) -> str:
    """JSON that may stand inside a script element, whatever is in it."""
    text: str = PlotlyJSONEncoder(separators=(",", ":")).encode(told)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
