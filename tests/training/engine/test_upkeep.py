"""Status, retry and prune on a store without any training, by the commands' own functions."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from training.cli import app, board
from training.engine.ledger import Outcome
from training.engine.pace import TAIL
from training.engine.runtime import Runtime
from training.engine.status import status_of
from training.engine.store import Store, StoreError
from training.engine.study import jobs_of, keep
from training.engine.upkeep import prune, retry, spare
from training.plan.expand import Plan, expand
from training.plan.matrix import read

MATRIX = """
study: kept
source: {kind: miniature, seed: 5, sentences: 40}
scales: [nano]
intermediates: [none, csqa]
targets: [TARGETS]
seeds: [1]
languages: [fi]
recipe: {target: {steps: 400}, intermediate: {steps: 40}}
"""


class Kept:
    """A matrix, its plan and a store."""

    def __init__(self, folder: Path, targets: str = "xnli, udpos") -> None:
        self.matrix = folder / f"{len(targets)}.yaml"
        self.matrix.write_text(MATRIX.replace("TARGETS", targets))
        self.plan: Plan = expand(read(self.matrix))
        self.runtime = Runtime(folder / "work")
        self.store = Store(folder / "work")
        runs = {(run.task, run.parent is None): run.id for run in self.plan.runs}
        self.csqa, self.mnli = runs["csqa", True], runs["mnli", True]
        self.below = [run.id for run in self.plan.runs if run.parent == self.csqa]

    def done(self, *ids: str) -> None:
        for id in ids:
            path = self.store.begin(id, {"id": id})
            if not id.startswith("evaluation"):
                (path / "encoder").mkdir()
                (path / "encoder" / "model.safetensors").write_bytes(bytes(1000))
            self.store.finish(id)

    def all_done(self) -> None:
        self.done(*(job.id for job in jobs_of(self.plan)))

    def measured(self, run: str) -> list[str]:
        return [one.id for one in self.plan.evaluations if one.evaluation.run == run]

    def rows(self) -> dict[str, dict[str, Any]]:
        return {row["id"]: row for row in status_of(self.plan, self.runtime)["jobs"]}

    def states(self) -> dict[str, str]:
        return {id: row["state"] for id, row in self.rows().items()}

    def said(self, *arguments: str) -> str:
        done = CliRunner().invoke(app, [*arguments, "--work", str(self.runtime.work)])
        assert done.exit_code == 0, done.output
        return done.output


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path)


def test_every_state_is_told(kept: Kept) -> None:
    assert set(kept.states().values()) == {"waiting"}
    kept.store.fail(kept.csqa, "no memory\n\ntrace")
    kept.store.begin(kept.mnli, {"id": kept.mnli})
    (udpos,) = [run.id for run in kept.plan.runs if run.task == "udpos" and run.parent is None]
    kept.done(udpos)
    now = kept.rows()
    assert (now[kept.csqa]["state"], now[kept.csqa]["reason"]) == ("failed", "no memory")
    assert {now[id]["state"] for id in kept.below} == {"not run"}
    assert {now[id]["state"] for run in kept.below for id in kept.measured(run)} == {"not run"}
    assert now[kept.mnli]["state"] == "interrupted" and now[udpos]["state"] == "done"
    assert now[kept.measured(udpos)[0]]["state"] == "waiting"


def test_a_running_training_tells_step_time_left_and_owner(kept: Kept) -> None:
    claim = kept.store.claims.take(kept.mnli)
    assert claim
    kept.store.begin(kept.mnli, {"id": kept.mnli, "steps": 400})
    assert kept.rows()[kept.mnli]["step"] == 0
    padding = "x" * TAIL
    lines = [{"step": i * 10, "time": 1000.0 + i, "metrics": {}} for i in range(1, 31)]
    log = json.dumps({"step": 1, "time": 0, "more": padding}) + "\n"
    log += "".join(json.dumps(line) + "\n" for line in lines) + '{"step": 31'
    (kept.store.path(kept.mnli) / "metrics.jsonl").write_text(log)
    row = kept.rows()[kept.mnli]
    assert (row["state"], row["step"], row["steps"]) == ("running", 300, 400)
    assert row["seconds_left"] == pytest.approx(10.0)
    assert row["owner"].startswith(f"process {os.getpid()} on ")
    assert "step 300 of 400, about 10 s left" in kept.said("status", str(kept.matrix))
    claim.release(finished=False)
    assert kept.states()[kept.mnli] == "interrupted"


def test_status_in_a_pipe_is_counts_and_a_line_a_job(kept: Kept) -> None:
    kept.store.fail(kept.csqa, "no memory")
    text = kept.said("status", str(kept.matrix), "--watch")
    counts, _, rows = text.partition("\n\n")
    assert counts.split()[:3] == ["done", "running", "interrupted"]
    assert [line.split()[0] for line in counts.splitlines()[1:]] == [
        "intermediate",
        "target",
        "evaluation",
        "all",
    ]
    assert len(rows.splitlines()) == len(jobs_of(kept.plan))
    assert f"failed      {kept.csqa}" in rows and "no memory" in rows


def test_status_in_a_terminal_shows_what_tells_something(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rich.console import Console

    kept.store.fail(kept.csqa, "no memory")
    monkeypatch.setattr(board, "FEW", 3)
    console = Console(width=100, record=True)
    console.print(board.table(status_of(kept.plan, kept.runtime), everything=False))
    text = console.export_text()
    assert "intermediate csqa on nano" in text and "no memory" in text
    assert "target udpos" not in text and "8 more: --all shows them" in text


def test_status_needs_no_right_to_write_and_writes_nothing(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    kept.said("status", str(kept.matrix), "--json")
    assert sorted(tmp_path.rglob("*")) == before


def test_status_of_thousands_is_quick(tmp_path: Path) -> None:
    """916 trainings and their evaluations in well under the seconds between two refreshes."""
    from training.plan.expand import expand as expanded

    plan = expanded(read(Path(__file__).parents[3] / "training/matrices/paper.yaml"))
    began = time.process_time()
    found = status_of(plan, Runtime(tmp_path))
    assert len(found["jobs"]) == len(plan.runs) + len(plan.evaluations)
    assert time.process_time() - began < 5


def test_retry_clears_failures_and_keeps_their_text(kept: Kept) -> None:
    kept.store.fail(kept.csqa, "no memory\n\ntrace")
    kept.store.fail(kept.mnli, "bad")
    (line,) = retry(kept.plan, [kept.csqa], kept.store)
    assert line.startswith(f"{kept.csqa}: cleared (no memory)")
    assert (kept.store.work / "failures" / f"{kept.csqa}.1").read_text() == "no memory\n\ntrace"
    assert kept.states()[kept.csqa] == "waiting" and kept.states()[kept.mnli] == "failed"
    assert "1 failures cleared" in kept.said("retry", str(kept.matrix))
    kept.store.fail(kept.csqa, "again")
    retry(kept.plan, [], kept.store)
    assert (kept.store.work / "failures" / f"{kept.csqa}.2").read_text() == "again"


def test_retry_of_other_jobs_says_what_they_are(kept: Kept) -> None:
    kept.done(kept.csqa)
    told = retry(kept.plan, [kept.csqa, kept.mnli], kept.store)
    assert told == [f"{kept.csqa}: it is done", f"{kept.mnli}: it has not failed"]
    (kept.store.path(kept.csqa) / "encoder" / "model.safetensors").unlink()
    (line,) = retry(kept.plan, [kept.csqa], kept.store)
    assert "is missing; set aside as" in line and not kept.store.done(kept.csqa)
    with pytest.raises(StoreError, match="target-nosuch.*is not in kept"):
        retry(kept.plan, ["target-nosuch"], kept.store)


def test_an_encoder_is_spare_when_all_that_needs_it_is_done(kept: Kept) -> None:
    kept.done(kept.csqa, *kept.below[:-1])
    assert spare([kept.plan], kept.store) == []
    kept.done(*(id for run in kept.below[:-1] for id in kept.measured(run)))
    assert {one.id for one in spare([kept.plan], kept.store)} == set(kept.below[:-1])
    kept.done(kept.below[-1])
    assert kept.csqa in {one.id for one in spare([kept.plan], kept.store)}


def test_another_study_that_was_started_here_keeps_an_encoder(kept: Kept, tmp_path: Path) -> None:
    kept.all_done()
    assert kept.csqa in {one.id for one in spare([kept.plan], kept.store)}
    more = Kept(tmp_path, "xnli, udpos, pawsx")
    keep(more.plan, Outcome(), more.runtime)
    (tmp_path / "work/studies/kept/plan.json").rename(tmp_path / "plan.json")
    (tmp_path / "work/studies/other").mkdir()
    (tmp_path / "plan.json").rename(tmp_path / "work/studies/other/plan.json")
    assert kept.csqa not in {one.id for one in spare([kept.plan], kept.store)}


def test_a_damaged_child_keeps_its_parent(kept: Kept) -> None:
    kept.all_done()
    (kept.store.path(kept.below[0]) / "encoder" / "model.safetensors").write_bytes(b"1")
    assert kept.csqa not in {one.id for one in spare([kept.plan], kept.store)}


def test_prune_deletes_only_with_yes_and_keeps_the_rest(kept: Kept) -> None:
    kept.all_done()
    trainings = len(kept.plan.runs)
    told = kept.said("prune", str(kept.matrix))
    assert f"no longer needed: {trainings} encoders" in told and "--yes" in told
    assert (kept.store.path(kept.csqa) / "encoder").exists()
    assert f"deleted: {trainings} encoders" in kept.said("prune", str(kept.matrix), "--yes")
    assert not (kept.store.path(kept.csqa) / "encoder").exists()
    row = kept.rows()[kept.csqa]
    assert row["state"] == "done" and row["pruned"]
    assert "no longer needed: 0 encoders" in kept.said("prune", str(kept.matrix))


def test_pruning_that_was_cut_short_goes_on(kept: Kept) -> None:
    """The manifest tells first; an encoder that is still there is listed again."""
    kept.all_done()
    kept.store.path(kept.csqa).joinpath("encoder").rename(kept.store.work / "kept")
    with pytest.raises(FileNotFoundError):
        prune([kept.csqa], kept.store)
    (kept.store.work / "kept").rename(kept.store.path(kept.csqa) / "encoder")
    assert kept.rows()[kept.csqa]["pruned"]
    assert kept.csqa in {one.id for one in spare([kept.plan], kept.store)}
