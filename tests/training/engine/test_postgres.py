"""MLflow over a real PostgreSQL: four trainers at once, that have one study in common, and a backup
that was taken meanwhile."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest
from commands import begin, silta, until
from servers import Server, free_port
from test_tracking_rebuilt import MATRIX, study, told

from dashboard.analysis.coding import written
from dashboard.analysis.frames import ScoreFrame
from dashboard.place import ARTIFACTS
from dashboard.snapshot import Unreachable, snapshot
from dashboard.snapshot.sql import Sql, readable
from training.engine.records import points_of
from training.engine.runtime import Runtime
from training.engine.store import Store
from training.engine.study import publish_all

pytestmark = [pytest.mark.slow, pytest.mark.end_to_end]
TRAINERS = 4
POINTS = 300
COMMON = MATRIX.replace("seeds: [1, 2]", "seeds: [1]")
OWN = COMMON.replace("targets: [xnli, tatoeba]", "targets: [tatoeba]")


class Postgres:
    """A server of its own on loopback, for this test alone: its data folder goes with it."""

    def __init__(self, program: Callable[[str], str]) -> None:
        self.programs = Path(program("initdb")).resolve().parent
        self.folder, self.port = Path(tempfile.mkdtemp(prefix="silta-postgres-")), free_port()
        # PostgreSQL refuses to run as root; its package brings a user of its own
        self.user = "postgres" if os.getuid() == 0 else None
        if self.user:
            shutil.chown(self.folder, self.user)
        self.do("initdb", "-D", self.folder / "data", "-U", "silta", "-A", "trust", "-N")
        line = ["-D", self.folder / "data", "-p", self.port, "-k", self.folder, "-c", "fsync=off"]
        command = [str(part) for part in (self.programs / "postgres", *line)]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=log, user=self.user, cwd=self.folder
            )
        limit = time.monotonic() + 60
        while subprocess.run(self.line("pg_isready"), capture_output=True).returncode:
            assert self.process.poll() is None and time.monotonic() < limit, "no PostgreSQL"
            time.sleep(0.1)

    def line(self, name: str, *more: object) -> list[str]:
        """A client's command line."""
        at = ["-h", "127.0.0.1", "-p", self.port, "-U", "silta"]
        return [str(part) for part in (self.programs / name, *at, *more)]

    def do(self, *command: object) -> None:
        first, *more = [str(part) for part in command]
        line = [str(self.programs / first), *more]
        subprocess.run(line, check=True, capture_output=True, user=self.user, cwd=self.folder)

    def stop(self) -> None:
        self.process.terminate()  # at once, also where a client holds a connection
        self.process.send_signal(2)
        self.process.wait(60)
        shutil.rmtree(self.folder)


class OnPostgres(Server):
    """`mlflow server` over one of its databases."""

    def __init__(self, folder: Path, database: Postgres, name: str) -> None:
        self.database, self.name = database, name
        super().__init__(folder, folder)

    @property
    def store(self) -> str:
        return f"postgresql+psycopg2://silta@127.0.0.1:{self.database.port}/{self.name}"

    def empty(self) -> None:
        """A database without a table; the server makes them."""
        subprocess.run(self.database.line("createdb", self.name), check=True)


@pytest.fixture
def database(program: Callable[[str], str]) -> Iterator[Postgres]:
    made = Postgres(program)
    yield made
    made.stop()


@pytest.fixture
def stores(tmp_path: Path) -> list[Path]:
    """The work directories of four trainers: each has a study in a world of its own, and all have
    carried out one and the same study, each at a time of its own."""
    folders = [tmp_path / f"trainer-{number}" for number in range(TRAINERS)]
    for number, folder in enumerate(folders):
        folder.mkdir()
        own = OWN.replace("seed: 5", f"seed: {6 + number}")
        study(Runtime(folder), f"study-{number}", number, own, POINTS)
        study(Runtime(folder), "common", TRAINERS, COMMON, POINTS)
        for log in folder.glob("runs/*/metrics.jsonl"):
            log.write_text(log.read_text().replace('"time": ', f'"time": {number + 1}0'))
    return folders


