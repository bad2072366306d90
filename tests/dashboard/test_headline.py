"""The study's own verdicts and means: what they are over, and that odd cells do not decide them."""

from __future__ import annotations

import pandas as pd
import pytest
from frames_of import after, none, scores

from dashboard.analysis.frames import PLAN, ScoreFrame
from dashboard.analysis.headline import ALONE, SCALES, WITH, WITHOUT, headline, means
from dashboard.analysis.scores import Scores

GAIN = {"nano": 2.0, "micro": 4.0}


def frame(seeds: str = "123", more: str = "") -> ScoreFrame:
    """Gains of 2 at nano and 4 at micro, and of `more` further seeds a task that only nano has."""
    rows = []
    for scale, gain in GAIN.items():
        for lang in ("eng", "fin", "hun"):
            for seed in seeds:
                place = {"scale": scale, "target": "udpos", "metric": "f1", "lang": lang}
                rows.append(none(50, seed, **place))
                rows.append(after("mnli", 50 + gain + 0.05 * int(seed), seed, **place))
            if lang == "eng":
                continue
            place = {"scale": scale, "target": "tatoeba", "lang": lang, "target_seed": ""}
            rows.append(none(40, "", **place))
            tasks = [("mnli", seeds), ("squad", more if scale == "nano" else "")]
            for task, some in tasks:
                for seed in some:
                    value = 40 + 2 * gain + 0.05 * int(seed)
                    rows.append(after(task, value, seed) | place | {"intermediate_seed": seed})
    table = scores(*rows)
    plan = table.drop_duplicates("evaluation").assign(study="s")[list(PLAN)]
    tasks = pd.DataFrame(
        [("udpos", "UDPOS", "f1", ""), ("tatoeba", "Tatoeba", "accuracy", "")],
        columns=["task", "title", "metric", "languages"],
    )
    evaluations = table.drop_duplicates("evaluation")
    return ScoreFrame(Scores.of(table), evaluations=evaluations, plan=plan, tasks=tasks)


def scales(told: ScoreFrame) -> pd.DataFrame:
    found = headline(told, "s")
    return found[found["kind"].eq(SCALES)].set_index(["family", "contrast"])


def test_means_with_and_without_retrieval_count_targets_the_same() -> None:
    found = means(frame(), "s").set_index(["family", "scale", "lang"])["gain"]
    for scale, gain in GAIN.items():
        assert found[WITHOUT, scale, "fin"] == pytest.approx(gain, abs=0.2)
        assert found[WITH, scale, "fin"] == pytest.approx((gain + 2 * gain) / 2, abs=0.2)


def test_retrieval_is_judged_alone_and_grows() -> None:
    found = scales(frame())
    name = "Finnish from nano to micro"
    assert found.loc[(ALONE, name), "change"] == pytest.approx(4.0, abs=0.3)
    assert found.loc[(WITHOUT, name), "change"] == pytest.approx(2.0, abs=0.3)
    assert found["verdict"].eq("generalises").all()


def test_a_task_that_one_scale_has_with_more_seeds_decides_nothing() -> None:
    """Its lineages alone are enough for an interval, and none of its cells can be compared."""
    odd, plain = scales(frame("12", more="12345")), scales(frame("12"))
    pd.testing.assert_series_equal(odd["change"], plain["change"])
    assert odd["cells"].tolist() == plain["cells"].tolist() == [1, 1, 1, 1]


def test_scales_without_a_cell_in_common_are_not_compared() -> None:
    told = frame("12")
    every = told.scores
    some = Scores.of(every[every["scale"].ne("micro") | every["intermediate"].eq("none")])
    found = scales(ScoreFrame(some, told.evaluations, told.plan, tasks=told.tasks))
    assert found["verdict"].eq("cannot tell").all() and found["cells"].eq(0).all()
    assert found["why"].eq("not measured on both sides").all()
