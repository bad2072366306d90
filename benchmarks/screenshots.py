"""The pictures of pages in the README: `make screenshots WORK=dir` after `make demo`.

The dashboard is served on a work directory, looked at by a Chromium, and each page that is
named below kept as `dashboard/pictures/<page>.png`. `--all DIR` keeps every page in both looks and
at both widths, to be looked at before a change of pages is called done.
"""

from __future__ import annotations

import argparse
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path

from bench import ROOT
from playwright.sync_api import Browser, sync_playwright

from dashboard.report.browser import found
from dashboard.views.links import PAGES

SHOWN = {
    "answer": "?v=1",
    "heatmap": "heatmap?target=mlqa&scale=nano&v=1",
    "scale": "scale?v=1",
}
"""Picture -> address of the page on the demo's results; with `v`, as a link that was shared."""
READY = "[data-testid=stApp][data-test-script-state=notRunning]"
HEIGHT = {1440: 1150, 390: 844}
START = 90
"""Seconds that the server may take to start on a machine with other things to do."""


@contextmanager
def served(work: Path) -> Iterator[str]:
    """`silta-dashboard serve` on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    line = [sys.executable, "-m", "dashboard", "serve", "--work", str(work), "--port", port]
    server = subprocess.Popen(line, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        wait(f"http://127.0.0.1:{port}/_stcore/health")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(20)


def wait(url: str) -> None:
    end = time.monotonic() + START
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    sys.exit(f"the dashboard did not answer at {url} in {START} s")


def picture(browser: Browser, url: str, path: Path, width: int, look: str, whole: bool) -> None:
    """One page as PNG, twice as sharp as its pixels."""
    size = {"width": width, "height": HEIGHT[width]}
    context = browser.new_context(viewport=size, color_scheme=look, device_scale_factor=2)
    page = context.new_page()
    page.goto(url)
    page.wait_for_selector("h1", timeout=60_000)
    page.wait_for_selector(READY, timeout=60_000)
    if whole:  # Streamlit scrolls inside the page: a tall window shows all of it
        tall = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
        page.set_viewport_size({"width": width, "height": int(tall) + 60})
        page.wait_for_selector(READY, timeout=60_000)
    page.wait_for_timeout(1500)  # Plotly draws after the script has ended, and tells nobody
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(path))
    context.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("work"))
    parser.add_argument("--out", type=Path, default=ROOT / "dashboard" / "pictures")
    parser.add_argument("--all", type=Path, metavar="DIR", help="every page, look and width")
    told = parser.parse_args()
    chromium = found()
    if chromium is None:
        sys.exit("no Chromium was found: install Debian's chromium, or set BROWSER_PATH")
    with served(told.work) as address, sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=shutil.which(chromium), args=flags)
        if told.all:
            for name, width, look in product(PAGES, HEIGHT, ("light", "dark")):
                out = told.all / f"{name}-{width}-{look}.png"
                path = "" if name == next(iter(PAGES)) else name
                picture(browser, f"{address}/{path}", out, width, look, whole=True)
        else:
            for name, query in SHOWN.items():
                picture(
                    browser, f"{address}/{query}", told.out / f"{name}.png", 1440, "light", False
                )
        browser.close()


if __name__ == "__main__":
    main()
