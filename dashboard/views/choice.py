"""What a visitor looks at: choices in the sidebar, mirrored in the address, so that a link shows
the same.

Everything is written into the address, defaults too: a link must not change its meaning when a
default does. (Streamlit's own binding leaves values out that equal the default.)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.analysis.frames import ScoreFrame
from dashboard.analysis.health import Degenerate, degenerate
from dashboard.analysis.picture import Choice
from dashboard.views.head import plain

_WRITTEN, _PICKED = "address as this page wrote it", "names picked from the address"
LONGEST = 64
"""Characters of a value in an address that a message repeats."""
VERSION = "1"
"""Under `v` in every address, should its meaning ever change."""


def arrive() -> None:
    """At the start of a page: an address that came from a link goes before what was chosen."""
    if st.query_params.to_dict() != st.session_state.get(_WRITTEN):
        for name in st.session_state.get(_PICKED, set()):
            st.session_state.pop(name, None)
        st.session_state[_PICKED] = set()


def leave() -> None:
    """At the end of a page: remember the address that it wrote."""
    _kept("v", VERSION)
    st.session_state[_WRITTEN] = st.query_params.to_dict()


def choose(frame: ScoreFrame) -> Choice:
    """The sidebar of a page about one target and scale; `frame` holds something."""
    study = pick("study", "Study", frame.studies())
    plan = frame.planned(study)
    task = target(frame, plan, learnable(frame.measured(study)))
    plan = plan[plan["target"].eq(task)]
    scores = frame.target(study, task)
    size = scale(plan)
    read, split = metric(frame, task, scores), splits(scores)
    base = over(frame, plan)
    variant = pick(
        "variant", "Read with", values(plan, "variant"), lambda one: one or "the usual way"
    )
    learnt = at_chance(scores[scores["scale"].eq(size)])
    return Choice(study, task, size, read, split, base, variant, learnt)


def study(frame: ScoreFrame) -> str:
    """A study."""
    return pick("study", "Study", frame.studies())


def target(frame: ScoreFrame, plan: pd.DataFrame, first: str = "") -> str:
    """A target of the plan, `first` unless told; another starts with its own main metric."""
    chosen = pick("target", "Target task", values(plan, "target"), frame.title, first=first)
    forget_metric(chosen)
    return chosen


def scale(plan: pd.DataFrame) -> str:
    """A scale of the plan."""
    return pick("scale", "Model scale", values(plan, "scale"))


def metric(frame: ScoreFrame, target: str, scores: pd.DataFrame) -> str:
    """A metric that was measured, the target's main one first."""
    offered = [one for one in values(scores, "metric") if one != "n"] or ["score"]
    main = frame.main_metric(target, offered)
    return pick("metric", "Metric", sorted(offered, key=lambda one: one != main))


def splits(scores: pd.DataFrame) -> str:
    """A split, test first."""
    found = sorted(values(scores, "split"), key=lambda one: one != "test") or ["test"]
    return pick("split", "Split", found)


def over(frame: ScoreFrame, plan: pd.DataFrame) -> str:
    """The intermediate task that gains are told over, none first."""
    tasks = sorted(values(plan, "intermediate"), key=lambda one: one != "none") or ["none"]
    return pick("over", "Gain over", tasks, frame.title)


def at_chance(scores: pd.DataFrame) -> Degenerate:
    """What becomes of runs that have learnt nothing; asked only where there are some."""
    options: tuple[Degenerate, ...] = ("left out", "included")
    some = bool(degenerate(scores["health"]).any())
    chosen = pick("chance", "Gains of or over runs at chance", options[: 2 if some else 1])
    return "included" if chosen == "included" else "left out"


def learnable(scores: pd.DataFrame) -> str:
    """The first target with a run that learnt something: a page opens best on a finding."""
    found = values(scores[~degenerate(scores["health"])], "target")
    return found[0] if found else ""


def forget_metric(target: str) -> None:
    """Another target starts with its own main metric, not with what the last one was read by."""
    last = st.session_state.get("read", target)
    st.session_state["read"] = target
    if last != target:
        st.session_state.pop("metric", None)
        if "metric" in st.query_params:
            del st.query_params["metric"]


