"""How time grows with size: `python benchmarks/scaling.py [CURVE ...]`, and in `make bench`.

Each curve is measured at three sizes or more, each twice as large as the one before; its exponent
is the slope of log(seconds) over log(size): 1 is linear, below 1 a part of the time is fixed, 2
would be quadratic. Seconds are of processor time, so that other work on the machine does not bend a
curve; of publishing that of the real `mlflow server` on loopback is in it, which does most of it.
The result goes to `benchmarks/results/scaling.json`.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from bench import RESULTS, ROOT, SCHEMA, machine

sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
LIMIT = 1.25
"""An exponent above it is more than linear, whatever the noise."""
SOURCE = "miniature/seed=5/sentences=1200"
WARM = 125
"""Runs of a server that is read first, so that what is imported is no part of a curve."""
LONG = "miniature/seed=5/sentences=10000"
Clock = Callable[[], float]
Points = Iterator[tuple[float, float]]
"""(size, seconds)."""


@dataclass(frozen=True)
class Curve:
    """What was measured."""

    name: str
    what: str
    against: str
    sizes: list[float]
    seconds: list[float]
    exponent: float


def exponent(sizes: list[float], seconds: list[float]) -> float:
    """The slope of the line through the logarithms that is nearest by squares."""
    slope, _ = np.polyfit(np.log(sizes), np.log(seconds), 1)
    return round(float(slope), 3)


def used(work: Callable[..., Any], *told: Any, clock: Clock = time.process_time) -> float:
    """Seconds of a piece of work."""
    began = clock()
    work(*told)
    return clock() - began


def recipe(steps: int) -> Any:
    from training.spec.recipe import Recipe

    return Recipe(steps=steps, batch=16, scratch=True, dev_checks=1, dev_examples=4)


def training(folder: Path) -> Points:
    """Fine-tuning of one model for twice as many steps each time, against real tokens."""
    from training.engine.encoders import learner
    from training.engine.runtime import Runtime
    from training.engine.train import learning, train
    from training.spec.run import Run

    runtime = Runtime(folder, progress=False)
    one = Run("target", "nano", "mnli", 1, SOURCE, recipe(5))
    train(one, runtime)  # what is imported and read once is no part of the curve
    for steps in (80, 160, 320, 640):
        mine = replace(one, recipe=recipe(steps))
        data = learning(mine)(mine, learner(mine, runtime), runtime).data
        seen = ((data.tasks[name].features[i] for i in chosen) for name, chosen in data.plan)
        yield sum(one.length for batch in seen for one in batch), used(train, mine, runtime)


def trained(folder: Path, source: str = SOURCE) -> tuple[Any, str]:
    """A runtime, and a part-of-speech tagger in its store."""
    from training.engine.runtime import Runtime
    from training.engine.train import train
    from training.spec.run import Run

    runtime = Runtime(folder, progress=False)
    run = Run("target", "nano", "udpos", 1, source, recipe(5))
    train(run, runtime)
    return runtime, run.id


def evaluation(folder: Path) -> Points:
    """UDPOS, dev and test, against languages (the miniature has eight)."""
    from training.catalogue import TASKS
    from training.data.sources import languages
    from training.engine.evaluate import evaluate
    from training.spec.evaluation import Evaluation

    runtime, run = trained(folder, LONG)
    known = languages(TASKS["udpos"], "test", LONG, None, runtime.cache)
    evaluate(Evaluation(run, "nano", "udpos", LONG, languages=known), {}, runtime)  # reads all
    for count in (1, 2, 4, 8):
        one = Evaluation(run, "nano", "udpos", LONG, languages=known[:count])
        spent = []
        for _ in range(3):
            shutil.rmtree(runtime.work / "runs" / one.id, ignore_errors=True)
            spent.append(used(evaluate, one, {}, runtime))
        yield count, median(spent)


def planning(folder: Path) -> Points:
    """Reading, expansion with every id, and costs of the paper's matrix, against cells."""
    from plan import MATRIX, SCALES, TARGETS, TASKS, parts

    for seeds in (13, 25, 50, 100, 200):
        matrix = folder / "matrix.yaml"
        matrix.write_text(MATRIX.format(seeds=list(range(1, seeds + 1))))
        seconds = used(parts, matrix)
        if seeds > 13:  # the first one imports
            yield SCALES * TASKS * TARGETS * seeds, seconds


