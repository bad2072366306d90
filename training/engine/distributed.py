"""Ray Core as another kind of worker: our executor stays the only scheduler.

An actor holds the resources of its job and one process like the local executor's own. Only the path
of the job's document travels to it; work directory and data are folders that all nodes share.
"""

from __future__ import annotations

import json
import os
import threading
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from training import catalogue
from training.engine.cluster import connect, nodes
from training.engine.failure import DIED, Failure
from training.engine.jobs import Worker, read
from training.engine.runtime import Layout, Runtime
from training.engine.store import StoreError
from training.plan.needs import Needs, needs

PATIENCE = 2.0
"""Seconds that a job waits for resources before idle actors have to give theirs up."""
GRACE = 60.0
"""Seconds that a job has to end itself when it is stopped."""
PLACEMENTS = "placements.jsonl"


class Carrier:
    """The actor: one warm process beside it, on the GPUs that Ray gave."""

    def __init__(self, work: str, data: str, devices: int, layout: Layout) -> None:
        import ray

        self.gpus = ",".join(map(str, ray.get_gpu_ids()))
        os.environ["CUDA_VISIBLE_DEVICES"] = self.gpus  # Ray leaves it alone where there is none
        data_folder = Path(data) if data else None
        told = Runtime(Path(work), data_folder, devices=devices, layout=layout, progress=False)
        self.worker = Worker(told)

    def where(self) -> dict[str, Any]:
        """Node, process and GPUs, for the record."""
        import ray

        context = ray.get_runtime_context()
        return {"node": context.get_node_id(), "pid": os.getpid(), "gpus": self.gpus}

    def do(self, path: str) -> tuple[dict[str, Any], bool] | None:
        """Carry out one job; None, or its failure and whether it was the process that died."""
        failure = self.worker.do(Path(path))
        if failure is None:
            return None
        process = self.worker.process
        return asdict(failure), process is None or process.poll() is not None

    def stop(self) -> None:
        """End the job in hand."""
        self.worker.stop()


class Pool:
    """Actors of one launch: those without a GPU stay warm, one with a GPU serves one job."""

    def __init__(self, ray: Any, runtime: Runtime) -> None:
        self.ray, self.runtime = ray, runtime
        self.nodes = nodes(ray)
        self.idle: list[Any] = []
        self.lock = threading.Lock()

    @property
    def slots(self) -> int:
        """Jobs at a time by the cores there are; GPUs are kept count of by Ray."""
        return sum(max(1, int(node["CPU"] // self.runtime.threads)) for node in self.nodes)

    def needs(self, document: dict[str, Any]) -> Needs:
        """What a job asks of this cluster. Raises StoreError where no node can ever give it."""
        scale = catalogue.scale(document["scale"])
        found = needs(scale, "phase" in document, self.runtime.gpus)
        most = max(node["GPU"] for node in self.nodes)
        if not most and scale.name not in self.runtime.gpus:
            return Needs(0.0, found.memory_gb, found.hours)
        if found.gpus > most:
            raise StoreError(
                f"{scale.name} needs {found.gpus:g} GPUs on one node and the largest has {most:g}: "
                f"add such a node, or say --gpus {scale.name}=N"
            )
        return found

    def take(self, asked: Needs) -> Any:
        """An actor for a job, warm where one may be; it may still wait for its resources."""
        with self.lock:
            if not asked.gpus and self.idle:
                return self.idle.pop()
        runtime = self.runtime
        made = self.ray.remote(Carrier).options(
            num_cpus=runtime.threads, num_gpus=asked.gpus, max_concurrency=2, max_restarts=0
        )
        data = str(runtime.data.absolute()) if runtime.data else ""
        return made.remote(str(runtime.work.absolute()), data, asked.devices, runtime.layout)

    def placed(self, actor: Any) -> dict[str, Any]:
        """Wait until an actor has its resources, and say where it is."""
        told = actor.where.remote()
        while not self.ray.wait([told], timeout=PATIENCE)[0]:
            with self.lock:
                while self.idle:  # what they hold may be just what is waited for
                    self.ray.kill(self.idle.pop())
        where: dict[str, Any] = self.ray.get(told)
        return where

    def give(self, actor: Any, keep: bool) -> None:
        """Take an actor back whose job is over, to keep it warm or to end it."""
        if not keep:
            self.ray.kill(actor)
            return
        with self.lock:
            self.idle.append(actor)

    def note(self, told: dict[str, Any]) -> None:
        """Append where and when a job ran to the launch's record."""
        with self.lock, (self.runtime.work / PLACEMENTS).open("a") as log:
            log.write(json.dumps(told) + "\n")


class Lost(Exception):
    """What carried the job died, which says nothing about the job."""


class RayWorker:
    """One job at a time, somewhere in the cluster."""

    def __init__(self, pool: Pool) -> None:
        self.pool, self.ray = pool, pool.ray
        self.actor: Any = None
        self.asked: Any = None
        """The actor that was asked to end its job."""
        self.running = False
        self.stopped_at: float | None = None

    def do(self, path: Path) -> Failure | None:
        """Hand over a job and wait; None, or why it failed."""
        document = read(path)
        try:
            asked = self.pool.needs(document)
        except StoreError as error:
            return Failure(str(error), mend=True)
        if self.stopped_at is not None:
            return Failure("it was stopped")
        try:
            return self.attempt(document["id"], path, asked)
        except Lost as error:
            return Failure(str(error), kind=DIED)

    def attempt(self, id: str, path: Path, asked: Needs) -> Failure | None:
        """One try. Raises Lost where the process, its actor or its node dies."""
        actor = self.actor = self.pool.take(asked)
        alive = False
        try:
            where = self.pool.placed(actor)
            self.running, began = True, time.time()
            told = self.ray.get(actor.do.remote(str(path.absolute())))
            self.pool.note({"id": id, **where, "began": began, "ended": time.time()})
            alive = True
        except self.ray.exceptions.RayActorError as error:
            raise Lost(summary(error)) from error
        finally:
            self.actor, self.running = None, False
            self.pool.give(actor, keep=alive and not asked.gpus)
        if told is None:
            return None
        failure, died = Failure(**told[0]), told[1]
        if died:
            raise Lost(failure.reason)
        return failure

    def stop(self) -> None:
        """Ask the job to end itself, once; end what has not begun, or is not done in its grace."""
        actor, now = self.actor, time.monotonic()
        self.stopped_at = self.stopped_at or now
        if actor is None:
            return
        if not self.running or now - self.stopped_at > GRACE:
            self.ray.kill(actor)
        elif actor is not self.asked:
            self.asked = actor
            actor.stop.remote()


def summary(error: Exception) -> str:
    """Ray's long message in one line: what happened, and the last line of a traceback."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return " ... ".join(dict.fromkeys([lines[0], lines[-1]])) if lines else type(error).__name__


def crew(runtime: Runtime, most: int) -> list[RayWorker]:
    """Workers on a cluster: `most`, or as many as its cores and `--jobs` allow."""
    pool = Pool(connect(runtime.address), runtime)
    return [RayWorker(pool) for _ in range(min(runtime.jobs or pool.slots, pool.slots, most))]
