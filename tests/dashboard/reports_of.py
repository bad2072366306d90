"""Results written by hand, for reports: no MLflow, and names that read as markup everywhere."""

from __future__ import annotations

from typing import Any

import pandas as pd
from frames_of import after, none, scores

from dashboard.analysis.frames import EVALUATION, PLAN, TASKS, TRAITS, ScoreFrame
from dashboard.analysis.scores import Scores
from dashboard.report import Results, gathered

NASTY = r"a|b & c_50% <script>alert('x')</script> #1 ~^{\}$ * `Жук` “é”"
LANGUAGES = {"fin": "Finnish", "hun": "Hungarian", "eng": "English"}


def frame(
    rows: pd.DataFrame, study: str = "study", titles: dict[str, str] | None = None
) -> ScoreFrame:
    """A frame whose one study plans what was measured."""
    evaluations = rows.drop_duplicates("evaluation")[list(EVALUATION)]
    plan = evaluations.assign(study=study)[list(PLAN)]
    about = rows.drop_duplicates("lang")[["lang", *TRAITS]]
    told = [(name, title, "accuracy", "") for name, title in (titles or {}).items()]
    tasks = pd.DataFrame(told, columns=list(TASKS))
    taken = "2026-01-02T03:04:05+00:00"
    return ScoreFrame(Scores.of(rows), evaluations, plan, languages=about, tasks=tasks, taken=taken)


def no_items(evaluation: str) -> pd.DataFrame:
    """Nobody kept the items."""
    return pd.DataFrame({"lang": [], "cluster_id": [], "score": []})


def results(rows: pd.DataFrame, over: str = "none", **more: Any) -> Results:
    """`gathered` of a frame by hand."""
    return gathered(frame(rows, **more), None, "test", over, no_items)


def planted(
    gains: dict[str, list[float]],
    base: dict[str, float] | None = None,
    target: str = "xnli",
    task: str = "mnli",
    **more: Any,
) -> list[dict[str, Any]]:
    """Score rows: `gains` of each language, a value a seed, over a baseline of 50 or `base`."""
    rows = []
    for lang, values in gains.items():
        about = {"lang": lang, "language": LANGUAGES.get(lang, lang), "target": target} | more
        start = (base or {}).get(lang, 50.0)
        for seed, value in enumerate(values, 1):
            rows.append(none(start, str(seed), **about))
            rows.append(after(task, start + value, str(seed), **about))
    return rows


def nasty() -> Results:
    """Names full of signs that Markdown, LaTeX and HTML read as their own."""
    titles = {"mnli": NASTY, "xnli": f"{NASTY} 2"}
    rows = planted({"fin": [1, 2, 4], "hun": [-1, -2, -6]}, language=NASTY)
    return results(scores(*rows), study=NASTY, titles=titles)
