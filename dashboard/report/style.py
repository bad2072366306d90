"""How the page looks: the dashboard's colours in light and dark, on paper and on a phone."""

from __future__ import annotations

from dashboard.figures.theme import DARK, FONT, LIGHT, Look

ACCENT = "#8073ac"
ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" fill="none" '
    f'stroke="{ACCENT}" stroke-width="3"><path d="M1 22h30M4 22a12 12 0 0 1 24 0M16 10v12M10 '
    '12v10M22 12v10"/></svg>'
)
"""A bridge."""


def _colours(look: Look, gain: str, loss: str, accent: str) -> str:
    return (
        f"--ink:{look.ink};--faint:{look.faint};--ground:{look.ground};--quiet:{look.empty};"
        f"--gain:{gain};--loss:{loss};--accent:{accent}"
    )


def css() -> str:
    """All rules of the page."""
    light = _colours(LIGHT, LIGHT.diverging[7], LIGHT.diverging[3], "#5b4b94")
    dark = _colours(DARK, DARK.diverging[7], DARK.diverging[3], DARK.diverging[9])
    return f"""
:root {{{light};color-scheme:light dark}}
@media (prefers-color-scheme:dark) {{:root {{{dark}}}}}
* {{box-sizing:border-box}}
html {{scroll-behavior:smooth;-webkit-text-size-adjust:100%}}
body {{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 {FONT};
  overflow-wrap:break-word}}
.page {{max-width:1360px;margin:0 auto;padding:28px 16px 64px}}
{LAYOUT}
{TABLES}
{FIGURES}
@media screen and (prefers-color-scheme:dark) {{.only-light {{display:none}}}}
@media screen and (prefers-color-scheme:light) {{.only-dark {{display:none}}}}
@media print {{
  :root {{{light};color-scheme:light}}
  .only-dark, nav, .files, summary::before {{display:none !important}}
  @page {{size:A4 landscape;margin:12mm}}
  .page {{max-width:none;padding:0}}
  body {{font-size:10pt}}
  table {{font-size:7pt}}
  th, td {{white-space:normal;padding:2px 4px}}
  td.w {{overflow-wrap:anywhere}}
  td small {{white-space:nowrap;font-size:6pt}}
  h2 {{margin-top:1.2rem}}
  .scroll {{overflow:visible}}
  h2, h3, .title, summary {{break-after:avoid}}
  tr, .picture {{break-inside:avoid}}
  * {{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
}}"""


LAYOUT = """
header {display:flex;gap:14px;align-items:center;margin-bottom:6px}
header svg {width:44px;height:44px;flex:none}
h1 {font-size:2rem;line-height:1.15;margin:0}
h2 {font-size:1.4rem;margin:2.6rem 0 .6rem;padding-top:.6rem;border-top:1px solid var(--quiet)}
h3 {font-size:1.1rem;margin:1.4rem 0 .4rem}
p {max-width:76ch;margin:.6rem 0}
a {color:var(--accent)}
nav {display:flex;flex-wrap:wrap;gap:4px 16px;margin:14px 0;font-size:.92rem}
.note, .meta {color:var(--faint);font-size:.86rem}
details {border-top:1px solid var(--quiet);padding:2px 0}
summary {cursor:pointer;font-weight:600;padding:9px 0;list-style:none}
summary::-webkit-details-marker {display:none}
summary::before {content:"▸";color:var(--accent);display:inline-block;width:1.2em}
details[open] > summary::before {content:"▾"}
summary:focus-visible, a:focus-visible {outline:2px solid var(--accent);outline-offset:2px}
@media (max-width:640px) {
  h1 {font-size:1.55rem}
  h2 {font-size:1.2rem}
  nav a {padding:6px 0}
}"""

TABLES = """
.scroll {overflow-x:auto;max-width:100%;margin:.2rem 0 .4rem}
table {border-collapse:collapse;font-size:.86rem;font-variant-numeric:tabular-nums}
.title {font-weight:600;font-size:.92rem;margin:1.1rem 0 .2rem}
.files {font-weight:400;font-size:.82rem;margin-left:.5em}
.files a {margin-right:.4em}
th, td {padding:4px 8px;text-align:right;vertical-align:top;white-space:nowrap}
th {font-weight:600}
thead th {vertical-align:bottom;border-top:2px solid var(--ink);white-space:normal;
  border-bottom:1px solid var(--ink);min-width:4.2rem}
tbody tr:last-child > * {border-bottom:2px solid var(--ink)}
.w {text-align:left}
tbody th {font-weight:400}
tr > .w:first-child {position:sticky;left:0;background:var(--ground);z-index:1}
td small {display:block;font-size:.72rem;color:var(--faint)}
td.up {background:color-mix(in srgb,var(--gain) var(--s),transparent)}
td.down {background:color-mix(in srgb,var(--loss) var(--s),transparent)}
td.up small, td.down small {color:inherit;opacity:.8}
tbody tr:hover > td {box-shadow:inset 0 0 0 99px color-mix(in srgb,var(--ink) 4%,transparent)}"""

FIGURES = """
figure {margin:1rem 0}
figcaption {color:var(--faint);font-size:.86rem}
.picture {overflow-x:auto;max-width:100%}
.picture > div:first-child {margin-bottom:0 !important}
.plot {width:100%}"""
