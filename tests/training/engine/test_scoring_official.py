"""Two sets of folders, all tasks and languages: the numbers that XTREME's own script gave them.

`test_scoring.py` compares with rules read anew; here nothing but the official numbers is trusted.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from xtreme_folders import fill

from training.catalogue.languages import LANGUAGES
from training.engine.scoring import Scoring

GOLDEN: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "golden/official_folders.json").read_text()
)
OURS = {"exact_match": "em"}
"""evaluate.py's name of a metric -> ours, where they differ."""


def digest(root: Path) -> str:
    """Of every file's name and bytes."""
    made = hashlib.sha256()
    for path in sorted(root.rglob("test-*")):
        made.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return made.hexdigest()


@pytest.mark.parametrize("seed", [0, 1])
def test_every_number_of_the_official_script(seed: int, tmp_path: Path) -> None:
    """375 numbers: metrics of languages, their means, task scores, groups, overall."""
    expected = {task: scores for one, task, scores in GOLDEN["folders"] if one == seed}
    predictions, labels = fill(tmp_path, seed)
    overall = expected.pop("overall")
    made_of = overall.pop("sha256")
    assert digest(tmp_path) == made_of, "xtreme_folders.py changed: make the golden file again"
    told = Scoring(predictions, labels).document()
    found = {"all_task": told["overall"], **told["groups"]}
    assert found == pytest.approx(overall, abs=1e-9)
    assert set(told["tasks"]) == set(expected)
    for task, scores in expected.items():
        mine, compared = told["tasks"][task], 0
        codes = {LANGUAGES[lang].short: row for lang, row in mine["languages"].items()}
        for name, value in scores.items():
            if name == "avg_metric":
                assert mine["score"] == pytest.approx(value, abs=1e-9)
            elif name.startswith("avg_"):
                metric = name.removeprefix("avg_")
                assert mine["means"][OURS.get(metric, metric)] == pytest.approx(value, abs=1e-9)
            else:
                rows = {code: row[OURS.get(name, name)] for code, row in codes.items()}
                assert rows == pytest.approx(value, abs=1e-9), (task, name)
                compared += len(value)
        assert compared >= len(codes)
