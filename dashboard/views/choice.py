"""What a visitor looks at: sidebar choices, mirrored in the address so that a link shows the same.

Everything is written into the address, defaults too: a link must not change its meaning when a
default does. (Streamlit's own binding leaves values out that equal the default.)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd
import streamlit as st

from dashboard.analysis.frames import ScoreFrame
from dashboard.analysis.health import Degenerate, degenerate
from dashboard.analysis.picture import Choice


def choose(frame: ScoreFrame) -> Choice:
    """The sidebar. Options follow from what is chosen above them; `frame` holds something."""
    study = pick("study", "Study", frame.studies())
    scores, plan = frame.study(study)
    target = pick("target", "Target task", _of(plan, "target"), frame.title)
    forget_metric(target)
    plan = plan[plan["target"].eq(target)]
    scores = scores[scores["target"].eq(target)]
    scale = pick("scale", "Model scale", _of(plan, "scale"))
    offered = [one for one in _of(scores, "metric") if one != "n"] or ["score"]
    main = frame.main_metric(target, offered)
    metric = pick("metric", "Metric", sorted(offered, key=lambda one: one != main))
    splits = sorted(_of(scores, "split"), key=lambda one: one != "test") or ["test"]
    split = pick("split", "Split", splits)
    tasks = sorted(_of(plan, "intermediate"), key=lambda one: one != "none") or ["none"]
    over = pick("over", "Gain over", tasks, frame.title)
    variant = pick("variant", "Read with", _of(plan, "variant"), lambda one: one or "the usual way")
    learnt = at_chance(scores[scores["scale"].eq(scale)])
    st.query_params["v"] = "1"
    return Choice(study, target, scale, metric, split, over, variant, learnt)


def at_chance(scores: pd.DataFrame) -> Degenerate:
    """What becomes of runs that have learnt nothing; asked only where there are some."""
    options: tuple[Degenerate, ...] = ("left out", "included")
    some = bool(degenerate(scores["health"]).any())
    chosen = pick("chance", "Gains of or over runs at chance", options[: 2 if some else 1])
    return "included" if chosen == "included" else "left out"


def forget_metric(target: str) -> None:
    """Another target starts with its own main metric, not with what the last one was read by."""
    last = st.session_state.get("read", target)
    st.session_state["read"] = target
    if last != target:
        st.session_state.pop("metric", None)
        if "metric" in st.query_params:
            del st.query_params["metric"]


def pick(name: str, label: str, options: Sequence[str], shown: Callable[[str], str] = str) -> str:
    """A select box whose value is in the address as `name`; none is drawn for a single option."""
    if len(options) == 1:
        st.query_params[name] = options[0]
        return options[0]
    wanted = st.session_state.get(name) or st.query_params.get(name)
    if wanted not in options:
        if wanted is not None and name not in st.session_state:
            st.sidebar.warning(f"This link asks for {name} “{wanted}”, which is not here.")
        wanted = options[0]
    st.session_state[name] = wanted
    chosen = str(st.sidebar.selectbox(label, options, format_func=shown, key=name))
    st.query_params[name] = chosen
    return chosen


def _of(frame: pd.DataFrame, column: str) -> list[str]:
    """Values of a column in order of appearance."""
    return list(dict.fromkeys(frame[column]))
