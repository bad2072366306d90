"""The pages of examples and of runs in a real browser: filter, turn, take home, compare, follow.

Both are opened on a phone in the dark, where they are to be seen whole, and used on a wide screen.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pandas as pd
from served import Visitors, choose, fits, look, settled

from dashboard.analysis.examples import paired
from dashboard.place import Place
from dashboard.snapshot import load, texts

SQUAD = "study=demo&target=tatoeba&scale=nano&task=squad&v=1"
FINNISH = f"examples?{SQUAD}&lang=fin&split=test"
CARDS = ".items article"


def test_items_are_filtered_turned_and_taken_home(visitors: Visitors, served_work: Path):
    page, wrong = visitors(FINNISH, 390, "dark", CARDS)
    assert fits(page, 390)
    look(page, 1440, "dark")
    page.get_by_role("heading", name="Which Finnish items did SQuAD 1.1 fix or break?").wait_for()
    assert page.locator(CARDS).count() == 25
    page.get_by_role("button", name="Later").click()
    page.wait_for_url("**page=2**")
    choose(page, "group", "fixed")
    page.wait_for_url("**group=fixed**")
    page.wait_for_url("**page=1**")  # another choice of items starts at the first page
    settled(page)
    found = page.locator(f"{CARDS} header b").all_text_contents()
    assert set(found) == {"fixed"}
    with page.expect_download() as download:
        page.get_by_role("button", name=f"These {len(found)} items as CSV").click()
    told = pd.read_csv(download.value.path())
    assert told["item_id"].tolist() == fixed(served_work, told["item_id"].tolist())
    assert wrong == []


def fixed(work: Path, order: list[str]) -> list[str]:
    """Items that the snapshot knows to be fixed, in this order."""
    where = Place(f"sqlite:///{work / 'mlflow.db'}", work / "snapshot")
    frame = load(where.directory)
    assert frame is not None
    read = texts(where, frame)
    name = "evaluation-tatoeba-nano-{}"
    table = paired(read(name.format("squad-1")), read(name.format("none")), "fin", "test", 10).table
    mine = set(table.loc[table["group"].eq("fixed"), "item_id"])
    return sorted(mine, key=order.index)


def test_a_study_is_followed_from_its_forest_to_a_curve(visitors: Visitors):
    page, wrong = visitors(f"runs?{SQUAD}", 390, "dark", ".lineage section")
    assert fits(page, 390)
    look(page, 1440, "dark")
    page.locator(".st-key-scroll-forest .ytick").first.wait_for()
    page.get_by_role("heading", name="What has run, and what came of it?").wait_for()
    page.get_by_role("heading", name="Failed trainings (3)").wait_for()
    boxes = page.locator(".lineage section h4")
    assert boxes.all_text_contents()[-1].lower() == "score"
    page.get_by_role("link", name="See its items").wait_for()
    page.locator(".st-key-scroll-curves .main-svg").first.wait_for()
    told = page.locator(".st-key-curves [role=figure]").get_attribute("aria-label") or ""
    assert "by step" in told and "at step 10" in told
    choose(page, "part", "nano, SQuAD 1.1: target")
    page.wait_for_url(f"**part={quote('nano/squad/target', safe='')}**")
    page.locator(".st-key-files-runs-nano-squad-target").get_by_role(
        "button", name="CSV"
    ).wait_for()
    assert wrong == []
