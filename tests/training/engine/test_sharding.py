"""One training over two processes: the loss of one, and an encoder directory like any other."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from commands import ROOT, command, environment, silta, until
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file

from training.engine import ranks
from training.engine.jobs import Job, perform, write
from training.engine.ranks import RankFailed, launch
from training.engine.runtime import CHECKPOINTS, Runtime
from training.engine.sharding import Mine
from training.engine.study import jobs_of
from training.phases.encoder import load
from training.plan.expand import expand
from training.plan.matrix import read
from training.spec.record import RESUMABLE
from training.spec.run import Run

RATE, STEPS = 1e-3, 8
MATRIX = f"""
study: sharded
source: {{kind: miniature, seed: 5, sentences: 40}}
scales: [nano]
intermediates: [csqa+mlm]
targets: [udpos]
seeds: [1]
languages: [fi]
recipe:
  intermediate: {{steps: {STEPS}, batch: 5, dropout: 0, lr: {RATE}}}
  target: {{steps: 6, batch: 3, dropout: 0, lr: {RATE}, dev_examples: 4, dev_checks: 2}}
"""
FILES = {"encoder/model.safetensors", "encoder/config.json", "encoder/tokenizer.json"}


@pytest.fixture(scope="module")
def jobs(tmp_path_factory: pytest.TempPathFactory) -> list[Job]:
    path = tmp_path_factory.mktemp("matrix") / "sharded.yaml"
    path.write_text(MATRIX)
    return jobs_of(expand(read(path)))


def curve(work: Path, id: str) -> list[dict[str, float]]:
    lines = (work / "runs" / id / "metrics.jsonl").read_text().splitlines()
    return [json.loads(line)["metrics"] for line in lines]


@pytest.mark.slow
@pytest.mark.end_to_end
def test_two_processes_reach_the_loss_of_one(jobs: list[Job], tmp_path: Path) -> None:
    """A task and MLM beside it, then, laid out flat, a target whose last batches are smaller."""
    one, two = tmp_path / "one", tmp_path / "two"
    for job in jobs:
        perform(json.loads(json.dumps(job.document)), Runtime(one, progress=False))
        if "phase" in job.document:
            shared(job, two, "flat" if job is jobs[1] else "padded")
        else:
            perform(json.loads(json.dumps(job.document)), Runtime(two, progress=False))
    for job in jobs[:2]:
        alone, divided = curve(one, job.id), curve(two, job.id)
        assert len(alone) == len(divided) >= 6 and alone[-1].keys() == divided[-1].keys()
        for a, b in zip(alone, divided, strict=True):
            losses = {key: value for key, value in a.items() if key.startswith("train/")}
            assert {key: b[key] for key in losses} == pytest.approx(losses, rel=1e-3, abs=1e-7)
        same_encoder(one / "runs" / job.id, two / "runs" / job.id)
        told = json.loads((two / "runs" / job.id / "run.json").read_text())
        assert (told["provenance"]["sharded"], "layout" in told) == (2, job is jobs[1])
        assert "sharded" not in (one / "runs" / job.id / "run.json").read_text()
    assert (two / "runs" / jobs[2].id / "DONE").exists(), "the result cannot be measured"


def same_encoder(one: Path, two: Path) -> None:
    """Equal files, names, shapes and types; values to float tolerance; it loads like any other."""
    names = [{str(p.relative_to(path)) for p in path.rglob("*")} for path in (one, two)]
    assert names[0] == names[1] and names[0] >= FILES
    a, b = (load_file(path / "encoder/model.safetensors") for path in (one, two))
    assert {k: (v.shape, v.dtype) for k, v in a.items()} == {
        k: (v.shape, v.dtype) for k, v in b.items()
    }
    for name, value in a.items():
        # A key's bias has no gradient but rounding, which Adam turns into steps of the rate.
        atol = 2 * STEPS * RATE if name.endswith("key.bias") else 2e-4
        torch.testing.assert_close(b[name], value, rtol=0, atol=atol, msg=name)
    load(two / "encoder")


XL = MATRIX.replace("[nano]", "[nano-xl]").replace("[csqa+mlm]", "[none]")


def shared(job: Job, work: Path, layout: str = "auto") -> None:
    """Train in two processes, to the end."""
    told = ("--work", work, "--devices", 2, "--layout", layout)
    done = silta("run-one", write(job, work), *told)
    assert done.returncode == 0, done.stderr


def begun(job: Job, work: Path) -> subprocess.Popen[bytes]:
    """Begin to train in two processes, all in a group of their own, a checkpoint every step."""
    path = write(job, work)
    return subprocess.Popen(
        command("run-one", path, "--work", work, "--devices", 2),
        env=environment(**{CHECKPOINTS: "0"}),
        cwd=ROOT,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def left_by(path: Path) -> dict[str, Any]:
    """Weights to the bit, scores, and the curve without its clock."""
    weights = {str(p.relative_to(path)): p.read_bytes() for p in path.rglob("*.safetensors")}
    lines = [json.loads(one) for one in (path / "metrics.jsonl").read_text().splitlines()]
    curve = [(line["step"], line["metrics"]) for line in lines]
    return weights | {"curve": curve, "scores": (path / "scores.json").read_text()}


WAYS = {
    "bf16 with masters and moments in 8 bits, killed": ("precision: bf16-8bit, ", signal.SIGKILL),
    "adapters on bf16, told to end": ("precision: bf16, method: lora, rank: 4, ", signal.SIGTERM),
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], tuple[Job, Path]]:
    """A target on XLM-R XL's architecture in some way, and what it leaves undisturbed."""

    def make(recipe: str) -> tuple[Job, Path]:
        work = tmp_path_factory.mktemp("undisturbed")
        (work / "xl.yaml").write_text(XL.replace("target: {", f"target: {{{recipe}"))
        job = jobs_of(expand(read(work / "xl.yaml")))[0]
        shared(job, work)
        return job, work / "runs" / job.id

    return make


