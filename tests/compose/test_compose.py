"""The stack as a user meets it: filled, closed to others, killed, saved and restored."""

from __future__ import annotations

import base64
import json
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from stacks import PASSWORD, ROOT, Stack

SEARCH = "/api/2.0/mlflow/experiments/search?max_results=10"


def asked(url: str, body: Any = None, **headers: str) -> tuple[int, str]:
    """(status, text) of a request to the host's side of the stack."""
    data = None if body is None else json.dumps(body).encode()
    told = {"Content-Type": "application/json", **headers}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data, told), timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def records(stack: Stack) -> dict[str, Any]:
    """Every record of the study by Silta's id: state, values and artifact names."""
    told = json.loads(asked(stack.mlflow + SEARCH)[1])["experiments"]
    (silta,) = [one["experiment_id"] for one in told if one["name"] == "silta"]
    body = {"experiment_ids": [silta], "max_results": 1000}
    status, text = asked(f"{stack.mlflow}/api/2.0/mlflow/runs/search", body)
    assert status == 200, text
    found = {}
    for run in json.loads(text)["runs"]:
        tags = {one["key"]: one["value"] for one in run["data"]["tags"]}
        values = {one["key"]: one["value"] for one in run["data"].get("metrics", ())}
        assert tags["silta.id"] not in found, f"{tags['silta.id']} is there twice"
        found[tags["silta.id"]] = (run["info"]["status"], values)
    return found


@pytest.fixture(scope="module")
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
    assert told["Size"] < most * 1e6, f"{told['Size'] / 1e6:.0f} MB"
    history = stack.run("history", "--no-trunc", f"silta-{image}").stdout
    assert PASSWORD not in history + json.dumps(told["Config"])


def test_no_password_in_a_process_list_or_log(stack: Stack):
    lists = "".join(
        stack.run("top", f"silta-test-{one}-1").stdout for one in ("postgres", "mlflow")
    )
    logs = stack.compose("logs", "--no-color").stdout
    assert "mlflow server" in lists
    for secret in (PASSWORD, "p%40ss"):
        assert secret not in lists and secret not in logs


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


def test_what_is_killed_comes_back_with_everything(stack: Stack, seeded: dict[str, Any]):
    for service in ("postgres", "mlflow", "dashboard"):
        # all processes but the first, which then ends; `docker kill` would count as being stopped
        stack.compose("exec", "-T", service, "sh", "-c", "kill -9 -1", ok=False)
    limit = time.monotonic() + 240
    while True:
        try:
            if asked(stack.mlflow + SEARCH)[0] == 200 and asked(stack.dashboard)[0] == 200:
                break
        except OSError:
            pass
        assert time.monotonic() < limit, "the stack did not heal"
        time.sleep(1)
    assert records(stack) == seeded


def test_down_and_up_lose_nothing(stack: Stack, seeded: dict[str, Any]):
    stack.compose("down")
    stack.up()
    assert records(stack) == seeded


def test_a_backup_restores_what_was_lost(stack: Stack, seeded: dict[str, Any], tmp_path: Path):
    archive = tmp_path / "silta.tar"
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
    assert records(stack) == seeded
    again = stack.compose(
        *("--profile", "train", "run", "--rm", "-T", "train", "publish", "--all", "--work", "/work")
    )
    assert again.returncode == 0
    assert records(stack) == seeded


@pytest.fixture
def guarded(stack: Stack, seeded: dict[str, Any], tmp_path: Path) -> Stack:
    """The same stack with login switched on. Comes last: accounts stay in their database."""
    for name in ("admin", "trainer", "reader"):
        file = tmp_path / name
        file.write_text(f"{name}{WORD}\n")
        file.chmod(0o644)
        stack.settings[f"MLFLOW_{name.upper()}_PASSWORD_FILE"] = str(file)
    stack.settings["COMPOSE_PROFILES"] = "auth"
    stack.up()
    return stack


WORD = "-Pa55: %w/ord"


def basic(name: str) -> str:
    return "Basic " + base64.b64encode(f"{name}{WORD}".encode()).decode()


def test_with_login_nothing_answers_without_one_and_a_reader_changes_nothing(guarded: Stack):
    base, api = guarded.mlflow, f"{guarded.mlflow}/api/2.0"
    for path in ("/", SEARCH, "/get-artifact", "/graphql", "/api/2.0/mlflow-artifacts/artifacts"):
        assert asked(base + path)[0] == 401, path
    told = json.loads(asked(base + SEARCH, Authorization=basic("reader"))[1])["experiments"]
    (silta,) = [one["experiment_id"] for one in told if one["name"] == "silta"]
    for name, answer in (("reader", 403), ("trainer", 200)):
        login = {"Authorization": basic(name)}
        made = {"name": f"by {name}"}
        assert asked(f"{api}/mlflow/experiments/create", made, **login)[0] == answer
        assert asked(f"{api}/mlflow/runs/create", {"experiment_id": silta}, **login)[0] == answer
        search = {"experiment_ids": [silta]}
        assert asked(f"{api}/mlflow/runs/search", search, **login)[0] == 200
    done = guarded.compose(
        "exec", "-T", "dashboard", "silta-dashboard", "report", "--work", "/tmp/r2"
    )
    assert "Hungarian" in done.stdout
    train = ("--profile", "train", "run", "--rm", "-T", "train")
    guarded.compose(*train, "publish", "--all", "--work", "/work")
    logs = guarded.compose("logs", "--no-color").stdout
    assert WORD not in logs
