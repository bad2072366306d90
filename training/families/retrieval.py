"""Retrieval: find a sentence's translation by the encoder's vectors alone (Tatoeba, BUCC 2018).

There is no head and no training. English queries the foreign side in Tatoeba; the other direction
gives another number. The vectors come from a middle layer (`Evaluation.layer`, or the scale's).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from torch import Tensor
from transformers import PreTrainedTokenizerBase

from training.families.base import Feature, Scores, pieces, single
from training.families.examples import Bitext
from training.families.metrics import Counts, accuracy
from training.families.mining import Mined, mine, nearest, threshold
from training.spec.run import digest
from training.spec.task import Task

LONGEST = 512
"""Tokens of a sentence, with `<s>` and `</s>`: XTREME and jiant."""
ORACLE = "_oracle_threshold"
"""Ends the names of BUCC metrics whose threshold was chosen on the very pairs they measure."""


@dataclass(frozen=True)
class Embedded:
    """A bitext and the vectors of its sides, [F, H] and [E, H], in its order."""

    bitext: Bitext
    foreign: Tensor
    english: Tensor
    subwords: tuple[int, ...] | None = None
    """Of each foreign sentence, for the items."""

    @cached_property
    def mined(self) -> list[Mined]:
        """Pairs by falling margin."""
        return mine(self.foreign, self.english, self.bitext.foreign, self.bitext.english)

    @cached_property
    def limit(self) -> float:
        """The threshold that suits the gold pairs best."""
        return threshold(self.mined, self.bitext.gold)


def encode(
    texts: Sequence[str], tokenizer: PreTrainedTokenizerBase, longest: int = LONGEST
) -> list[Feature]:
    """`<s> x </s>` for every sentence; `place` is its number of subwords uncut."""
    return [
        Feature((single(tokenizer, ids, longest),), None, index, len(ids))
        for index, ids in enumerate(pieces(tokenizer, texts))
    ]


def embed(states: Tensor, attention_mask: Tensor, pooling: str = "mean") -> Tensor:
    """Sentence vectors [N, H] in fp32 from one layer's states [N, T, H].

    `mean`: over all attended positions, `<s>` and `</s>` included; `cls`: the state of `<s>`.
    Raises ValueError for another pooling.
    """
    if pooling == "cls":
        return states[:, 0].float()
    if pooling != "mean":
        raise ValueError(f"pooling {pooling!r} is unknown: choose `mean` or `cls`")
    mask = attention_mask[:, :, None].float()
    return (states.float() * mask).sum(1) / mask.sum(1)


def tatoeba(foreign: Tensor, english: Tensor) -> list[int]:
    """For each English vector [E, H] the position of the foreign one [F, H] nearest by cosine."""
    found: list[int] = nearest(english, foreign, 1)[1][:, 0].tolist()
    return found


def score(task: Task, test: Embedded, limit: float | None = None) -> Scores:
    """Official metrics of one language pair.

    BUCC: `f1`, `precision`, `recall` with `limit`, the threshold that suits dev's gold pairs best.
    Without it (the hub has no dev; or dev itself is measured) the threshold suits `test`, and the
    metrics are named `f1_oracle_threshold` and so on: an upper bound, not a result.
    Raises ValueError for a schema that is no bitext.
    """
    if task.schema == "tatoeba":
        found = tatoeba(test.foreign, test.english)
        return score_tatoeba(test.bitext, found, test.subwords)
    if task.schema != "bucc":
        raise ValueError(f"task {task.name}: schema {task.schema!r} is neither tatoeba nor bucc")
    told, suffix = (test.limit, ORACLE) if limit is None else (limit, "")
    return score_bucc(test.bitext, test.mined, told, test.subwords, suffix)


def score_tatoeba(
    bitext: Bitext, predictions: Sequence[int], subwords: Sequence[int] | None = None
) -> Scores:
    """Accuracy over the English sentences, from the foreign position predicted for each.

    Raises ValueError where predictions and English sentences differ in number.
    """
    if len(predictions) != len(bitext.english):
        raise ValueError(f"{len(predictions)} predictions for {len(bitext.english)} sentences")
    gold = {english: foreign for foreign, english in sorted(bitext.gold)}
    asked = sorted(gold)
    right = accuracy([gold[j] for j in asked], [predictions[j] for j in asked])
    items = [
        _item(
            bitext,
            place=gold[j],
            item_id=bitext.english_ids[j],
            english=j,
            gold=bitext.foreign_ids[gold[j]],
            prediction=bitext.foreign_ids[predictions[j]],
            counts=None,
            score=float(predictions[j] == gold[j]),
            subwords=subwords,
        )
        for j in asked
    ]
    return Scores({"accuracy": right}, items)


def score_bucc(
    bitext: Bitext,
    mined: Sequence[Mined],
    limit: float,
    subwords: Sequence[int] | None = None,
    suffix: str = "",
) -> Scores:
    """F1 of the pairs with a margin of `limit` or more; metric names end in `suffix`.

    Items are the foreign sentences with a gold or a mined pair; their counts sum to the metrics'.
    """
    said = {one.foreign: one.english for one in mined if one.score >= limit}
    gold: dict[int, set[int]] = {}
    for foreign, english in bitext.gold:
        gold.setdefault(foreign, set()).add(english)
    total, items = Counts(), []
    for place in sorted(gold.keys() | said.keys()):
        wanted, found = gold.get(place, set()), {said[place]} if place in said else set()
        both = len(wanted & found)
        counts = Counts(both, len(found) - both, len(wanted) - both)
        total += counts
        items.append(
            _item(
                bitext,
                place=place,
                item_id=bitext.foreign_ids[place],
                english=min(wanted, default=None),
                gold=_ids(bitext, wanted),
                prediction=_ids(bitext, found),
                counts=counts,
                score=counts.f1 / 100,
                subwords=subwords,
            )
        )
    known = {"f1": total.f1, "precision": total.precision, "recall": total.recall}
    return Scores({name + suffix: value for name, value in known.items()}, items)


def _ids(bitext: Bitext, english: set[int]) -> str:
    return " | ".join(bitext.english_ids[j] for j in sorted(english))


def _item(
    bitext: Bitext,
    *,
    place: int,
    item_id: str,
    english: int | None,
    gold: str,
    prediction: str,
    counts: Counts | None,
    score: float,
    subwords: Sequence[int] | None,
) -> dict[str, Any]:
    """One row of items.parquet; words and subwords are the foreign sentence's.

    An English sentence that several languages translate is one cluster.
    """
    foreign = bitext.foreign[place]
    partner = [] if english is None else [bitext.english[english]]
    return {
        "item_id": item_id,
        "cluster_id": digest(partner[0]) if partner else f"{bitext.lang}-{item_id}",
        "lang": bitext.lang,
        "gold": gold,
        "prediction": prediction,
        "score": score,
        "tp": None if counts is None else counts.tp,
        "fp": None if counts is None else counts.fp,
        "fn": None if counts is None else counts.fn,
        "n_words": len(foreign.split()),
        "n_subwords": None if subwords is None else subwords[place],
        "feats": None,
        "text": " | ".join([foreign, *partner]),
    }
