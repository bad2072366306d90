"""LoRA and the precisions as runs: they learn, hand over, and go on after a death."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from commands import ROOT, command, environment, refused, silta, until
from safetensors.torch import load_file

from training.catalogue import SCALES, TASKS
from training.engine.evaluate import evaluate, fine_tuned
from training.engine.jobs import carry_out
from training.engine.runtime import CHECKPOINTS, Runtime
from training.engine.train import train
from training.phases.adapters import LINEARS
from training.phases.encoder import fresh, load
from training.spec.evaluation import Evaluation
from training.spec.recipe import Recipe
from training.spec.run import Run

SOURCE = "miniature/seed=5/sentences=40"
STEPS = 6
PLAIN = Recipe(steps=STEPS, batch=4, dev_checks=3, dev_examples=4, lr=1e-3, dropout=0)
RECIPES = {
    "fp32": PLAIN,
    "lora": replace(PLAIN, method="lora", rank=4),
    "lora on bf16": replace(PLAIN, method="lora", rank=4, precision="bf16"),
    "bf16": replace(PLAIN, precision="bf16"),
    "bf16-8bit": replace(PLAIN, precision="bf16-8bit"),
    "bf16-stochastic": replace(PLAIN, precision="bf16-stochastic"),
}
WORDS = "embeddings.word_embeddings.weight"
LINEARS_WEIGHTS = tuple(f"{name}.weight" for name in LINEARS)
STORED = dict.fromkeys(("bf16", "bf16-8bit", "bf16-stochastic"), torch.bfloat16)
"""Type of the weights that are handed over, where it is not fp32."""


def run(name: str, scale: str = "nano-xl", **more: Any) -> Run:
    return Run("target", scale, "mnli", 1, SOURCE, replace(RECIPES[name], **more))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Each without interruption."""
    work = tmp_path_factory.mktemp("whole")
    return {name: train(run(name), Runtime(work, progress=False)) for name in RECIPES}


def left_by(path: Path) -> dict[str, Any]:
    files = {str(one.relative_to(path)): one.read_bytes() for one in path.rglob("*.safetensors")}
    lines = [json.loads(one) for one in (path / "metrics.jsonl").read_text().splitlines()]
    curve = [(line["step"], line["metrics"]) for line in lines]
    return files | {"curve": curve, "scores": (path / "scores.json").read_text()}


@pytest.mark.parametrize("name", RECIPES)
def test_it_hands_over_a_plain_encoder_that_another_run_starts_from(
    name: str, whole: dict[str, Path], tmp_path: Path
) -> None:
    path = whole[name]
    weights = load_file(path / "encoder" / "model.safetensors")
    assert {value.dtype for value in weights.values()} == {STORED.get(name, torch.float32)}
    start = load(path / "encoder")
    assert weights.keys() == start.state_dict().keys(), "no trace of adapters"
    size = (path / "encoder" / "model.safetensors").stat().st_size
    width = 2 if name in STORED else 4
    assert size == pytest.approx(width * sum(v.numel() for v in weights.values()), rel=0.01)
    child = replace(run("lora"), phase="target", task="udpos", parent=path.name)
    made = train(child, Runtime(path.parents[1], progress=False))
    assert (made / "DONE").exists()


@pytest.mark.parametrize("name", STORED)
def test_a_precision_learns_as_fp32_does(name: str, whole: dict[str, Path]) -> None:
    mine, theirs = losses(whole[name]), losses(whole["fp32"])
    assert theirs[-1] != pytest.approx(theirs[0], rel=0.02), "nothing is learnt here"
    assert mine == pytest.approx(theirs, rel=0.05)


@pytest.mark.parametrize("name", ["lora", "lora on bf16"])
def test_adapters_change_every_linear_and_nothing_else(name: str, whole: dict[str, Path]) -> None:
    made = load(whole[name] / "encoder").state_dict()
    before = fresh(SCALES["nano-xl"], len(made[WORDS]), 1)
    before = before.to(torch.bfloat16).float() if "bf16" in name else before
    changed = {key for key, v in before.state_dict().items() if not torch.equal(v, made[key])}
    linears = {key for key in made if "layer." in key and key.endswith(LINEARS_WEIGHTS)}
    assert changed == linears and len(linears) == 6 * SCALES["nano-xl"].layers


