"""The commands: reports, and bad input that ends in one clear line."""

from __future__ import annotations

import io
import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pandas as pd
import psutil
import pytest
from served import served
from typer.testing import CliRunner
from worlds import DEMO, World, publish

from dashboard import cli
from dashboard.analysis.answer import points
from dashboard.analysis.published import COLUMNS
from dashboard.place import PUBLISHED, TRACKING, WORK, place


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (WORK, TRACKING):
        monkeypatch.delenv(name, raising=False)


def run(*arguments: object):
    return CliRunner().invoke(cli.app, [str(one) for one in arguments])


def refused(*arguments: object) -> str:
    """The one line of an error, after checking that it is one."""
    done = run(*arguments)
    assert done.exit_code == 2, done.output
    assert isinstance(done.exception, SystemExit), done.exception
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert ("--published" in done.stderr) == ("--published" in arguments)
    return done.stderr


def test_snapshot_says_what_it_read(work: Path):
    total = sum(DEMO.state(row) == "done" for row in DEMO.evaluations())
    told = run("snapshot", "--work", work)
    assert told.exit_code == 0
    assert f"read {total} new of {total} evaluations" in told.stdout and "1 study" in told.stdout
    assert f"read 0 new of {total}" in run("snapshot", "--work", work).stdout
    assert f"read {total} new" in run("snapshot", "--work", work, "--full").stdout


def test_report_puts_finnish_and_hungarian_first(work: Path):
    told = run("report", "--work", work)
    assert told.exit_code == 0, told.output
    first = told.stdout.split("\n\n")[0]
    lines = first.splitlines()
    names = [line.split("|")[1].strip() for line in lines[2:]]
    assert names == ["Finnish"] * 3 + ["Hungarian"] * 3 + [
        "mean of 6 others",
        "mean of 6 others",
        "mean of 3 others",
    ]
    assert len({len(line) for line in lines}) == 1  # aligned for a terminal
    xnli = next(line for line in lines if "XNLI" in line)
    assert "failed" in xnli and "not run" in xnli and "^" in xnli
    assert "artificial world" in told.stdout


def test_report_tells_the_contrast_seed_by_seed(work: Path):
    told = run("report", "--work", work).stdout.replace("\u00a0", " ")
    below = told[told.index("Named beforehand in the plan: first (SQuAD 1.1 → Tatoeba).") :]
    assert "Gains in points at nano, accuracy on test, mean of 8 languages" in below
    lines = [line for line in below.splitlines() if line.startswith("|")]
    names = [line.split("|")[1].strip() for line in lines]
    assert names[0] == "seed" and names[2:] == ["1", "2", "3", "mean", "95 % t interval"]
    assert len({len(line) for line in lines}) == 1
    sentence = next(line for line in below.splitlines() if line.startswith("first (SQuAD"))
    mean = lines[-2].split("|")[2].strip()
    assert f"at nano, named beforehand: {mean} points, 95 % t interval" in sentence
    assert "over 3 seeds" in sentence
    on_dev = run("report", "--work", work, "--split", "dev").stdout
    assert "accuracy on dev, mean of 8" in on_dev and "on test" not in on_dev


def test_the_contrast_is_what_the_csv_says(work: Path):
    """The same numbers by another way: the cells of the table, averaged here."""
    text = run("report", "--work", work, "--format", "csv").stdout
    assert "beforehand" not in text
    table = pd.read_csv(io.StringIO(text), keep_default_na=False, na_values=[""])
    some = table[table["target"].eq("tatoeba") & table["intermediate"].eq("squad")]
    told = run("report", "--work", work).stdout
    line = next(one for one in told.splitlines() if one.startswith("| mean  "))
    finnish = some.loc[some["lang"].eq("fin"), "gain"].item()
    hungarian = some.loc[some["lang"].eq("hun"), "gain"].item()
    expected = [points(some["gain"].mean()), points(finnish), points(hungarian)]
    assert [part.strip() for part in line.split("|")[2:5]] == expected


def test_a_study_without_a_contrast_says_nothing_of_one(mlflow_uri: str, tmp_path: Path):
    publish(mlflow_uri, tmp_path, World(targets=("xnli",), seeds=(1,)))
    told = run("report", "--work", tmp_path)
    assert told.exit_code == 0 and "beforehand" not in told.stdout


def test_report_of_all_languages(work: Path):
    told = run("report", "--work", work, "--all-languages").stdout
    assert "| Estonian" in told and "mean of 6 others" not in told


def test_report_as_csv_holds_every_cell_and_no_false_zero(work: Path, tmp_path: Path):
    file = tmp_path / "gains.csv"
    assert run("report", "--work", work, "--format", "csv", "--out", file).exit_code == 0
    table = pd.read_csv(file, keep_default_na=False, na_values=[""])
    assert list(table["lang"].unique()[:2]) == ["fin", "hun"]
    missing = table[table["state"].ne("measured")]
    assert len(missing) and missing["gain"].isna().all()
    there = table[table["state"].eq("measured")]
    assert (there["gain"] - (there["value"] - there["baseline"])).abs().max() < 1e-9
    assert set(table["over"]) == {"none"} and set(table["split"]) == {"test"}
    assert pd.read_csv(io.StringIO(run("report", "--work", work, "--format", "csv").stdout)).shape


