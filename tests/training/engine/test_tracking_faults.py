"""A training beside a tracking server that is absent, killed, refusing, slow or replaced.

In each: the training ends with exit code 0, no step waits, and after `silta publish` the server
holds every point of the local logs once.
"""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from commands import silta
from mlflow import MlflowClient
from servers import Proxy, Server
from typer.testing import CliRunner

from training.cli import app
from training.engine import publish, system
from training.engine.records import curves
from training.spec import record

pytestmark = pytest.mark.end_to_end

RECIPE = ("batch=4", "scratch=true", "dev_checks=1", "dev_examples=4")
SOURCE = "miniature/seed=5/sentences=40"
STEP = 1.0
"""Seconds that a step may take, with whatever its tracking costs."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> Iterator[Server]:
    """A running server; what a test kills, it starts again."""
    made = Server(tmp_path_factory.mktemp("server"), migrated)
    made.start()
    made.wait()
    yield made
    made.kill()


@pytest.fixture
def proxy(server: Server) -> Iterator[Proxy]:
    made = Proxy(server.port)
    made.listen()
    yield made
    made.shutdown()
    made.server_close()


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at the logs and the machine as often as a training of seconds needs."""
    monkeypatch.setattr(publish, "POLL", 0.1)
    monkeypatch.setattr(system, "FIRST", 0.1)


def told(work: Path, uri: str, seed: int, *more: Any, steps: int = 100) -> list[str]:
    """A small training; every test has its own seed, for all share a server."""
    recipe = [part for one in (*RECIPE, f"steps={steps}") for part in ("--set", f"recipe.{one}")]
    line = [
        "train",
        "intermediate",
        "--task",
        "mnli",
        "--scale",
        "nano",
        "--source",
        SOURCE,
        "--seed",
        seed,
        *recipe,
    ]
    return [str(part) for part in [*line, "--work", work, "--tracking-uri", uri, *more]]


def train(work: Path, uri: str, seed: int, steps: int = 100) -> str:
    """Train in this process, where the sender's thread is beside the steps; what was said."""
    done = CliRunner().invoke(app, told(work, uri, seed, steps=steps))
    assert done.exit_code == 0, done.output
    steps_did_not_wait(work)
    return done.output


def steps_did_not_wait(work: Path) -> None:
    (log,) = work.glob("runs/*/metrics.jsonl")
    times = [json.loads(line)["time"] for line in log.read_text().splitlines()]
    assert len(times) == 100
    assert max(b - a for a, b in itertools.pairwise(times)) < STEP


def republish(work: Path, uri: str) -> None:
    done = CliRunner().invoke(app, ["publish", "--work", str(work), "--tracking-uri", uri])
    assert done.exit_code == 0, done.output


def holds_all_once(work: Path, uri: str, status: str = "FINISHED") -> Any:
    """The server has one record of the run, and every point of its logs once."""
    (path,) = work.glob("runs/*")
    client = MlflowClient(uri)
    experiment = client.get_experiment_by_name(record.EXPERIMENT)
    assert experiment is not None
    query = f"tags.`{record.ID}` = '{path.name}'"
    (run,) = client.search_runs([experiment.experiment_id], query)
    assert run.info.status == status
    wanted: dict[str, list[tuple[int, int, float]]] = {}
    for one in curves(path):
        wanted.setdefault(one.key, []).append((one.step, one.time, one.value))
    assert {"train/loss", "system/cpu_utilization_percentage"} <= set(wanted)
    assert set(run.data.metrics) == set(wanted)
    for key, points in wanted.items():
        held = client.get_metric_history(run.info.run_id, key)
        assert sorted((one.step, one.timestamp, one.value) for one in held) == sorted(points)
    return run


def test_a_server_that_is_absent_from_the_start(server: Server, tmp_path: Path) -> None:
    proxy = Proxy(server.port)
    said = train(tmp_path, proxy.uri, 1)
    assert said.count("warning") == 1 and "silta publish" in said
    proxy.listen()
    republish(tmp_path, proxy.uri)
    holds_all_once(tmp_path, proxy.uri)
    proxy.shutdown()


@pytest.mark.parametrize("status", ["500", "403"])
def test_a_server_that_refuses(status: str, proxy: Proxy, tmp_path: Path) -> None:
    proxy.mode = status
    said = train(tmp_path, proxy.uri, int(status))
    assert proxy.asked > 1 and said.count("warning") == 1 and "silta publish" in said
    proxy.mode = "fine"
    republish(tmp_path, proxy.uri)
    holds_all_once(tmp_path, proxy.uri)


def test_a_server_that_takes_ten_seconds(proxy: Proxy, tmp_path: Path) -> None:
    """As a command of its own: its thread is in the middle of a request when the work is over."""
    proxy.mode = "slow"
    began = time.monotonic()
    done = silta(*told(tmp_path, proxy.uri, 4, "--patience", 2))
    assert done.returncode == 0, done.stderr
    assert "warning" in done.stderr and "not done within 2 s" in done.stderr
    steps_did_not_wait(tmp_path)
    assert proxy.asked and time.monotonic() - began < 90
    proxy.mode = "fine"
    republish(tmp_path, proxy.uri)
    holds_all_once(tmp_path, proxy.uri)


def in_the_middle(work: Path, uri: str, harm: Any) -> threading.Thread:
    """Do harm once some of the curve has arrived."""

    def watch() -> None:
        client = MlflowClient(uri)
        while not (found := client.search_runs(ids(client), f"tags.`{record.STATE}` = 'running'")):
            time.sleep(0.05)
        while not client.get_run(found[0].info.run_id).data.metrics:
            time.sleep(0.05)
        harm()

    def ids(client: MlflowClient) -> list[str]:
        return [one.experiment_id for one in client.search_experiments()]

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    return thread


def harmed_in_the_middle(server: Server, work: Path, seed: int, harm: Callable[[], None]) -> None:
    """Train while a server is harmed and comes back; in the end it holds everything once."""
    thread = in_the_middle(work, server.uri, harm)
    train(work, server.uri, seed, steps=300)
    thread.join(60)
    assert not thread.is_alive(), "the curve was on the server while it trained"
    server.wait()
    republish(work, server.uri)
    holds_all_once(work, server.uri)


def test_a_server_that_is_killed_and_started_again(server: Server, tmp_path: Path) -> None:
    def harm() -> None:
        server.kill()
        server.start()

    harmed_in_the_middle(server, tmp_path, 5, harm)


def test_a_database_that_is_replaced_by_an_empty_one(server: Server, tmp_path: Path) -> None:
    def harm() -> None:
        server.kill()
        server.empty()
        server.start()

    harmed_in_the_middle(server, tmp_path, 6, harm)
