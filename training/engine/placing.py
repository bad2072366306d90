"""Files that come into being whole, and once."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from uuid import uuid4

NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}


def place(path: Path, text: str) -> bool:
    """Create a file with its text; False where it exists. Of many that try, one succeeds.

    Raises FileNotFoundError where the folder is gone.
    """
    temporary = path.with_name(f".{path.name}-{uuid4().hex}")
    try:
        temporary.write_text(text)
        return linked(temporary, path)
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        return exclusive(path, text)
    finally:
        temporary.unlink(missing_ok=True)


def linked(temporary: Path, path: Path) -> bool:
    try:
        os.link(temporary, path)
        return True
    except FileExistsError:  # or NFS lost the answer to the link that was made, and asked again
        return temporary.stat().st_nlink == 2


def exclusive(path: Path, text: str) -> bool:
    """For file systems without hard links: for a moment the file is empty."""
    try:
        with path.open("x") as file:
            file.write(text)
        return True
    except FileExistsError:
        return False
