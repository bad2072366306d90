"""A study whose process group is killed at 20 random moments is the undisturbed one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from commands import ROOT, environment

pytestmark = [pytest.mark.end_to_end, pytest.mark.slow]

KILLS = 20


def test_killed_at_random_moments_a_study_is_the_undisturbed_one(
    tmp_path: Path, migrated: Path
) -> None:
    """benchmarks/soak.py compares every weight, score, curve and MLflow record."""
    told = ["--kills", str(KILLS), "--busy", "0.3", "--seed", "1", "--database", str(migrated)]
    done = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks/soak.py"), *told, "--out", str(tmp_path / "soak")],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=1500,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    made = json.loads((tmp_path / "soak").read_text())
    assert made["kills"] == KILLS and made["while_working"] > 0
    assert (made["trainings"], made["evaluations"]) == (12, 12)
