"""The real docker-compose.yml on a real engine: Docker's own, or a stand-in (SILTA_ENGINE).

SILTA_ENGINE names a folder with `engine.sh` (engine_start, engine_stop) and `stand-in/build.sh`
(images by name), for a machine without an engine and a registry.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PASSWORD = "p@ss:w0rd/#%$x"
"""Every character that a URL, a shell or an env file may trip over."""
SEARCH = "/api/2.0/mlflow/experiments/search?max_results=10"
"""A question that MLflow answers from its database."""
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


def asked(url: str, body: Any = None, **headers: str) -> tuple[int, str]:
    """(status, text) of a request to the host's side of the stack."""
    data = None if body is None else json.dumps(body).encode()
    told = {"Content-Type": "application/json", **headers}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data, told), timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def experiment(stack: Stack, **headers: str) -> str:
    """MLflow's number of the experiment that holds everything."""
    told = json.loads(asked(stack.mlflow + SEARCH, **headers)[1])["experiments"]
    (silta,) = [one["experiment_id"] for one in told if one["name"] == "silta"]
    return str(silta)


def records(stack: Stack) -> dict[str, Any]:
    """Every record of the study by Silta's id: state, values and artifact names."""
    body = {"experiment_ids": [experiment(stack)], "max_results": 1000}
    status, text = asked(f"{stack.mlflow}/api/2.0/mlflow/runs/search", body)
    assert status == 200, text
    found = {}
    for run in json.loads(text)["runs"]:
        tags = {one["key"]: one["value"] for one in run["data"]["tags"]}
        values = {one["key"]: one["value"] for one in run["data"].get("metrics", ())}
        assert tags["silta.id"] not in found, f"{tags['silta.id']} is there twice"
        found[tags["silta.id"]] = (run["info"]["status"], values)
    return found


def wheels() -> dict[str, str]:
    """WHEELS, where none is set and pip on this machine is told of a folder with a CPU PyTorch."""
    line = [sys.executable, "-m", "pip", "config", "get", "global.find-links"]
    set_up = subprocess.run(line, capture_output=True, text=True).stdout  # empty where unset
    told = [*os.environ.get("PIP_FIND_LINKS", "").split(), *set_up.split()]
    folders = [one for one in told if list(Path(one).glob("torch-*+cpu-*.whl"))]
    return {"WHEELS": folders[0]} if folders and not os.environ.get("WHEELS") else {}
