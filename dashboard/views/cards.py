"""Items as HTML: text, gold answer and both predictions, every letter of them escaped.

Texts come from data sets and answers from models: neither may be read as HTML, Markdown or a
directive of Streamlit's, so they are escaped here and shown by `st.html`, never by `st.markdown`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from typing import Any

import pandas as pd

from dashboard.analysis.answer import points
from dashboard.analysis.examples import BETTER, BROKEN, FIXED, WORSE, gold_answers
from dashboard.figures.theme import Look

SIDES = ("without", "with")
ALIGNED = ("text", "gold", "prediction_before", "prediction")
"""Columns that have one part a word where an item is a tagged sentence."""


def cards(rows: pd.DataFrame, style: Look, lang: str, graded: bool, feature: str = "") -> str:
    """The items of one page; words that have `feature` are set off."""
    told = [
        _card({str(key): value for key, value in row.items()}, lang, graded, feature)
        for row in rows.to_dict("records")
    ]
    return f"<style>{_rules(style)}</style><div class='items'>{''.join(told)}</div>"


def _card(row: dict[str, Any], lang: str, graded: bool, feature: str) -> str:
    group = str(row["group"])
    kind = {FIXED: "up", BETTER: "up", BROKEN: "down", WORSE: "down"}.get(group, "same")
    words = tagged(row)
    body = _sentence(words, lang, feature) if words else _text(row, lang) + _answers(row, lang)
    return (
        f"<article class='{kind}'><header><b>{escape(group)}</b>"
        f"<span>{escape(' · '.join(_about(row, graded)))}</span></header>{body}</article>"
    )


def _about(row: dict[str, Any], graded: bool) -> Iterator[str]:
    """The item's name and measures, in words."""
    yield f"item {row['item_id']}"
    if pd.notna(row["n_words"]):
        yield f"{int(row['n_words']):,} words"
    if pd.notna(row["per_word"]):
        yield f"{row['per_word']:.2f} sub-words a word"
    if graded:
        yield f"{row['score_before']:.0f} → {row['score']:.0f} ({points(row['change'])} points)"


def tagged(row: dict[str, Any]) -> list[tuple[str, ...]]:
    """(word, gold, without, with, features) of every word; none unless each has one of each."""
    if not all(isinstance(row[name], str) for name in ALIGNED):
        return []
    parts = [row[name].split(" ") for name in ALIGNED]
    if len(parts[1]) < 2 or len({len(part) for part in parts}) > 1:
        return []
    feats = row["feats"].split(" ") if isinstance(row["feats"], str) else []
    feats = feats if len(feats) == len(parts[0]) else [""] * len(parts[0])
    return list(zip(*parts, feats, strict=True))


def _sentence(words: Iterable[tuple[str, ...]], lang: str, feature: str) -> str:
    told = []
    for word, gold, before, after, feats in words:
        change = (after == gold) - (before == gold)
        kinds = ["up"] * (change > 0) + ["down"] * (change < 0)
        kinds += ["has"] * (bool(feature) and feature in feats.split("|"))
        told.append(
            f"<span class='{' '.join(kinds)}' title='{escape(feats, quote=True)}'>"
            f"<b lang='{escape(lang, quote=True)}' dir='auto'>{escape(word)}</b>"
            f"<i>{escape(gold)}</i>{_tag(before, gold, SIDES[0])}"
            f"{_tag(after, gold, SIDES[1])}</span>"
        )
    return f"<div class='tags' dir='auto'>{''.join(told)}</div>"


def _tag(said: str, gold: str, side: str) -> str:
    """A model's tag: a tick where it is right, so that what is wrong is seen at once."""
    if said == gold:
        return f"<i class='right' title='{side} it: right'>✓</i>"
    return f"<i class='wrong' title='{side} it'>✗ {escape(said)}</i>"


