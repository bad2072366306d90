"""A study logged to MLflow once, and copied for every test that reads it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
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
