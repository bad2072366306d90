"""The pages of targets, retrieval and coverage in a real browser, narrow and wide."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page
from served import Visitors, look, settled

PAGES = {
    "targets": ("main-table", "Which intermediate task helps which target?"),
    "retrieval": ("layers", "Does the gain in retrieval hang on the layer that is read?"),
    "coverage": ("detectable", "What is missing, and what could be seen?"),
}
"""Page -> a picture of it, and its question."""


def test_pages_fit_their_window_and_nothing_complains(visitors: Visitors, tmp_path: Path):
    """One after the other by the menu, each on a phone in the dark, and then wide and light; and
    what the main table holds can be taken home."""
    page, wrong = visitors("targets?v=1", 390, "dark", ".st-key-scroll-main-table .ytick")
    fits(page, "targets", tmp_path)
    taken_home(page)
    for name in ("retrieval", "coverage"):
        page.get_by_role("link", name=name.capitalize(), exact=True).click()
        page.wait_for_url(f"**/{name}?**v=1**")
        page.locator(f".st-key-scroll-{PAGES[name][0]} .ytick").first.wait_for()
        settled(page)
        fits(page, name, tmp_path)
    assert wrong == []


def fits(page: Page, name: str, folder: Path) -> None:
    """Narrow and wide, the page shows its question and its picture, and scrolls down only."""
    key, question = PAGES[name]
    for width, scheme in ((390, "dark"), (1440, "light")):
        look(page, width, scheme)
        page.get_by_role("heading", name=question).wait_for()
        page.locator(f".st-key-scroll-{key} .ytick").first.wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        told = page.locator(f".st-key-{key} [role=figure]").first.get_attribute("aria-label")
        assert told and len(told) > 20
        page.screenshot(path=folder / f"{name}-{width}-{scheme}.png", full_page=True)


def taken_home(page: Page) -> None:
    """The main table's file has all its rows."""
    with page.expect_download() as download:
        page.locator(".st-key-files-main-table-numbers").get_by_role("button", name="CSV").click()
    lines = Path(download.value.path()).read_text().splitlines()
    assert lines[0].startswith("column,group,intermediate,own,state")
    assert len(lines) == 1 + 4 * 5  # four intermediates; three targets and two averages
