"""Intermediate settings: one canonical spelling, a title of their own, marked where they reuse."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.catalogue import LANGUAGES, TASKS, UnknownName
from training.catalogue.settings import (
    FORMS,
    TRANSLATABLE,
    BadSetting,
    kind,
    offered,
    reuses,
    setting,
    title,
)
from training.spec.setting import Part, Setting

SINGLE = sorted(name for name in offered() if not TASKS[name].members)
NINE = TASKS["mixture"].members


@st.composite
def parts(draw: st.DrawFn) -> Part:
    name = draw(st.sampled_from(SINGLE))
    can = TASKS[name].family in TRANSLATABLE and not TASKS[name].made_from
    lang = draw(st.sampled_from(sorted(LANGUAGES))) if can else "eng"
    return Part(name, lang, draw(st.booleans()))


WORDS = st.lists(parts(), min_size=1, max_size=5, unique=True)


@given(WORDS, st.booleans(), st.randoms(use_true_random=False))
def test_the_order_of_writing_changes_nothing(told: list[Part], mlm: bool, random: object) -> None:
    words = [part.name for part in told] + ["mlm"] * mlm
    one = setting("+".join(words))
    random.shuffle(words)  # type: ignore[attr-defined]
    assert setting("+".join(words)) == one and set(one.parts) == set(told)
    assert setting(one.name) == one, "the canonical spelling is itself one"
    assert one.name.endswith("+mlm") == mlm == one.beside


@given(WORDS, WORDS)
def test_other_settings_have_other_names_and_titles(one: list[Part], other: list[Part]) -> None:
    names = {setting("+".join(part.name for part in told)).name for told in (one, other)}
    titles = {title(name) for name in names}
    assert (len(names) == 1) == (set(one) == set(other)) == (len(titles) == 1)


@pytest.mark.parametrize(
    ("given", "name", "like", "shown", "sort"),
    [
        ("mnli", "mnli", "mnli", "MNLI", "task"),
        ("squad+mnli", "mnli+squad", "mnli+squad", "MNLI + SQuAD 1.1", "mixture"),
        ("mlm+mnli", "mnli+mlm", "mnli", "MNLI + MLM", "mlm-joint"),
        ("mnli@de", "mnli@deu", "mnli", "MNLI in German", "translated"),
        ("mnli@deu+mnli", "mnli+mnli@deu", "mnli", "MNLI + MNLI in German", "mixture+translated"),
        ("qqp~shuffled", "qqp~shuffled", "qqp", "QQP, shuffled labels", "shuffled"),
        ("mixture", "mixture", "mixture", "All nine", "mixture"),
        ("mlm+mixture", "mixture+mlm", "mixture", "All nine + MLM", "mixture+mlm-joint"),
        ("+".join(NINE), "mixture", "mixture", "All nine", "mixture"),
        ("mlm", "mlm", "mlm", "MLM alone", "mlm"),
        ("mlm~squad", "mlm~squad", "squad", "MLM as long as SQuAD 1.1", "mlm"),
        ("wordorder", "wordorder", "wordorder", "Word order (synthetic)", "synthetic"),
    ],
)
def test_known_settings(given: str, name: str, like: str, shown: str, sort: str) -> None:
    one = setting(given)
    assert (one.name, one.like, title(given), kind(name)) == (name, like, shown, sort)


def test_every_form_that_listings_show_is_one() -> None:
    for form, told in FORMS:
        assert setting(form).name == form and told
    assert len({kind(form) for form, _ in FORMS}) == 5, "the two of MLM alone are of one kind"


def test_a_task_alone_is_written_as_ever() -> None:
    """Ids hold the name: a setting that is just a task must not be spelt anew."""
    for name in SINGLE:
        assert setting(name) == Setting((Part(name),)) and setting(name).name == name


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("mnly", "did you mean 'mnli'"),
        ("mnli+mnly", "did you mean 'mnli'"),
        ("mnli@germn", "did you mean"),
        ("mnli~shufled", "did you mean 'mnli~shuffled'"),
        ("mlm~mnly", "did you mean 'mnli'"),
        ("", "write it like"),
        ("mnli+", "write it like"),
        ("mixture[mnli,squad]", "write it like mnli+squad"),
        ("mixture+sib200", "name the tasks one by one"),
        ("mixture@deu", "one by one"),
        ("mnli@eng", "write mnli"),
        ("ccg@deu", "cannot be translated"),
        ("wordorder@deu", "cannot be translated"),
        ("none+mnli", "none stands alone"),
        ("mlm@deu", "mlm stands alone or as +mlm"),
        ("mnli+mlm+mlm", "mlm twice"),
        ("mnli+squad+mnli", "mnli twice"),
        ("xnli", "is no intermediate task"),
        ("mlm~xnli", "takes one of"),
        ("mlm~mnli+squad", "takes one of"),
    ],
)
def test_mistakes(given: str, says: str) -> None:
    with pytest.raises((UnknownName, BadSetting)) as caught:
        setting(given)
    assert says in str(caught.value)


OF_MIXTURE = {"xnli", "xquad", "mlqa", "belebele", "exams", "hucopa", "multiwikiqa", "xcopa"}


@pytest.mark.parametrize(
    ("intermediate", "marked"),
    [
        ("none", set()),
        ("mnli", {"xnli"}),
        ("anli+mlm", {"xnli"}),
        ("mnli@swh", {"xnli"}),
        ("mnli~shuffled", {"xnli"}),
        ("csqa+mnli", {"xnli", "exams", "hucopa"}),
        ("wordorder", {"xnli"}),
        ("squad2@fin+mlm", {"xquad", "mlqa", "multiwikiqa"}),
        ("mixture", OF_MIXTURE),
        ("mixture+mlm", OF_MIXTURE),
        ("sib200", {"sib200", "flores"}),
        ("hellaswag+qqp+mlm", set()),
        ("mlm", set()),
        ("mlm~mnli", set()),
    ],
)
def test_reused_training_data_are_marked_in_every_setting(
    intermediate: str, marked: set[str]
) -> None:
    targets = {name for name, one in TASKS.items() if "target" in one.roles}
    assert {target for target in targets if reuses(intermediate, target)} == marked


def test_a_name_that_is_no_setting_is_its_own_title() -> None:
    assert title("gone") == "gone" and title("a b[") == "a b["
