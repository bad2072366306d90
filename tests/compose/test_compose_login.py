"""The stack with login switched on. After all other tests of the stack: its accounts stay."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from stacks import SEARCH, Stack, asked, experiment


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
    return "Basic " + base64.b64encode(f"{name}:{name}{WORD}".encode()).decode()


def test_with_login_nothing_answers_without_one_and_a_reader_changes_nothing(guarded: Stack):
    base, api = guarded.mlflow, f"{guarded.mlflow}/api/2.0"
    for path in ("/", SEARCH, "/get-artifact", "/graphql", "/api/2.0/mlflow-artifacts/artifacts"):
        assert asked(base + path)[0] == 401, path
    silta = experiment(guarded, Authorization=basic("reader"))
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
