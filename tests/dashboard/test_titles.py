"""Names of settings on pages: short lines, none like another."""

from __future__ import annotations

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from dashboard.analysis.frames import TASKS, ScoreFrame
from dashboard.figures.layout import TITLE, wrapped
from dashboard.snapshot.catalogue import tasks


@given(st.text(alphabet="ab ,+", min_size=1, max_size=60))
def test_a_wrapped_title_loses_no_word(title: str) -> None:
    lines = wrapped(title).split("<br>")
    assert " ".join(lines).split() == title.split()
    assert all(len(line) <= TITLE or " " not in line.strip() for line in lines)


def test_settings_have_titles_beside_the_tasks_own() -> None:
    named = {"none", "mnli", "mnli+mlm", "mnli@fin", "gone"}
    frame = ScoreFrame(tasks=tasks(named))
    assert tuple(frame.tasks.columns) == TASKS and frame.tasks["task"].is_unique
    told = {name: frame.title(name) for name in named}
    assert told == {
        "none": "no intermediate",
        "mnli": "MNLI",
        "mnli+mlm": "MNLI + MLM",
        "mnli@fin": "MNLI in Finnish",
        "gone": "gone",
    }
    assert isinstance(frame.tasks, pd.DataFrame) and "none" not in set(frame.tasks["task"])
