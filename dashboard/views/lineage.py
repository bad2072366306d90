"""The way of a cell as HTML: a box a step, side by side, or below each other on a phone."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import pandas as pd

from dashboard.analysis.forest import BLOCKED, DONE, FAILED, PHASES
from dashboard.analysis.health import WORDS
from dashboard.figures.theme import Look

Address = Callable[[str], str]
"""MLflow run -> the address of its page; empty where there is none."""


def lineage(
    steps: pd.DataFrame,
    scores: list[tuple[str, float]],
    style: Look,
    title: Callable[[str], str],
    address: Address,
) -> str:
    """Of `ancestry.steps`; `scores` are names and values for the last box."""
    boxes = [
        _box({str(key): value for key, value in row.items()}, title, address)
        for row in steps.to_dict("records")
    ]
    told = "".join(
        f"<li><span>{escape(name)}</span> <b>{value:.1f}</b></li>" for name, value in scores
    )
    last = f"<section class='score'><h4>score</h4><ul>{told}</ul></section>" if told else ""
    inside = "<i aria-hidden='true'>→</i>".join([*boxes, *([last] if last else [])])
    return f"<style>{_rules(style)}</style><div class='lineage' role='list'>{inside}</div>"


def _box(step: dict[str, Any], title: Callable[[str], str], address: Address) -> str:
    state = str(step["state"])
    kind = {DONE: "done", FAILED: "bad", BLOCKED: "bad"}.get(state, "open")
    task = "text" if step["phase"] == "mlm" else title(str(step["task"]))
    seed = f"seed {step['seed']}" if _told(step["seed"]) else "no seed"
    lines = [f"{step['scale']}, {seed}" if _told(step["scale"]) else seed, state]
    if pd.notna(step["seconds"]):
        lines[-1] += f" in {duration(step['seconds'])}"
    if step["health"] in WORDS:
        lines.append(f"learnt nothing: {WORDS[step['health']]}")
    where = address(str(step["run_id"])) if _told(step["run_id"]) else ""
    link = (
        f"<a href='{escape(where, quote=True)}' target='_blank' rel='noopener noreferrer'>"
        "MLflow ↗</a>"
        if where
        else ""
    )
    phase = PHASES.get(str(step["phase"]), str(step["phase"]))
    return (
        f"<section class='{kind}' role='listitem'><h4>{escape(phase)}</h4>"
        f"<b>{escape(task)}</b>{''.join(f'<p>{escape(one)}</p>' for one in lines)}"
        f"<code>{escape(str(step['id']))}</code>{link}</section>"
    )


def _told(value: Any) -> bool:
    return bool(pd.notna(value) and value != "")


def duration(seconds: float) -> str:
    """`7 s`, `3 min 20 s`, `2 h 05 min`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600:,} h {whole % 3600 // 60:02d} min"


def _rules(style: Look) -> str:
    return f"""
.lineage {{display: flex; flex-wrap: wrap; gap: .5rem; align-items: stretch; color: {style.ink}}}
.lineage > i {{align-self: center; font-style: normal; color: {style.faint}; font-size: 1.2rem}}
.lineage section {{flex: 1 1 170px; min-width: 0; border: 1px solid {style.empty};
  border-top: 4px solid {style.hatch}; border-radius: .5rem; padding: .55rem .8rem .7rem}}
.lineage .done, .lineage .score {{border-top-color: {style.diverging[8]}}}
.lineage .bad {{border-top-color: {style.diverging[1]}}}
.lineage h4 {{margin: 0 0 .15rem; padding: 0; font-size: .74rem; font-weight: 600;
  letter-spacing: .04em; text-transform: uppercase; color: {style.faint}}}
.lineage p {{margin: 0; font-size: .86rem; color: {style.faint}}}
.lineage code {{display: block; margin: .3rem 0; font-size: .7rem; overflow-wrap: anywhere;
  background: none; color: {style.faint}; padding: 0}}
.lineage a {{font-size: .84rem; color: {style.diverging[9]}}}
.lineage ul {{list-style: none; margin: 0; padding: 0; font-size: .9rem}}
.lineage li {{display: flex; justify-content: space-between; gap: .6rem; margin: 0}}
@media (max-width: 640px) {{
  .lineage {{flex-direction: column}} .lineage section {{flex: none}}
  .lineage > i {{transform: rotate(90deg)}}
}}
"""
