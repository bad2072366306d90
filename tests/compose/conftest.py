"""The real docker-compose.yml on a real engine: Docker's own, or a stand-in (SILTA_ENGINE).

SILTA_ENGINE names a folder with `engine.sh` (engine_start, engine_stop) and `stand-in/build.sh IMAGE...`,
for a machine without an engine and a registry. Where there is neither, the tests are skipped.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from filelock import FileLock

ROOT = Path(__file__).resolve().parent.parent.parent
PASSWORD = "p@ss:w0rd/#%$x"
"""Every character that a URL, a shell or an env file may trip over."""
Done = subprocess.CompletedProcess[str]


def port() -> str:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return str(one.getsockname()[1])


@dataclass
class Stack:
    """A compose project of its own name, its settings and what it says."""

    environment: dict[str, str]
    files: list[Path]
    settings: dict[str, str] = field(default_factory=dict)

    def run(self, *line: str, ok: bool = True, seconds: float = 900, **more: object) -> Done:
        told = {**self.environment, **self.settings}
        command = ["nice", "-n", "10", "docker", *line]
        done = subprocess.run(
            command, cwd=ROOT, env=told, capture_output=True, text=True, timeout=seconds, **more
        )  # type: ignore[call-overload]
        assert not ok or done.returncode == 0, f"{line}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
        return done

    def compose(self, *line: str, ok: bool = True, **more: object) -> Done:
        files = [part for file in self.files for part in ("-f", str(file))]
        empty = ("--env-file", os.devnull)  # a developer's own .env is none of the tests' business
        return self.run("compose", "--progress", "plain", *empty, *files, *line, ok=ok, **more)

    def up(self, *services: str) -> None:
        done = self.compose("up", "-d", "--wait", "--wait-timeout", "400", *services, ok=False)
        if done.returncode:
            said = self.compose("logs", "--no-color", "--tail", "30", ok=False).stdout
            pytest.fail(f"{done.stderr[-2000:]}\n{said[-4000:]}")

    def inside(self, service: str, code: str, ok: bool = True) -> Done:
        """Python in a service's container."""
        return self.compose("exec", "-T", service, "python", "-c", code, ok=ok)

    @property
    def mlflow(self) -> str:
        return f"http://127.0.0.1:{self.settings['MLFLOW_PORT']}"

    @property
    def dashboard(self) -> str:
        return f"http://127.0.0.1:{self.settings['DASHBOARD_PORT']}"


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


def works(environment: dict[str, str]) -> bool:
    if shutil.which("docker") is None:
        return False
    lines = (["docker", "info"], ["docker", "compose", "version"])
    return all(
        subprocess.run(line, env=environment, capture_output=True, timeout=60).returncode == 0
        for line in lines
    )


def bases() -> list[str]:
    """The official images that compose file and Dockerfiles name."""
    files = [ROOT / "docker-compose.yml", *ROOT.glob("*/Dockerfile")]
    text = "\n".join(file.read_text() for file in files)
    return sorted(set(re.findall(r"(?m)\b((?:python|postgres):[0-9][\w.-]+)", text)))


@pytest.fixture(scope="session")
def stack(engine: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Built, up and healthy; torn down with its volumes in the end."""
    told = {**engine, "COMPOSE_PROJECT_NAME": "silta-test"}
    for name in [name for name in told if name.startswith(("MLFLOW_", "POSTGRES_", "COMPOSE_PR"))]:
        told.pop(name)
    told["COMPOSE_PROJECT_NAME"] = "silta-test"  # one name: it is written into the images' labels
    settings = {"POSTGRES_PASSWORD": PASSWORD, "MLFLOW_PORT": port(), "DASHBOARD_PORT": port()}
    made = Stack(told, [ROOT / "docker-compose.yml"], settings)
    if not works(dict(os.environ)):  # a private engine's builds have no network of their own
        override = tmp_path_factory.mktemp("compose") / "network.json"
        names = json.loads(made.compose("--profile", "*", "config", "--format", "json").stdout)
        hosts = {n: {"build": {"network": "host"}} for n, s in names["services"].items() if "build" in s}
        override.write_text(json.dumps({"services": hosts}))
        made.files.append(override)
        for image in bases():
            if made.run("image", "inspect", image, ok=False).returncode:
                if made.run("pull", "-q", image, ok=False).returncode:
                    maker = Path(os.environ["SILTA_ENGINE"]) / "stand-in" / "build.sh"
                    subprocess.run([maker, image], env=told, check=True, timeout=900)
    try:
        for service in ("mlflow", "dashboard", "seed"):
            made.compose("build", service)
        made.up()
        yield made
    finally:
        made.compose("--profile", "*", "down", "-v", "--remove-orphans", ok=False)
