"""Out of memory: the same batch in smaller parts, one after the other."""

from __future__ import annotations

import gc

import torch

from training.engine.blame import short_of_memory


class OutOfMemory(Exception):
    """A step did not fit into memory with `size` examples at once."""

    def __init__(self, size: int, error: BaseException) -> None:
        first = (str(error).splitlines() or [""])[0][:300]
        super().__init__(
            f"out of memory with {size} example{'s' if size > 1 else ''} at a time: use a larger "
            f"GPU, a lower recipe.max_length or a smaller scale ({first})"
        )
        self.size = size

    @property
    def smaller(self) -> int:
        """Half as many examples at once. Raises itself where it was one already."""
        if self.size <= 1:
            raise self
        return self.size // 2


def out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory was short."""
    if isinstance(error, torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and short_of_memory(str(error))


def release() -> None:
    """Give back what an attempt that is over still holds."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
