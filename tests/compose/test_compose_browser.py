"""What a browser on the host sees of the seeded study, at both published ports."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from stacks import Stack, experiment

ROWS = ".st-key-scroll-heatmap .ytick"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
MINUTES = 120_000


def test_a_browser_shows_the_heatmap_and_mlflow_the_same_runs(
    stack: Stack, seeded: dict[str, Any], program: Callable[[str], str]
):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program("chromium"), args=FLAGS)
        page = chromium.new_page(viewport={"width": 1440, "height": 1400})
        page.set_default_timeout(MINUTES)
        page.goto(f"{stack.dashboard}/heatmap?study=tiny")
        page.wait_for_selector(ROWS)
        rows = [one.text_content() for one in page.locator(ROWS).all()]
        assert {"Finnish", "Hungarian"} <= set(rows)
        page.goto(f"{stack.mlflow}/#/experiments/{experiment(stack)}/runs")
        for name in ("study-tiny", "tatoeba after csqa, nano, seed 1"):
            page.get_by_text(name, exact=True).first.wait_for()
        chromium.close()
