"""A server that wants to know who asks: what is sent to it, and what is said of its refusals."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from dashboard.snapshot import Unreachable, snapshot

ACCOUNTS = {"reader": "word", "stranger": "word"}


class Guarded(BaseHTTPRequestHandler):
    """Answers as MLflow's basic-auth app does; a reader meets a server without our experiment."""

    def do_GET(self) -> None:
        kind, _, told = self.headers.get("Authorization", "").partition(" ")
        name, _, word = base64.b64decode(told).decode().partition(":")
        if kind != "Basic" or ACCOUNTS.get(name) != word:
            return self.answer(401, "text/plain", "You are not authenticated.")
        if name == "stranger":
            return self.answer(403, "text/plain", "Permission denied")
        told = {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "no such experiment"}
        return self.answer(404, "application/json", json.dumps(told))

    do_POST = do_GET

    def answer(self, status: int, kind: str, body: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        """Silent."""


@pytest.fixture
def address() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Guarded)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def entered(monkeypatch: pytest.MonkeyPatch, name: str, word: str) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", name)
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", word)


def test_without_a_login_it_is_said_how_to_give_one(address: str, tmp_path: Path):
    with pytest.raises(Unreachable, match=r"asks for a login \(401\).*MLFLOW_TRACKING_USERNAME"):
        snapshot(address, tmp_path)


def test_a_wrong_password_is_said_and_not_shown(address: str, tmp_path: Path, monkeypatch):
    entered(monkeypatch, "reader", "wrongword")
    with pytest.raises(Unreachable, match="asks for a login") as told:
        snapshot(address, tmp_path)
    assert "wrongword" not in str(told.value)


def test_an_account_that_may_not_read_is_said(address: str, tmp_path: Path, monkeypatch):
    entered(monkeypatch, "stranger", "word")
    with pytest.raises(Unreachable, match=r"does not let this account read \(403\)"):
        snapshot(address, tmp_path)


def test_a_reader_is_let_in(address: str, tmp_path: Path, monkeypatch):
    entered(monkeypatch, "reader", "word")
    assert snapshot(address, tmp_path).studies() == []
