"""A slow reading of the answer rules of SQuAD 1.1, SQuAD 2.0 and MLQA, to compare with."""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Sequence

ALEF_LAM = "ال"
ARTICLES = {
    "eng": "a an the",
    "spa": "un una unos unas el la los las",
    "deu": "ein eine einen einem eines einer der die das den dem des",
    "vie": "của là cái chiếc những",
}
PARTS = [
    *"a an the The un una el las die der ein của là những".split(),
    *["cat", "Katze", "con", "mèo", "me\u0300o", "घर", "北京", "是", "NBA", "กรุงเทพ", "แมว"],
    *[ALEF_LAM, "بيت", "ب" + ALEF_LAM, "İ", "ß", "Σ", "㐀", "🐈"],
    *[" ", "  ", "\t", "\n", "\u00a0", "\u3000", "\u2028", "\u200d", "\u00ad"],
    *[".", ",", "。", "，", "「", "؟", "،", "„", "¿", "'", "-", "–", "$", "€", "_", "1", "٣", ""],
]


def words(text: str, lang: str | None) -> list[str]:
    """Character by character; `lang` (ISO 639-3) of MLQA, or None: SQuAD's rule."""
    text = "".join(c for c in text.lower() if not punctuation(c, lang is not None))
    for article in ARTICLES.get(lang or "eng", "").split():
        text = re.sub(rf"(?<!\w){article}(?!\w)", " ", text)
    if lang == "ara":
        text = text.replace(ALEF_LAM, " ")
    if lang == "cmn":
        text = "".join(f" {c} " if "\u4e00" <= c <= "\u9fa5" else c for c in text)
    return text.split()


def punctuation(char: str, unicode: bool) -> bool:
    return char in string.punctuation or (unicode and unicodedata.category(char)[0] == "P")


def pair(said: Sequence[str], gold: Sequence[str]) -> tuple[float, float]:
    """Exact match and F1 of two lists of words; 0 F1 where both are empty."""
    common = sum(min(said.count(w), gold.count(w)) for w in set(said))
    if not common:
        return float(said == gold), 0.0
    precision, recall = common / len(said), common / len(gold)
    return float(said == gold), 2 * precision * recall / (precision + recall)


def best(said: str, golds: Sequence[str], lang: str | None) -> tuple[float, float]:
    """The best of the gold answers, EM and F1 each by itself."""
    found = [pair(words(said, lang), words(gold, lang)) for gold in golds]
    return max(em for em, _ in found), max(f1 for _, f1 in found)


def best2(said: str, golds: Sequence[str]) -> tuple[float, float]:
    """SQuAD 2.0: gold answers of which nothing is left are dropped; "" to "" has F1 1."""
    found = []
    for gold in [gold for gold in golds if words(gold, None)] or [""]:
        em, f1 = pair(words(said, None), words(gold, None))
        empty = not words(said, None) or not words(gold, None)
        found.append((em, em if empty else f1))
    return max(em for em, _ in found), max(f1 for _, f1 in found)
