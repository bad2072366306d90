"""Every task of the paper is trained and measured by the real command, each through its family."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from commands import REFUSING, silta

pytestmark = pytest.mark.end_to_end

INTERMEDIATES = "anli mnli qqp squad squad2 hellaswag ccg cosmosqa csqa mixture".split()
TARGETS = "xnli pawsx udpos panx xquad mlqa tydiqa bucc tatoeba".split()
LEARNT = {"mnli", "pawsx", "udpos", "panx", "squad", "tydiqa"}
"""What the nine targets learn from; retrieval needs no training."""
MATRIX = f"""\
study: every
source: {{kind: miniature, seed: 7, sentences: 48}}
languages: [en, fi, hu]
scales: [nano]
intermediates: [none]
targets: [{", ".join(TARGETS)}]
seeds: [1]
recipe:
  intermediate: {{steps: 2, batch: 8, dev_checks: 1, dev_examples: 8}}
  target: {{steps: 2, batch: 8, dev_checks: 1, dev_examples: 8}}
also:
  - {{intermediates: [{", ".join(INTERMEDIATES)}], targets: [tatoeba]}}
"""


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("every")
    (folder / "every.yaml").write_text(MATRIX)
    told = ("--work", folder / "work", "--jobs", 1, "--tracking-uri", REFUSING)
    done = silta("run", folder / "every.yaml", *told, "--patience", 0)
    assert done.returncode == 0, done.stderr
    return folder / "work"


def documents(work: Path) -> list[dict[str, object]]:
    return [json.loads(path.read_text()) for path in (work / "runs").glob("*/run.json")]


def test_every_intermediate_task_and_every_target_is_learnt(work: Path) -> None:
    learnt = {(told["phase"], told["task"]) for told in documents(work) if "phase" in told}
    assert learnt == {
        *(("intermediate", name) for name in INTERMEDIATES),
        *(("target", name) for name in LEARNT),
    }


def test_every_target_is_measured_in_every_language_that_was_asked_for(work: Path) -> None:
    found = {}
    for told in documents(work):
        if told.get("target") and told["intermediate"] == "none":
            scores = json.loads((work / "runs" / str(told["id"]) / "scores.json").read_text())
            found[told["target"]] = scores["scores"]["test"]
    assert set(found) == set(TARGETS)
    for target, cells in found.items():
        retrieval = target in {"bucc", "tatoeba"}  # against English, which is no cell of its own
        assert set(cells) == ({"fin", "hun"} if retrieval else {"eng", "fin", "hun"}), target
        values = [value for metrics in cells.values() for value in metrics.values()]
        assert values and all(math.isfinite(value) for value in values), target
