"""Figures as PNG and SVG, drawn by a Chromium where one is found.

A page with plotly.js draws them and leaves the files in its own text, which Chromium prints
(`--dump-dom`): no driver, no port and no other package.
"""

from __future__ import annotations

import base64
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import unquote

from plotly.offline import get_plotlyjs

from dashboard.analysis.results import Progress
from dashboard.figures.theme import LIGHT
from dashboard.report.page import embedded
from dashboard.report.parts import Picture

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
CHOSEN = "BROWSER_PATH"
"""Environment variable that names another Chromium; plotly's own exporter reads the same."""
BATCH = 8
"""Figures of one start of the browser."""
WAIT = 120
"""Seconds for one batch, on a machine that has other things to do."""
SHARP = 2
"""Pixels of a PNG for one of the figure's."""

_PAGE = """<!doctype html><meta charset="utf-8"><title>figures</title><body>
<script>{plotly}</script><script type="application/json" id="told">{told}</script><script>
(async () => {{
  for (const one of JSON.parse(document.getElementById("told").textContent)) {{
    for (const [format, scale] of [["svg", 1], ["png", {sharp}]]) {{
      const size = {{format, scale, width: one.width, height: one.height}};
      const made = document.createElement("pre");
      made.className = format;
      made.id = one.name;
      made.textContent = await Plotly.toImage(one.figure, size);
      document.body.append(made);
    }}
  }}
}})();
</script>"""
_MADE = re.compile(r'<pre class="(svg|png)" id="([^"]+)">data:image/[^,]+,([^<]*)</pre>')


def found() -> str | None:
    """The Chromium to draw with, or None."""
    told = os.environ.get(CHOSEN)
    return next(filter(None, map(shutil.which, [told] if told else NAMES)), None)


def draw(pictures: Sequence[Picture], folder: Path, progress: Progress) -> tuple[set[str], str]:
    """(names of the pictures that are now in `folder` as PNG and SVG, why the others are not)."""
    program = found()
    if program is None:
        return set(), "no Chromium was found on this machine"
    drawn: set[str] = set()
    for start in range(0, len(pictures), BATCH):
        some = pictures[start : start + BATCH]
        progress(f"drawing figures {start + 1} to {start + len(some)} of {len(pictures)}")
        try:
            made = _made(program, some)
        except (OSError, subprocess.TimeoutExpired) as problem:
            return drawn, f"{program} did not draw them ({type(problem).__name__})"
        drawn |= _kept(made, folder)
    lost = len(pictures) - len(drawn)
    return drawn, f"{program} did not draw {lost} of {len(pictures)}" if lost else ""


def _made(program: str, pictures: Sequence[Picture]) -> str:
    """What the browser prints of the page that draws them."""
    told = []
    for one in pictures:
        figure = one.draw(LIGHT).to_plotly_json()
        figure["layout"] = figure["layout"] | {"paper_bgcolor": "white"}
        size = {"name": one.name, "width": one.width, "height": one.height}
        told.append(size | {"figure": figure})
    with TemporaryDirectory() as folder:
        page = Path(folder) / "page.html"
        text = _PAGE.format(plotly=get_plotlyjs(), told=embedded(told), sharp=SHARP)
        page.write_text(text, encoding="utf-8")
        command = [program, *FLAGS, f"--user-data-dir={folder}/profile", page.as_uri()]
        done = subprocess.run(command, capture_output=True, timeout=WAIT, check=False)
    return done.stdout.decode("utf-8", "replace")


FLAGS = (
    "--headless",
    "--no-sandbox",  # the page is our own; a container often has no user namespaces
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--hide-scrollbars",
    "--virtual-time-budget=60000",
    "--dump-dom",
)


def _kept(printed: str, folder: Path) -> set[str]:
    """Write what was printed into files; the names of those that have both formats."""
    folder.mkdir(parents=True, exist_ok=True)
    files: dict[str, dict[str, bytes]] = {}
    for kind, name, text in _MADE.findall(printed):
        plain = text.replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">")
        made = base64.b64decode(plain) if kind == "png" else unquote(plain).encode()
        files.setdefault(name, {})[kind] = made
    whole = {name: made for name, made in files.items() if len(made) == 2}
    for name, both in whole.items():
        for kind, content in both.items():
            (folder / f"{name}.{kind}").write_bytes(content)
    return set(whole)
