"""Being asked to end while something must not be cut short: noted, and heeded a little later."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Ctrl-C, a scheduler, a closed terminal."""


class Ending:
    """Notes that the process was asked to end. A second Ctrl-C is heeded at once."""

    def __init__(self) -> None:
        self.asked = False

    def __call__(self, number: int, _: Any) -> None:
        if self.asked and number == signal.SIGINT:
            raise KeyboardInterrupt
        self.asked = True

    def heed(self) -> None:
        """Take the signals, but for those that are ignored (as under nohup).

        Only a process's main thread can: in another one its scheduler has to see to it.
        """
        if threading.current_thread() is not threading.main_thread():
            return
        for one in SIGNALS:
            if signal.getsignal(one) != signal.SIG_IGN:
                signal.signal(one, self)


@contextmanager
def deferred() -> Iterator[Ending]:
    """Inside, being asked to end is noted; leaving it, in any way, is KeyboardInterrupt then."""
    before = {one: signal.getsignal(one) for one in SIGNALS}
    ending = Ending()
    ending.heed()
    try:
        yield ending
    finally:
        if threading.current_thread() is threading.main_thread():
            for one, handler in before.items():
                signal.signal(one, handler)
        if ending.asked:
            raise KeyboardInterrupt
