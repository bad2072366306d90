"""The heatmap in a real browser, as a visitor meets it: no network but the page's own server."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Page
from served import Visitors

ORDER = ["Finnish", "Hungarian", "English", "German", "Russian", "Chinese", "Turkish", "Estonian"]
TICKS = ".st-key-scroll-heatmap .ytick"


@pytest.fixture
def visit(visitors: Visitors):
    """`visit("?target=xnli", width=390)` -> (heatmap, complaints of its console and network)."""

    def go(query: str = "", **how) -> tuple[Page, list[str]]:
        return visitors(f"heatmap{query}", wait=TICKS, **how)

    return go


def labels(page: Page) -> list[str]:
    """Row labels from the top of the screen to the bottom."""
    told = [
        (tick.bounding_box()["y"], tick.text_content())
        for tick in page.locator(".st-key-scroll-heatmap .ytick").all()
    ]
    return [text for _, text in sorted(told)]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_rows_stand_in_order_and_nothing_complains(visit, scheme: str):
    page, wrong = visit(scheme=scheme)
    assert labels(page) == ORDER
    page.get_by_text("the one intermediate task measured").first.wait_for()
    page.get_by_text("missing: 8 not run, 8 failed").first.wait_for()
    assert wrong == []


def test_a_click_on_a_cell_shows_what_it_is_made_of(visit):
    page, wrong = visit("?target=tatoeba")
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


def test_a_phone_scrolls_the_picture_and_not_the_page(visit):
    page, wrong = visit(width=390)
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390
    assert labels(page)[:2] == ["Finnish", "Hungarian"]
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


def test_on_a_phone_the_names_stay_while_the_picture_scrolls(visit):
    page, wrong = visit("?target=tatoeba", width=320)
    found = page.evaluate(MEET)
    assert found["scrolled"] >= 10 and abs(found["left"]) < 1
    assert len(found["off"]) == len(ORDER) and max(found["off"]) < 3
    assert wrong == []


def test_on_a_wide_screen_the_names_are_written_once(visit):
    page, _ = visit("?target=tatoeba")
    assert page.locator(".names").is_hidden()


def taken(page: Page, button: str, within: str) -> Path:
    """What a button of a part of the page downloads."""
    with page.expect_download() as download:
        page.locator(within).get_by_role("button", name=button, exact=True).click()
    path = Path(download.value.path())
    return path.rename(path.with_name(download.value.suggested_filename))


def test_the_numbers_can_be_taken_home(visit):
    page, _ = visit("?target=tatoeba")
    files = ".st-key-files-gains-demo-tatoeba-nano-test"
    path = taken(page, "CSV", files)
    assert path.name == "gains-demo-tatoeba-nano-test.csv"
    table = pd.read_csv(path)
    assert len(table) == 3 * len(ORDER) and "fin" in set(table["lang"])
    assert r"\toprule" in taken(page, "LaTeX", files).read_text()


def test_the_picture_can_be_taken_home(visit):
    page, wrong = visit("?target=tatoeba")
    svg = taken(page, "SVG", ".st-key-save-heatmap").read_text()
    assert svg.startswith("<svg") and "Finnish" in svg and "@font-face" in svg
    png = taken(page, "PNG", ".st-key-save-heatmap")
    assert png.name == "heatmap.png" and png.read_bytes()[:4] == b"\x89PNG"
    assert wrong == []
