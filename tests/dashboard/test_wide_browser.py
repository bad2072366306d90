"""Families, scale and morphology in a real browser: wide and narrow, light and dark."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page
from served import Visitors, look, settled

PICTURE = {
    "families": "gains-by-family",
    "scale": "scale-lang",
    "morphology": "morphology-fertility",
}
"""Page -> the figure that it opens on."""
LARGE = """(name) => {
  const drawn = document.querySelector(name)?.getBoundingClientRect();
  return drawn && drawn.width > 300 && drawn.height > 300;
}"""
"""Whether a figure is drawn, and large enough to be read; it is away while it is drawn anew."""
pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", list(PICTURE))
def test_a_page_is_drawn_wide_and_narrow_and_nothing_complains(
    visitors: Visitors, tmp_path: Path, name: str
):
    wait = f".st-key-scroll-{PICTURE[name]} .main-svg"
    page, wrong = visitors(f"{name}?targets=tatoeba", 390, "dark", wait)
    for width, scheme in ((390, "dark"), (1440, "light")):
        look(page, width, scheme)
        page.screenshot(path=tmp_path / f"{name}-{width}-{scheme}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.wait_for_function(LARGE, arg=wait, timeout=20_000)
        said = page.locator(f".st-key-{PICTURE[name]} [role=figure]").first.get_attribute(
            "aria-label"
        )
        assert "Finnish" in said
    if name == "morphology":
        another_measure_is_one_click_away_and_in_the_address(page)
    assert wrong == []


def another_measure_is_one_click_away_and_in_the_address(page: Page) -> None:
    page.get_by_role("radio", name="Word length").or_(
        page.get_by_role("button", name="Word length")
    ).first.click()
    page.wait_for_url("**measure=word_length**")
    page.locator(".st-key-scroll-morphology-word-length .main-svg").first.wait_for()
    settled(page)
    page.get_by_text("characters per word").first.wait_for()
