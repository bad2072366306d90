"""A trainer on the host, whose tracking server is killed under it, part by part."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from commands import begin, silta, until
from stacks import ROOT, SEARCH, Stack, asked

from training.engine.records import points_of
from training.engine.store import DONE, Store

MATRIX = (ROOT / "tests" / "compose" / "tiny.yaml").read_text()
PARTS = ("postgres", "mlflow", "dashboard")


def healed(stack: Stack, seconds: float = 240) -> None:
    """Wait until database, server and page answer again."""
    limit = time.monotonic() + seconds
    while True:
        try:
            if asked(stack.mlflow + SEARCH)[0] == asked(stack.dashboard)[0] == 200:
                return
        except OSError:
            pass
        assert time.monotonic() < limit, "the stack did not heal"
        time.sleep(1)


def kill(stack: Stack, service: str) -> None:
    """SIGKILL to all of a container's processes but the first, which then ends. (`docker kill`
    would count as being stopped, after which Docker starts nothing again.)"""
    stack.compose("exec", "-T", service, "sh", "-c", "kill -9 -1", ok=False)


def there(stack: Stack, store: Store) -> Counter[tuple[str, str, int]]:
    """How often the server has each point (id, key, step) of a store's records, and their files."""
    from mlflow import MlflowClient

    client, found = MlflowClient(stack.mlflow), Counter[tuple[str, str, int]]()
    experiment: Any = client.get_experiment_by_name("silta")
    assert experiment.artifact_location.startswith("mlflow-artifacts:")
    ids = set(store.finished())
    for run in client.search_runs([experiment.experiment_id], max_results=1000):
        if (id := run.data.tags["silta.id"]) in ids:
            ids.remove(id)
            assert run.info.status == "FINISHED"
            for one in client.list_artifacts(run.info.run_id):
                got = client.download_artifacts(run.info.run_id, one.path, str(store.runs.parent))
                assert Path(got).stat().st_size == one.file_size
            for key in run.data.metrics:
                history = client.get_metric_history(run.info.run_id, key)
                found.update((id, key, one.step) for one in history)
    assert not ids, "records without a run"
    return found


@pytest.mark.usefixtures("seeded")
def test_any_container_killed_under_a_trainer_comes_back_and_nothing_is_lost(
    stack: Stack, tmp_path: Path
):
    matrix, store = tmp_path / "matrix.yaml", Store(tmp_path / "work")
    longer = (
        MATRIX.replace("[1, 2]", "[3, 4, 5, 6]")
        .replace("steps: 4", "steps: 40")
        .replace("seed: 13", "seed: 14")
    )
    matrix.write_text(longer.replace("study: tiny", "study: killed"))
    at = ("--work", tmp_path / "work", "--tracking-uri", stack.mlflow)
    trainer = begin("run", matrix, *at)
    for number, service in enumerate(PARTS, 1):
        until(lambda least=number: len(list(store.runs.glob(f"*/{DONE}"))) >= least, trainer, 300)
        kill(stack, service)
        assert trainer.poll() is None, "the study was over before the kill"
    said = trainer.communicate(timeout=600)
    assert trainer.returncode == 0, said
    healed(stack)
    done = silta("publish", *at)
    assert done.returncode == 0, done.stderr
    records = [(id, points_of(store.path(id), id)) for id in store.finished()]
    wanted = [(id, one.key, one.step) for id, points in records for one in points]
    assert len(records) >= 10 and there(stack, store) == Counter(wanted)
