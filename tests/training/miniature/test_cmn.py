"""Mandarin: known phrases, whole sentences, and laws over every concept."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby, product
from typing import get_args

import pytest

from training.miniature.concepts import (
    CITIES,
    CONCEPTS,
    FROM_VERBS,
    HANDLE,
    KINDS,
    MOTION,
    NAMES,
    PEOPLE,
    PLACES,
    QUALITIES,
    SOCIAL,
    THINGS,
    TO_VERBS,
    VERBS,
)
from training.miniature.grammar import NP, Clause, Order, Role, Token, capitalised, joined
from training.miniature.languages.cmn import WORDS, Mandarin, location, phrase

MANDARIN = Mandarin()
ORDERS: tuple[Order, ...] = get_args(Order)


def text(tokens: tuple[Token, ...]) -> str:
    return " ".join(token.form for token in tokens)


def said(clause: Clause) -> str:
    return joined(capitalised(MANDARIN.clause(clause)), MANDARIN.spaced)


def asked(clause: Clause, ask: Role) -> str:
    return joined(capitalised(MANDARIN.question(clause, ask)), MANDARIN.spaced)


@pytest.mark.parametrize(
    ("np", "form"),
    [
        (NP("book"), "那 本 书"),
        (NP("book", definite=False), "一 本 书"),
        (NP("knife", definite=False), "一 把 刀"),
        (NP("horse"), "那 匹 马"),
        (NP("cow", definite=False), "一 头 奶牛"),
        (NP("bicycle"), "那 辆 自行车"),
        (NP("letter", definite=False), "一 封 信"),
        (NP("painting"), "那 幅 油画"),
        (NP("hat", definite=False), "一 顶 帽子"),
        (NP("lamp"), "那 盏 灯"),
        (NP("candle", definite=False), "一 根 蜡烛"),
        (NP("newspaper"), "那 份 报纸"),
        (NP("coin", definite=False), "一 枚 硬币"),
        (NP("boat"), "那 条 船"),
        (NP("tool", definite=False), "一 件 工具"),
        (NP("table", quality="big"), "那 张 大 桌子"),
        (NP("car", definite=False, quality="new"), "一 辆 新 汽车"),
        (NP("clock", quality="old"), "那 座 旧 时钟"),
        (NP("dog", quality="old"), "那 条 年老 的 狗"),
        (NP("guard", definite=False, quality="old"), "一 名 年老 的 警卫"),
        (NP("violin", quality="small"), "那 把 小 的 小提琴"),
        (NP("spoon", definite=False, quality="small"), "一 把 小 勺子"),
        (NP("flower", definite=False, quality="red"), "一 朵 红色 的 花"),
        (NP("suitcase", quality="heavy"), "那 个 重 的 行李箱"),
        (NP("ring", quality="expensive"), "那 枚 昂贵 的 戒指"),
        (NP("teacher"), "老师"),
        (NP("teacher", definite=False), "一 位 老师"),
        (NP("soldier", definite=False), "一 名 士兵"),
        (NP("teacher", quality="beautiful"), "那 位 漂亮 的 老师"),
        (NP("Anna"), "安娜"),
        (NP("Toyota"), "丰田"),
    ],
)
def test_noun_phrases(np: NP, form: str) -> None:
    assert text(phrase(np, "object")) == form


@pytest.mark.parametrize(
    ("concept", "form"),
    [
        ("kitchen", "在 厨房 里"),
        ("market", "在 市场 上"),
        ("hospital", "在 医院"),
        ("shore", "在 海边"),
        ("Beijing", "在 北京"),
    ],
)
def test_locations(concept: str, form: str) -> None:
    assert text(location(concept)) == form


SELL = Clause("sell", NP("Anna"), NP("book"), NP("teacher"), place="market", time="yesterday")
STEAL = Clause("steal", NP("soldier"), NP("key", False), source=NP("Volvo"), place="Berlin")
SHOW = Clause("show", NP("pupil"), NP("map"), NP("Eva"), time="monday")


@pytest.mark.parametrize(
    ("clause", "sentence"),
    [
        (SELL, "安娜昨天在市场上卖给了老师那本书。"),
        (replace(SELL, order="time_first"), "昨天安娜在市场上卖给了老师那本书。"),
        (replace(SELL, order="place_first"), "在市场上，安娜昨天卖给了老师那本书。"),
        (replace(SELL, order="object_first"), "那本书昨天被安娜在市场上卖给了老师。"),
        (replace(SELL, negated=True), "安娜昨天没有在市场上卖给老师那本书。"),
        (
            replace(SELL, negated=True, order="object_first"),
            "那本书昨天没有被安娜在市场上卖给老师。",
        ),
        (replace(SELL, recipient=None, place=None), "安娜昨天卖了那本书。"),
        (STEAL, "士兵在柏林从沃尔沃那里偷了一把钥匙。"),
        (replace(STEAL, order="object_first"), "一把钥匙被士兵在柏林从沃尔沃那里偷走了。"),
        (replace(STEAL, negated=True), "士兵没有在柏林从沃尔沃那里偷一把钥匙。"),
        (SHOW, "学生星期一给伊娃展示了那张地图。"),
        (replace(SHOW, order="object_first"), "那张地图星期一被学生展示给了伊娃。"),
        (replace(SHOW, verb="lend"), "学生星期一借给了伊娃那张地图。"),
        (replace(SHOW, verb="give", negated=True), "学生星期一没有送给伊娃那张地图。"),
        (Clause("go", NP("Leo"), place="Berlin", time="spring"), "利奥春天去了柏林。"),
        (Clause("run", NP("Leo"), place="market", negated=True), "利奥没有跑到市场。"),
        (Clause("travel", NP("Leo"), place="Tokyo"), "利奥到东京旅行了。"),
        (Clause("walk", NP("Leo"), place="shore", order="place_first"), "利奥走到了海边。"),
        (Clause("walk", NP("Leo"), time="night"), "利奥夜里走路了。"),
        (Clause("sleep", NP("nurse"), place="barn", negated=True), "护士没有在谷仓里睡觉。"),
        (Clause("help", NP("Max"), NP("farmer", False)), "马克斯帮助了一位农民。"),
        (Clause("hug", NP("Max"), NP("Sara"), order="object_first"), "萨拉被马克斯拥抱了。"),
    ],
)
def test_sentences(clause: Clause, sentence: str) -> None:
    assert said(clause) == sentence


@pytest.mark.parametrize(
    ("clause", "ask", "question"),
    [
        (SELL, "subject", "谁昨天在市场上卖给了老师那本书？"),
        (SELL, "object", "安娜昨天在市场上卖给了老师什么？"),
        (SELL, "recipient", "安娜昨天在市场上卖给了谁那本书？"),
        (SELL, "place", "安娜昨天在哪里卖给了老师那本书？"),
        (SELL, "time", "安娜什么时候在市场上卖给了老师那本书？"),
        (replace(STEAL, negated=True), "source", "士兵没有在柏林从谁那里偷一把钥匙？"),
        (SHOW, "recipient", "学生星期一给谁展示了那张地图？"),
        (Clause("meet", NP("Leo"), NP("nurse"), negated=True), "object", "利奥没有遇见谁？"),
        (Clause("return", NP("Leo"), place="bank"), "place", "利奥回到了哪里？"),
        (Clause("travel", NP("Leo"), place="Paris"), "place", "利奥到哪里旅行了？"),
    ],
)
def test_questions(clause: Clause, ask: Role, question: str) -> None:
    assert asked(clause, ask) == question


def test_tokens_carry_tag_features_and_role() -> None:
    clause = Clause("buy", NP("Eva"), NP("egg", False, "white"), order="object_first")
    assert MANDARIN.clause(clause) == (
        Token("一", "一", "NUM", "NumType=Card", "object"),
        Token("个", "个", "NOUN", "NounType=Clf", "object"),
        Token("白色", "白色", "ADJ", "_", "object"),
        Token("的", "的", "PART", "_", "object"),
        Token("鸡蛋", "鸡蛋", "NOUN", "_", "object"),
        Token("被", "被", "ADP", "Voice=Pass", "subject"),
        Token("伊娃", "伊娃", "PROPN", "_", "subject", "PER"),
        Token("买走", "买走", "VERB", "_", "verb"),
        Token("了", "了", "AUX", "Aspect=Perf", "verb"),
        Token("。", "。", "PUNCT", "_", "punct"),
    )


def every_clause() -> list[Clause]:
    """Each verb with each order, polarity and kind of participant it takes."""
    clauses = []
    flags = list(product(ORDERS, (False, True), ("evening", None), ("harbour", "Paris", None)))
    for verb, (order, negated, time, place) in product(VERBS, flags):
        objects: list[NP | None] = [None]
        if verb in SOCIAL:
            objects = [NP("Eva"), NP("nurse"), NP("farmer", False, "old")]
        elif verb in {*HANDLE, *TO_VERBS, *FROM_VERBS}:
            objects = [NP("cow"), NP("spoon", False, "big")]
        for object_, other in product(objects, (NP("Sony"), NP("pupil"))):
            to = other if verb in TO_VERBS else None
            source = other if verb in FROM_VERBS else None
            clauses.append(
                Clause(verb, NP("Leo"), object_, to, source, place, time, negated, order)
            )
    return clauses


def test_every_constituent_is_there_once_and_contiguous() -> None:
    roles: tuple[Role, ...] = get_args(Role)
    for clause in every_clause():
        tokens = MANDARIN.clause(clause)
        runs = [role for role, _ in groupby(token.role for token in tokens) if role in roles]
        present = [role for role in roles if getattr(clause, role) is not None]
        assert sorted(runs) == sorted(present), said(clause)


def test_either_le_or_the_denial() -> None:
    for clause in every_clause():
        forms = [token.form for token in MANDARIN.clause(clause)]
        assert (forms.count("了"), forms.count("没有")) == ((0, 1) if clause.negated else (1, 0))


def test_orders_differ_where_a_constituent_can_be_fronted() -> None:
    for clause in every_clause():
        if clause.order != "plain":
            key = clause.order.removesuffix("_first")
            bound = getattr(clause, key) is None or (key == "place" and clause.verb in MOTION)
            first = MANDARIN.clause(clause)[0].role
            assert first == ("subject" if bound else key), said(clause)


def test_questions_ask_in_place() -> None:
    for clause in every_clause():
        for ask in get_args(Role):
            if getattr(clause, ask) is not None:
                tokens = MANDARIN.question(clause, ask)
                runs = [role for role, _ in groupby(token.role for token in tokens)]
                assert runs.count("question") == 1 and ask not in runs
                assert tokens[-1].form == "？"


def test_every_concept_has_its_parts_in_characters() -> None:
    assert set(WORDS) == {*CONCEPTS, *NAMES}
    assert all("一" <= char <= "鿿" for parts in WORDS.values() for char in "".join(parts))
    assert all(len(WORDS[concept]) == 2 for concept in [*PEOPLE, *THINGS, *KINDS])
    assert all(len(WORDS[verb]) == 2 for verb in [*TO_VERBS, *FROM_VERBS])


def test_every_noun_takes_its_measure_word_with_every_quality() -> None:
    for concept, quality in product([*PEOPLE, *THINGS, *KINDS], QUALITIES):
        that, measure, adjective, *linked, noun = phrase(NP(concept, True, quality), "object")
        assert (that.form, measure.form) == ("那", WORDS[concept][1])
        assert noun.form == MANDARIN.noun(concept) and [t.form for t in linked] in ([], ["的"])
        assert adjective.form in {WORDS[quality][0], "年老"}


def test_distinct_concepts_have_distinct_words() -> None:
    words = [WORDS[concept][0] for concept in [*CONCEPTS, *NAMES]]
    assert len(set(words)) == len(words)
    places = {text(location(place)) for place in [*PLACES, *CITIES]}
    assert len(places) == len(PLACES) + len(CITIES)
