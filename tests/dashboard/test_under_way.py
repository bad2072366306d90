"""When a page follows a study, and what it says of one that is not complete."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from dashboard import app
from dashboard.analysis.frames import PLAN, PLANNED_RUN, TRAINING, ScoreFrame


def table(columns: tuple[str, ...], *states: str) -> pd.DataFrame:
    rows = [{name: "x" for name in columns} | {"state": state} for state in states]
    return pd.DataFrame(rows, columns=list(columns))


@pytest.mark.parametrize(
    ("plan", "planned", "trained", "live"),
    [
        (["done"], ["done"], ["done"], False),
        (["not run"], ["failed"], ["failed"], False),
        (["waiting"], ["waiting"], [], True),
        (["not run"], ["running"], ["running"], True),  # its evaluations are told later
        (["done"], ["done"], ["running"], False),  # of no study that anybody published
        ([], [], ["running"], True),
        ([], [], ["interrupted"], False),
    ],
)
def test_a_study_is_under_way_while_any_of_it_runs(plan, planned, trained, live: bool):
    frame = ScoreFrame(
        plan=table(PLAN, *plan),
        planned_runs=table(PLANNED_RUN, *planned),
        trainings=table(TRAINING, *trained),
    )
    assert app.live(frame) is live


def test_every_page_says_what_its_study_lacks(open_page, work: Path):
    page = open_page(work, path="families")
    (told,) = [one.value for one in page.sidebar.caption if "Not complete" in one.value]
    assert "28 of 34 planned evaluations are done; 3 failed, 3 not run" in told.replace("\\", "")
    assert "New here?" in "".join(one.value for one in page.markdown)


def test_a_link_written_by_hand_brings_no_tour(open_page, work: Path):
    page = open_page(work, path="families", targets="tatoeba")
    assert "New here?" not in "".join(one.value for one in page.markdown)
