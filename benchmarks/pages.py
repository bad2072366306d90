"""The pages over 10,000 evaluations: `python benchmarks/pages.py`, and in `make bench`.

A freshly started dashboard is asked by websocket clients that speak Streamlit's protocol, as a
browser does but without drawing: from the first byte asked until the script has finished and its
chart has arrived. First one that has never read its server (`synthetic.py`), for its progress and
its memory; then one that has: the start of the process (apart), the first painting, a changed
filter, the bytes of each page, and a changed filter with ten visitors at once. Between the two,
what a later reading costs. The result goes to
`benchmarks/results/pages.json`. Judged by the clock: a busy machine makes it worse.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from bench import RESULTS, ROOT, SCHEMA, machine
from synthetic import written
from visitor import WAIT, Visitor, dashboard, peak, used

LIMITS = {
    "data_cold_s": 1.0,
    "data_warm_s": 0.1,
    "first_paint_s": 2.0,
    "filter_s": 0.5,
    "memory_mb": 1000,
    "most_sent_mb": 1.0,
    "ten_filter_s": 1.0,
}
LARGE = ("data_cold_s", "data_warm_s", "most_sent_mb")
"""The limits that hold for more evaluations than the default, too."""
SESSIONS = 10


DATA = """
import json, statistics, sys, time
from pathlib import Path
from dashboard.analysis.picture import Choice
from dashboard.analysis.shapes import grid
from dashboard.snapshot import load

def drawn(target, scale):
    began = time.perf_counter()
    metric = next(one for one in frame.target(study, target)["metric"].unique() if one != "n")
    assert grid(frame, Choice(study, target, scale, metric, "test"), None)["gain"].notna().any()
    return time.perf_counter() - began

began = time.perf_counter()
frame = load(Path(sys.argv[1]) / "snapshot")
study = frame.studies()[0]
plan = frame.planned(study)
places = [(to, scale) for to in plan["target"].unique() for scale in plan["scale"].unique()]
drawn(*places[0])
cold = time.perf_counter() - began
warm = statistics.median(drawn(*one) for one in places[1:])
print(json.dumps({"data_cold_s": round(cold, 2), "data_warm_s": round(warm, 3)}))
"""
"""Seconds until the numbers of a picture are there, in a process that has just imported what it
needs, with the kept files in the system's cache; and (median) those of other scales and targets.
Nothing is asked of a server."""


def reread(work: Path) -> dict[str, Any]:
    """What a later reading costs, with nothing new and with 100 evaluations that ended since, in a
    process of its own: [seconds, seconds of the processor]."""
    code = (
        "import json, sqlite3, sys, time; from pathlib import Path\n"
        "from dashboard.snapshot import load, snapshot\n"
        "uri, folder = f'sqlite:///{sys.argv[1]}/mlflow.db', Path(sys.argv[1]) / 'snapshot'\n"
        "frame, told = load(folder), {}\n"
        "def once(name):\n"
        "    began, used = time.perf_counter(), time.process_time()\n"
        "    snapshot(uri, folder, before=frame)\n"
        "    spent = (time.perf_counter() - began, time.process_time() - used)\n"
        "    told[name] = [round(one, 2) for one in spent]\n"
        "once('nothing_new_s')\n"
        "with sqlite3.connect(f'{sys.argv[1]}/mlflow.db') as base:\n"
        "    base.execute('update runs set end_time = (select max(end_time) from runs) + 1 where"
        " run_uuid in (select run_uuid from runs where end_time is not null"
        " order by end_time desc limit 100)')\n"
        "once('hundred_changed_s')\n"
        "print(json.dumps(told | {'scores': len(frame.scores)}))"
    )
    return alone(code, work)


def alone(code: str, work: Path) -> dict[str, Any]:
    """What a program prints as JSON, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", code, str(work)], cwd=ROOT, capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(done.stderr[-2000:])
    return dict(json.loads(done.stdout))


