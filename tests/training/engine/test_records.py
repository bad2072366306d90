"""What MLflow is told of a record, read off the store alone."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.engine.records import (
    LONGEST,
    Point,
    contradicts,
    datasets,
    parameters,
    points,
    points_of,
    same,
)
from training.engine.tail import Tail


def line(step: int, value: float, time: float = 1.5) -> str:
    return json.dumps({"step": step, "time": time, "metrics": {"loss": value}}) + "\n"


def test_nested_settings_get_dotted_names_and_lists_are_json() -> None:
    recipe = {
        "lr": 1e-5,
        "languages": ["fin", "hun"],
        "tasks": {"xnli": {"steps": 4}},
        "corpus": "",
    }
    assert parameters({"recipe": recipe}) == {
        "lr": "1e-05",
        "languages": '["fin", "hun"]',
        "tasks.xnli.steps": "4",
        "corpus": "",
    }


@pytest.mark.parametrize("length", [250, 251, LONGEST])
def test_a_parameter_is_whole_as_far_as_mlflow_takes_it(length: int) -> None:
    assert parameters({"recipe": {"freeze": "x" * length}}) == {"freeze": "x" * length}


def test_a_longer_parameter_says_where_the_rest_is() -> None:
    (value,) = parameters({"recipe": {"freeze": "x" * 7000}}).values()
    assert len(value) == LONGEST and value.endswith("x ... 7000 characters in run.json")


def test_data_sets_are_named_once_a_task_and_split() -> None:
    data = {
        "xnli/dev/eng": "aaaa miniature",
        "xnli/test/fin": "bbbb miniature",
        "xnli/test/hun": "cccc miniature",
        "xnli/test/hun/notes": "3 rows left out",
    }
    document = {"source": "miniature/seed=5", "provenance": {"data": data}}
    dev, test = datasets(document)
    assert (dev["name"], dev["digest"], dev["context"]) == ("xnli/dev", "aaaa", "dev")
    assert dev["source"] == "miniature/seed=5" and len(test["digest"]) == 36
    assert json.loads(test["profile"]) == {"fin": "bbbb miniature", "hun": "cccc miniature"}
    turned = dict(reversed(data.items()))
    again = {one["name"]: one for one in datasets(document | {"provenance": {"data": turned}})}
    assert again["xnli/test"]["digest"] == test["digest"], "whatever the order"


def test_text_is_told_apart_by_its_source() -> None:
    told = [
        datasets({"source": source, "provenance": {"data": {"text": "18 lines"}}})[0]
        for source in ("files", "miniature/seed=5")
    ]
    assert [one["name"] for one in told] == ["text/train", "text/train"]
    assert told[0]["digest"] != told[1]["digest"]


def test_a_resumed_run_tells_steps_again_and_they_count_once(tmp_path: Path) -> None:
    told = (
        line(1, 0.5) + line(2, 0.4) + '{"step": 3, "ti' + "\n" + line(2, 0.4, 9) + line(3, 0.3, 9)
    )
    (tmp_path / "metrics.jsonl").write_text(told)
    assert points_of(tmp_path, "mlm-text-0") == [
        Point("loss", 0.5, 1500, 1),
        Point("loss", 0.4, 1500, 2),
        Point("loss", 0.3, 9000, 3),
    ]


@given(st.lists(st.binary(max_size=30)))
def test_no_line_whatsoever_stops_the_reading(lines: list[bytes]) -> None:
    assert len(list(points([*lines, line(1, 2.0).encode()]))) >= 1


@given(st.lists(st.tuples(st.integers(1, 99), st.floats(allow_nan=False)), max_size=20), st.data())
def test_a_tail_reads_every_line_once_however_it_grows(
    tmp_path_factory: pytest.TempPathFactory, told: list[tuple[int, float]], data: Any
) -> None:
    """Cut anywhere: a torn last line waits for its end."""
    log = tmp_path_factory.mktemp("tail") / "log"
    written = "".join(line(*one) for one in told).encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(written)), max_size=4)))
    tail, read = Tail(log), list[Point]()
    assert tail.read() == [], "no log yet"
    for start, end in zip([0, *cuts], [*cuts, len(written)], strict=True):
        with log.open("ab") as file:
            file.write(written[start:end])
        read += tail.read()
    assert [(one.step, one.value) for one in read] == told


def test_a_log_that_is_begun_anew_is_read_from_its_start(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text(line(1, 1.0) + line(2, 2.0))
    tail = Tail(log)
    assert len(tail.read()) == 2 and tail.read() == []
    log.unlink()
    assert tail.read() == []
    log.write_text(line(1, 3.0))
    assert [one.value for one in tail.read()] == [3.0]


def test_values_are_the_same_as_mlflow_keeps_them() -> None:
    assert same(1.7976931348623157e308, math.inf) and same(math.nan, math.nan)
    assert not same(1.7976931348623157e308, -math.inf) and not same(1.0, 1.001)


def test_a_resumed_curve_may_differ_a_little_and_scores_may_not() -> None:
    wanted = [Point("loss", 1.0, 0, step) for step in range(10)]
    had = {("loss", step): 1.0 if step < 6 else 1.1 for step in range(8)}
    assert not contradicts(had, wanted, 0.5) and contradicts(had, wanted, 0.0)
    assert contradicts({key: 2.0 for key in had}, wanted, 0.5), "another attempt's"
    assert not contradicts({}, wanted, 0.0), "nothing there contradicts nothing"
