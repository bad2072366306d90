"""`benchmarks/gpu.py`: the rehearsal of every measurement, and how goals are judged."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

MODULES = (
    "gpu",
    "gpu_goals",
    "gpu_models",
    "gpu_steps",
    "gpu_masked",
    "gpu_parts",
    "course",
    "race",
    "racers",
    "rivals",
)


@pytest.fixture(scope="module")
def gpu() -> Iterator[Any]:
    """The script as a module, beside those that it is made of."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(Path(__file__).parents[1] / "benchmarks"))
        for name in MODULES:
            patch.delitem(sys.modules, name, raising=False)
        import gpu

        yield gpu


def test_every_measurement_runs_on_the_cpu_and_leaves_nothing(
    gpu: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(gpu, "PATH", tmp_path / "gpu.json")
    assert gpu.rehearse([]) == 0, capsys.readouterr().out
    assert "41 measurements on the CPU, 0 of which failed" in capsys.readouterr().out
    assert not list(tmp_path.iterdir()) and not gpu.RESULTS.joinpath("gpu.json").exists()


def test_without_a_gpu_it_says_so_and_ends_well(
    gpu: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(sys, "argv", ["gpu.py", "xl"])
    assert gpu.main() == 0
    assert "no GPU on this machine, nothing was measured" in capsys.readouterr().out


def test_what_was_measured_is_not_measured_again(gpu: Any, tmp_path: Path) -> None:
    """Killed in between, it goes on; what did not fit is told and tried once more."""
    book, asked = gpu.Book(tmp_path / "gpu.json"), []

    def work() -> dict[str, float]:
        asked.append(1)
        return {"tokens_per_s": 5.0}

    def large() -> dict[str, float]:
        raise torch.OutOfMemoryError("tried to allocate 171 GiB")

    for _ in range(2):
        one = gpu.Book(book.path)
        one.measure("some", work)
        one.measure("much", large)
    assert len(asked) == 1
    known = gpu.Book(book.path).known
    assert known["some"]["tokens_per_s"] == 5 and known["some"]["machine"]["date"]
    assert "171 GiB" in known["much"]["error"]


def test_goals_are_judged_by_what_is_there(gpu: Any) -> None:
    from gpu_goals import judged

    assert not list(judged({})) and not list(judged({"xl syncs": {"per_step": None}}))
    found: dict[str, dict[str, Any]] = {
        "xl full, 16k tokens": {"mfu_percent": 36.0, "peak_gib": 117.0, "tokens_per_s": 20_800},
        "xl full, recipe": {"step_ms": 80.0, "tokens_per_s": 16_000.0},
        "xl trainer padded, recipe": {"tokens_per_s": 10_000.0},
        "xl evaluation": {"tokens_per_s": 80_000.0},
        "xl syncs": {"per_step": 1.0},
        "base full, recipe": {"tokens_per_s": 100.0},
        "base 2 at once, recipe": {"tokens_per_s": 150.0},
        "base compiled, recipe": {"tokens_per_s": 180.0},
        "base 4 at once, recipe": {"error": "OutOfMemoryError"},
    }
    told = {one.what: (one.goal, one.figure, one.met, round(one.by, 1)) for one in judged(found)}
    assert told == {
        "xl full, 16k tokens: mfu_percent": ("H1", 36, False, -20.0),
        "xl full, 16k tokens: peak_gib": ("H1", 117, True, 10.0),
        "xl full, recipe: step_ms": ("H4", 80, True, 11.1),
        "xl evaluation: tokens_per_s": ("H8", 80_000, True, 6.7),
        "xl syncs: per_step": ("H9", 1, False, -100.0),
        "xl full, recipe: times xl trainer padded, recipe": ("H4", 1.6, False, -20.0),
        "base best of compiled and several, recipe: times base full, recipe": (
            "H6",
            1.8,
            True,
            5.9,
        ),
        "xl evaluation: share of a target's training": (
            "H8",
            pytest.approx(26e6 / 80_000 / (91.6e6 / 16_000)),
            True,
            pytest.approx(5.4),
        ),
    }


def test_every_goal_has_its_measurement(gpu: Any) -> None:
    """So that none of H1 to H10 can be forgotten, nor judged by a name that is never measured."""
    from gpu_goals import RACES, RATES, best
    from gpu_models import Place
    from gpu_parts import parts

    made = parts(Place(torch.device("cpu"), rehearsal=True))
    names = {name for measures in made.values() for name in measures}
    names |= set(best(dict.fromkeys(names, {"tokens_per_s": 1.0})))
    assert {one[0] for one in (*RATES, *RACES)} == {f"H{i}" for i in range(1, 11)}
    assert {one[1] for one in (*RATES, *RACES)} | {one[2] for one in RACES} <= names
    assert all(len(measures) for measures in made.values())


def test_operations_and_memory_are_those_of_the_plan(gpu: Any) -> None:
    """XL at 128 tokens: 17.13 GFLOP a token; at half of the peak 28,900 tokens a second."""
    from gpu_models import PEAK, Place, Sized, Watch

    one = Sized("mnli", (128,) * 64, 32, place=Place(torch.device("cpu")), name="xl")
    lap = Watch(0, 2, seconds=2 * 32 * 128 / 28_900)
    told = one.figures([range(32), range(32, 64)], lap)
    assert told["tokens_per_s"] == pytest.approx(28_900)
    assert told["mfu_percent"] == pytest.approx(100 * 28_900 * 17.13e9 / PEAK, rel=1e-3)
    states = 16 * 3.48e9 + 34 * 2560 * 36 * 32 * 128
    assert told["foreseen_gib"] == pytest.approx(states / 2**30, rel=0.01)
