"""Published questions in ten languages, answered wrongly in many ways: the official numbers."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
import xtreme_rules

from training.catalogue.languages import LANGUAGES
from training.data.submission import questions
from training.engine.scoring import Scoring

REAL = {
    "xquad": ("qa/xquad/xquad.{}.json*", "ar de el en es th tr vi zh"),
    "mlqa": ("qa/mlqa/**/test/test-context-{0}-question-{0}.*", "ar de en es hi vi zh"),
}


def spoilt(answer: str, i: int) -> str:
    """Answers as models give them: right, too long, too short, with a mark, another, none."""
    made = [answer, f"{answer} {answer}", answer[:-1], f"«{answer}».", answer[::-1], ""]
    return made[i % len(made)]


@pytest.mark.parametrize("task", REAL)
def test_published_answers_score_as_the_rules_tell(
    task: str, data_dir: Path, tmp_path: Path
) -> None:
    pattern, codes = REAL[task]
    found = 0
    for code in codes.split():
        for path in data_dir.glob(pattern.format(code)):
            raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
            (tmp_path / "gold.json").write_bytes(raw)
            asked = questions(tmp_path / "gold.json")
            said = {one.id: spoilt(one.answers[0], i) for i, one in enumerate(asked)}
            for side in ("P", "L"):
                (tmp_path / side / task).mkdir(parents=True, exist_ok=True)
            (tmp_path / "L" / task / f"test-{code}.json").write_bytes(raw)
            (tmp_path / "P" / task / f"test-{code}.json").write_text(json.dumps(said))
            found += 1
    assert found == len(codes.split())
    told = Scoring(tmp_path / "P", tmp_path / "L", partial=True).document()["tasks"][task]
    for lang, metrics in told["languages"].items():
        code = LANGUAGES[lang].short
        paths = [tmp_path / side / task / f"test-{code}.json" for side in ("P", "L")]
        theirs = xtreme_rules.answers(*paths, code)
        assert (metrics["em"], metrics["f1"]) == (
            pytest.approx(theirs["exact_match"], abs=1e-9),
            pytest.approx(theirs["f1"], abs=1e-9),
        )
        assert 0 < metrics["em"] < metrics["f1"] < 100
