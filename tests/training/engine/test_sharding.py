"""One training over two processes: the loss of one, and an encoder directory like any other."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest
import torch
from commands import ROOT, command, environment, silta, until
from forked_ranks import carried_out
from safetensors.torch import load_file

from training.engine import ranks
from training.engine.jobs import Job, perform, write
from training.engine.ranks import RankFailed, launch
from training.engine.runtime import CHECKPOINTS, Runtime
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
def test_two_processes_reach_the_loss_of_one(
    jobs: list[Job], undisturbed: Made, tmp_path: Path
) -> None:
    """A task and MLM beside it, then, laid out flat, a target whose last batches are smaller."""
    one, (_, two, failure) = tmp_path / "one", undisturbed["a task and MLM"]
    assert failure is None
    for job in jobs:
        perform(json.loads(json.dumps(job.document)), Runtime(one, progress=False))
    shared(jobs[1], two, "flat")
    perform(json.loads(json.dumps(jobs[2].document)), Runtime(two, progress=False))
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


Made = dict[str, tuple[Job, Path, dict[str, Any] | None]]


@pytest.fixture(scope="module")
def undisturbed(jobs: list[Job], tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Jobs in two processes each, their work directories, and why one failed: a task, XLM-R XL's
    architecture in every way, and bad input. All ranks are forks of one process, which has
    imported torch; commands start them otherwise, as the tests below do."""
    wanted, folder = {"a task and MLM": jobs[0]}, tmp_path_factory.mktemp("undisturbed")
    for way, (recipe, _) in WAYS.items():
        (folder / "xl.yaml").write_text(XL.replace("target: {", f"target: {{{recipe}"))
        wanted[way] = jobs_of(expand(read(folder / "xl.yaml")))[0]
    broken = json.loads(json.dumps(jobs[0].document)) | {"source": "files"}
    wanted["bad input"] = Job(broken["id"], None, broken)
    works = [folder / str(number) for number in range(len(wanted))]
    told = [[str(write(*one)), str(one[1])] for one in zip(wanted.values(), works, strict=True)]
    failures = carried_out(told)
    made = zip(wanted.items(), works, failures, strict=True)
    return {way: (job, work, failure) for (way, job), work, failure in made}


@pytest.mark.slow
@pytest.mark.end_to_end
@pytest.mark.parametrize("way", WAYS)
def test_a_shared_training_goes_on_from_its_one_checkpoint(
    way: str, undisturbed: Made, tmp_path: Path
) -> None:
    """The whole process group ends; then it is as if it had not."""
    (_, how), cut = WAYS[way], tmp_path
    job, work, failure = undisturbed[way]
    assert failure is None
    whole, path = work / "runs" / job.id, cut / "runs" / job.id

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


def test_an_error_of_a_rank_is_the_job_s(undisturbed: Made) -> None:
    _, _, failure = undisturbed["bad input"]
    assert failure is not None and "--data" in failure["reason"]
    assert failure["mend"], "bad input is the user's to mend"


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
