"""What the pages say when there is trouble: no server, a closed one, an empty one, odd names and
addresses; and how a page follows a study that is still running."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from playwright.sync_api import BrowserContext
from served import Visitors, served, settled
from worlds import World, measure, publish

from training.spec import record

SMALL = World(
    study="small",
    targets=("xnli",),
    intermediates=("none", "mnli", "squad"),
    languages=("eng", "fin", "hun"),
)


@pytest.fixture
def look(window: BrowserContext) -> Iterator:
    """`look(address)` -> visitors of it."""
    made: list[Visitors] = []

    def at(address: str) -> Visitors:
        made.append(Visitors(window, address))
        return made[-1]

    yield at
    for visitors in made:
        visitors.leave()


class Closed(BaseHTTPRequestHandler):
    """Answers of a tracking server that lets nobody in."""

    def do_GET(self) -> None:
        self.send_error(403, "<b>Forbidden</b>")

    do_POST = do_GET

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def absent() -> Iterator[tuple[str, Callable[[], None]]]:
    """The address of a tracking server that is not there, and what starts one in its place that
    lets nobody in."""
    server = HTTPServer(("127.0.0.1", 0), Closed, bind_and_activate=False)
    server.server_bind()  # the port is ours; without a listener it refuses
    serving = threading.Thread(target=server.serve_forever, daemon=True)

    def start() -> None:
        server.server_activate()
        serving.start()

    yield f"http://127.0.0.1:{server.server_port}", start
    if serving.is_alive():
        server.shutdown()
    server.server_close()


def test_a_server_that_is_absent_is_said_and_then_one_that_lets_nobody_in(look, tmp_path: Path):
    with absent() as (uri, start), served(tmp_path / "work", "--tracking-uri", uri) as address:
        page, wrong = look(address)("heatmap?lang=fin")
        main = page.locator("[data-testid=stMain]")
        words = main.inner_text()
        assert "The tracking server gives no answer" in words and "Connection refused" in words
        assert "There is no earlier snapshot" in words and wrong == []
        start()
        page.get_by_role("link", name="Answer").click()
        page.wait_for_url(f"{address}/?lang=fin")
        settled(page)
        page.get_by_role("button", name="Read again").click()
        main.get_by_text("Connection refused").wait_for(state="detached", timeout=60_000)
        main.get_by_text("403").first.wait_for(timeout=60_000)
        settled(page)
        words = main.inner_text().replace(uri, "")  # whose port may be any number
    assert "The tracking server gives no answer" in words and "403" in words
    assert wrong == []


def test_an_empty_server_says_what_to_run(look, tmp_path: Path, migrated: Path):
    work = tmp_path / "work"
    work.mkdir()
    shutil.copy(migrated, work / "mlflow.db")
    with served(work) as address:
        page, wrong = look(address)("heatmap")
        page.get_by_text("Nothing measured yet").wait_for()
        page.get_by_text("silta run").first.wait_for()  # drawn by a part that is fetched later
    assert wrong == []


class Running(World):
    """All that comes after SQuAD is still under way."""

    def state(self, row: Mapping[str, Any]) -> str:
        return "running" if row["intermediate"] == "squad" else "done"


def test_a_new_result_appears_without_a_reload(look, tmp_path: Path, migrated: Path):
    work = tmp_path / "work"
    work.mkdir()
    uri = f"sqlite:///{shutil.copy(migrated, work / 'mlflow.db')}"
    world = Running(**vars(SMALL))
    client = publish(uri, work, world)
    with served(work, SILTA_LIVE_SECONDS="2") as address:
        page, wrong = look(address)("heatmap?v=1", wait=".st-key-scroll-heatmap .ytick")
        page.get_by_text("missing: 3 running").first.wait_for()
        page.get_by_text("A study is running").wait_for()
        page.evaluate("window.neverReloaded = true")
        finish(client, world)
        page.get_by_text("6 of 6 cells measured").first.wait_for(timeout=60_000)
        settled(page)
        assert page.evaluate("window.neverReloaded") is True
        page.get_by_text("A study is running").wait_for(state="detached", timeout=20_000)
    assert wrong == []


def finish(client: Any, world: World) -> None:
    """What was running is measured, and the study says that all is done."""
    experiment = client.get_experiment_by_name(record.EXPERIMENT).experiment_id
    for row in world.evaluations():
        if world.state(row) == "running":
            measure(client, experiment, world, row)
    (study,) = client.search_runs([experiment], f"tags.`{record.KIND}` = 'study'")
    rows = world.evaluations()
    states = {row["run"]: "done" for row in rows} | {row["id"]: "done" for row in rows}
    client.log_dict(study.info.run_id, states, record.STATE_ARTIFACT)


EVIL = "<img src=x onerror=alert(1)>[x](javascript:alert(2))`$\\frac{1}{2}$ :red[x]"


@pytest.fixture(scope="module")
def odd(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server whose study and tasks have names that would be code, were they not escaped."""
    work = tmp_path_factory.mktemp("odd") / "work"
    work.mkdir()
    uri = f"sqlite:///{shutil.copy(migrated, work / 'mlflow.db')}"
    named = {"name": EVIL, "intermediate": EVIL, "baseline": "none", "target": "xnli"}
    world = World(
        study=EVIL,
        scales=(EVIL,),
        targets=("xnli", EVIL),
        intermediates=("none", EVIL),
        languages=("eng", "fin", "hun"),
        contrast=named | {"scales": [EVIL], "languages": [], "reuses": False},
    )
    publish(uri, work, world)
    with served(work) as address:
        yield address


ADDRESSES = {
    "code and paths": {
        **{"target": EVIL, "lang": "<script>alert(3)</script>", "sort": EVIL},
        **{"study": "../../etc/passwd", "scale": "%00", "task": "..\\..\\x", "v": "9"},
    },
    "long and twice": {
        **{"target": "x" * 6000, "shape": "y" * 2000},
        **{"lang": "fin&lang=hun", "chance": "[]", "over": "none'--"},
    },
}


@pytest.mark.parametrize("path", ["", "heatmap"])
@pytest.mark.parametrize("kind", list(ADDRESSES))
def test_odd_names_and_addresses_do_nothing(look, odd: str, path: str, kind: str):
    query = urlencode(ADDRESSES[kind], quote_via=quote)
    page, wrong = look(odd)(f"{path}?{query}")
    assert not page.locator("img[src=x], a[href^=javascript], .katex").count()
    words = page.locator("[data-testid=stApp]").inner_text()
    assert "could not be drawn" not in words and "Traceback" not in words
    assert "<img src=x onerror=alert(1)>" in words  # shown as what it is
    assert len(words) < 20_000
    assert wrong == []
