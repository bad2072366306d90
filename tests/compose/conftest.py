"""One engine and one stack for all tests here; skipped where there is no engine to be had."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from stacks import PASSWORD, ROOT, Stack, bases, port, records, wheels, works


@pytest.fixture(scope="session")
def engine() -> Iterator[dict[str, str]]:
    """The environment in which `docker compose` works; one user of a private engine at a time."""
    if works(dict(os.environ)):
        yield dict(os.environ)
        return
    folder = os.environ.get("SILTA_ENGINE")
    if not folder:
        pytest.skip("no Docker engine answers, and SILTA_ENGINE names no stand-in for one")
    with FileLock(Path(tempfile.gettempdir()) / "silta-compose.lock", timeout=1800):
        start = '. "$SILTA_ENGINE/engine.sh"; engine_start >&2 && env -0'
        begun = subprocess.run(["bash", "-c", start], capture_output=True, text=True, timeout=600)
        assert begun.returncode == 0, f"no engine:\n{begun.stderr[-3000:]}"
        told = dict(part.split("=", 1) for part in begun.stdout.split("\0") if "=" in part)
        try:
            yield told
        finally:
            stop = '. "$SILTA_ENGINE/engine.sh"; docker image prune -f > /dev/null; engine_stop'
            subprocess.run(["bash", "-c", stop], env=told, timeout=120)


@pytest.fixture(scope="session")
def stack(engine: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Built, up and healthy; torn down with its volumes in the end."""
    told = {**engine, "COMPOSE_PROJECT_NAME": "silta-test"}
    for name in [name for name in told if name.startswith(("MLFLOW_", "POSTGRES_", "COMPOSE_PR"))]:
        told.pop(name)
    told["COMPOSE_PROJECT_NAME"] = "silta-test"  # one name: it is written into the images' labels
    settings = {"POSTGRES_PASSWORD": PASSWORD, "MLFLOW_PORT": port(), "DASHBOARD_PORT": port()}
    settings |= wheels()
    made = Stack(told, [ROOT / "docker-compose.yml"], settings)
    if not works(dict(os.environ)):  # a private engine's builds have no network of their own
        override = tmp_path_factory.mktemp("compose") / "network.json"
        names = json.loads(made.compose("--profile", "*", "config", "--format", "json").stdout)
        hosts = {
            n: {"build": {"network": "host"}} for n, s in names["services"].items() if "build" in s
        }
        override.write_text(json.dumps({"services": hosts}))
        made.files.append(override)
        for image in bases():
            if made.run("image", "inspect", image, ok=False).returncode:
                if made.run("pull", "-q", image, ok=False).returncode:
                    maker = Path(os.environ["SILTA_ENGINE"]) / "stand-in" / "build.sh"
                    subprocess.run([maker, image], env=told, check=True, timeout=900)
    made.compose("--profile", "*", "down", "-v", "--remove-orphans")  # what a killed test left
    try:
        for service in ("mlflow", "dashboard", "seed"):
            made.compose("build", service, seconds=1800)
        made.up()
        yield made
    finally:
        made.compose("--profile", "*", "down", "-v", "--remove-orphans", ok=False)


@pytest.fixture(scope="session")
def seeded(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The records of a small study that the profile `seed` ran against the stack."""
    override = tmp_path_factory.mktemp("seed") / "matrix.json"
    mounted = f"{ROOT / 'tests' / 'compose' / 'tiny.yaml'}:/tiny.yaml:ro"
    override.write_text(json.dumps({"services": {"seed": {"volumes": [mounted]}}}))
    stack.files.append(override)
    stack.settings["SEED_MATRIX"] = "/tiny.yaml"
    done = stack.compose("--profile", "seed", "up", "--no-build", "seed")
    found = records(stack)
    assert len(found) == 7, done.stdout[-2000:]  # 3 trainings, 3 evaluations, 1 study
    assert {state for state, _ in found.values()} == {"FINISHED"}
    return found
