"""The report's page in a real browser: no network, no complaint, a phone, both looks, paper."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from frames_of import scores
from playwright.sync_api import Browser, Page
from reports_of import planted, results
from served import DRAWN

from dashboard.figures.theme import DARK, LIGHT
from dashboard.report import browser as drawing
from dashboard.report import folder

TASKS = ("mnli", "squad", "hellaswag", "cosmosqa", "commonsenseqa", "qqp", "anli", "ccg")


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wide report: eight intermediate tasks, two targets."""
    rows = []
    for at, task in enumerate(TASKS):
        for target in ("xnli", "panx"):
            gains = {"fin": [1.0 + at, 2.0, 3.5], "hun": [-3.0, 1.0 - at, 0.0], "eng": [1.0, 2, 2]}
            some = planted(gains, target=target, task=task)
            rows += [row for row in some if at == 0 or row.get("intermediate") == task]
    place = tmp_path_factory.mktemp("paged") / "out"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(drawing, "found", lambda: None)
        folder.write(results(scores(*rows)), place)
    return place / "index.html"


@pytest.fixture
def visit(browser: Browser, index: Path) -> Iterator:
    """`visit(width=390)` -> (page, what it complained of, what it asked for)."""
    contexts = []

    def go(width: int = 1440, scheme: str = "light") -> tuple[Page, list[str], list[str]]:
        size = {"width": width, "height": 1000}
        context = browser.new_context(viewport=size, color_scheme=scheme, offline=True)
        contexts.append(context)
        page, wrong, asked = context.new_page(), [], []
        page.on("console", lambda one: wrong.append(one.text))
        page.on("pageerror", lambda one: wrong.append(str(one)))
        page.on("requestfailed", lambda one: wrong.append(f"no answer from {one.url}"))
        page.on("request", lambda one: asked.append(one.url))
        page.goto(index.as_uri())
        page.locator(".plot").first.scroll_into_view_if_needed()
        page.wait_for_selector(".plot .main-svg .ytick", timeout=60_000)
        return page, wrong, asked

    yield go
    for context in contexts:
        context.close()


INK = "getComputedStyle(document.querySelector('.ytick text')).fill"


def until(page: Page, told: str) -> None:
    """Wait for it; Playwright's own way of waiting is an `eval`, which the page forbids."""
    end = time.monotonic() + 30
    while not page.evaluate(told):
        assert time.monotonic() < end, told
        page.wait_for_timeout(50)


def rgb(colour: str) -> str:
    return f"rgb({', '.join(str(int(colour[at : at + 2], 16)) for at in (1, 3, 5))})"


@pytest.mark.parametrize(("scheme", "look"), [("light", LIGHT), ("dark", DARK)])
def test_nothing_is_fetched_nothing_complains_and_nothing_sticks_out(visit, scheme, look):
    """On a phone and then wide; and in the other look the figures are drawn anew."""
    page, wrong, asked = visit(390, scheme)
    assert [url for url in asked if not url.startswith("data:")] == [page.url]
    assert wrong == []
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    page.locator(".plot").last.scroll_into_view_if_needed()
    until(page, "document.querySelectorAll('.plot .ytick').length >= 6")
    for width in (390, 1440):
        page.set_viewport_size({"width": width, "height": 1000})
        page.evaluate(DRAWN)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (ground, page.evaluate(INK)) == (rgb(look.ground), rgb(look.ink))
    other = DARK if scheme == "light" else LIGHT
    page.emulate_media(color_scheme="dark" if scheme == "light" else "light")
    until(page, f"{INK} === '{rgb(other.ink)}'")
    assert [url for url in asked if not url.startswith("data:")] == [page.url]
    assert wrong == []


def test_paper_gets_everything_in_the_light_look(visit):
    page, wrong, _ = visit(scheme="dark")
    assert page.locator("details[open]").count() == 1
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    folds = page.locator("details").count()
    assert page.locator("details[open]").count() == folds > 2
    until(page, f"{INK} === '{rgb(LIGHT.ink)}'")
    assert page.locator(".plot .main-svg .ytick").count() >= 6
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == rgb(LIGHT.ground)
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.locator("details[open]").count() == 1
    assert wrong == []


def test_on_a_phone_row_names_stay_while_tables_and_figures_are_scrolled(visit):
    page, _, _ = visit(390)
    for box, name in ((".scroll", "tbody th"), (".picture", ".only-light .names")):
        place = """([box, name]) => {
          const one = [...document.querySelectorAll(box)].find((it) => it.scrollWidth > 400);
          one.scrollLeft = 9999;
          const left = one.querySelector(name).getBoundingClientRect().x;
          return [one.scrollLeft, left - one.getBoundingClientRect().x];
        }"""
        scrolled, left = page.evaluate(place, [box, name])
        assert scrolled > 100 and abs(left) < 1, box
    off = page.evaluate(MEET)
    assert len(off) == 3 and max(off) < 3  # pixels


MEET = """() => {
  const middle = (one) => {
    const place = one.getBoundingClientRect();
    return place.y + place.height / 2;
  };
  const box = document.querySelector(".picture");
  const shown = Object.fromEntries(
    [...box.querySelectorAll(".only-light .names div")].map((one) => [one.textContent, middle(one)])
  );
  return [...box.querySelectorAll(".ytick")].map(
    (one) => Math.abs(middle(one) - shown[one.textContent]));
}"""
"""How far the row names that stay in sight are from the rows of the figure."""