def points(server: Server) -> tuple[Counter[tuple[str, str, int]], list[str]]:
    """How often each (id, key, step) is there, and the names of the experiments."""
    from mlflow import MlflowClient

    client = MlflowClient(server.uri)
    experiments = client.search_experiments()
    runs = client.search_runs([one.experiment_id for one in experiments], max_results=1000)
    ids = [run.data.tags["silta.id"] for run in runs]
    assert len(ids) == len(set(ids)), "two runs of one id"
    found: Counter[tuple[str, str, int]] = Counter()
    for run in runs:
        for key in run.data.metrics:
            for one in client.get_metric_history(run.info.run_id, key):
                found[run.data.tags["silta.id"], one.key, one.step] += 1
    return found, [one.name for one in experiments]


def wanted(stores: list[Path]) -> set[tuple[str, str, int]]:
    """Every point of every record."""
    found = set()
    for work in stores:
        store = Store(work)
        for id in store.finished():
            found |= {(id, one.key, one.step) for one in points_of(store.path(id), id)}
    return found


def alike(whole: ScoreFrame, direct: ScoreFrame) -> None:
    """What the dashboard reads off the server is what it reads off the database itself."""
    for name in ("scores", "evaluations", "trainings", "plan", "planned_runs", "costs"):
        left, right = (
            frame.scores if name == "scores" else getattr(frame, name) for frame in (whole, direct)
        )
        order = [one for one in ("study", "run_id", "split", "lang", "metric") if one in left]
        left, right = (
            written(one).sort_values(order, kind="stable", ignore_index=True)
            for one in (left, right)
        )
        assert len(left) or name == "costs", name
        pd.testing.assert_frame_equal(left, right, obj=name)


def test_four_trainers_publish_at_once_and_a_backup_meanwhile_restores(
    database: Postgres, stores: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = OnPostgres(tmp_path / "server", database, "mlflow")
    assert readable(server.store) and not readable(server.uri)
    copy = OnPostgres(tmp_path / "copy", database, "restored")
    server.start()
    server.wait()
    try:
        at = ("--tracking-uri", server.uri)
        trainers = [begin("publish", "--work", work, *at) for work in stores]
        until((server.folder / "artifacts").exists, trainers[0])
        dump = tmp_path / "mlflow.dump"  # the database first, then the artifacts, as the stack does
        subprocess.run(database.line("pg_dump", "-Fc", "-d", "mlflow", "-f", dump), check=True)
        shutil.copytree(server.folder / "artifacts", copy.folder / "artifacts")
        assert any(one.poll() is None for one in trainers), "all was sent before the backup"
        said = [one.communicate(timeout=300) for one in trainers]
        assert [one.returncode for one in trainers] == [0] * TRAINERS, said
        assert "lock" not in (server.folder / "server.log").read_text().lower()

        found, experiments = points(server)
        assert sorted(experiments) == ["Default", "silta"]
        expected = wanted(stores)
        assert len(expected) > 4 * POINTS
        assert set(found) == expected
        assert [point for point, times in found.items() if times > 1] == []
        whole = snapshot(server.uri, tmp_path / "whole")
        assert Sql(server.store).known, "the schema of this MLflow is not one that was tested"
        with pytest.raises(Unreachable, match="only its server hands out"):
            snapshot(server.store, tmp_path / "direct")
        monkeypatch.setenv(ARTIFACTS, server.uri)
        alike(whole, snapshot(server.store, tmp_path / "direct"))

        subprocess.run(database.line("pg_restore", "-d", "restored", dump), check=True)
        copy.start()
        copy.wait()
        assert len(points(copy)[0]) < len(expected), "the backup was taken after the last write"
        done = silta("publish", "--all", "--work", stores[0], "--tracking-uri", copy.uri)
        assert done.returncode == 0, done.stderr
        for work in stores[1:]:  # the same without a process for each
            assert publish_all(Runtime(work, tracking_uri=copy.uri), everything=True)[1] is None
        assert points(copy)[0] == found
        again = snapshot(copy.uri, tmp_path / "again")
        for name, table in told(whole).items():
            columns = list(table.columns)
            left, right = (
                one.astype(str).sort_values(columns) for one in (table, told(again)[name])
            )
            assert len(left) or name == "contrasts"
            assert left.values.tolist() == right.values.tolist(), name
    finally:
        server.kill()
        copy.kill()
