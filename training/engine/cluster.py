"""A connection to Ray: to a running cluster, or to one of our own that nobody else can reach."""

from __future__ import annotations

import os
import secrets
import signal
import threading
from importlib.util import find_spec
from typing import Any

from training.engine.store import StoreError

OBJECTS = 100 * 2**20
"""Bytes of shared memory for Ray's objects: only paths and one-line answers travel."""
QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_DEDUP_LOGS": "0",
    "RAY_worker_niceness": "0",  # Ray starts workers at 15, behind everything else there is
    # What a dead actor leaves running dies with it: its training would hold the GPU.
    "RAY_kill_child_processes_on_worker_exit_with_raylet_subreaper": "true",
}
LOOPBACK = "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"
"""Off, Ray listens on 127.0.0.1 only: its default on Windows and macOS, and what we want here."""


def available() -> None:
    """Raises StoreError with the extra's name where Ray is not installed."""
    if find_spec("ray") is None:
        raise StoreError(
            "--executor ray needs Ray, which is not installed: pip install 'silta[distributed]'"
        )


def connect(address: str = "") -> Any:
    """The module ray, connected. Raises StoreError where the cluster cannot be reached."""
    available()
    os.environ.update({name: value for name, value in QUIET.items() if name not in os.environ})
    if not address or address.startswith(("127.", "localhost")):
        os.environ.setdefault(LOOPBACK, "0")
    if not address and "RAY_AUTH_TOKEN" not in os.environ:  # else Ray writes one to ~/.ray
        os.environ.update(RAY_AUTH_MODE="token", RAY_AUTH_TOKEN=secrets.token_hex(32))
    import ray

    told: dict[str, Any] = {"log_to_driver": False, "configure_logging": False}
    if not address:
        told |= {"include_dashboard": False, "object_store_memory": OBJECTS}
        told |= {"num_cpus": len(os.sched_getaffinity(0))}
    heeded = signal.getsignal(signal.SIGTERM)
    try:
        ray.init(address=address or "local", ignore_reinit_error=True, **told)
    except (ConnectionError, RuntimeError, ValueError) as error:
        why = (str(error).splitlines() or [""])[0]
        raise StoreError(f"no Ray cluster answers at {address or 'loopback'}: {why}") from error
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, heeded)  # Ray's own ends the process, and nothing is kept
    return ray


def nodes(ray: Any) -> list[dict[str, float]]:
    """CPU and GPU of every node that is up."""
    told = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    return [{kind: float(one.get(kind, 0.0)) for kind in ("CPU", "GPU")} for one in told]