def pick(
    name: str,
    label: str,
    options: Sequence[str],
    shown: Callable[[str], str] = str,
    place: Any = None,
    first: str = "",
) -> str:
    """A select box whose value is in the address as `name`; none is drawn for a single option.

    `place` is where it stands, the sidebar unless told; `first` what it starts with, the first
    option unless told.
    """
    if len(options) == 1:
        return _kept(name, options[0])
    _settle(name, options, first)
    box = (place or st.sidebar).selectbox(label, options, format_func=shown, key=name)
    return _kept(name, str(box))


def row(
    name: str,
    label: str,
    options: Sequence[str],
    shown: Callable[[str], str] = str,
    place: Any = None,
) -> str:
    """One of a few options as a row of buttons on the page, each a click away."""
    _settle(name, options)
    picked = (place or st).segmented_control(
        label, options, format_func=shown, key=name, required=True
    )
    return _kept(name, str(picked))


def many(
    name: str,
    label: str,
    options: Sequence[str],
    shown: Callable[[str], str] = str,
    place: Any = None,
) -> list[str]:
    """Several of the options (all of them: nothing chosen), parted by commas in the address."""
    wanted = _wanted(name)
    told = wanted if isinstance(wanted, list) else [one for one in (wanted or "").split(",") if one]
    unknown = [one for one in told if one not in options]
    if unknown:
        _complain(name, unknown[0])
    st.session_state[name] = [one for one in told if one in options]
    box = (place or st.sidebar).multiselect(label, options, format_func=shown, key=name)
    _kept(name, ",".join(box))
    return [str(one) for one in box]


def flag(name: str, label: str, default: bool = False, place: Any = None) -> bool:
    """A switch, `1` or `0` in the address."""
    wanted = _wanted(name)
    if wanted not in {None, "0", "1", True, False}:
        _complain(name, str(wanted))
        wanted = None
    st.session_state[name] = default if wanted is None else wanted in {"1", True}
    on = bool((place or st.sidebar).toggle(label, key=name))
    _kept(name, str(int(on)))
    return on


def number(name: str, label: str, low: int, high: int, default: int, place: Any = None) -> int:
    """A whole number from `low` to `high`."""
    wanted = _wanted(name)
    told = str(default if wanted is None else wanted)
    fits = told.isascii() and told.isdigit() and len(told) < 10 and low <= int(told) <= high
    if not fits:
        _complain(name, told)
    st.session_state[name] = int(told) if fits else min(max(default, low), high)
    chosen = int((place or st.sidebar).number_input(label, low, high, step=1, key=name))
    _kept(name, str(chosen))
    return chosen


def text(name: str, label: str, place: Any = None, hint: str = "") -> str:
    """A line of free text, at most `LONGEST` characters of it."""
    wanted = str(_wanted(name) or "")
    if len(wanted) > LONGEST:
        _complain(name, wanted)
        wanted = wanted[:LONGEST]
    st.session_state[name] = wanted
    box = (place or st.sidebar).text_input(label, max_chars=LONGEST, key=name, placeholder=hint)
    return _kept(name, str(box or ""))


def values(frame: pd.DataFrame, column: str) -> list[str]:
    """Values of a column in order of appearance."""
    return list(frame[column].unique())


def _wanted(name: str) -> Any:
    """What was chosen on this page, or else what the address asks for."""
    st.session_state.setdefault(_PICKED, set()).add(name)
    return st.session_state[name] if name in st.session_state else st.query_params.get(name)


def _settle(name: str, options: Sequence[str], first: str = "") -> None:
    """Set a box to what is wanted of it, or to `first`, or to its first option."""
    wanted = _wanted(name)
    if wanted not in options:
        _complain(name, wanted)
        wanted = first if first in options else options[0]
    st.session_state[name] = wanted


def _kept(name: str, value: str) -> str:
    """Write into the address what is not there yet: each writing is a step of the Back button."""
    if st.query_params.get_all(name) != [value]:
        st.query_params[name] = value
    return value


def _complain(name: str, value: Any) -> None:
    """A link's value that is not to be had, told once."""
    if value is not None and name not in st.session_state:
        told = str(value) if len(str(value)) <= LONGEST else f"{str(value)[:LONGEST]}…"
        st.sidebar.warning(f"This link asks for {name} “{plain(told)}”, which is not here.")
