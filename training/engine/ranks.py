"""The processes of a training that is shared by several GPUs: started, watched and ended together.

The first one works in the study's store. The others have a folder of their own, thrown away, whose
store shows them the parent's encoder; so nothing is written twice.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from training.engine.blame import input_error, short_of_memory
from training.engine.runtime import Runtime
from training.engine.store import StoreError, read_json, write_json
from training.garbage import seldom
from training.light import lightly
from training.spec.record import RESUMABLE
from training.spec.run import Run

TICK = 0.1


class RankFailed(RuntimeError):
    """A rank ended with an error; the others were ended."""


def launch(run: Run, runtime: Runtime) -> None:
    """Train a run in `runtime.devices` processes. Raises what the first of them to fail says.

    Where memory is short it is tried once more, with what is cheap computed again.
    """
    try:
        share(run, runtime)
    except RankFailed as error:
        if not short_of_memory(str(error)):
            raise
        share(run, runtime, spare=True)


def share(run: Run, runtime: Runtime, spare: bool = False) -> None:
    """Start the processes and wait for their end."""
    with TemporaryDirectory(prefix="silta-ranks-") as made:
        folder = Path(made)
        write_json(folder / "run.json", run.document())
        port = str(free_port())
        count = range(runtime.devices)
        ranks = [start(rank, port, run, folder, runtime, spare) for rank in count]
        try:
            failed = wait(ranks)
        finally:
            end(ranks, runtime.grace)
        if failed is not None:
            raise reason(folder, failed, ranks[failed].returncode)


def start(
    rank: int, port: str, run: Run, folder: Path, runtime: Runtime, spare: bool
) -> subprocess.Popen[bytes]:
    """One rank; the first has the real work directory."""
    work = shadow(folder / f"work-{rank}", run, runtime.work) if rank else runtime.work.absolute()
    told = {"document": str(folder / "run.json"), "work": str(work), "threads": runtime.threads}
    told |= {"data": str(runtime.data.absolute()) if runtime.data else ""}
    told |= {"layout": runtime.layout, "spare": spare, "devices": runtime.devices}
    told |= {"why": str(folder / f"why-{rank}.json")}
    environment = {
        **os.environ,
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": port,
        "WORLD_SIZE": str(runtime.devices),
        "LOCAL_RANK": str(rank),
        "RANK": str(rank),
        "NODE_RANK": "0",
        "GLOO_SOCKET_IFNAME": os.environ.get("GLOO_SOCKET_IFNAME", "lo"),
    }
    command = [sys.executable, "-m", "training.engine.ranks", json.dumps(told)]
    return subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=sys.stderr)


def shadow(folder: Path, run: Run, work: Path) -> Path:
    """A work directory in which the parent and the caches are those of the study."""
    (folder / "runs").mkdir(parents=True)
    (work / "cache").mkdir(exist_ok=True)
    (folder / "cache").symlink_to((work / "cache").absolute())
    if run.parent:
        (folder / "runs" / run.parent).symlink_to((work / "runs" / run.parent).absolute())
    return folder


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def wait(ranks: list[subprocess.Popen[bytes]]) -> int | None:
    """Wait until all ranks are through (None) or one has failed (which)."""
    while True:
        codes = [one.poll() for one in ranks]
        failed = [rank for rank, code in enumerate(codes) if code]
        if failed or None not in codes:
            return failed[0] if failed else None
        time.sleep(TICK)


def end(ranks: list[subprocess.Popen[bytes]], grace: float) -> None:
    """End what still runs: told to end, ranks that train leave a checkpoint first.

    Where one has failed the others wait for it in vain, and are ended at once.
    """
    if not any(one.poll() for one in ranks):
        for one in ranks:
            one.terminate()
        limit = time.monotonic() + grace
        while None in [one.poll() for one in ranks] and time.monotonic() < limit:
            time.sleep(TICK)
    for one in ranks:
        one.kill()
        one.wait()


def reason(folder: Path, rank: int, code: int) -> Exception:
    """What a failed rank left as its reason."""
    path = folder / f"why-{rank}.json"
    if not path.exists():
        return RankFailed(f"rank {rank} ended with exit status {code}")
    told = read_json(path)
    if told["mend"]:
        return StoreError(told["reason"])
    return RankFailed(f"rank {rank}: {told['reason']}")


def follow() -> None:
    """End with the process that started this one, whatever ends that: its claim is free then."""
    os.read(0, 1)  # not sys.stdin, whose lock a daemon thread must not hold
    os._exit(1)


def main(told: dict[str, Any]) -> int:
    """One rank."""
    seldom()
    lightly()
    from training.engine.train import train

    threading.Thread(target=follow, daemon=True).start()
    data = Path(told["data"]) if told["data"] else None
    where = Runtime(
        Path(told["work"]),
        data,
        threads=told["threads"],
        layout=told["layout"],
        devices=told["devices"],
        progress=False,
    )
    try:
        train(Run.read(read_json(Path(told["document"]))), where, told["spare"])
    except KeyboardInterrupt:
        return RESUMABLE
    except Exception as error:
        mend = input_error(error)
        why = {"reason": mend or f"{type(error).__name__}: {error}", "mend": mend is not None}
        write_json(Path(told["why"]), why)
        raise
    return 0


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
