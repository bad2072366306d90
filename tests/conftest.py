"""What every test shares: one thread, no network, the real files, a ready MLflow database."""

from __future__ import annotations

import gc
import os

# Set before numpy or torch is imported by any test module, and inherited by every command run.
os.environ.update(
    OMP_NUM_THREADS="1",
    MKL_NUM_THREADS="1",
    OPENBLAS_NUM_THREADS="1",
    TOKENIZERS_PARALLELISM="false",
    HF_HUB_OFFLINE="1",
    HF_DATASETS_OFFLINE="1",
    HF_HUB_DISABLE_TELEMETRY="1",
    MLFLOW_DISABLE_TELEMETRY="true",
    GIT_PYTHON_REFRESH="quiet",
)
# A server of the person who runs the tests is none of the tests' business.
os.environ.pop("MLFLOW_TRACKING_URI", None)

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import settings

from training.garbage import seldom

seldom()  # as in the commands: test modules import as much
settings.register_profile(
    "untimed", settings.get_profile(settings.get_current_profile_name()), deadline=None
)
settings.load_profile("untimed")  # on a busy machine any example may take long
ROOT = Path(__file__).resolve().parent.parent
CI = os.environ.get("CI", "").lower() in {"1", "true", "yes"}
CREATE = "import sys, mlflow; mlflow.MlflowClient(sys.argv[1]).search_experiments()"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Slow files first, then those that run whole commands: no worker ends alone with one."""
    slow, commands = (
        {item.path for item in items if item.get_closest_marker(name)}
        for name in ("slow", "end_to_end")
    )
    items.sort(key=lambda item: (item.path not in slow, item.path not in commands))


def pytest_collection_finish() -> None:
    """What was imported is no garbage: some libraries look for it at every call, for 0.6 s."""
    gc.freeze()


@pytest.fixture(scope="session")
def root() -> Path:
    """The top of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The real files, from SILTA_TEST_DATA. Unset: the test is skipped. Set but wrong: it fails."""
    told = os.environ.get("SILTA_TEST_DATA")
    if not told:
        pytest.skip("SILTA_TEST_DATA is not set: tests on real files are left out")
    if not Path(told).is_dir():
        pytest.fail(f"SILTA_TEST_DATA={told} is not a folder")
    return Path(told).resolve()


@pytest.fixture(scope="session")
def program() -> Callable[[str], str]:
    """`program("hunspell")` -> its path. Absent: skipped on a laptop, failed under CI=true."""

    def find(name: str) -> str:
        path = shutil.which(name)
        if path is None and CI:
            pytest.fail(f"{name} is not installed, and CI=true demands it: see .ci/run")
        if path is None:
            pytest.skip(f"{name} is not installed")
        return path

    return find


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """An empty MLflow database, migrated once (about 9 s) for all workers. Copy it; never write."""
    shared = tmp_path_factory.getbasetemp()
    shared = shared if worker_id == "master" else shared.parent
    path = shared / "migrated.db"
    with FileLock(f"{path}.lock"):
        if not path.exists():
            create(shared / "migrating.db").rename(path)
    return path


def create(path: Path) -> Path:
    """Migrate a new database in a process of its own, which leaves no engine or thread behind."""
    path.unlink(missing_ok=True)
    command = [sys.executable, "-c", CREATE, f"sqlite:///{path}"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=path.parent)
    if done.returncode:
        pytest.fail(f"MLflow could not create {path}:\n{done.stderr}")
    with sqlite3.connect(path) as database:  # nothing may be left in a write-ahead log
        database.execute("pragma wal_checkpoint(truncate)")
    return path


@pytest.fixture
def mlflow_uri(migrated: Path, tmp_path: Path) -> str:
    """Tracking URI of a fresh migrated database, this test's own: `<tmp_path>/mlflow.db`."""
    return f"sqlite:///{shutil.copy(migrated, tmp_path / 'mlflow.db')}"
