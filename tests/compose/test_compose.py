"""The stack as a user meets it: filled, shown, closed to others, saved and restored."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from stacks import PASSWORD, ROOT, SEARCH, Stack, asked, records


@pytest.mark.parametrize("missing", ["POSTGRES_PASSWORD"])
def test_a_missing_secret_is_named_before_anything_starts(engine: dict[str, str], missing: str):
    told = {key: value for key, value in engine.items() if key != missing}
    line = ["docker", "compose", "--env-file", str(ROOT / ".env.example"), "config", "-q"]
    done = subprocess.run(line, cwd=ROOT, env=told, capture_output=True, text=True)
    assert done.returncode != 0 and f"set {missing} in .env" in done.stderr
    told[missing] = "x"
    assert subprocess.run(line, cwd=ROOT, env=told, capture_output=True).returncode == 0


def test_both_services_answer_on_the_loopback(stack: Stack):
    assert asked(stack.mlflow + SEARCH)[0] == 200
    assert asked(stack.dashboard + "/_stcore/health") == (200, "ok")


@pytest.mark.parametrize("service", ["postgres", "mlflow", "dashboard"])
def test_a_container_is_locked_down(stack: Stack, service: str):
    told = json.loads(stack.run("inspect", f"silta-test-{service}-1").stdout)[0]
    host = told["HostConfig"]
    assert host["ReadonlyRootfs"] and host["CapDrop"] == ["ALL"] and host["Memory"]
    assert "no-new-privileges:true" in host["SecurityOpt"]
    user = stack.compose("exec", "-T", service, "id", "-u").stdout.strip()
    assert user.isdecimal() and user != "0"
    published = [one for ports in (host["PortBindings"] or {}).values() for one in ports]
    assert all(one["HostIp"] == "127.0.0.1" for one in published)
    assert bool(published) == (service != "postgres")


@pytest.mark.parametrize(("image", "most"), [("mlflow", 1200), ("dashboard", 900), ("train", 2500)])
def test_images_are_small_and_hold_no_secret(stack: Stack, image: str, most: int):
    told = json.loads(stack.run("image", "inspect", f"silta-{image}").stdout)[0]
    if image != "train" or stack.settings.get("WHEELS", stack.environment.get("WHEELS")):
        assert told["Size"] < most * 1e6, f"{told['Size'] / 1e6:.0f} MB"
    history = stack.run("history", "--no-trunc", f"silta-{image}").stdout
    assert PASSWORD not in history + json.dumps(told["Config"])


def test_no_password_in_a_process_list_or_log(stack: Stack):
    lists = "".join(
        stack.run("top", f"silta-test-{one}-1", "-ww", "-eo", "pid,args").stdout
        for one in ("postgres", "mlflow", "dashboard")
    )
    logs = stack.compose("logs", "--no-color").stdout
    assert "mlflow server" in lists
    for secret in (PASSWORD, "p%40ss"):
        assert secret not in lists and secret not in logs


def test_the_stack_idles_in_little_memory(stack: Stack):
    names = [f"silta-test-{one}-1" for one in ("postgres", "mlflow", "dashboard")]
    told = stack.run("stats", "--no-stream", "--format", "{{.MemUsage}}", *names).stdout
    units = {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
    used = [re.match(r"([\d.]+)(\wiB)", line) for line in told.split("\n") if line]
    assert len(used) == 3 and sum(float(one[1]) * units[one[2]] for one in used if one) < 1.2e9


def test_a_foreign_host_header_is_refused(stack: Stack):
    assert asked(stack.mlflow + SEARCH, Host="evil.example")[0] == 403


@pytest.mark.parametrize(
    "path",
    ["../../etc/passwd", "%2e%2e/%2e%2e/etc/passwd", "..%252f..%252fetc/passwd", "/etc/passwd"],
)
def test_no_file_beside_the_artifacts_can_be_read(stack: Stack, path: str):
    status, text = asked(f"{stack.mlflow}/api/2.0/mlflow-artifacts/artifacts/{path}")
    assert status == 400 and "root:" not in text


@pytest.mark.parametrize("place", ["http://127.0.0.1:9/x", "ftp://evil.example/x"])
def test_artifacts_cannot_be_placed_on_another_host(stack: Stack, place: str):
    body = {"name": "elsewhere", "artifact_location": place}
    assert asked(f"{stack.mlflow}/api/2.0/mlflow/experiments/create", body)[0] == 400


def test_the_dashboard_reaches_nothing_but_mlflow(stack: Stack):
    code = "import socket; socket.create_connection(('{}', {}), 5)"
    assert stack.inside("dashboard", code.format("mlflow", 5000)).returncode == 0
    assert stack.inside("dashboard", code.format("postgres", 5432), ok=False).returncode != 0


def test_the_dashboard_shows_the_seeded_study(stack: Stack, seeded: dict[str, Any]):
    done = stack.compose("exec", "-T", "dashboard", "silta-dashboard", "report", "--work", "/tmp/r")
    assert "Finnish" in done.stdout and "Hungarian" in done.stdout and "Tatoeba" in done.stdout
    assert PASSWORD not in done.stdout


def test_down_and_up_lose_nothing(stack: Stack, seeded: dict[str, Any]):
    before = records(stack)
    stack.compose("down")
    stack.up()
    assert records(stack) == before and before.items() >= seeded.items()


def test_a_backup_restores_what_was_lost(stack: Stack, seeded: dict[str, Any], tmp_path: Path):
    archive, before = tmp_path / "silta.tar", records(stack)
    run = ("--profile", "backup", "run", "--rm", "-T")
    command = ["docker", "compose", "--env-file", "/dev/null"]
    command += [part for file in stack.files for part in ("-f", str(file))]
    told = {**stack.environment, **stack.settings}
    with archive.open("wb") as file:
        subprocess.run([*command, *run, "backup"], cwd=ROOT, env=told, stdout=file, check=True)
    lost = next(id for id in seeded if id.startswith("evaluation-"))
    kept = "delete from latest_metrics; delete from metrics"
    stack.compose("exec", "-T", "postgres", "psql", "-Usilta", "-dmlflow", "-c", kept)
    stack.compose("exec", "-T", "mlflow", "sh", "-c", "rm -r /mlflow/artifacts/*")
    assert records(stack)[lost][1] == {}
    with archive.open("rb") as file:  # refused while the server runs
        line = [*command, *run, "restore"]
        assert subprocess.run(line, cwd=ROOT, env=told, stdin=file).returncode == 2
    stack.compose("stop", "mlflow", "dashboard")
    with archive.open("rb") as file:
        subprocess.run(line, cwd=ROOT, env=told, stdin=file, check=True)
    stack.up()
    assert records(stack) == before
    again = stack.compose(
        *("--profile", "train", "run", "--rm", "-T", "train", "publish", "--all", "--work", "/work")
    )
    assert again.returncode == 0
    assert records(stack) == before
