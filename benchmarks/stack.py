"""A made-up study in the running stack: `python benchmarks/stack.py --runs 10000`.

Against `docker compose up` with the settings of the environment and `.env`. The study of
`synthetic.py` is copied into the stack's PostgreSQL; the dashboard's container reads it over REST,
visitors open its pages as in `pages.py` and within the same limits, and it is read again.
Afterwards `docker compose down -v`: what it made is of no use.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench import RESULTS, ROOT, SCHEMA, machine
from goal import Goal
from pages import LIMITS, together
from synthetic import written
from visitor import Visitor

COLUMNS = {
    "runs": "run_uuid, name, source_type, status, start_time, end_time, lifecycle_stage,"
    " artifact_uri, experiment_id, user_id",
    "tags": "key, value, run_uuid",
    "latest_metrics": "key, value, timestamp, step, is_nan, run_uuid",
}
READ = (
    "import json, time; from pathlib import Path; from dashboard.snapshot import load, snapshot\n"
    "folder = Path('snapshot').absolute(); frame, began = load(folder), time.perf_counter()\n"
    "frame = snapshot('http://mlflow:5000', folder, before=frame)\n"
    "print(json.dumps({'again_s': round(time.perf_counter() - began, 2),"
    " 'scores': len(frame.scores)}))"
)

RESIDENT = "cat /proc/[0-9]*/status | awk '/^VmRSS/ {all += $2} END {print all}'"
"""Kilobytes that all processes of a container hold."""


def inside(service: str, *line: str, told: str = "") -> str:
    """What a command in a service's container says."""
    return compose("exec", "-T", service, *line, told=told)


def compose(*line: str, told: str = "") -> str:
    command = ["docker", "compose", *line]
    done = subprocess.run(command, cwd=ROOT, input=told, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr[-2000:])
    return done.stdout


def sql(text: str) -> str:
    line = ("psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-U", "silta", "-d", "mlflow")
    return inside("postgres", *line, told=text).strip()


def fill(folder: Path, count: int, metrics: int) -> None:
    """The made-up study, copied out of SQLite into the stack's database and artifacts."""
    made = sql(
        "insert into experiments (name, artifact_location, lifecycle_stage, creation_time,"
        " last_update_time, workspace) values ('silta', 'mlflow-artifacts:/silta', 'active', 1, 1,"
        " 'default') returning experiment_id"
    )
    with sqlite3.connect(written(folder, count, metrics)) as base:
        place = (folder / "artifacts").as_uri()
        base.execute("update runs set experiment_id = ?, user_id = 'silta'", (made,))
        base.execute(
            "update runs set artifact_uri = replace(artifact_uri, ?, 'mlflow-artifacts:/silta')",
            (place,),
        )
        for table, columns in COLUMNS.items():
            rows = base.execute(f"select {columns} from {table}")
            lines = "".join("\t".join(map(text, row)) + "\n" for row in rows)
            sql(f"copy {table} ({columns}) from stdin;\n{lines}\\.\n")
    for file in (folder / "artifacts").glob("*/artifacts/*"):
        at = f"/mlflow/artifacts/silta/{file.relative_to(folder / 'artifacts')}"
        put = f"mkdir -p $(dirname {at}) && cat > {at}"
        inside("mlflow", "sh", "-c", put, told=file.read_text())
    sql("analyze")


def text(value: Any) -> str:
    """A field as PostgreSQL's COPY reads it."""
    return "\\N" if value is None else str(value).replace("\\", "\\\\")


def visited(port: int, repeats: int) -> dict[str, Any]:
    """The dashboard's first reading until its heatmap is there; then, of a fresh start, the first
    painting, a changed filter, bytes, ten visitors at once, and its memory after all that."""
    began, one = time.perf_counter(), Visitor(port)
    one.look("heatmap")
    while not one.charts and time.perf_counter() - began < 900:
        time.sleep(1)
        one.look("heatmap")
    read = time.perf_counter() - began
    compose("restart", "dashboard")
    compose("up", "-d", "--wait", "--no-recreate", "dashboard")
    one = Visitor(port)
    first = one.look("heatmap")
    scales = list(one.boxes["Model scale"].options)
    changes = [one.look("heatmap", chosen={"Model scale": name}) for name in scales[1:] * repeats]
    ten = together(port, scales)
    return {
        "from_nothing_s": round(read, 2),
        "first_paint_s": round(first, 2),
        "filter_s": round(statistics.median(changes), 2),
        "most_sent_mb": round(one.sent / 1e6, 3),
        "ten_filter_s": round(statistics.median(ten), 2),
        "memory_mb": round(int(inside("dashboard", "sh", "-c", RESIDENT)) / 1000),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--metrics", type=int, default=200)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--filled", action="store_true", help="The study is there already.")
    asked = parser.parse_args()
    if not asked.filled:
        with tempfile.TemporaryDirectory() as folder:
            fill(Path(folder), asked.runs, asked.metrics)
    found = visited(int(os.environ.get("DASHBOARD_PORT", "8501")), asked.repeats)
    found |= json.loads(inside("dashboard", "python", "-c", READ))
    goals = [
        Goal(name, found[name], limit, least=False)
        for name, limit in LIMITS.items()
        if name in found
    ]
    told = {"schema": SCHEMA, "name": "stack", "runs": asked.runs, "metrics": asked.metrics}
    told |= found | {"goals": [one.document() for one in goals]}
    told |= {"load": os.getloadavg(), "machine": machine()}
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "stack.json").write_text(json.dumps(told, indent=2) + "\n")
    print(json.dumps(found, indent=1))
    print("\n".join(one.line() for one in goals))
    return 0 if all(one.met for one in goals) else 1


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
