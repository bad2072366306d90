"""Inside one training: memory that is short, a loss that is no number."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from training.engine.finite import Finite, NotFinite
from training.engine.jobs import carry_out
from training.engine.memory import OutOfMemory
from training.engine.resume import Resumable
from training.engine.runtime import CHECKPOINTS, Runtime
from training.engine.store import Store
from training.engine.train import train
from training.phases.base import Phase, shares_of, targets
from training.plan.errors import MatrixError
from training.spec.recipe import Recipe
from training.spec.run import Run

SOURCE = "miniature/seed=5/sentences=40"
RECIPE = Recipe(steps=4, batch=6, scratch=True, dev_checks=1, dev_examples=4, lr=1e-3, dropout=0.0)
RUNS = {
    "mlm": Run("mlm", "nano", "text", 1, SOURCE, RECIPE),
    "joint": Run("intermediate", "nano", "squad+mlm", 1, SOURCE, RECIPE),
    "choice": Run("intermediate", "nano", "csqa", 1, SOURCE, RECIPE),
    "tagging": Run("target", "nano", "udpos", 1, SOURCE, RECIPE),
}
RUN = Run("target", "nano", "mnli", 1, SOURCE, RECIPE)


def runtime(work: Path) -> Runtime:
    return Runtime(work, progress=False)


def told(path: Path) -> dict[str, Any]:
    made: dict[str, Any] = json.loads((path / "run.json").read_text())
    return made


def small(patch: pytest.MonkeyPatch, most: int, error: Exception) -> list[int]:
    """A device on which `most` sequences fit into memory; what was tried is listed."""
    real, seen = Phase.states, []

    def states(self: Phase, batch: Any, first: bool = False) -> Any:
        if self.training:
            seen.append(len(batch["input_ids"]))
            if seen[-1] > most:
                raise error
        return real(self, batch, first)

    patch.setattr(Phase, "states", states)
    return seen


@pytest.mark.parametrize("name", RUNS)
def test_a_step_that_does_not_fit_is_split_and_weighs_the_same(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Halved twice; without dropout all weights are those of whole batches, to tolerance."""
    run = RUNS[name]
    wide = 5 if name == "choice" else 1  # five sequences an example
    whole = train(run, runtime(tmp_path / "whole"))
    seen = small(monkeypatch, wide, torch.OutOfMemoryError("CUDA out of memory. Tried ..."))
    path = train(run, runtime(tmp_path / "split"))
    assert max(seen) > wide and told(path)["micro_batch"] == 1
    assert "micro_batch" not in told(whole)
    mine, theirs = (load_file(one / "encoder/model.safetensors") for one in (path, whole))
    for key, value in theirs.items():
        torch.testing.assert_close(mine[key], value, rtol=2e-3, atol=2e-4)
    ends = [json.loads((p / "metrics.jsonl").read_text().splitlines()[0]) for p in (path, whole)]
    assert ends[0]["metrics"] == pytest.approx(ends[1]["metrics"], rel=1e-4)


def test_memory_that_never_suffices_is_one_clear_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = small(monkeypatch, 0, torch.OutOfMemoryError("CUDA out of memory. Tried 2 GiB"))
    with pytest.raises(OutOfMemory, match="with 1 example at a time: use a larger GPU.*2 GiB"):
        train(RUN, runtime(tmp_path))
    assert seen == [6, 6, 3, 1], "a bound: computing again, then halved until it is one"


def test_first_more_is_computed_again_which_changes_no_bit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A device that has room for a whole batch, but not for all that its gradients need."""
    dropped = replace(RUN, recipe=replace(RECIPE, dropout=0.1))
    whole = train(dropped, runtime(tmp_path / "whole"))
    real = Phase.states

    def states(self: Phase, batch: Any, first: bool = False) -> Any:
        if self.training and not self.encoder.is_gradient_checkpointing:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried 2 GiB")
        return real(self, batch, first)

    monkeypatch.setattr(Phase, "states", states)
    path = train(dropped, runtime(tmp_path / "spare"))
    name = "encoder/model.safetensors"
    assert (path / name).read_bytes() == (whole / name).read_bytes()
    assert "micro_batch" not in told(path)


def test_other_errors_of_a_step_are_not_taken_for_short_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = small(monkeypatch, 0, RuntimeError("a bug"))
    with pytest.raises(RuntimeError, match="a bug"):
        train(RUN, runtime(tmp_path))
    assert len(seen) == 1


def test_a_translation_ranking_cannot_be_split(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small(monkeypatch, 3, torch.OutOfMemoryError("short"))
    ranked = replace(RUNS["mlm"], recipe=replace(RECIPE, ranking=1.0, pairs=1.0))
    with pytest.raises(ValueError, match="compares all of a batch"):
        train(ranked, runtime(tmp_path))


def test_the_smaller_parts_are_kept_when_a_run_is_taken_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CHECKPOINTS, "0")
    seen = small(monkeypatch, 3, torch.OutOfMemoryError("short"))
    end = Resumable.on_train_batch_end

    def cut(self: Resumable, trainer: Any, *more: Any) -> None:
        end(self, trainer, *more)
        if trainer.global_step == 2:
            raise KeyError("cut")

    with monkeypatch.context() as patch:
        patch.setattr(Resumable, "on_train_batch_end", cut)
        with pytest.raises(KeyError):
            train(RUN, runtime(tmp_path))
    seen.clear()
    path = train(RUN, runtime(tmp_path))
    assert max(seen[:4]) == 3 and told(path)["micro_batch"] == 3


def test_parts_weigh_what_they_have_to_predict() -> None:
    labels = torch.tensor([[1, -100], [0, 2]])
    assert targets({"labels": labels}) == targets(["udpos", {"labels": labels}]) == 3
    assert targets(("squad", {"starts": torch.tensor([0, 4])})) == 2
    assert shares_of([1, 3]) == [0.25, 0.75] and shares_of([0, 0]) == [0, 0]


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_loss_that_is_no_number_ends_the_run_at_once(
    value: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Phase.total

    def total(self: Phase, losses: Any) -> Any:
        return real(self, losses) * (value if self.global_step == 1 else 1.0)

    monkeypatch.setattr(Phase, "total", total)
    monkeypatch.setenv(CHECKPOINTS, "0")
    document = tmp_path / "job.json"
    document.write_text(json.dumps(RUN.document()))
    failure = carry_out(document, runtime(tmp_path))
    assert failure is not None and not failure.mend
    assert f"the loss is {value} at step 2 of 4" in failure.reason
    assert "lower recipe.lr (now 0.001)" in failure.reason
    path = Store(tmp_path).path(RUN.id)
    assert told(path)["not_finite"] == {"step": 2, "loss": str(value)}
    assert told(path)["health"] == "nonfinite"
    assert [one.name for one in (path / "checkpoints").glob("*.ckpt")] == ["step-00000001.ckpt"]


def test_on_a_gpu_losses_are_looked_at_late_and_the_first_bad_one_is_named() -> None:
    class Module:
        steps, recipe = 9, RECIPE

    finite: Any = Finite()
    finite.waiting = [(i, torch.tensor(v)) for i, v in ((3, 1.0), (4, float("nan")), (5, 1.0))]
    with pytest.raises(NotFinite, match="step 4 of 9"):
        finite.look(Module())


@pytest.mark.parametrize("text", ["soon", "-1", "nan"])
def test_a_setting_that_is_no_number_is_refused(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CHECKPOINTS, text)
    with pytest.raises(MatrixError, match=f"{CHECKPOINTS}={text}: give seconds"):
        _ = Runtime(tmp_path).checkpoint_every
