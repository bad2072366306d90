"""MLflow's own login before a real server: a reader sees the pages, others are told what to do."""

from __future__ import annotations

import base64
import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from pages_of import words
from servers import Guarded

pytestmark = [pytest.mark.slow, pytest.mark.end_to_end]
READER, WORD = "reader", "a-long-word-of-the-reader"


def entered(patched: pytest.MonkeyPatch, name: str, word: str) -> None:
    patched.setenv("MLFLOW_TRACKING_USERNAME", name)
    patched.setenv("MLFLOW_TRACKING_PASSWORD", word)


@pytest.fixture(scope="module")
def guarded(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """A server with the demo study and an account that may read it."""
    server = Guarded(tmp_path_factory.mktemp("guarded"), published)
    server.start()
    try:
        server.wait()
        admin = base64.b64encode(f"{server.admin}:{server.word}".encode()).decode()
        account = json.dumps({"username": READER, "password": WORD}).encode()
        asked = urllib.request.Request(f"{server.uri}/api/2.0/mlflow/users/create", account)
        asked.add_header("Authorization", f"Basic {admin}")
        asked.add_header("Content-Type", "application/json")
        urllib.request.urlopen(asked).close()
        yield server
    finally:
        server.kill()


def test_a_reader_sees_the_pages(
    guarded: Guarded, open_page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    entered(monkeypatch, READER, WORD)
    page = open_page(tmp_path / "work", guarded.uri, path="answer")
    assert not page.exception and not page.error
    assert "training on an English intermediate task changes Finnish" in words(page)


@pytest.mark.parametrize(("name", "word"), [(READER, "another"), ("nobody", WORD)])
def test_a_wrong_login_is_a_friendly_page(
    guarded: Guarded,
    open_page,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    word: str,
):
    entered(monkeypatch, name, word)
    page = open_page(tmp_path / "work", guarded.uri)
    assert not page.exception
    assert page.title[0].value == "The tracking server gives no answer"
    told = words(page)
    assert "it asks for a login (401)" in told and "MLFLOW_TRACKING_USERNAME" in told
    assert word not in told
