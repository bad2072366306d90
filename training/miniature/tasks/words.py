"""Word-level tasks (UDPOS, PAN-X, CCG): tags follow from what each word does in its clause."""

from __future__ import annotations

from collections.abc import Iterator

from training.miniature.grammar import Token, capitalised
from training.miniature.languages import language
from training.miniature.tasks.items import Item, Row
from training.miniature.world import World

UPOS = "ADJ ADP ADV AUX CCONJ DET INTJ NOUN NUM PART PRON PROPN PUNCT SCONJ SYM VERB X".split()
NER = "O B-PER I-PER B-ORG I-ORG B-LOC I-LOC".split()
HEADS = {"NOUN", "PROPN", "PRON"}
ARGUMENTS = {"subject", "object"}


def items(task: str, world: World) -> Iterator[Item]:
    """Statements in any order, some of them denied."""
    while True:
        yield Item(0, (world.told(world.event()),))


def categories(tokens: tuple[Token, ...]) -> list[str]:
    """CCG categories of a clause: the verb looks for its arguments where they really stand.

    A small grammar in CCGbank's notation: determiners NP/N, adjectives N/N, adverbials and
    adpositions as verb-phrase modifiers, one slot of the verb an argument, direction by position.
    """
    verbs = [i for i, t in enumerate(tokens) if t.role == "verb" and t.upos == "VERB"]
    main = verbs[-1] if verbs else next(i for i, t in enumerate(tokens) if t.role == "verb")
    return [category(tokens, i, main) for i in range(len(tokens))]


def category(tokens: tuple[Token, ...], i: int, main: int) -> str:
    token = tokens[i]
    if i == main:
        return verb_category(tokens, main)
    if token.role == "punct":
        return token.form if token.form in {".", ","} else "."
    if token.role == "verb" or token.role == "negation":
        return "(S\\NP)/(S\\NP)" if i < main else "(S\\NP)\\(S\\NP)"
    if token.upos in {"DET", "NUM"}:
        return "NP/N" if i < last_of(tokens, i) else "NP\\N"
    if token.upos == "ADJ":
        return "N/N" if i < last_of(tokens, i) else "N\\N"
    modifier = "(S\\NP)\\(S\\NP)" if i > main else "S/S"
    if token.upos == "ADP":
        return f"({modifier})/NP" if token.role != "subject" else "(NP\\NP)/NP"
    if token.role in ARGUMENTS or token.upos in HEADS and led(tokens, i):
        return "N"
    return modifier


def last_of(tokens: tuple[Token, ...], i: int) -> int:
    """Position of the head noun of the constituent that a word belongs to."""
    heads = [j for j, t in enumerate(tokens) if t.role == tokens[i].role and t.upos in HEADS]
    return heads[-1] if heads else i


def led(tokens: tuple[Token, ...], i: int) -> bool:
    """Whether an adposition of the same constituent governs the word."""
    return any(t.upos == "ADP" and t.role == tokens[i].role for t in tokens)


def verb_category(tokens: tuple[Token, ...], main: int) -> str:
    made = "S"
    for role in ("subject", "object"):
        places = [i for i, t in enumerate(tokens) if t.role == role]
        if places:
            made = f"({made}{chr(92) if places[0] < main else '/'}NP)"
    return made[1:-1] if made.startswith("(") else made


def row(item: Item, lang: str, index: int, task: str, split: str) -> Row:
    tokens = language(lang).clause(item.parts[0])
    words = capitalised(tokens, lang)
    if task == "udpos":
        return {"tokens": words, "pos_tags": [UPOS.index(t.upos) for t in tokens]}
    if task == "ccg":
        return {"tokens": words, "tags": categories(tokens)}
    return {"tokens": words, "ner_tags": entity_tags(tokens), "langs": [lang] * len(words)}


def entity_tags(tokens: tuple[Token, ...]) -> list[int]:
    """BIO codes; neighbouring name tokens of one constituent form one entity."""
    tags: list[int] = []
    for i, token in enumerate(tokens):
        before = tokens[i - 1] if i else None
        inside = before is not None and before.entity and before.role == token.role
        tags.append(NER.index(f"{'I' if inside else 'B'}-{token.entity}") if token.entity else 0)
    return tags
