"""Publishing beside a minimal client: `python benchmarks/publishing.py`, and in `make bench`.

The same finished evaluations are sent to one real `mlflow server` on loopback, in turns: by
`silta publish`, which looks for rivals, sends only what is missing and notes what was sent; and by
a loop that knows that the server has nothing: create_run, one log_batch, the same files, and
set_terminated. What arrived is compared. Seconds are of the clock, since the two wait for the
server differently. The result goes to `benchmarks/results/publishing.json`.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench import RESULTS, ROOT, SCHEMA, machine
from goal import Goal
from scaling import stores

sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
from servers import Server  # noqa: E402
from tracking import database  # noqa: E402

SHARE, RATE = 0.9, 3.0
"""Of the minimal client's pace, and records a second."""
METRICS = 200
"""Scores that each record is filled up to."""


def filled(runtime: Any) -> list[str]:
    """The evaluations of a store, each with METRICS scores."""
    from training.engine.store import SCORES, Store

    store = Store(runtime.work)
    for id in store.finished():
        path = store.path(id) / SCORES
        told = json.loads(path.read_text())
        had = sum(len(scores) for by_lang in told["scores"].values() for scores in by_lang.values())
        told["scores"]["made"] = {f"x{i:02d}": {"accuracy": float(i)} for i in range(METRICS - had)}
        path.write_text(json.dumps(told))
    return list(store.finished())


def minimal(runtime: Any, uri: str, name: str) -> None:
    """Send a store's evaluations in as few requests as can be, to an experiment of another name."""
    from mlflow import MlflowClient
    from mlflow.entities import Metric, Param, RunTag

    from training.engine.records import ARTIFACTS, name_of, parameters, points_of, tags_of
    from training.engine.store import ITEMS, Store

    client, store = MlflowClient(uri), Store(runtime.work)
    experiment = client.create_experiment(name)
    for id in store.finished():
        document, path = store.document(id), store.path(id)
        run = client.create_run(experiment, run_name=name_of(document)).info.run_id
        client.log_batch(
            run,
            [Metric(*one) for one in points_of(path, id)],
            [Param(*one) for one in parameters(document).items()],
            [RunTag(*one) for one in tags_of(document, "done").items()],
        )
        for file in (path / one for one in (*ARTIFACTS, ITEMS)):
            if file.exists():
                client.log_artifact(run, str(file))
        client.set_terminated(run)


def arrived(uri: str, name: str) -> list[tuple[str, int, int]]:
    """Of an experiment: (id, metrics, parameters) of its finished records."""
    from mlflow import MlflowClient

    client = MlflowClient(uri)
    experiment = client.get_experiment_by_name(name).experiment_id
    found = client.search_runs([experiment], "attributes.status = 'FINISHED'", max_results=1000)
    return sorted(
        (one.data.tags["silta.id"], len(one.data.metrics), len(one.data.params)) for one in found
    )


def turns(folder: Path, records: int, repeats: int) -> dict[str, list[float]]:
    """Seconds of both, in turns, after one of each that only warms the server and the client."""
    from training.engine.study import publish_all
    from training.spec.record import EXPERIMENT

    server = Server(folder / "server", database(folder))
    server.start()
    server.wait()
    told: dict[str, list[float]] = {"silta": [], "minimal": []}
    sizes = tuple(records + turn for turn in range(repeats + 1))
    try:
        for turn, runtime in enumerate(stores(folder, sizes)):
            ids, mine = filled(runtime), replace(runtime, tracking_uri=server.uri)
            began = time.perf_counter()
            minimal(runtime, server.uri, f"minimal-{turn}")
            middle = time.perf_counter()
            if publish_all(mine) != (len(ids), None):
                raise SystemExit("not everything was published")
            ended = time.perf_counter()
            there = {one[0]: one for one in arrived(server.uri, EXPERIMENT)}
            if [there[id] for id in sorted(ids)] != arrived(server.uri, f"minimal-{turn}"):
                raise SystemExit("the two did not send the same")
            if turn:
                told["minimal"].append((middle - began) / len(ids))
                told["silta"].append((ended - middle) / len(ids))
    finally:
        server.kill()
    return told


def main() -> int:
    """Measure, write the result, and say whether the goals are met."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--records", type=int, default=40)
    parser.add_argument("--repeats", type=int, default=5)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        told = turns(Path(folder), asked.records, asked.repeats)
    pairs = zip(told["minimal"], told["silta"], strict=True)
    share = statistics.median(least / ours for least, ours in pairs)
    rate = 1 / statistics.median(told["silta"])
    goals = [
        Goal("of a minimal batched client's pace", share, SHARE),
        Goal(f"records of {METRICS} scores a second", rate, RATE),
    ]
    print("\n".join(one.line() for one in goals))
    result: dict[str, Any] = {"schema": SCHEMA, "name": "publishing", "records": asked.records}
    result |= {"seconds_a_record": told, "goals": [one.document() for one in goals]}
    result |= {"passed": all(one.met for one in goals), "machine": machine()}
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "publishing.json").write_text(json.dumps(result, indent=2) + "\n")
    return 0 if result["passed"] else 1


if __name__ == "__main__":
    sys.exit(main())
