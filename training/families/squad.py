"""How answers to questions are scored: the rules of SQuAD 1.1, SQuAD 2.0 and MLQA.

Written from the rules of the three published scorers, not from their code (MLQA's may not be passed
on). All share one order: lower case, punctuation away, articles away, white space evened out; EM is
equality of what is left, F1 the overlap of its tokens, and the best of the gold answers counts.
"""

from __future__ import annotations

import re
import string
import sys
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache, partial

from training.spec.task import Task

Rule = Callable[[str, Sequence[str]], tuple[float, float]]
"""(prediction, gold answers) -> (exact match, F1), each in [0, 1]."""

ASCII = str.maketrans("", "", string.punctuation)
MLQA_LANGUAGES = ("ara", "cmn", "deu", "eng", "hin", "spa", "vie")


def _whole(words: str) -> re.Pattern[str]:
    return re.compile(rf"\b({'|'.join(words.split())})\b")


ENGLISH = _whole("a an the")
ARTICLES = {
    "eng": ENGLISH,
    "spa": _whole("un una unos unas el la los las"),
    "deu": _whole("ein eine einen einem eines einer der die das den dem des"),
    "vie": _whole("của là cái chiếc những"),
    "ara": re.compile("\N{ARABIC LETTER ALEF}\N{ARABIC LETTER LAM}"),
}
"""MLQA's. Arabic's article goes wherever its two letters stand, inside words too, as published."""
IDEOGRAPH = re.compile("([\u4e00-\u9fa5])")


@lru_cache(maxsize=1)
def _any_punctuation() -> dict[int, None]:
    """Every character of a Unicode category P*, and ASCII's symbols: deleted by `translate`."""
    every = range(sys.maxunicode + 1)
    unicode = {i for i in every if unicodedata.category(chr(i)).startswith("P")}
    return dict.fromkeys(unicode | {ord(c) for c in string.punctuation})


@lru_cache(maxsize=65536)
def tokens(text: str) -> tuple[str, ...]:
    """What SQuAD's scorers compare, in every language: words by white space, ASCII rules."""
    return tuple(ENGLISH.sub(" ", text.lower().translate(ASCII)).split())


@lru_cache(maxsize=65536)
def mlqa_tokens(text: str, lang: str) -> tuple[str, ...]:
    """What MLQA's scorer compares in one of its seven languages (ISO 639-3).

    In Chinese every ideograph is a token of its own. A language outside the seven (which the
    published scorer refuses, but the miniature has: Finnish, Hungarian ...) follows SQuAD 1.1.
    """
    if lang not in MLQA_LANGUAGES:
        return tokens(text)
    bare = text.lower().translate(_any_punctuation())
    if lang in ARTICLES:
        bare = ARTICLES[lang].sub(" ", bare)
    if lang == "cmn":
        bare = IDEOGRAPH.sub(r" \1 ", bare)
    return tuple(bare.split())


def overlap(prediction: Sequence[str], gold: Sequence[str]) -> float:
    """F1 of two bags of tokens; 0 where they share nothing, so also where both are empty."""
    if {*prediction}.isdisjoint(gold):  # most pairs of a baseline, and counting is dear
        return 0.0
    same = sum((Counter(prediction) & Counter(gold)).values())
    return 2 * same / (len(prediction) + len(gold))


def squad1(prediction: str, golds: Sequence[str]) -> tuple[float, float]:
    """SQuAD 1.1, for XQuAD and TyDiQA too. Two empty answers: EM 1 and F1 0, as published."""
    return _best(tokens(prediction), [tokens(gold) for gold in golds or ("",)])


def squad2(prediction: str, golds: Sequence[str]) -> tuple[float, float]:
    """SQuAD 2.0: no answer (or none but articles) is the answer "", and "" to "" has F1 1."""
    kept = [made for made in map(tokens, golds) if made] or [()]
    said = tokens(prediction)
    em, f1 = _best(said, kept)
    return em, (em if not said or kept == [()] else f1)


def mlqa(prediction: str, golds: Sequence[str], lang: str) -> tuple[float, float]:
    """MLQA, whose normalisation knows the language; see `mlqa_tokens` for other languages."""
    return _best(
        mlqa_tokens(prediction, lang), [mlqa_tokens(gold, lang) for gold in golds or ("",)]
    )


def _best(said: tuple[str, ...], golds: Sequence[tuple[str, ...]]) -> tuple[float, float]:
    return float(said in golds), max(overlap(said, gold) for gold in golds)


def rule(task: Task, lang: str) -> Rule:
    """The rule of a task: MLQA's by language, SQuAD 2.0's by schema, else SQuAD 1.1's."""
    if task.name == "mlqa":
        return partial(mlqa, lang=lang)
    return squad2 if task.schema == "squad2" else squad1


def summary(
    pairs: Sequence[tuple[float, float]], answerable: Sequence[bool] | None = None
) -> dict[str, float]:
    """Points (0-100) of all questions: `em_f1` (mean of both), `em`, `f1`.

    With `answerable` (SQuAD 2.0) also `has_ans_em`, `has_ans_f1`, `no_ans_em`, `no_ans_f1`, each
    only where there is such a question. Raises ValueError where there is nothing to average.
    """
    if not pairs:
        raise ValueError("EM and F1 of no questions: check that the split holds examples")
    every = _means(pairs, "")
    metrics = {"em_f1": (every["em"] + every["f1"]) / 2} | every
    for wanted, prefix in ((True, "has_ans_"), (False, "no_ans_")):
        part = [p for p, a in zip(pairs, answerable or (), strict=False) if a is wanted]
        metrics |= _means(part, prefix) if part else {}
    return metrics


def _means(pairs: Sequence[tuple[float, float]], prefix: str) -> dict[str, float]:
    em, f1 = (100.0 * sum(column) / len(pairs) for column in zip(*pairs, strict=True))
    return {f"{prefix}em": em, f"{prefix}f1": f1}