@pytest.mark.slow
@pytest.mark.end_to_end
@pytest.mark.parametrize("way", WAYS)
def test_a_shared_training_goes_on_from_its_one_checkpoint(
    way: str, made: Callable[[str], tuple[Job, Path]], tmp_path: Path
) -> None:
    """The whole process group ends; then it is as if it had not."""
    recipe, how = WAYS[way]
    (job, whole), cut = made(recipe), tmp_path
    path = cut / "runs" / job.id

    def notes() -> list[Path]:
        return sorted((path / "checkpoints").glob("step-*.json"))

    process = begun(job, cut)
    until(lambda: notes() and notes()[0].stem >= "step-00000003", process)
    if how == signal.SIGKILL:
        os.killpg(process.pid, how)
    else:  # as a scheduler does: the one it started passes it on
        process.send_signal(how)
    assert process.wait(60) == (-how if how == signal.SIGKILL else RESUMABLE)
    assert not (path / "DONE").exists()
    (note,) = notes() if how == signal.SIGTERM else notes()[-1:]
    step = json.loads(note.read_text())["step"]
    assert 3 <= step < 6 and note.with_suffix(".ckpt").is_dir()
    shared(job, cut)
    assert left_by(path) == left_by(whole)
    assert json.loads((path / "run.json").read_text())["resumed"] == step
    assert not (path / "checkpoints").exists()


def test_an_error_of_a_rank_is_the_job_s(jobs: list[Job], tmp_path: Path) -> None:
    broken = json.loads(json.dumps(jobs[0].document)) | {"source": "files"}
    with pytest.raises(Exception, match="--data") as told:
        launch(Run.read(broken), Runtime(tmp_path, devices=2, progress=False))
    assert not isinstance(told.value, RankFailed), "bad input is the user's to mend"


def test_short_of_memory_all_ranks_compute_again_once(
    jobs: list[Job], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[bool] = []

    def start(*told: Any) -> Any:
        """Ranks that leave what one says whose GPU is full."""
        rank, _, _, folder, _, spare = told
        tried.append(spare)
        why = {"reason": "OutOfMemoryError: CUDA out of memory. Tried 2 GiB", "mend": False}
        (folder / f"why-{rank}.json").write_text(json.dumps(why))
        return subprocess.Popen(["false"])

    monkeypatch.setattr(ranks, "start", start)
    with pytest.raises(RankFailed, match="out of memory"):
        launch(Run.read(jobs[0].document), Runtime(tmp_path, devices=2))
    assert tried == [False, False, True, True]


class Rows:
    """Batches of labels; negative ones are not learnt."""

    def __init__(self, batches: list[list[int]]) -> None:
        self.batches = batches

    def __len__(self) -> int:
        return len(self.batches)

    def __getitem__(self, step: int) -> Any:
        return {"labels": torch.tensor(self.batches[step])}

    def parts(self, step: int, size: int) -> list[Any]:
        told = self.batches[step]
        cut = [told[at : at + size] for at in range(0, len(told), size)]
        return [{"labels": torch.tensor(part)} for part in cut]


BATCHES = st.lists(st.lists(st.integers(-1, 5), min_size=1, max_size=8), min_size=1, max_size=4)


@settings(deadline=None)
@given(BATCHES, st.integers(1, 5))
def test_the_parts_of_the_ranks_weigh_what_the_batch_does(
    batches: list[list[int]], ranks: int
) -> None:
    """The ranks' means by their shares are the mean over the batch, for any sizes."""
    mine = [Mine(Rows(batches), 8, rank, ranks, whole=False) for rank in range(ranks)]
    for step, labels in enumerate(batches):
        learnt = [label for label in labels if label >= 0]
        total = 0.0
        for one in mine:
            part = [v for v in one[step]["labels"].tolist() if v >= 0]
            total += one.share(step) * (sum(part) / len(part) if part else 0.0)
            assert part or not learnt, "an empty part has no mean"
        assert total == pytest.approx(sum(learnt) / len(learnt) if learnt else 0.0)


def test_what_compares_a_whole_batch_is_not_cut() -> None:
    mine = [Mine(Rows([[1, 2, 3]]), 8, rank, 2, whole=True) for rank in range(2)]
    assert [one[0]["labels"].tolist() for one in mine] == [[1, 2, 3]] * 2
    assert [one.share(0) for one in mine] == [0.5, 0.5]