def test_report_falls_back_on_the_last_snapshot(work: Path):
    run("snapshot", "--work", work)
    told = run("report", "--work", work, "--tracking-uri", "http://127.0.0.1:9")
    assert told.exit_code == 0
    assert "Finnish" in told.stdout and "Reporting the snapshot of" in told.stderr


def test_bad_input(work: Path, tmp_path: Path):
    assert "did you mean 'demo'?" in refused("report", "--work", work, "--study", "dmeo")
    assert "did you mean 'mnli'?" in refused("report", "--work", work, "--over", "mnil")
    assert "silta run" in refused("report", "--work", tmp_path / "new")
    assert "cannot write" in refused("report", "--work", work, "--out", tmp_path / "no" / "x.md")
    file = tmp_path / "file"
    file.write_text("")
    for command in ("report", "snapshot", "serve"):
        assert "is a file" in refused(command, "--work", file)
    assert "--published: " in refused("serve", "--work", work, "--published", file)
    away = refused("snapshot", "--work", tmp_path, "--tracking-uri", "http://127.0.0.1:9")
    assert "cannot be read" in away and "MLFLOW_TRACKING_URI" in away


def test_a_port_that_is_taken_is_said_before_streamlit_starts(work: Path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert "choose another --port" in refused("serve", "--work", work, "--port", port)


def test_the_environment_names_server_and_work(monkeypatch: pytest.MonkeyPatch):
    assert place().tracking_uri == "sqlite:///work/mlflow.db"
    assert place(Path("here")).directory == Path("here/snapshot")
    monkeypatch.setenv(WORK, "there")
    assert place().tracking_uri == "sqlite:///there/mlflow.db"
    monkeypatch.setenv(TRACKING, "http://server:5000")
    assert place(Path("here")).tracking_uri == "http://server:5000"
    assert place(Path("here"), "http://other").tracking_uri == "http://other"


def test_serve_hands_its_settings_on(work: Path, monkeypatch: pytest.MonkeyPatch):
    seen = {}

    def fake(program, command, env):
        seen.update(program=program, command=command, env=env)

    monkeypatch.setattr(cli.os, "execve", fake)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    mine = work / "mine.csv"
    mine.write_text(
        f"{','.join(COLUMNS)}\nA paper,xl,none,xnli,,test,accuracy,score,80,zero-shot\n"
    )
    assert run("serve", "--work", work, "--port", port, "--published", mine).exit_code == 0
    command = " ".join(seen["command"])
    assert seen["program"] == seen["command"][0] == sys.executable
    for option in (
        f"--server.port {port}",
        "--server.address 127.0.0.1",
        "--server.headless true",
        "--browser.gatherUsageStats false",
        "--server.fileWatcherType none",
    ):
        assert option in command
    assert seen["env"][PUBLISHED] == str(mine)
    assert seen["env"][WORK] == str(work)
    assert seen["env"][TRACKING] == f"sqlite:///{work / 'mlflow.db'}"


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_who_ends_the_server_leaves_none_behind(work: Path, how: signal.Signals):
    with served(work) as address:
        port = int(address.rpartition(":")[2])
        (mine,) = [one for one in psutil.process_iter() if f"--server.port {port}" in told(one)]
        mine.send_signal(how)
        mine.wait(20)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), 2)


def told(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def test_starts_without_torch(work: Path):
    """The whole path to a report, in a process where torch cannot be imported."""
    code = (
        "import sys\n"
        "class Blocked:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.partition('.')[0] in ('torch', 'pytorch_lightning', 'transformers'):\n"
        "            raise ModuleNotFoundError(name, name=name)\n"
        "sys.meta_path.insert(0, Blocked())\n"
        "import dashboard.app, dashboard.__main__\n"
        f"sys.argv = ['silta-dashboard', 'report', '--work', {str(work)!r}]\n"
        "try:\n    dashboard.__main__.main()\n"
        "finally:\n"
        "    ours = {n.split('.')[1] for n in sys.modules if n.startswith('training.')}\n"
        "    assert ours <= {'spec', 'catalogue'}, ours\n"
    )
    root = Path(cli.__file__).resolve().parent.parent
    told = {**os.environ, "PYTHONPATH": str(root)}
    done = subprocess.run([sys.executable, "-c", code], env=told, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Finnish" in done.stdout


def test_a_study_without_intermediates_has_no_gain(migrated: Path, tmp_path: Path):
    """An empty table is told, not a traceback."""
    shutil.copy(migrated, tmp_path / "mlflow.db")
    bare = World(intermediates=("none",), targets=("tatoeba",), seeds=(1,))
    publish(f"sqlite:///{tmp_path / 'mlflow.db'}", tmp_path, bare)
    assert "no intermediate but none" in refused("report", "--work", tmp_path)