def _text(row: dict[str, Any], lang: str) -> str:
    if not isinstance(row["text"], str):
        return "<p class='none'>The text may not be passed on by its licence.</p>"
    answers = gold_answers(row["gold"]) if str(row["gold"]).startswith("[") else []
    segments = row["text"].split(" | ")
    told = [
        f"<p lang='{escape(lang, quote=True)}' dir='auto'>{_marked(one, answers if at else [])}</p>"
        for at, one in enumerate(segments)
    ]
    return "".join(told)


def _marked(text: str, answers: list[str]) -> str:
    """The text, the first place of the first right answer in it set off."""
    for answer in answers:
        start = text.find(answer) if answer else -1
        if start >= 0:
            end = start + len(answer)
            parts = [escape(one) for one in (text[:start], text[start:end], text[end:])]
            return f"{parts[0]}<mark>{parts[1]}</mark>{parts[2]}"
    return escape(text)


def _answers(row: dict[str, Any], lang: str) -> str:
    """Gold, then what each side said, with a mark: right, wrong, or how many points."""
    gold = " / ".join(gold_answers(row["gold"])) or "not told"
    told = [_line("gold", "", gold, lang)]
    for side, said, score in (
        ("without it", row["prediction_before"], row["score_before"]),
        ("with it", row["prediction"], row["score"]),
    ):
        mark = "✓" if score >= 100 else "✗" if score <= 0 else f"{score:.0f}"
        told.append(_line(side, mark, said if isinstance(said, str) else "not told", lang))
    return f"<dl>{''.join(told)}</dl>"


def _line(name: str, mark: str, said: str, lang: str) -> str:
    kind = {"✓": "right", "✗": "wrong", "": ""}.get(mark, "part")
    return (
        f"<dt>{name}</dt><dd class='{kind}'><span>{mark}</span>"
        f"<bdi lang='{escape(lang, quote=True)}' dir='auto'>{escape(said)}</bdi></dd>"
    )


def _rules(style: Look) -> str:
    up, down = style.diverging[8], style.diverging[2]
    return f"""
.items {{display: grid; gap: .75rem; color: {style.ink}; line-height: 1.45}}
.items article {{border: 1px solid {style.empty}; border-left: 5px solid {style.hatch};
  border-radius: .5rem; padding: .65rem .9rem; min-width: 0; overflow-wrap: anywhere}}
.items article.up {{border-left-color: {up}}} .items article.down {{border-left-color: {down}}}
.items header {{display: flex; flex-wrap: wrap; gap: .2rem .8rem; align-items: baseline;
  margin-bottom: .35rem; font-size: .82rem; color: {style.faint}}}
.items header b {{color: {style.ink}}}
.items p {{margin: 0 0 .3rem}} .items p.none {{color: {style.faint}; font-style: italic}}
.items mark {{background: {up}44; color: inherit; border-radius: .2rem; padding: 0 .15rem}}
.items dl {{display: grid; grid-template-columns: max-content 1fr; gap: .1rem .8rem; margin: 0;
  font-size: .92rem}}
.items dt {{color: {style.faint}; font-weight: 400}}
.items dd {{margin: 0; display: flex; gap: .5rem; min-width: 0}}
.items dd span {{flex: none; min-width: 1.1rem; font-weight: 700}}
.items .right {{color: {style.diverging[9]}}} .items .wrong {{color: {style.diverging[1]}}}
.items dd bdi {{color: {style.ink}; min-width: 0}}
.items .tags {{display: flex; flex-wrap: wrap; gap: .5rem .3rem}}
.items .tags > span {{display: grid; justify-items: center; padding: .15rem .35rem;
  border-radius: .35rem; border: 1px solid transparent}}
.items .tags > span.up {{border-color: {up}}} .items .tags > span.down {{border-color: {down}}}
.items .tags > span.has b {{background: {up}44; border-radius: .2rem; padding: 0 .2rem}}
.items .tags b {{font-weight: 500; font-size: 1.02rem}}
.items .tags i {{font-style: normal; font-size: .72rem; color: {style.faint}}}
.items .tags i.right {{color: {style.faint}}}
.items .tags i.wrong {{color: {style.diverging[1]}; font-weight: 600}}
"""
