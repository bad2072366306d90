"""What counts as learnt: known answers at the limits, and that no good model is called bad."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny import named

from training.families import span, tagging
from training.families.base import Scores
from training.families.examples import Bitext, ChoiceExample, PairExample, SpanExample, TagExample
from training.families.health import (
    above,
    chance,
    finite,
    health,
    inherited,
    retrieval_health,
    worst,
)
from training.families.measures import of_labels
from training.families.mining import Mined
from training.families.retrieval import score_bucc, score_tatoeba
from training.spec.record import CHANCE, CONSTANT, DEGENERATE, HEALTHY, NONFINITE, UNJUDGED


def pairs(*labels: int) -> list[PairExample]:
    return [PairExample(str(i), str(i), "eng", "a", "b", one) for i, one in enumerate(labels)]


def judged(name: str, gold: Sequence[int], said: Sequence[int]) -> str:
    """Health of a classifier that answered so."""
    task, labels = named(name), named(name).labels
    items = [
        {"gold": labels[g], "prediction": labels[p], "score": float(g == p)}
        for g, p in zip(gold, said, strict=True)
    ]
    return health(task, pairs(*gold), Scores(of_labels(task, gold, said), items))


HALF = [0, 1] * 50


def with_right(count: int) -> list[int]:
    """Answers to HALF of which `count` are right, and neither label is said always."""
    return [gold if i < count else 1 - gold for i, gold in enumerate(HALF)]


def test_the_limit_is_wilsons() -> None:
    assert above(50, 100) == pytest.approx(59.617, abs=0.01)
    assert above(0, 100) == pytest.approx(3.699, abs=0.01)
    assert above(100 / 3, 5000) == pytest.approx(34.66, abs=0.01)
    assert above(50, 100) > above(50, 1000) > 50


@pytest.mark.parametrize(("right", "found"), [(50, CHANCE), (59, CHANCE), (60, HEALTHY)])
def test_a_score_must_be_above_chance_by_more_than_the_draw_explains(
    right: int, found: str
) -> None:
    assert judged("pawsx", HALF, with_right(right)) == found


def test_the_best_constant_answer_is_the_floor_where_labels_are_uneven() -> None:
    gold = [0] * 80 + [1] * 20
    said = [0] * 75 + [1] * 5 + [0] * 15 + [1] * 5  # 80 right, as always saying 0 would be
    assert judged("pawsx", gold, said) == CHANCE


def test_one_answer_for_all_is_told_apart_unless_gold_is_uniform_too() -> None:
    assert judged("pawsx", HALF, [0] * 100) == CONSTANT
    assert judged("pawsx", HALF, [0] * 99 + [1]) == CONSTANT
    assert judged("pawsx", HALF, [0] * 98 + [1] * 2) == CHANCE
    assert judged("pawsx", [0] * 100, [0] * 100) == CHANCE  # nothing to be told apart by


def test_few_items_are_not_judged() -> None:
    assert judged("pawsx", [0, 1] * 9, [0] * 18) == UNJUDGED


def test_a_score_that_is_no_number_is_no_score() -> None:
    items = [{"gold": "0", "prediction": "0"}] * 30
    assert health(named("pawsx"), pairs(*HALF), Scores({"accuracy": math.nan}, items)) == NONFINITE
    assert finite([0.3, 7.0]) and not finite([0.3, math.nan]) and not finite([math.inf])


def sentences() -> list[TagExample]:
    told = ("DET", "NOUN", "VERB", "NOUN")
    return [TagExample(str(i), str(i), "eng", ("a",) * 4, told) for i in range(40)]


def tagged(tags: tuple[str, ...]) -> str:
    task, gold = named("udpos"), sentences()
    return health(task, gold, tagging.scored(task, gold, [tags] * len(gold), [4] * len(gold)))


def test_a_tagger_is_judged_by_its_words() -> None:
    assert tagged(("NOUN",) * 4) == CONSTANT
    assert tagged(("ADJ", "ADJ", "ADJ", "ADV")) == CHANCE
    assert tagged(("DET", "NOUN", "VERB", "NOUN")) == HEALTHY


def test_to_be_below_a_lookup_is_no_failure() -> None:
    assert tagged(("DET", "NOUN", "VERB", "ADJ")) == HEALTHY


def questions() -> list[SpanExample]:
    words = [f"word{i}" for i in range(60)]
    made = []
    for i in range(40):
        text = " ".join(words[i:] + words[:i])
        answer = f"word{(7 * i) % 60}"
        made.append(SpanExample(str(i), str(i), "eng", text, "?", ((answer, text.index(answer)),)))
    return made


def answered(said: list[str]) -> str:
    task, gold = named("squad"), questions()
    return health(task, gold, span.scored(task, gold, said, {}))


def test_a_reader_that_says_nothing_or_the_first_words() -> None:
    assert answered([""] * 40) == CONSTANT
    assert answered([one.context.split()[0] for one in questions()]) == CHANCE
    assert answered([one.answers[0][0] for one in questions()]) == HEALTHY


def test_choices_by_place() -> None:
    gold = [ChoiceExample(str(i), str(i), "eng", "a", tuple("abcde"), i % 5) for i in range(100)]
    assert chance(named("csqa"), gold) == pytest.approx(20)
    items = [{"gold": str(one.label), "prediction": str((one.label + 1) % 5)} for one in gold]
    assert health(named("csqa"), gold, Scores({"accuracy": 0.0}, items)) == CHANCE


def bitext(size: int) -> Bitext:
    ids = tuple(map(str, range(size)))
    return Bitext("fin", ids, ids, frozenset((i, i) for i in range(size)), ids, ids)


def test_retrieval_is_judged_over_its_languages_together() -> None:
    one, task = bitext(200), named("tatoeba")
    right = score_tatoeba(one, list(range(200)))
    lucky = score_tatoeba(one, [0] * 200)
    assert retrieval_health(task, [(one, right), (one, lucky)]) == HEALTHY
    assert retrieval_health(task, [(one, lucky)] * 3) == CHANCE
    assert retrieval_health(task, [(bitext(5), score_tatoeba(bitext(5), [0] * 5))]) == UNJUDGED
    assert retrieval_health(task, []) == UNJUDGED
    bucc = score_bucc(one, [Mined(i, i, 1.0) for i in range(200)], 0.0, None, "_oracle_threshold")
    assert retrieval_health(named("bucc"), [(one, bucc)]) == HEALTHY


def test_the_worst_of_several_tasks_counts() -> None:
    assert worst([HEALTHY, CHANCE, NONFINITE]) == NONFINITE == DEGENERATE[0]
    assert worst([HEALTHY, UNJUDGED]) == worst([]) == UNJUDGED
    assert worst([HEALTHY, HEALTHY]) == HEALTHY


def test_a_cell_without_an_english_test_takes_its_target_runs_health() -> None:
    target = {"phase": "target", "health": CHANCE}
    assert inherited(UNJUDGED, target) == CHANCE
    assert inherited(HEALTHY, target) == HEALTHY  # more items, and of the very target
    assert inherited(HEALTHY, target | {"health": NONFINITE}) == NONFINITE
    assert inherited(UNJUDGED, {"phase": "intermediate", "health": CHANCE}) == UNJUDGED
    assert inherited(UNJUDGED, {"phase": "target"}) == UNJUDGED == inherited(UNJUDGED, {})


@given(st.integers(1, 10_000), st.floats(0, 100))
def test_the_limit_lies_between_the_baseline_and_everything(count: int, baseline: float) -> None:
    assert baseline - 1e-9 <= above(baseline, count) <= 100 + 1e-9
    assert json.dumps(above(baseline, count))