@pytest.mark.parametrize("name", RECIPES)
def test_it_is_measured_as_any_other(name: str, whole: dict[str, Path]) -> None:
    """Zero-shot from what was handed over, in the precision it was trained in."""
    place, id = Runtime(whole[name].parents[1], progress=False), whole[name].name
    module, _ = fine_tuned(id, TASKS["xnli"], place)
    dtype = {one.dtype for one in module.encoder.parameters()}
    assert dtype == {STORED.get(name, torch.float32)}
    assert not any("lora_" in key for key in module.state_dict())
    evaluation = Evaluation(id, "nano-xl", "xnli", SOURCE, languages=("eng", "fin"))
    path = evaluate(evaluation, {}, place)
    scores = json.loads((path / "scores.json").read_text())["scores"]
    assert set(scores["test"]) == {"eng", "fin"}
    assert all(0 <= one["accuracy"] <= 100 for one in scores["test"].values())


def losses(path: Path) -> list[float]:
    lines = (path / "metrics.jsonl").read_text().splitlines()
    return [json.loads(line)["metrics"]["train/loss"] for line in lines]


def test_a_bf16_hand_over_of_an_fp32_training_is_its_own_run(tmp_path: Path) -> None:
    recipe = replace(PLAIN, handover="bf16", steps=2)
    one = Run("intermediate", "nano", "mnli", 1, SOURCE, recipe)
    assert one.id != replace(one, recipe=replace(recipe, handover="trained")).id
    path = train(one, Runtime(tmp_path, progress=False))
    (dtype,) = {v.dtype for v in load_file(path / "encoder" / "model.safetensors").values()}
    assert dtype == torch.bfloat16
    assert json.loads((path / "run.json").read_text())["recipe"]["handover"] == "bf16"


@pytest.mark.end_to_end
def test_the_command_line_names_the_method(tmp_path: Path) -> None:
    told = ("train", "target", "--scale", "nano", "--task", "xnli", "--dry-run")
    done = silta(*told, "--method", "lora", "--set", "recipe.rank=8", "--work", tmp_path)
    assert done.returncode == 0 and "method=lora" in done.stderr and "rank=8" in done.stderr
    refused(silta(*told, "--method", "lorra", "--work", tmp_path), "'full' or 'lora'")


@pytest.mark.slow
@pytest.mark.end_to_end
@pytest.mark.parametrize("name", ["lora on bf16", "bf16-stochastic"])
def test_killed_it_goes_on_to_the_same_bits(
    name: str, whole: dict[str, Path], tmp_path: Path
) -> None:
    """SIGKILL to the whole process group after a checkpoint; then another process goes on."""
    document, work = tmp_path / "run.json", tmp_path / "work"
    document.write_text(json.dumps(run(name).document()))
    told, env = command("run-one", document, "--work", work), environment(**{CHECKPOINTS: "0"})
    path = work / "runs" / run(name).id
    process = subprocess.Popen(told, env=env, cwd=ROOT, start_new_session=True, text=True)
    until(lambda: sorted((path / "checkpoints").glob("step-0000000[2-5].json")), process)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert not (path / "DONE").exists()
    if name.startswith("lora"):
        state = torch.load(max((path / "checkpoints").glob("*.ckpt")), weights_only=True)
        names = [one for one in state["state_dict"] if one.startswith("encoder.")]
        assert names and all("lora_" in one for one in names), "the frozen base is kept elsewhere"
    assert carry_out(document, Runtime(work, progress=False)) is None
    assert left_by(path) == left_by(whole[name])
    assert json.loads((path / "run.json").read_text())["resumed"] >= 2
    assert not (path / "checkpoints").exists()
