"""`silta-dashboard serve` for a test, and visitors of it in a real browser."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Page

from dashboard.place import TRACKING, WORK

READY = "[data-testid=stApp][data-test-script-state=notRunning]"
DRAWN = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


@contextmanager
def served(work: Path, *options: str, **env: str) -> Iterator[str]:
    """The address of a server on a work directory."""
    work.mkdir(exist_ok=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    told = {key: value for key, value in os.environ.items() if key not in {WORK, TRACKING}} | env
    command = [sys.executable, "-m", "dashboard", "serve", "--work", str(work), "--port", port]
    log = work.with_name(work.name + ".log")
    with log.open("w") as out:
        server = subprocess.Popen(
            [*command, *options], env=told, stdout=out, stderr=out, start_new_session=True
        )
    try:
        _wait(f"http://127.0.0.1:{port}/_stcore/health", server, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        with suppress(ProcessLookupError):  # ended by the test
            os.killpg(server.pid, signal.SIGTERM)
        server.wait(20)


def _wait(url: str, server: subprocess.Popen, log: Path) -> None:
    end = time.monotonic() + 90
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"the dashboard did not start:\n{log.read_text()}")


def complains(one: ConsoleMessage) -> bool:
    """Whether it is an error. Below the bare address Streamlit looks for its own answers beside the
    page first, in vain, and then at the root."""
    return one.type == "error" and not re.search(r"//[^/]+/[^/]+/_stcore/", one.location["url"])


class Visitors:
    """Opens pages, each in a tab of its own, and collects what they complain of."""

    def __init__(self, window: BrowserContext, address: str) -> None:
        self.window, self.address = window, address
        self.pages: list[Page] = []

    def __call__(
        self, path: str = "", width: int = 1440, scheme: str = "light", wait: str = "h1"
    ) -> tuple[Page, list[str]]:
        """The page at a path, drawn to its end, and what went wrong on it from then on."""
        page, wrong = self.window.new_page(), []
        self.pages.append(page)
        resized(page, width, scheme)
        page.on("console", lambda one: wrong.append(one.text) if complains(one) else None)
        page.on("pageerror", lambda one: wrong.append(str(one)))
        page.on("requestfailed", lambda one: wrong.append(f"no answer from {one.url}"))
        page.on("request", lambda one: self._foreign(one.url, wrong))
        page.on("dialog", lambda one: (wrong.append(f"dialog {one.message}"), one.dismiss()))
        page.goto(f"{self.address}/{path}")
        page.wait_for_selector(wait, timeout=60_000)
        settled(page)
        return page, wrong

    def _foreign(self, url: str, wrong: list[str]) -> None:
        if not url.startswith((self.address, "data:", "blob:")):
            wrong.append(f"asked {url}")

    def leave(self) -> None:
        """Close the tabs, and keep nothing of what they kept."""
        for page in self.pages:
            if page.url.startswith("http"):
                page.evaluate("localStorage.clear()")
            page.close()
        self.pages.clear()
        self.window.clear_cookies()


def settled(page: Page) -> None:
    """Wait until the page is drawn."""
    page.wait_for_selector(READY, timeout=60_000)


def resized(page: Page, width: int, scheme: str) -> None:
    page.set_viewport_size({"width": width, "height": 1400})
    page.emulate_media(color_scheme=scheme)


def look(page: Page, width: int, scheme: str) -> None:
    """Another width and light of a page that is there, drawn to its end. Its server draws it anew
    for another light, some time after that has changed: wait for what is to be seen in it."""
    resized(page, width, scheme)
    page.evaluate(DRAWN)
    settled(page)


def fits(page: Page, width: int) -> bool:
    """Whether nothing of a page scrolls sideways in a window of this width."""
    inner = page.locator("[data-testid=stMain]")
    whole: int = page.evaluate("document.documentElement.scrollWidth")
    return whole <= width and inner.evaluate("one => one.scrollWidth <= one.clientWidth")


def choose(page: Page, key: str, option: str) -> None:
    """Pick an option of a box as a visitor does: where the page stands still and the box is in
    sight, since an open list is closed when its page is drawn anew or scrolled."""
    settled(page)
    box = page.locator(f".st-key-{key} [data-baseweb=select], .st-key-{key} button").first
    box.scroll_into_view_if_needed()
    page.evaluate(DRAWN)  # that it was scrolled is told with the next frame
    box.click()
    page.get_by_role("option", name=option, exact=True).click()
