"""What kernels are compiled with, on a processor and on a GPU; torch brings none itself."""

from __future__ import annotations

import shutil

COMPILERS = ("g++", "clang++")


def there() -> bool:
    """Whether this machine has one of them."""
    return any(map(shutil.which, COMPILERS))
