"""A study logged to MLflow once, and copied for every test that reads it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from worlds import World, publish

from dashboard.place import Place

DEMO = World(
    targets=("xnli", "tatoeba", "pawsx"),
    seeds=(1, 2, 3),
    failed=frozenset({("squad", "xnli")}),
    absent=frozenset({("hellaswag", "xnli")}),
    contrast={
        "name": "first",
        "intermediate": "squad",
        "baseline": "none",
        "target": "tatoeba",
        "scales": ["nano"],
        "languages": [],
        "reuses": False,
    },
)


@pytest.fixture(scope="session")
def published(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of the demo study. Copy it; never write."""
    folder = tmp_path_factory.mktemp("published")
    path = Path(shutil.copy(migrated, folder / "mlflow.db"))
    publish(f"sqlite:///{path}", folder, DEMO)
    return path


@pytest.fixture
def work(published: Path, tmp_path: Path) -> Path:
    """A work directory of this test's own, holding the demo study."""
    folder = tmp_path / "work"
    folder.mkdir()
    shutil.copy(published, folder / "mlflow.db")
    return folder


@pytest.fixture
def place(work: Path) -> Place:
    return Place(f"sqlite:///{work / 'mlflow.db'}", work / "snapshot")
