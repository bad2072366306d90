"""A dashboard's server and tabs of a browser that never draw, for `pages.py`."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench import ROOT

WAIT = 600.0
"""Seconds after which a page counts as never drawn."""


class Visitor:
    """One browser tab."""

    def __init__(self, port: int) -> None:
        from websockets.sync.client import connect

        address = f"ws://127.0.0.1:{port}/_stcore/stream"
        self.socket = connect(address, subprotocols=["streamlit"], max_size=None)
        self.boxes: dict[str, Any] = {}
        self.sent = 0
        self.charts = 0
        self.progress = ""

    def look(self, page: str, query: str = "", chosen: dict[str, str] | None = None) -> float:
        """Seconds until a page is drawn; `chosen`: select boxes by label."""
        from streamlit.proto.BackMsg_pb2 import BackMsg

        asked = BackMsg()
        asked.rerun_script.query_string = query
        asked.rerun_script.page_name = page
        for label, box in self.boxes.items():
            told = asked.rerun_script.widget_states.widgets.add()
            told.id = box.id
            told.string_value = (chosen or {}).get(label) or box.raw_value
        began = time.perf_counter()
        self.socket.send(asked.SerializeToString())
        self.read()
        return time.perf_counter() - began

    def read(self) -> None:
        """Until the script has finished; what was drawn is remembered."""
        from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

        self.sent, self.charts, self.progress = 0, 0, ""
        while True:
            data = self.socket.recv(timeout=WAIT)
            self.sent += len(data)
            told = ForwardMsg.FromString(data)
            if told.WhichOneof("type") == "delta":
                self.drawn(told.delta.new_element)
            if told.WhichOneof("type") == "script_finished" and told.script_finished == 0:
                return

    def drawn(self, element: Any) -> None:
        kind = element.WhichOneof("type")
        self.charts += kind == "plotly_chart"
        if kind == "progress":
            self.progress = element.progress.text
        if kind == "selectbox":
            box = element.selectbox
            if not box.raw_value and box.options:
                box.raw_value = box.options[box.default]
            self.boxes[box.label] = box
        if kind == "exception":
            raise SystemExit(f"the page failed: {element.exception.message}")


@contextmanager
def dashboard(work: Path) -> Iterator[tuple[int, int, float]]:
    """(port, process, seconds until it answered) of a freshly started server."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    line = [sys.executable, "-m", "dashboard", "serve", "--work", str(work), "--port", str(port)]
    began = time.perf_counter()
    with (work / "dashboard.log").open("w") as log:
        server = subprocess.Popen(line, cwd=ROOT, stdout=log, stderr=log, start_new_session=True)
    try:
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2).close()
                break
            except OSError:
                time.sleep(0.02)
        yield port, server.pid, time.perf_counter() - began
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(30)


def used(process: int) -> float:
    """Seconds of the processor that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak(process: int) -> float:
    """The most memory that a process held, in MB."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return int(next(one for one in lines if one.startswith("VmHWM")).split()[1]) / 1000
