"""How tests open a page without a browser, and a study with many languages for them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from pages_of import array, figure, made
from streamlit.testing.v1 import AppTest
from worlds import World

from dashboard.analysis.frames import ScoreFrame
from dashboard.analysis.groups import group_means
from dashboard.analysis.scope import Scope, asked, chosen
from dashboard.snapshot import snapshot
from dashboard.views.scope import apart

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


@pytest.fixture(scope="module")
def full(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(migrated, tmp_path_factory.mktemp("full"), FULL)


def read(work: Path) -> ScoreFrame:
    return snapshot(f"sqlite:///{work / 'mlflow.db'}", work / "snapshot")


def words(page: AppTest) -> str:
    parts = [*page.title, *page.markdown, *page.caption, *page.info, *page.error, *page.warning]
    told = [*parts, *page.sidebar.warning]
    return "\n".join(str(part.value) for part in told).replace("\u00a0", " ").replace("\\", "")


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
