"""Progress: shares by cost, and an estimate of the time left."""

from __future__ import annotations

import pytest

from training.engine import progress as module
from training.engine.jobs import Job
from training.engine.progress import EVERY, Progress, duration


class Clock:
    """Time that passes when told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(module, "time", made)
    return made


def jobs(*weights: float) -> list[Job]:
    return [Job(f"j{i}", None, {}, weight, f"job {i}") for i, weight in enumerate(weights)]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.4, "0 s"),
        (59.6, "1 min 0 s"),
        (61, "1 min 1 s"),
        (3600, "1 h 0 min"),
        (7325, "2 h 2 min"),
    ],
)
def test_durations_are_for_people(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(("part", "told"), [(0.0, False), (0.001, False), (0.1, True)])
def test_nothing_is_told_of_what_has_hardly_begun(clock: Clock, part: float, told: bool) -> None:
    """Of 40 s in which a ten-thousandth was done, most went to starting: it is not 100 hours."""
    one, _ = made = jobs(1, 9)
    progress = Progress(made, set(), part=lambda job: part)
    progress(one, "running")
    clock.now += 40
    assert (progress.left() is not None) == told
    assert (progress.estimate() != "estimating the time left") == told


def test_the_estimate_goes_by_cost(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    one, two, _ = made = jobs(1, 3, 4)
    progress = Progress(made, set())
    progress(one, "running")
    assert progress.left() is None and progress.estimate() == "estimating the time left"
    clock.now += 10
    progress(one, "done")
    assert progress.left() == pytest.approx(70)
    progress(two, "running")
    clock.now += 30
    progress(two, "done")
    assert progress.left() == pytest.approx(40)
    said = capsys.readouterr().err.splitlines()
    assert said == [
        " 12%  1/3 jobs, 10 s, about 1 min 10 s left",
        " 50%  2/3 jobs, 40 s, about 40 s left",
    ]


def test_what_was_done_before_does_not_count(clock: Clock) -> None:
    made = jobs(100, 1, 1)
    progress = Progress(made, {"j0"})
    clock.now += 5
    progress(made[1], "done")
    assert progress.count == 2 and progress.left() == pytest.approx(5)


def test_what_is_not_run_costs_nothing(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    made = jobs(1, 50, 1)
    progress = Progress(made, set())
    clock.now += 5
    progress(made[0], "failed")
    progress(made[1], "not run")
    assert progress.left() == pytest.approx(5)
    progress(made[2], "done")
    said = capsys.readouterr().err.splitlines()
    assert said == ["failed: job 0", "100%  3/3 jobs, 5 s"]


def test_a_long_job_is_told_of_now_and_then(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    (one,) = made = jobs(1)
    progress = Progress(made, set())
    progress(one, "running")
    for _ in range(100):
        clock.now += EVERY / 50
        progress.show()
    assert capsys.readouterr().err.count("job 0") == 2


def test_quiet_is_quiet(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    made = jobs(1, 1)
    progress = Progress(made, set(), quiet=True)
    for one in made:
        progress(one, "failed")
    assert capsys.readouterr() == ("", "")


def test_a_long_job_tells_how_far_it_is(clock: Clock) -> None:
    """Else the first hour of a study has no estimate: all the others wait for its first job."""
    one, _ = made = jobs(3, 1)
    progress = Progress(made, set(), quiet=True, part=lambda job: 0.25)
    progress(one, "running")
    clock.now += 30
    assert progress.left() == pytest.approx(130)
    progress(one, "done")
    assert progress.left() == pytest.approx(10)
