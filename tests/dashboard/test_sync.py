"""Many readers of one snapshot: in threads, in processes, before it is there and while it grows."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from mlflow import MlflowClient
from worlds import DEMO

from dashboard import shelf
from dashboard.place import Place
from dashboard.snapshot import load, snapshot, sync
from dashboard.snapshot.sync import Sync

AGAIN = """
import sys
from pathlib import Path
from dashboard.snapshot import snapshot
uri, folder = sys.argv[1], Path(sys.argv[2])
for turn in range(4):
    frame = snapshot(uri, folder, full=turn % 2 == 0)
    assert len(frame.evaluations) == int(sys.argv[3])
    assert set(frame.scores["run_id"]) <= set(frame.evaluations["run_id"])
"""


def done() -> int:
    return sum(DEMO.state(row) == "done" for row in DEMO.evaluations())


def test_two_processes_renew_one_directory(place: Place, root: Path):
    """Files that nothing names are dropped at once here, so whoever renewed without the lock would
    take away what the other is about to name."""
    code = "from dashboard import shelf; shelf.GRACE = -1.0\n" + AGAIN
    line = [sys.executable, "-c", code, place.tracking_uri, str(place.directory), str(done())]
    both = [subprocess.Popen(line, cwd=root, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    told = [one.communicate(timeout=300)[1] for one in both]
    assert [one.returncode for one in both] == [0, 0], told
    kept = load(place.directory)
    assert kept is not None and len(kept.evaluations) == done()


def test_who_renews_waits_for_another_and_a_death_frees_the_lock(place: Place, root: Path):
    code = (
        "import sys, time; from pathlib import Path; from dashboard import shelf\n"
        "with shelf.alone(Path(sys.argv[1])):\n    print('mine', flush=True)\n    time.sleep(600)"
    )
    line = [sys.executable, "-c", code, str(place.directory)]
    holder = subprocess.Popen(line, cwd=root, stdout=subprocess.PIPE, text=True)
    assert holder.stdout and holder.stdout.readline() == "mine\n"
    read: list[int] = []
    thread = threading.Thread(
        target=lambda: read.append(snapshot(place.tracking_uri, place.directory).read)
    )
    thread.start()
    thread.join(1.0)
    assert thread.is_alive() and shelf.meta(place.directory) is None
    holder.kill()
    holder.wait()
    thread.join(120)
    assert read == [done()]


def test_what_did_not_change_is_neither_written_nor_read_again(place: Place):
    first = snapshot(place.tracking_uri, place.directory)
    computed = first.scored("demo")
    there = {path: path.stat().st_mtime_ns for path in place.directory.glob("*.parquet")}
    again = snapshot(place.tracking_uri, place.directory, before=first)
    assert again.files == first.files and again.read == 0 and again.scored("demo") is computed
    assert all(getattr(again, name) is getattr(first, name) for name in ("held", "plan", "costs"))
    assert there == {path: path.stat().st_mtime_ns for path in place.directory.glob("*.parquet")}
    apart = load(place.directory)
    assert apart is not None and apart.scores.equals(first.scores)
    server = MlflowClient(place.tracking_uri)
    server.delete_run(first.evaluations["run_id"].iloc[0])
    fewer = snapshot(place.tracking_uri, place.directory, before=again)
    assert len(fewer.evaluations) == done() - 1 and len(fewer.scores) < len(first.scores)


@pytest.mark.parametrize("changed", [False, True])
def test_a_spoilt_file_is_read_anew(place: Place, changed: bool):
    snapshot(place.tracking_uri, place.directory)
    if changed:  # what is spoilt is then built on, not only left as it is
        with sqlite3.connect(place.tracking_uri.removeprefix("sqlite:///")) as base:
            base.execute("update runs set end_time = end_time + 1")
    for path in place.directory.glob("scores*.parquet"):
        path.write_bytes(b"no parquet")
    assert load(place.directory) is None
    assert len(snapshot(place.tracking_uri, place.directory).evaluations) == done()


def test_the_first_look_waits_for_nothing_and_tells_its_progress(
    place: Place, monkeypatch: pytest.MonkeyPatch
):
    go, said = threading.Event(), threading.Event()

    def slow(uri: str, directory: Path, say, before):
        say(5, 20)
        said.set()
        go.wait(60)
        return snapshot(uri, directory, before=before)

    monkeypatch.setattr(sys.modules["dashboard.snapshot.sync"], "snapshot", slow)
    sync(place, patience=0)
    assert said.wait(60)
    first = sync(place, patience=0)
    assert first.frame is None and first.busy and first.share == 0.25
    assert first.progress.startswith("5 of 20 runs read")
    go.set()
    then = sync(place, patience=120)
    assert not then.busy and then.frame is not None and len(then.frame.evaluations) == done()


def test_what_is_kept_is_shown_while_it_is_renewed(place: Place, monkeypatch: pytest.MonkeyPatch):
    snapshot(place.tracking_uri, place.directory)
    go = threading.Event()

    def slow(uri: str, directory: Path, say, before):
        go.wait(60)
        return snapshot(uri, directory, before=before)

    monkeypatch.setattr(sys.modules["dashboard.snapshot.sync"], "snapshot", slow)
    told = sync(place, patience=0)
    assert told.busy and told.frame is not None and len(told.frame.evaluations) == done()
    go.set()
    assert not sync(place, patience=120).busy


def test_a_snapshot_of_another_server_is_shown_only_for_want_of_an_answer(place: Place):
    snapshot(place.tracking_uri, place.directory)
    other = Place("http://127.0.0.1:9", place.directory)
    told = sync(other, patience=60)
    assert "cannot be read" in told.problem and told.frame is not None  # at last, better than none


def test_time_left_is_told_by_the_pace_so_far():
    told = Sync(None, busy=True, read=1500, total=10_000, seconds=3.0)
    assert told.progress == "1,500 of 10,000 runs read, about 17 s left"
    assert Sync(None, busy=True, read=7).progress == "7 runs read"
    assert Sync(None, busy=True).progress == "asking the server"
