"""The pages of targets, retrieval and coverage in a real browser, narrow and wide."""

from __future__ import annotations

from pathlib import Path

import pytest
from served import Visitors, look

PAGES = {
    "targets": ("main-table", "Which intermediate task helps which target?"),
    "retrieval": ("layers", "Does the gain in retrieval hang on the layer that is read?"),
    "coverage": ("detectable", "What is missing, and what could be seen?"),
}
"""Page -> a picture of it, and its question."""


@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_its_window_and_nothing_complains(
    visitors: Visitors, tmp_path: Path, name: str
):
    """On a phone in the dark, and then wide and light."""
    key, question = PAGES[name]
    page, wrong = visitors(f"{name}?v=1", 390, "dark", f".st-key-scroll-{key} .ytick")
    for width, scheme in ((390, "dark"), (1440, "light")):
        look(page, width, scheme)
        page.get_by_role("heading", name=question).wait_for()
        page.locator(f".st-key-scroll-{key} .ytick").first.wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        told = page.locator(f".st-key-{key} [role=figure]").first.get_attribute("aria-label")
        assert told and len(told) > 20
        page.screenshot(path=tmp_path / f"{name}-{width}-{scheme}.png", full_page=True)
    assert wrong == []


def test_what_the_main_table_holds_can_be_taken_home(visitors: Visitors):
    page, _ = visitors("targets?v=1", wait=".st-key-scroll-main-table .ytick")
    with page.expect_download() as download:
        page.locator(".st-key-files-main-table-numbers").get_by_role("button", name="CSV").click()
    lines = Path(download.value.path()).read_text().splitlines()
    assert lines[0].startswith("column,group,intermediate,own,state")
    assert len(lines) == 1 + 4 * 5  # four intermediates; three targets and two averages
