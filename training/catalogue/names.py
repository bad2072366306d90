"""Looking names up, and saying what was probably meant where there is none."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class UnknownName(LookupError):
    """A name that the catalogue does not hold; the message has the nearest right spelling."""

    def __init__(self, kind: str, given: str, known: Iterable[str]) -> None:
        self.kind, self.given, self.nearest = kind, given, nearest(given, known)
        super().__init__(f"unknown {kind} {given!r}{suggestion(given, known)}")


def nearest(given: str, known: Iterable[str]) -> str | None:
    """The known name most like `given` (case aside), or None where none is near."""
    by_lower: dict[str, str] = {}
    for name in known:
        by_lower.setdefault(name.lower(), name)
    matches = get_close_matches(given.lower(), list(by_lower), n=1, cutoff=0.5)
    return by_lower[matches[0]] if matches else None


def suggestion(given: str, known: Iterable[str]) -> str:
    """The end of an error message: what was probably meant, or what there is."""
    names = list(known)
    match = nearest(given, names)
    if match:
        return f": did you mean {match!r}?"
    return f"; known: {', '.join(names[:40])}{' ...' if len(names) > 40 else ''}"
