"""How tests open a page without a browser, and a study with many languages for them."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest
from worlds import World, publish

from dashboard.analysis.frames import ScoreFrame
from dashboard.analysis.groups import group_means
from dashboard.analysis.scope import Scope, asked, chosen
from dashboard.place import TRACKING, WORK
from dashboard.snapshot import snapshot
from dashboard.views.scope import apart

Open = Callable[..., AppTest]
THREE = ("families", "scale", "morphology")
LANGUAGES = (
    "eng",
    "fin",
    "hun",
    "est",
    "tur",
    "deu",
    "rus",
    "cmn",
    "fra",
    "spa",
    "ara",
    "hin",
    "swh",
)
FULL = World(
    study="full",
    scales=("base", "large"),
    targets=("xnli", "udpos", "tatoeba"),
    languages=LANGUAGES,
    items=20,
    source="hub",
)


def _page(name: str) -> None:
    from dashboard import app

    app.shown(name)


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch) -> Open:
    """`open_page("families", work, scale="base")`: the page as a link with this query shows it."""

    def run(name: str, work: Path, **query: str) -> AppTest:
        import streamlit

        streamlit.cache_resource.clear()
        streamlit.cache_data.clear()
        monkeypatch.setenv(WORK, str(work))
        monkeypatch.delenv(TRACKING, raising=False)
        page = AppTest.from_function(_page, kwargs={"name": name}, default_timeout=120)
        for key, value in query.items():
            page.query_params[key] = value
        return page.run()

    return run


def made(migrated: Path, folder: Path, world: World) -> Path:
    """A work directory that holds one study."""
    work = folder / "work"
    work.mkdir()
    shutil.copy(migrated, work / "mlflow.db")
    publish(f"sqlite:///{work / 'mlflow.db'}", work, world)
    return work


@pytest.fixture(scope="module")
def full(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(migrated, tmp_path_factory.mktemp("full"), FULL)


def read(work: Path) -> ScoreFrame:
    return snapshot(f"sqlite:///{work / 'mlflow.db'}", work / "snapshot")


def words(page: AppTest) -> str:
    parts = [*page.title, *page.markdown, *page.caption, *page.info, *page.error, *page.warning]
    told = [*parts, *page.sidebar.warning]
    return "\n".join(str(part.value) for part in told).replace("\u00a0", " ").replace("\\", "")


def figure(page: AppTest) -> dict[str, Any]:
    return json.loads(page.get("plotly_chart")[0].proto.spec)


def array(value: Any) -> list[Any]:
    """A list, also of what plotly packs."""
    if isinstance(value, dict):
        return list(np.frombuffer(base64.b64decode(value["bdata"]), dtype=value["dtype"]))
    return list(value)


def means(frame: ScoreFrame, told: Scope, by: str) -> pd.DataFrame:
    pairs, planned = apart(chosen(frame, told), by), apart(asked(frame, told), by)
    return group_means(pairs, planned, "of", "targets")


def drawn(page: AppTest, axis: str = "x") -> dict[str, float]:
    """What markers say (a group's or language's code) -> where they stand."""
    told = {}
    for trace in figure(page)["data"]:
        if "customdata" in trace and "markers" in trace["mode"]:
            told |= dict(zip(array(trace["customdata"]), array(trace[axis]), strict=True))
    return told
