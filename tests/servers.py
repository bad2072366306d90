"""A real MLflow server on loopback that can be killed, and a proxy before it that makes faults."""

from __future__ import annotations

import http.client
import http.server
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

SLOW = 10.0
"""Seconds that a slow answer takes."""


def free_port() -> int:
    """A port where nothing listens now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class Server:
    """`mlflow server` over a copy of a migrated database; always at the same port."""

    options: tuple[str, ...] = ()

    def settings(self) -> dict[str, str]:
        """Its environment, beside that of the tests."""
        return {}

    def __init__(self, folder: Path, migrated: Path) -> None:
        self.folder, self.migrated, self.port = folder, migrated, free_port()
        self.process: subprocess.Popen[bytes] | None = None
        folder.mkdir(exist_ok=True)
        self.empty()

    @property
    def uri(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def store(self) -> str:
        """SQLAlchemy's address of the database."""
        return f"sqlite:///{self.folder / 'server.db'}"

    def empty(self) -> None:
        """Replace the database by an empty one (while the server is down)."""
        shutil.copy(self.migrated, self.folder / "server.db")

    def start(self) -> None:
        """Begin to start; `wait` for it to answer."""
        told = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"} | self.settings()
        line = [sys.executable, "-m", "mlflow", "server", "--workers", "1", "--port", self.port]
        line += ["--backend-store-uri", self.store]
        line += ["--artifacts-destination", self.folder / "artifacts", *self.options]
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [str(part) for part in line],
                env=os.environ | told,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait(self, seconds: float = 300) -> None:
        limit = time.monotonic() + seconds
        while True:
            try:
                urllib.request.urlopen(f"{self.uri}/health", timeout=5).close()
                return
            except OSError:
                assert self.process and self.process.poll() is None, self.said()
                assert time.monotonic() < limit, self.said()
                time.sleep(0.1)

    def kill(self) -> None:
        """SIGKILL to the server and its workers."""
        if self.process:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def said(self) -> str:
        return (self.folder / "server.log").read_text()[-2000:]


class Guarded(Server):
    """The same with MLflow's own login: an admin, and whoever logs in may read."""

    options = ("--app-name", "basic-auth")
    admin, word = "admin", "a-long-word-of-the-admin"

    def settings(self) -> dict[str, str]:
        told = self.folder / "auth.ini"
        told.write_text(
            f"[mlflow]\ndefault_permission = READ\nadmin_username = {self.admin}\n"
            f"database_uri = sqlite:///{self.folder / 'auth.db'}\n"
            "authorization_function = mlflow.server.auth:authenticate_request_basic_auth\n"
        )
        return {
            "MLFLOW_AUTH_CONFIG_PATH": str(told),
            "MLFLOW_AUTH_ADMIN_PASSWORD": self.word,
            "MLFLOW_FLASK_SERVER_SECRET_KEY": "of this test alone",
        }


class Handler(http.server.BaseHTTPRequestHandler):
    """Passes a request on, or does to it what the proxy's mode says."""

    server: Proxy
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        proxy = self.server
        proxy.asked += 1
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if proxy.mode == "slow":
            time.sleep(SLOW)
        elif proxy.mode != "fine":
            return self.answer(int(proxy.mode), b"a fault", {})
        way = http.client.HTTPConnection("127.0.0.1", proxy.backend, timeout=60)
        try:
            way.request(self.command, self.path, body, dict(self.headers.items()))
            answer = way.getresponse()
            self.answer(answer.status, answer.read(), dict(answer.headers.items()))
        except OSError:
            self.close_connection = True
        finally:
            way.close()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

    def answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name in ("Content-Type",):
            if name in headers:
                self.send_header(name, headers[name])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Silent."""


class Proxy(http.server.ThreadingHTTPServer):
    """`mode`: "fine", "slow", or the status that everything is answered with. Starts unbound:
    until `listen`, nothing is at its address."""

    daemon_threads = True

    def __init__(self, backend: int) -> None:
        self.backend, self.mode, self.asked = backend, "fine", 0
        self.port = free_port()
        super().__init__(("127.0.0.1", self.port), Handler, bind_and_activate=False)

    @property
    def uri(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def listen(self) -> None:
        self.server_bind()
        self.server_activate()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_: object) -> None:
        """A client that went away is part of the game."""