def first(work: Path) -> dict[str, Any]:
    """A server that nobody has read yet: its pages until the heatmap is drawn."""
    shutil.rmtree(work / "snapshot", ignore_errors=True)
    told: list[str] = []
    with dashboard(work) as (port, process, _):
        one, began = Visitor(port), time.perf_counter()
        while not one.charts:
            one.look("heatmap")
            told += [one.progress] * (one.progress not in {"", *told[-1:]})
            if time.perf_counter() - began > WAIT:
                raise SystemExit("the first reading did not end")
            time.sleep(0.2)
        spent = time.perf_counter() - began
        return {
            "until_heatmap_s": round(spent, 2),
            "progress_told": len(told),
            "progress": told[len(told) // 2] if told else "",
            "memory_mb": round(peak(process)),
        }


def visited(work: Path, repeats: int) -> dict[str, Any]:
    """What visitors of a fresh server meet."""
    from dashboard.views.links import PAGES

    with dashboard(work) as (port, process, started):
        one = Visitor(port)
        first = one.look("heatmap")
        if not one.charts:
            raise SystemExit("the heatmap's first painting has no chart")
        scales, before = list(one.boxes["Model scale"].options), used(process)
        changes = [one.look("heatmap", chosen={"Model scale": name}) for name in scales[1:]]
        busy = (used(process) - before) / len(changes)
        again = [one.look("heatmap", chosen={"Model scale": scales[0]}) for _ in range(repeats)]
        sent = {}
        for page in PAGES:
            here = Visitor(port)
            spent = here.look(page)
            sent[page] = {"mb": round(here.sent / 1e6, 3), "s": round(spent, 2)}
        ten = together(port, scales)
        return {
            "start_s": round(started, 2),
            "first_paint_s": round(first, 2),
            "filter_s": round(statistics.median(changes), 2),
            "filter_processor_s": round(busy, 2),
            "filter_all_s": [round(one, 2) for one in changes],
            "filter_seen_before_s": round(statistics.median(again), 2),
            "pages": sent,
            "most_sent_mb": max(told["mb"] for told in sent.values()),
            "ten_filter_s": round(statistics.median(ten), 2),
            "ten_all_s": [round(one, 2) for one in ten],
            "memory_mb": round(peak(process)),
        }


def together(port: int, scales: list[str]) -> list[float]:
    """Ten visitors, each with a target of its own, change the scale at the same moment."""
    visitors = [Visitor(port) for _ in range(SESSIONS)]

    def arrive(at: int) -> None:
        visitor = visitors[at]
        visitor.look("heatmap")
        targets = visitor.boxes["Target task"].options
        visitor.look("heatmap", chosen={"Target task": targets[at % len(targets)]})

    def change(visitor: Visitor) -> float:
        return visitor.look("heatmap", chosen={"Model scale": scales[-1]})

    with ThreadPoolExecutor(SESSIONS) as pool:
        list(pool.map(arrive, range(SESSIONS)))
        return list(pool.map(change, visitors))


def main() -> int:
    """Measure, write the result, and say whether each figure is in its limit."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--metrics", type=int, default=200)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--folder", type=Path, help="A synthetic server that is there already.")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = asked.folder or Path(folder)
        if not (work / "mlflow.db").exists():
            written(work, asked.runs, asked.metrics)
        found = {"first": first(work), "later": reread(work)}
        apart = [alone(DATA, work) for _ in range(3)]
        found |= {name: statistics.median(one[name] for one in apart) for name in apart[0]}
        found |= visited(work, asked.repeats)
        found["memory_mb"] = max(found["memory_mb"], found["first"]["memory_mb"])
    usual = asked.runs <= parser.get_default("runs")
    limits = {name: limit for name, limit in LIMITS.items() if usual or name in LARGE}
    within = {name: found[name] <= limit for name, limit in limits.items()}
    within["progress_told"] = found["first"]["progress_told"] > 1
    told = {"schema": SCHEMA, "name": "pages", "runs": asked.runs, "metrics": asked.metrics}
    told |= found | {"limits": limits, "within": within, "passed": all(within.values())}
    told |= {"load": os.getloadavg(), "machine": machine()}
    RESULTS.mkdir(exist_ok=True)
    size = "" if usual else f"-{asked.runs}"
    (RESULTS / f"pages{size}.json").write_text(json.dumps(told, indent=2) + "\n")
    print(json.dumps(found, indent=1))
    for name, limit in limits.items():
        print(f"{name}: {found[name]} (limit {limit}){'' if within[name] else '  MISSED'}")
    if not within["progress_told"]:
        print("the first reading told no progress  MISSED")
    return 0 if told["passed"] else 1


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
