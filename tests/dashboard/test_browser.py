"""The page in a real browser, as a visitor meets it: no network but the page's own server."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from dashboard.place import TRACKING, WORK

READY = "[data-testid=stApp][data-test-script-state=notRunning]"
ORDER = ["Finnish", "Hungarian", "English", "German", "Russian", "Chinese", "Turkish", "Estonian"]


@pytest.fixture(scope="module")
def address(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`silta-dashboard serve` on a copy of the demo study."""
    work = tmp_path_factory.mktemp("served")
    shutil.copy(published, work / "mlflow.db")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    told = {key: value for key, value in os.environ.items() if key not in {WORK, TRACKING}}
    command = [sys.executable, "-m", "dashboard", "serve", "--work", str(work), "--port", port]
    log = (work / "log").open("w")
    server = subprocess.Popen(command, env=told, stdout=log, stderr=log, start_new_session=True)
    try:
        wait(f"http://127.0.0.1:{port}/_stcore/health", server, work / "log")
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(server.pid, 15)
        server.wait(20)


def wait(url: str, server: subprocess.Popen, log: Path) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"the dashboard did not start:\n{log.read_text()}")


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator:
    """`visit("?target=xnli", width=390)` -> (page, complaints of its console and network)."""
    contexts = []

    def go(query: str = "", width: int = 1440, scheme: str = "light") -> tuple[Page, list[str]]:
        size = {"width": width, "height": 1400}
        context = browser.new_context(viewport=size, color_scheme=scheme, accept_downloads=True)
        contexts.append(context)
        page, wrong = context.new_page(), []
        page.on("console", lambda one: wrong.append(one.text) if one.type == "error" else None)
        page.on("pageerror", lambda one: wrong.append(str(one)))
        page.on("requestfailed", lambda one: wrong.append(f"no answer from {one.url}"))
        page.goto(address + "/" + query)
        page.wait_for_selector(".st-key-picture .ytick", timeout=60_000)
        page.wait_for_selector(READY)
        return page, wrong

    yield go
    for context in contexts:
        context.close()


def labels(page: Page) -> list[str]:
    """Row labels from the top of the screen to the bottom."""
    told = [
        (tick.bounding_box()["y"], tick.text_content())
        for tick in page.locator(".st-key-picture .ytick").all()
    ]
    return [text for _, text in sorted(told)]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_rows_stand_in_order_and_nothing_complains(visit, scheme: str):
    page, wrong = visit(scheme=scheme)
    assert labels(page) == ORDER
    page.get_by_text("Finnish, the one intermediate task").first.wait_for()
    page.get_by_text("missing: 8 not run, 8 failed").first.wait_for()
    assert wrong == []


def test_a_click_on_a_cell_shows_what_it_is_made_of(visit):
    page, wrong = visit("?target=tatoeba")
    cells = page.locator(".st-key-picture .scatterlayer .trace").last.locator(".point")
    assert cells.count() == 3 * len(ORDER)
    box = cells.nth(4).bounding_box()  # second row, second column
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_selector(".st-key-picture .hoverlayer .hovertext")
    hover = page.locator(".st-key-picture .hoverlayer").text_content()
    assert "Hungarian, SQuAD 1.1" in hover and "over 3 seeds" in hover
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.get_by_role("heading", name="Hungarian, SQuAD 1.1").wait_for(timeout=20_000)
    assert wrong == []


def test_a_phone_scrolls_the_picture_and_not_the_page(visit):
    page, wrong = visit(width=390)
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390
    assert labels(page)[:2] == ["Finnish", "Hungarian"]
    assert wrong == []


MEET = """() => {
  const box = document.querySelector(".st-key-picture");
  box.scrollLeft = 9999;
  const left = (one) => one.getBoundingClientRect().x - box.getBoundingClientRect().x;
  const middle = (one) => {
    const place = one.getBoundingClientRect();
    return place.y + place.height / 2;
  };
  const shown = Object.fromEntries(
    [...box.querySelectorAll(".names div")].map((one) => [one.textContent, middle(one)]));
  const off = [...box.querySelectorAll(".ytick")].map(
    (one) => Math.abs(middle(one) - shown[one.textContent]));
  return {scrolled: box.scrollLeft, left: left(box.querySelector(".names")), off: off};
}"""
"""Scrolls the picture to its end; how far the names then are from the left, and from their rows."""


def test_on_a_phone_the_names_stay_while_the_picture_scrolls(visit):
    page, wrong = visit("?target=tatoeba", width=320)
    found = page.evaluate(MEET)
    assert found["scrolled"] >= 10 and abs(found["left"]) < 1
    assert len(found["off"]) == len(ORDER) and max(found["off"]) < 3
    assert wrong == []


def test_on_a_wide_screen_the_names_are_written_once(visit):
    page, _ = visit("?target=tatoeba")
    assert page.locator(".names").is_hidden()


def test_the_numbers_can_be_taken_home(visit, tmp_path: Path):
    page, _ = visit("?target=tatoeba")
    with page.expect_download() as download:
        page.get_by_test_id("stDownloadButton").get_by_role("button").click()
    assert download.value.suggested_filename == "gains-demo-tatoeba-nano-test.csv"
    lines = Path(download.value.path()).read_text().splitlines()
    assert len(lines) == 1 + 3 * len(ORDER) and "fin" in lines[1]
