"""What is computed of something that never changes, and kept with it for all who ask."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Self, cast

LATELY = 32
"""Tables of single pictures that are kept."""


class Keeping:
    """A dataclass that keeps what its methods compute. Nobody may write into what they return."""

    def retold(self, **told: Any) -> Self:
        """With other values of fields that nothing is computed of: all that was computed stays."""
        made = replace(cast(Any, self), **told)
        kept = {name: self.__dict__.setdefault(name, {}) for name in ("_kept", "_lately")}
        made.__dict__.update(kept)
        return cast(Self, made)

    def once(self, key: tuple[Any, ...], make: Callable[..., Any], *told: Any) -> Any:
        """Computed once and shared, since a frame never changes; nobody may write into it."""
        kept = self.__dict__.setdefault("_kept", {})
        if key not in kept:
            kept[key] = make(*told)
        return kept[key]

    def lately(self, key: tuple[Any, ...], make: Callable[..., Any], *told: Any) -> Any:
        """`once` for what grows with every choice of every visitor: the last `LATELY` are kept."""
        kept = self.__dict__.setdefault("_lately", {})
        found = kept.pop(key, None)
        found = make(*told) if found is None else found
        kept[key] = found
        for old in list(kept)[:-LATELY]:
            kept.pop(old, None)
        return found