def stores(folder: Path, sizes: tuple[int, ...]) -> Iterator[Any]:
    """Runtimes whose stores hold so many finished evaluations, copies of a real one."""
    from training.engine.evaluate import evaluate
    from training.engine.store import Store
    from training.spec.evaluation import Evaluation

    runtime, run = trained(folder / "one")
    made = evaluate(Evaluation(run, "nano", "udpos", SOURCE), {}, runtime)
    told = json.loads((made / "run.json").read_text())
    for size in sizes:
        mine = replace(runtime, work=folder / f"store-{size}")
        for number in range(size):
            id = f"{made.name[:-12]}{size:04x}{number:08x}"
            place = Store(mine.work).path(id)
            shutil.copytree(made, place)
            (place / "run.json").write_text(json.dumps(told | {"id": id}))
        yield mine


def with_group(process: Any) -> float:
    """Processor seconds of this process, and of a server with its workers (their process group)."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            told = stat.read_text().rpartition(")")[2].split()  # from the state on: proc(5)
            ticks += (int(told[11]) + int(told[12])) * (int(told[2]) == process.pid)
    return time.process_time() + ticks / os.sysconf("SC_CLK_TCK")


def publishing(folder: Path) -> Points:
    """Finished evaluations of eight languages to an MLflow server, against runs."""
    from servers import Server
    from tracking import database

    from training.engine.study import publish_all

    server = Server(folder / "server", database(folder))
    server.start()
    server.wait()
    sizes = (2, 10, 20, 40, 80)
    try:
        for size, runtime in zip(sizes, stores(folder, sizes), strict=True):
            mine = replace(runtime, tracking_uri=server.uri)
            seconds = used(publish_all, mine, clock=partial(with_group, server.process))
            if publish_all(mine) != (0, None):
                raise SystemExit("not everything was published")
            if size != sizes[0]:  # the first one imports mlflow
                yield size, seconds
    finally:
        server.kill()


def syncing(folder: Path, direct: bool, sizes: tuple[int, ...]) -> Points:
    """The first reading of a server's runs with 200 metrics each, against runs."""
    from synthetic import written

    from dashboard.snapshot import connect, snapshot

    known: Any = connect
    kept = known.readable
    known.readable = kept if direct else lambda _: False
    try:
        for size in (WARM, *sizes):
            place = folder.parent / "servers" / str(size)
            if not place.exists():
                place.mkdir(parents=True)
                written(place, size)
            target = Path(tempfile.mkdtemp(dir=folder))
            uri = f"sqlite:///{place}/mlflow.db"
            seconds = used(snapshot, uri, target)
            if size != WARM:  # the first one imports
                yield size, seconds
    finally:
        known.readable = kept


DIRECT = partial(syncing, direct=True, sizes=(1000, 2000, 4000))
CLIENT = partial(syncing, direct=False, sizes=(250, 500, 1000))
CURVES: dict[str, tuple[str, str, Callable[[Path], Points]]] = {
    "training": ("fine-tuning nano on MNLI", "tokens", training),
    "evaluation": ("UDPOS, dev and test", "languages", evaluation),
    "planning": ("the paper's matrix: ids, graph and costs", "cells", planning),
    "publishing": ("evaluations to an MLflow server on loopback", "runs", publishing),
    "sync": ("the dashboard's first sync, the database read directly", "runs", DIRECT),
    "sync_by_client": ("the same through mlflow's client", "runs", CLIENT),
}


def measured(name: str, folder: Path) -> Curve:
    what, against, measure = CURVES[name]
    (folder / name).mkdir()
    sizes, seconds = (list(one) for one in zip(*measure(folder / name), strict=True))
    return Curve(name, what, against, sizes, seconds, exponent(sizes, seconds))


def main() -> int:
    """Measure, write the result; 1 where a curve is more than linear."""
    parser = argparse.ArgumentParser(description="How time grows with size.")
    parser.add_argument("curve", nargs="*", choices=[*CURVES, []], help="default: all")
    wanted = parser.parse_args().curve or list(CURVES)
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / "scaling.json"
    known = json.loads(path.read_text())["curves"] if path.exists() else {}
    with tempfile.TemporaryDirectory() as folder:
        for name in wanted:
            made = measured(name, Path(folder))
            told = {"limit": LIMIT, "passed": made.exponent <= LIMIT, "machine": machine()}
            known[name] = asdict(made) | told
            whole = {"schema": SCHEMA, "name": "scaling", "curves": known}
            path.write_text(json.dumps(whole, indent=2) + "\n")
            both = zip(made.sizes, made.seconds, strict=True)
            points = ", ".join(f"{size:,.0f}: {spent:.2f} s" for size, spent in both)
            print(f"{name:14} exponent {made.exponent:5.2f}   {made.against}: {points}", flush=True)
    return 0 if all(known[name]["passed"] for name in wanted) else 1


if __name__ == "__main__":
    sys.exit(main())
