"""How the cost of reading a text grows, so that other processes and the garbage collector do not decide."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from itertools import count

__all__ = ["grows_linearly"]

#: What makes each text a new one, since what was read once may be kept.
_numbers = count()


def grows_linearly(read: Callable[[str], object], small: str, large: str) -> bool:
    """Whether ``large``, about four times as long as ``small``, takes at most eight times as long to read.

    What grows with the square of the length takes sixteen times as long. The least of several readings counts on both
    sides, and 20 ms are given away.
    """
    shortest, longest = _seconds(read, small), _seconds(read, large)
    for _ in range(5):
        if longest <= 8 * shortest + 0.02:
            return True
        shortest, longest = min(shortest, _seconds(read, small)), min(longest, _seconds(read, large))
    return False


def _seconds(read: Callable[[str], object], text: str) -> float:
    """The processor time of one reading, without garbage collection, which costs what the whole process holds."""
    text = f"# {next(_numbers)}\n{text}"
    gc.collect()
    gc.disable()
    try:
        begun = time.process_time()
        read(text)
        return time.process_time() - begun
    finally:
        gc.enable()
