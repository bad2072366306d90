"""The heatmap in a real browser, as a visitor meets it: no network but the page's own server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import BrowserContext, Page
from served import DRAWN, Visitors, look, settled

ORDER = ["Finnish", "Hungarian", "English", "German", "Russian", "Chinese", "Turkish", "Estonian"]
TICKS = ".st-key-scroll-heatmap .ytick"
INK = f"() => getComputedStyle(document.querySelector('{TICKS} text') ?? document.body).fill"
COLOURS = {"light": "rgb(38, 39, 48)", "dark": "rgb(250, 250, 250)"}
"""Of the figure's words."""
Opened = tuple[Page, list[str]]
"""A heatmap, and what its console and network complain of."""


@pytest.fixture(scope="module")
def tatoeba(window: BrowserContext, address: str) -> Iterator[Opened]:
    """The heatmap of one target, opened once on a small phone for all tests that look at it."""
    made = Visitors(window, address)
    yield made("heatmap?target=tatoeba", width=320, wait=TICKS)
    made.leave()


def labels(page: Page) -> list[str]:
    """Row labels from the top of the screen to the bottom."""
    told = page.locator(TICKS).evaluate_all(
        "all => all.map((one) => [one.getBoundingClientRect().y, one.textContent])"
    )
    return [text for _, text in sorted(told)]


def test_rows_stand_in_order_a_phone_scrolls_the_picture_and_nothing_complains(visitors: Visitors):
    page, wrong = visitors("heatmap", width=390, wait=TICKS)
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390
    assert labels(page)[:2] == ["Finnish", "Hungarian"]
    for scheme in ("light", "dark"):
        look(page, 1440, scheme)
        page.wait_for_function(f"({INK})() === '{COLOURS[scheme]}'", timeout=20_000)
        settled(page)
        assert labels(page) == ORDER
        page.get_by_text("the one intermediate task measured").first.wait_for()
        page.get_by_text("missing: 8 not run, 8 failed").first.wait_for()
    assert wrong == []


MEET = """() => {
  const box = document.querySelector(".st-key-scroll-heatmap");
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


def test_on_a_phone_the_names_stay_while_the_picture_scrolls(tatoeba: Opened):
    page, wrong = tatoeba
    look(page, 320, "light")
    found = page.evaluate(MEET)
    assert found["scrolled"] >= 10 and abs(found["left"]) < 1
    assert len(found["off"]) == len(ORDER) and max(found["off"]) < 3
    assert wrong == []


def test_on_a_wide_screen_the_names_are_written_once(tatoeba: Opened):
    page, _ = tatoeba
    look(page, 1440, "light")
    assert page.locator(".names").is_hidden()


def taken(page: Page, button: str, within: str) -> Path:
    """What a button of a part of the page downloads."""
    with page.expect_download() as download:
        page.locator(within).get_by_role("button", name=button, exact=True).click()
    path = Path(download.value.path())
    return path.rename(path.with_name(download.value.suggested_filename))


def test_the_numbers_can_be_taken_home(tatoeba: Opened):
    page, _ = tatoeba
    look(page, 1440, "light")
    files = ".st-key-files-gains-demo-tatoeba-nano-test"
    path = taken(page, "CSV", files)
    assert path.name == "gains-demo-tatoeba-nano-test.csv"
    table = pd.read_csv(path)
    assert len(table) == 3 * len(ORDER) and "fin" in set(table["lang"])
    assert r"\toprule" in taken(page, "LaTeX", files).read_text()


def test_the_picture_can_be_taken_home(tatoeba: Opened):
    page, wrong = tatoeba
    look(page, 1440, "light")
    svg = taken(page, "SVG", ".st-key-save-heatmap").read_text()
    assert svg.startswith("<svg") and "Finnish" in svg and "@font-face" in svg
    png = taken(page, "PNG", ".st-key-save-heatmap")
    assert png.name == "heatmap.png" and png.read_bytes()[:4] == b"\x89PNG"
    assert wrong == []


def test_a_click_on_a_cell_shows_what_it_is_made_of(tatoeba: Opened):
    page, wrong = tatoeba
    look(page, 1440, "light")
    page.locator("[data-testid=stMain]").evaluate("one => one.scrollTo(0, 0)")
    page.evaluate(DRAWN)
    cells = page.locator(".st-key-scroll-heatmap .scatterlayer .trace").last.locator(".point")
    assert cells.count() == 3 * len(ORDER)
    box = cells.nth(4).bounding_box()  # second row, second column
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_selector(".st-key-scroll-heatmap .hoverlayer .hovertext")
    hover = page.locator(".st-key-scroll-heatmap .hoverlayer").text_content()
    assert "Hungarian, SQuAD 1.1" in hover and "over 3 seeds" in hover
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.get_by_role("heading", name="Hungarian, SQuAD 1.1 → Tatoeba").wait_for(timeout=20_000)
    page.wait_for_url("**lang=hun**task=squad**")  # and the address names the cell
    assert wrong == []
