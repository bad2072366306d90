"""Two Ray nodes on this machine, reachable on loopback only, until standard input is closed.

Run as `python ray_nodes.py`; the first line that it prints is the cluster's address.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from commands import environment

TOKEN = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": "5" * 64}
MEMORY = 80 * 2**20


@contextmanager
def nodes() -> Iterator[str]:
    """The address of a cluster of two nodes, each with two cores and one GPU in name only."""
    from training.engine.cluster import LOOPBACK, QUIET

    process = subprocess.Popen(
        [sys.executable, __file__],
        env=environment(**QUIET, **TOKEN, **{LOOPBACK: "0"}),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin and process.stdout
    try:
        address = process.stdout.readline().strip()
        assert address, "the cluster did not start"
        yield address
    finally:
        process.stdin.close()
        process.wait(timeout=60)


def main() -> None:
    from ray.cluster_utils import Cluster

    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what Ray prints is no answer
    cluster = Cluster()
    for _ in range(2):
        cluster.add_node(
            num_cpus=2, num_gpus=1, object_store_memory=MEMORY, include_dashboard=False
        )
    cluster.wait_for_nodes()
    print(cluster.address, file=answers, flush=True)
    sys.stdin.read()
    for node in list(cluster.list_all_nodes()):
        node.kill_all_processes(check_alive=False, allow_graceful=True)


if __name__ == "__main__":
    main()
