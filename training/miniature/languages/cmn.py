"""Mandarin: no inflection; measure words, 了 and 没有, word order, and the 被 passive."""

from __future__ import annotations

from functools import cache

from training.miniature.concepts import ENTITY, KINDS, MOTION, PEOPLE, SOCIAL, TO_VERBS
from training.miniature.grammar import NP, Clause, Role, Token, TokenRole
from training.miniature.lexicon import lexicon

Tokens = tuple[Token, ...]
Parts = dict[str, Tokens]  # the words of a clause by slot

WORDS = lexicon("cmn")
LIVING = {*PEOPLE, "animal", *KINDS["animal"]}
TO_BEFORE = {"show"}  # 给老师展示了那本书, where the others are as 卖给了老师那本书
# Times and locations stand before the verb. A goal (去了柏林) never leaves its place behind it.
AFTER = ["verb", "recipient", "object", "goal"]
SLOTS = {
    "plain": ["subject", "time", "negation", "place", "source", "before", *AFTER],
    "time_first": ["time", "subject", "negation", "place", "source", "before", *AFTER],
    "place_first": ["place", "comma", "subject", "time", "negation", "source", "before", *AFTER],
    "object_first": ["object", "time", "negation", "agent", "place", "source", "verb", "recipient"],
}


def word(form: str, upos: str, role: TokenRole, feats: str = "_") -> Token:
    return Token(form, form, upos, feats, role)


def described(np: NP, noun: str, role: TokenRole) -> Tokens:
    """The adjective: common ones of one syllable stand alone (旧书), the others take 的."""
    if np.quality is None:
        return ()
    adjective, *linked = WORDS[np.quality]
    if np.quality == "old" and np.concept in LIVING:
        adjective, linked = "年老", ["的"]  # 旧 is said of things only
    elif noun.startswith(adjective):
        linked = ["的"]  # 小的小提琴
    return (word(adjective, "ADJ", role), *(word(form, "PART", role) for form in linked))


@cache
def named(concept: str, role: TokenRole) -> Token:
    noun = WORDS[concept][0]
    upos = "PROPN" if concept in ENTITY else "NOUN"
    return Token(noun, noun, upos, "_", role, ENTITY.get(concept))


@cache
def phrase(np: NP, role: TokenRole) -> Tokens:
    """那本书 and 一本书; a known person is the bare noun, as Chinese narrative has it."""
    head = named(np.concept, role)
    if np.concept in ENTITY or (np.definite and not np.quality and np.concept in PEOPLE):
        return (head,)
    that, one = word("那", "DET", role, "PronType=Dem"), word("一", "NUM", role, "NumType=Card")
    measure = word(WORDS[np.concept][1], "NOUN", role, "NounType=Clf")
    return (that if np.definite else one, measure, *described(np, head.form, role), head)


@cache
def location(concept: str) -> Tokens:
    """在市场上; institutions and cities need no localiser."""
    localiser = [word(form, "ADP", "place") for form in WORDS[concept][1:]]
    return (word("在", "ADP", "place"), named(concept, "place"), *localiser)


def placed(clause: Clause, concept: str, asked: bool) -> Parts:
    """A location or "travel", 到柏林旅行了, before the verb; other goals after it, 去了柏林."""
    role: TokenRole = "question" if asked else "place"
    landmark = WHERE if asked else named(concept, "place")
    if clause.verb not in MOTION:
        return {"place": (word("在", "ADP", role), WHERE) if asked else location(concept)}
    if len(WORDS[clause.verb]) > 1:
        return {"goal": (landmark,)}
    return {"place": (word("到", "ADP", role), landmark)}


def persons(clause: Clause, ask: Role | None, passive: bool) -> Parts:
    """The recipient, as the verb's own object or led by 给 before it, and the source."""
    parts: Parts = {}
    if clause.recipient:
        to = said(clause.recipient, "recipient", ask)
        before = clause.verb in TO_BEFORE and not passive
        lead = (word("给", "ADP", to[0].role),) if before else ()
        parts["before" if before else "recipient"] = (*lead, *to)
    if clause.source:
        source = said(clause.source, "source", ask)
        role = source[0].role
        parts["source"] = (
            word("从", "ADP", role),
            *source,
            word("那里", "PRON", role, "PronType=Dem"),
        )
    return parts


def said(np: NP, role: Role, ask: Role | None) -> Tokens:
    """A noun phrase, or its question word: Mandarin asks in place."""
    return (WHO,) if role == ask else phrase(np, role)


def constituents(clause: Clause, ask: Role | None, passive: bool) -> Parts:
    subject = said(clause.subject, "subject", ask)
    parts = {"agent": (BY, *subject)} if passive else {"subject": subject}
    if clause.object and ask == "object":
        parts["object"] = (WHO if clause.verb in SOCIAL else WHAT,)
    elif clause.object:
        parts["object"] = phrase(clause.object, "object")
    parts |= persons(clause, ask, passive)
    if clause.place:
        parts |= placed(clause, clause.place, ask == "place")
    if clause.time:
        parts["time"] = WHEN if ask == "time" else (named(clause.time, "time"),)
    if clause.negated:
        parts["negation"] = (NOT,)
    return parts


def predicate(clause: Clause, parts: Parts, passive: bool) -> Tokens:
    """The verb, as what follows it demands, and 了, which 没有 excludes."""
    complete = "recipient" in parts or "goal" in parts
    complete |= passive and clause.verb not in TO_VERBS  # 被安娜买走了: the passive wants a result
    verb = word(WORDS[clause.verb][-1 if complete else 0], "VERB", "verb")
    return (verb,) if clause.negated else (verb, PERFECTIVE)


class Mandarin:
    """The most distant language here: every relation is told by order and particles."""

    code = "cmn"
    spaced = False

    def noun(self, concept: str) -> str:
        return WORDS[concept][0]

    def clause(self, clause: Clause) -> Tokens:
        order = "plain" if clause.order == "object_first" and not clause.object else clause.order
        return self.sentence(clause, None, order, STOP)

    def question(self, clause: Clause, ask: Role) -> Tokens:
        return self.sentence(clause, ask, "plain", MARK)

    def sentence(self, clause: Clause, ask: Role | None, order: str, end: Token) -> Tokens:
        passive = order == "object_first"
        if order == "place_first" and clause.verb in MOTION:
            order = "plain"
        parts = constituents(clause, ask, passive)
        parts["verb"] = predicate(clause, parts, passive)
        if "place" in parts:
            parts["comma"] = (COMMA,)  # without it 在学校老师 would be "at a school teacher"
        return (*(token for slot in SLOTS[order] for token in parts.get(slot, ())), end)


BY = word("被", "ADP", "subject", "Voice=Pass")
NOT = word("没有", "ADV", "negation", "Polarity=Neg")
PERFECTIVE = word("了", "AUX", "verb", "Aspect=Perf")
WHO = word("谁", "PRON", "question", "PronType=Int")
WHAT = word("什么", "PRON", "question", "PronType=Int")
WHERE = word("哪里", "PRON", "question", "PronType=Int")
WHEN = (word("什么", "DET", "question", "PronType=Int"), word("时候", "NOUN", "question"))
COMMA = word("，", "PUNCT", "punct")
STOP = word("。", "PUNCT", "punct")
MARK = word("？", "PUNCT", "punct")
