"""All numbers of SQuAD 2.0's official evaluation, from gold answers and predictions.

Written from its rules. It compares normalised answers as `squad.squad2` does, may turn an answer
into "no answer" by its probability, and seeks the probability that would have been best.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from training.families.official import Question, mean
from training.families.squad import squad2

Scores = dict[str, float]
"""Question id -> score in [0, 1]."""


def evaluation(
    gold: Sequence[Question],
    said: Mapping[str, str],
    silence: Mapping[str, float] | None = None,
    limit: float = 1.0,
) -> dict[str, float]:
    """`exact`, `f1`, `total`, the same as `HasAns_*` and `NoAns_*`; with `silence` also `best_*`.

    `silence` holds the probability that a question has no answer: above `limit` the prediction
    counts as silent. Questions without a prediction are left out of every total (`best_*` counts
    the unanswerable among them, as published); the script drops them from `total` as well, but then
    stops at the totals by kind. Raises KeyError where `silence` lacks a predicted question,
    ValueError where nothing is predicted.
    """
    answerable = {one.id: bool(one.answers) for one in gold}
    pairs = {one.id: squad2(said[one.id], one.answers) for one in gold if one.id in said}
    if not pairs:
        raise ValueError("no question has a prediction: do the two files belong together?")
    raw = {name: {id: pair[i] for id, pair in pairs.items()} for i, name in enumerate(NAMES)}
    told = silence if silence is not None else dict.fromkeys(said, 0.0)
    after = {name: silenced(scores, told, answerable, limit) for name, scores in raw.items()}
    made = summed(after, list(pairs))
    for prefix, wanted in (("HasAns_", True), ("NoAns_", False)):
        ids = [id for id in pairs if answerable[id] is wanted]
        made |= {f"{prefix}{name}": value for name, value in summed(after, ids).items()}
    if silence is not None:
        for name, scores in raw.items():
            best, at = best_limit(scores, said, silence, answerable)
            made |= {f"best_{name}": best, f"best_{name}_thresh": at}
    return made


NAMES = ("exact", "f1")


def silenced(
    scores: Scores, silence: Mapping[str, float], answerable: Mapping[str, bool], limit: float
) -> Scores:
    """The scores if every question above the limit were answered by "no answer"."""
    return {
        id: float(not answerable[id]) if silence[id] > limit else score
        for id, score in scores.items()
    }


def summed(scores: Mapping[str, Scores], ids: Sequence[str]) -> dict[str, float]:
    """Points over some questions, and their number; nothing where there is none."""
    if not ids:
        return {}
    points = {name: 100.0 * mean([one[id] for id in ids]) for name, one in scores.items()}
    return points | {"total": len(ids)}


def best_limit(
    scores: Scores,
    said: Mapping[str, str],
    silence: Mapping[str, float],
    answerable: Mapping[str, bool],
) -> tuple[float, float]:
    """Points at the best limit, and that limit: questions are let speak by rising probability.

    Whoever is silent gets the unanswerable right; speaking gains a question's score where it is
    answerable, and costs 1 where it is not and the prediction is not empty.
    """
    now = best = float(sum(not one for one in answerable.values()))
    at = 0.0
    for id in sorted(silence, key=lambda id: silence[id]):
        if id not in scores:
            continue
        now += scores[id] if answerable[id] else -float(bool(said[id]))
        if now > best:
            best, at = now, silence[id]
    return 100.0 * best / len(scores), at
