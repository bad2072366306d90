"""CCG supertags from the two accepted forms of CCGbank, and the stand-in made of UD English."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from training.data import conllu
from training.data.opening import lines, tsv
from training.data.origin import Line, malformed
from training.spec.language import Language

LEAF = re.compile(r"\(<L (\S+) (\S+) (\S+) (\S+) (\S+)>\)")
"""Category, modified and original part of speech, word, predicate-argument category."""
NODE = re.compile(r"\(<T \S+ \d+ \d+>")


def words_and_categories(path: Path, _: Language) -> Iterator[Line]:
    """jiant's form: words joined by spaces, a tab, as many categories."""
    for row in tsv(path, header=("words", "categories"), closed=True):
        if row.fault:
            yield row
            continue
        words, tags = row["words"].split(" "), row["categories"].split(" ")
        if len(words) == len(tags) and all(words) and all(tags):
            yield Line({"tokens": words, "tags": tags}, row.path, row.number)
        else:
            wrong = f"has {len(words)} words and {len(tags)} categories, or an empty one"
            yield malformed(path, row.number, wrong, "one each is expected, single spaces between")


def derivations(path: Path, _: Language) -> Iterator[Line]:
    """The LDC's `.auto` files: a line `ID=...`, then its derivation; leaves hold the words."""
    name = ""
    number = 0
    for number, line in enumerate(lines(path), start=1):
        if line.startswith("ID=") and not name:
            name = line.split()[0].removeprefix("ID=")
            continue
        leaves = LEAF.findall(line)
        if not name or not _whole(line, len(leaves)):
            wrong = f"is no whole derivation behind its ID line ({line[:40]!r})"
            yield malformed(path, number, wrong, "CCGbank's .auto files as the LDC publishes them")
        else:
            row = {
                "id": name,
                "tokens": [leaf[3] for leaf in leaves],
                "tags": [leaf[0] for leaf in leaves],
            }
            yield Line(row, str(path), number)
        name = ""
    if name:
        yield malformed(path, number, f"the derivation of {name} is missing", "is the file whole?")


def _whole(line: str, leaves: int) -> bool:
    """Every bracket that opens a leaf or a node belongs to a well-formed one and is closed."""
    rest, nodes = NODE.subn("\x01", LEAF.sub("", line))
    return (
        bool(leaves)
        and not rest.replace(" ", "").replace("\x01", "").replace(")", "")
        and (rest.count(")") == nodes)
    )


def dependencies(path: Path, _: Language) -> Iterator[Line]:
    """The stand-in: a supertag of every word of a UD treebank, from its dependencies.

    The tag is the relation, the side the head is on (`L`, `R`; none for the root) and the sides
    that have dependents (`+L`, `+R`, `+LR`): model 1 of Ouchi, Duh and Matsumoto (EACL 2014).
    """
    bank = path.name.split("-ud-")[0].partition("_")[2]
    for position, one in enumerate(conllu.sentences(lines(path), str(path))):
        wrong = [*one.faults, *_headless(one)]
        yield from (malformed(path, *fault) for fault in wrong)
        if not wrong:
            words = list(one.words.values())
            row = {
                "id": f"{bank}/{one.comments.get('sent_id', position)}",
                "tokens": [word[1].replace(" ", "") for word in words],
                "tags": supertags(one),
            }
            blank = bool(words) and all(word[1] == "_" for word in words)
            yield Line(
                row,
                str(path),
                one.line,
                lines=one.at.values(),
                left_out=conllu.BLANKED if blank else "",
            )


def _headless(sentence: conllu.Sentence) -> Iterator[tuple[int, str, str]]:
    """Words whose head is no word of the sentence: line, what is wrong, what to do."""
    known = {"0", *map(str, sentence.words)}
    for word, columns in sentence.words.items():
        if columns[6] not in known:
            wrong = f"the head of word {word} is {columns[6]!r}"
            yield sentence.at[word], wrong, "a word of the sentence or 0 is expected"


def supertags(sentence: conllu.Sentence) -> list[str]:
    """`nsubj/R+L`: a subject whose head is to its right and that has dependents to its left."""
    heads = {word: int(columns[6]) for word, columns in sentence.words.items()}
    tags = []
    for word, columns in sentence.words.items():
        side = "" if not heads[word] else "/R" if heads[word] > word else "/L"
        below = [other for other, head in heads.items() if head == word]
        left = "L" if any(other < word for other in below) else ""
        right = "R" if any(other > word for other in below) else ""
        tags.append(columns[7] + side + (f"+{left}{right}" if left or right else ""))
    return tags
