"""The two stated span rules, for tags as they should be; the code has one rule for any tags."""

from __future__ import annotations

from collections.abc import Sequence

Span = tuple[str, int, int]


def runs(tags: Sequence[str]) -> set[Span]:
    """Bare tags: the maximal intervals of one tag, S-tags one by one, none of `O`."""

    def whole(i: int, j: int) -> bool:
        alone = tags[i].startswith("S")
        left = i == 0 or tags[i - 1] != tags[i]
        right = j == len(tags) - 1 or tags[j + 1] != tags[j]
        return i == j if alone else len(set(tags[i : j + 1])) == 1 and left and right

    places = [(i, j) for i in range(len(tags)) for j in range(i, len(tags)) if tags[i] != "O"]
    return {(tags[i], i, j) for i, j in places if whole(i, j)}


def entities(tags: Sequence[str]) -> set[Span]:
    """B- and I- tags: `B-` opens, `I-X` where the tag before is `O` or of another type."""
    kinds = [tag[2:] for tag in tags]
    opens = [
        tag != "O" and (tag[0] == "B" or i == 0 or kinds[i - 1] != kinds[i])
        for i, tag in enumerate(tags)
    ]
    found = set()
    for i in (i for i, opening in enumerate(opens) if opening):
        j = i
        while j + 1 < len(tags) and tags[j + 1] != "O" and not opens[j + 1]:
            j += 1
        found.add((kinds[i], i, j))
    return found
