"""A study logged to MLflow once, and copied for every test that reads it."""

from __future__ import annotations

import functools
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright
from served import Visitors, served
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash
from worlds import DEMO, publish

from dashboard import app
from dashboard.place import TRACKING, WORK, Place

# Each page would look through all that is installed for components, for a quarter of a second.
manifest_scanner.scan_component_manifests = functools.cache(
    manifest_scanner.scan_component_manifests
)
# Pages of tests wait for what they read, however busy the machine is.
os.environ.setdefault("SILTA_PATIENCE_SECONDS", "120")

CI = os.environ.get("CI", "").lower() in {"1", "true", "yes"}


@pytest.fixture(scope="session")
def chromium() -> dict[str, Any]:
    """How to launch Debian's Chromium. Absent: skipped on a laptop, failed under CI=true."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None and CI:
        pytest.fail("chromium is not installed, and CI=true demands it: see .ci/run")
    if path is None:
        pytest.skip("chromium is not installed: the page is not looked at in a browser")
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    return {"executable_path": path, "args": flags}


@pytest.fixture(scope="module")
def browser(chromium: dict[str, Any]) -> Iterator[Browser]:
    """A browser without a memory."""
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(**chromium)
        yield made
        made.close()


@pytest.fixture(scope="session")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the browser keeps: Streamlit's scripts, which take seconds to read anew."""
    return tmp_path_factory.mktemp("profile")


@pytest.fixture(scope="module")
def window(chromium: dict[str, Any], profile: Path) -> Iterator[BrowserContext]:
    """One window for all tests of a file."""
    with sync_playwright() as playwright:
        still: Any = {"reduced_motion": "reduce"}  # what moves is painted sixty times a second
        made = playwright.chromium.launch_persistent_context(profile, **chromium, **still)
        yield made
        made.close()


@pytest.fixture(scope="session")
def published(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of the demo study. Copy it; never write."""
    folder = tmp_path_factory.mktemp("published")
    path = Path(shutil.copy(migrated, folder / "mlflow.db"))
    publish(f"sqlite:///{path}", folder, DEMO, really=True)
    shutil.copytree(folder / "artifacts", folder / "pristine")
    return path


@pytest.fixture
def work(published: Path, tmp_path: Path) -> Iterator[Path]:
    """A work directory of this test's own, holding the demo study.

    Copies of the database share its artifacts: what a test does to a plan is undone after it.
    """
    folder = tmp_path / "work"
    folder.mkdir()
    shutil.copy(published, folder / "mlflow.db")
    yield folder
    pristine = published.parent / "pristine"
    for kept in pristine.rglob("*.json"):
        shutil.copy(kept, published.parent / "artifacts" / kept.relative_to(pristine))


@pytest.fixture
def place(work: Path) -> Place:
    return Place(f"sqlite:///{work / 'mlflow.db'}", work / "snapshot")


@pytest.fixture(scope="session")
def served_work(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The work directory that `address` serves: a copy of the demo study."""
    work = tmp_path_factory.mktemp("served")
    shutil.copy(published, work / "mlflow.db")
    return work


@pytest.fixture(scope="session")
def address(served_work: Path) -> Iterator[str]:
    """`silta-dashboard serve` on the demo study, one server for all that only look at it."""
    with served(served_work) as address:
        yield address


@pytest.fixture
def visitors(window: BrowserContext, address: str) -> Iterator[Visitors]:
    """Who looks at it in a browser, gone at the end of a test."""
    made = Visitors(window, address)
    yield made
    made.leave()


PAGE = str(Path(app.__file__))


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch):
    """`open_page(work, uri, target="xnli")`: the heatmap as a link with this query shows it."""

    def run(work: Path, uri: str | None = None, path: str = "heatmap", **query: str) -> AppTest:
        page = AppTest.from_file(PAGE, default_timeout=60)
        page._page_hash = calc_hash(path)  # `switch_page` knows pages that are files only
        return opened(page, monkeypatch, work, uri, query)

    return run


@pytest.fixture
def open_alone(monkeypatch: pytest.MonkeyPatch):
    """`open_alone("families", work, scale="base")`: a page without its menu, as a link shows it."""

    def run(name: str, work: Path, **query: str) -> AppTest:
        page = AppTest.from_function(_page, kwargs={"name": name}, default_timeout=120)
        return opened(page, monkeypatch, work, None, query)

    return run


def _page(name: str) -> None:
    from dashboard import app  # this function's text is run elsewhere

    app.shown(name)


def opened(
    page: AppTest,
    monkeypatch: pytest.MonkeyPatch,
    work: Path,
    uri: str | None,
    query: Mapping[str, str],
) -> AppTest:
    """A page over a work directory (or a server), with nothing kept from earlier ones."""
    import streamlit

    streamlit.cache_resource.clear()
    streamlit.cache_data.clear()
    monkeypatch.setenv(WORK, str(work))
    if uri:
        monkeypatch.setenv(TRACKING, uri)
    else:
        monkeypatch.delenv(TRACKING, raising=False)
    for name, value in query.items():
        page.query_params[name] = value
    return page.run()
