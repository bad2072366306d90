"""What visitors do, in a real browser: follow links, change their mind, take numbers home."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pandas as pd
import pytest
from playwright.sync_api import BrowserContext, Page
from served import Visitors, choose, fits, look, served, settled
from worlds import World, publish

from dashboard.analysis.picture import Choice, picture
from dashboard.place import Place
from dashboard.snapshot import items, load

WORLD = World(
    study="walk",
    scales=("nano", "micro"),
    targets=("xnli", "tatoeba"),
    intermediates=("none", "mnli", "squad"),
    languages=("eng", "fin", "hun", "deu"),
)
TICKS = ".st-key-scroll-heatmap .ytick"
FINNISH = "heatmap?study=walk&target=xnli&scale=nano&lang=fin&task=squad&v=1"


@pytest.fixture(scope="module")
def work(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("walk") / "work"
    folder.mkdir()
    shutil.copy(migrated, folder / "mlflow.db")
    publish(f"sqlite:///{folder / 'mlflow.db'}", folder, WORLD)
    return folder


@pytest.fixture(scope="module")
def address(work: Path) -> Iterator[str]:
    with served(work) as address:
        yield address


@pytest.fixture
def visit(visitors: Visitors) -> Visitors:
    return visitors


@pytest.fixture(scope="module")
def finnish(window: BrowserContext, address: str) -> Iterator[tuple[Page, list[str]]]:
    """The page of a shared link, and what it complains of: opened once, on a phone, for the tests
    that only look at it, each in a light and a width of its own."""
    made = Visitors(window, address)
    yield made(FINNISH, width=390, wait=TICKS)
    made.leave()


def asked(page: Page) -> dict[str, str]:
    """The parameters of the page's address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def test_a_shared_link_opens_its_cell_another_scale_shows_its_own_and_leads_to_its_items(visit):
    page, wrong = visit(FINNISH, wait=TICKS)
    page.get_by_role("heading", name="Finnish, SQuAD 1.1 → XNLI at nano").wait_for()
    assert not page.locator(".st-key-tour").count()  # a shared link needs no tour
    choose(page, "scale", "micro")
    page.get_by_role("heading", name="Finnish, SQuAD 1.1 → XNLI at micro").wait_for()
    page.wait_for_url("**scale=micro**")
    assert asked(page)["lang"] == "fin" and asked(page)["task"] == "squad"
    assert wrong == []
    settled(page)
    page.locator(".st-key-follow").get_by_role("link", name="Its test items").click()
    page.wait_for_url("**/examples?**")
    settled(page)
    told = asked(page)
    assert (told["lang"], told["task"], told["target"], told["scale"]) == (
        *("fin", "squad", "xnli", "micro"),
    )


def test_the_csv_is_what_analysis_says_of_the_snapshot(finnish, work: Path):
    page, wrong = finnish
    look(page, 1440, "light")
    with page.expect_download() as download:
        page.locator(".st-key-files-gains-walk-xnli-nano-test").get_by_role(
            "button", name="CSV", exact=True
        ).click()
    told = pd.read_csv(download.value.path()).set_index(["lang", "intermediate"])
    where = Place(f"sqlite:///{work / 'mlflow.db'}", work / "snapshot")
    frame = load(where.directory)
    assert frame is not None
    reader = items(where.tracking_uri, where.directory, frame)
    table, _ = picture(frame, Choice("walk", "xnli", "nano", "accuracy", "test"), reader)
    table = table.set_index(["lang", "intermediate"])
    assert set(told.index) == set(table.index)
    for name in ("gain", "baseline", "value", "low", "high", "n"):
        pd.testing.assert_series_equal(
            told[name].reset_index(drop=True),
            table[name].reindex(told.index).astype(float).reset_index(drop=True),
            check_dtype=False,
        )
    assert wrong == []


def test_the_menu_keeps_what_was_chosen(visit):
    page, wrong = visit("?v=1&scale=micro")
    page.get_by_role("link", name="Heatmap").click()
    page.wait_for_selector(TICKS)
    settled(page)
    choose(page, "target", "Tatoeba")
    page.wait_for_url("**target=tatoeba**")
    settled(page)
    page.get_by_role("link", name="Answer").click()
    page.get_by_role("heading", name="Do the gains reach").wait_for()
    settled(page)
    assert asked(page)["target"] == "tatoeba"
    page.go_back()
    page.wait_for_selector(TICKS)
    page.wait_for_url("**target=tatoeba**")
    assert wrong == []


def test_from_the_answer_to_the_cells_of_a_scale_and_to_its_targets(visit):
    """Opened on a phone, walked on a wide screen, and looked at on a phone in the end."""
    page, wrong = visit("?v=1", width=390)
    assert fits(page, 390)
    look(page, 1440, "light")
    page.locator(".st-key-card-hun-micro").get_by_role("link").click()
    page.wait_for_selector(TICKS)
    page.get_by_role("heading", name="Hungarian, MNLI → XNLI at micro").wait_for()
    choose(page, "shape", "Target tasks")
    page.wait_for_url("**shape=targets**")
    settled(page)
    page.get_by_text("Tatoeba", exact=True).first.wait_for()
    look(page, 390, "light")
    page.locator(TICKS).first.wait_for()
    assert fits(page, 390)
    assert wrong == []


def test_the_tour_greets_who_comes_by_the_bare_address_once(visit):
    """First on a phone, and later on a wide screen."""
    page, wrong = visit("", width=390)
    assert fits(page, 390)
    page.locator(".st-key-tour").get_by_role("button", name="Got it").click()
    page.locator(".st-key-tour").wait_for(state="detached")
    look(page, 1440, "light")
    page.goto(page.url)  # as a bookmark has it
    page.wait_for_selector("h1")
    settled(page)
    assert not page.locator(".st-key-tour").count()
    page.get_by_role("button", name="Show the tour").click()
    page.wait_for_selector(".st-key-tour")
    assert wrong == []


DARK, BRIGHT = "rgb(250, 250, 250)", "rgb(38, 39, 48)"
INK = f"() => getComputedStyle(document.querySelector('{TICKS} text') ?? document.body).fill"


def test_dark_and_light_change_the_figure_too(finnish):
    page, wrong = finnish
    look(page, 1440, "light")
    page.wait_for_function(f"({INK})() === '{BRIGHT}'", timeout=20_000)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(f"({INK})() === '{DARK}'", timeout=20_000)
    page.emulate_media(color_scheme="light")
    page.wait_for_function(f"({INK})() === '{BRIGHT}'", timeout=20_000)
    assert wrong == []


def test_a_narrow_page_does_not_scroll_sideways(finnish):
    page, wrong = finnish
    look(page, 390, "light")
    assert fits(page, 390)
    assert wrong == []


def test_a_figure_is_told_to_who_cannot_see_it(finnish):
    page, _ = finnish
    look(page, 1440, "light")
    told = page.get_by_role("figure").first.get_attribute("aria-label") or ""
    assert "4 languages by 2 columns" in told and "Finnish gains" in told and "**" not in told
