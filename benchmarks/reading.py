"""What it costs to know a tracking server: `python benchmarks/reading.py`, and in `make bench`.

A made-up study (`synthetic.py`) is read by SQL out of its database and by REST from a real
`mlflow server` on loopback over the same file: at first, with nothing new, and after 100 runs
ended anew. Both ways must give the same frame. REST's first reading takes minutes; `--runs` asks
for a smaller study. Each of them is done once, but what is to take under a second is done five
times, and the median counts. The result goes to `benchmarks/results/reading.json`.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import statistics
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from bench import RESULTS, ROOT, SCHEMA, machine
from goal import Goal
from synthetic import written

sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
from servers import Server  # noqa: E402

AGAIN = (
    "update runs set end_time = (select max(end_time) from runs) + 1 where run_uuid in (select"
    " run_uuid from runs where end_time is not null order by end_time desc limit 100)"
)
REPEATS = 5
TABLES = ("evaluations", "plan", "trainings", "planned_runs")


def read(uri: str, base: Path, kept: Path) -> tuple[dict[str, float], Any]:
    """Seconds of each reading of the database `base` at an address, and what the last one gave."""
    from dashboard.snapshot import snapshot

    def once(change: bool, before: Any) -> tuple[float, Any]:
        if change:
            with closing(sqlite3.connect(base)) as writing, writing:
                writing.execute(AGAIN)
        began = time.perf_counter()
        frame = snapshot(uri, kept, before=before)
        return time.perf_counter() - began, frame

    first, frame = once(False, None)
    told = {"first_s": first}
    for name, change in (("nothing_new_s", False), ("hundred_changed_s", True)):
        spent = []
        for _ in range(REPEATS):
            seconds, frame = once(change, frame)
            spent.append(seconds)
        told[name] = statistics.median(spent)
    return {name: round(value, 3) for name, value in told.items()}, frame


def same(one: Any, other: Any) -> bool:
    """Whether both ways give the same frame, whatever the order in which they were told."""
    from dashboard.analysis.coding import written as plain

    def ordered(frame: Any) -> Any:
        rows = plain(frame)
        return rows.sort_values(list(rows.columns), ignore_index=True)

    pairs = [(getattr(one, name), getattr(other, name)) for name in TABLES]
    pairs.append((one.scores, other.scores))
    return all(ordered(left).equals(ordered(right)) for left, right in pairs)


def goals(sql: dict[str, float], rest: dict[str, float]) -> list[Goal]:
    return [
        Goal("s, first reading by SQL", sql["first_s"], 10.0, False),
        Goal("times REST's pace, first reading by SQL", rest["first_s"] / sql["first_s"], 20.0),
        Goal("s, nothing new, SQL", sql["nothing_new_s"], 0.1, False),
        Goal("s, nothing new, REST", rest["nothing_new_s"], 0.5, False),
        Goal("s, 100 changed, SQL", sql["hundred_changed_s"], 0.3, False),
        Goal("s, 100 changed, REST", rest["hundred_changed_s"], 3.0, False),
    ]


def main() -> int:
    """Measure, write the result, and say whether the goals are met."""
    from dashboard.snapshot import snapshot

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--metrics", type=int, default=205)
    parser.add_argument("--folder", type=Path, help="A synthetic server that is there already.")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder, work = Path(name), asked.folder or Path(name)
        if not (work / "mlflow.db").exists():
            written(work, asked.runs, asked.metrics)
        server = Server(folder / "server", work / "mlflow.db")
        server.start()
        server.wait()
        try:
            base = server.folder / "server.db"
            sql, _ = read(server.store, base, folder / "sql")
            rest, whole = read(server.uri, base, folder / "rest")
            alike = same(snapshot(server.store, folder / "sql"), whole)
        finally:
            server.kill()
    made = goals(sql, rest)
    print("\n".join(one.line() for one in made))
    print(f"{'met   ' if alike else 'MISSED'} both ways give the same frame")
    told: dict[str, Any] = {"schema": SCHEMA, "name": "reading", "runs": asked.runs}
    told |= {"metrics": asked.metrics, "sql": sql, "rest": rest, "same": alike}
    told |= {"goals": [one.document() for one in made], "machine": machine()}
    told["passed"] = alike and all(one.met for one in made)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "reading.json").write_text(json.dumps(told, indent=2) + "\n")
    return 0 if told["passed"] else 1


if __name__ == "__main__":
    sys.exit(main())
