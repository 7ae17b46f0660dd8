"""Limits of time that hold on slow and busy machines: ratios, processor time, and deadlines of a minute."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import TypeVar

T = TypeVar("T")

#: A wait that is longer than this has failed, however busy the machine is.
DEADLINE = 60.0
#: The processor time of `_reference_work` on the machine for which the limits of `takes_at_most` were chosen.
_REFERENCE = 0.05
#: What makes each text a new one, since what was read once may be kept.
_numbers = count()


def grows_linearly(read: Callable[[T], object], small: T, large: T) -> bool:
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


@contextmanager
def takes_at_most(seconds: float) -> Iterator[None]:
    """Fail when the block takes more processor time than this, or than as much more as this machine is slower."""
    begun = time.process_time()
    yield
    taken = time.process_time() - begun
    assert taken < seconds or taken < seconds * _slowness(), f"{taken:.2f} s of processor time"


@contextmanager
def ends_in_time() -> Iterator[None]:
    """Fail when the block, which ends something that runs for ever, takes longer than a minute."""
    begun = time.monotonic()
    yield
    assert time.monotonic() - begun < DEADLINE


def wait_until(holds: Callable[[], object], message: str = "") -> None:
    """Wait until a condition holds, and fail after a minute."""
    end = time.monotonic() + DEADLINE
    while not holds():
        assert time.monotonic() < end, message
        time.sleep(0.02)


def _seconds(read: Callable[[T], object], given: T) -> float:
    """The processor time of one reading, without garbage collection, which costs what the whole process holds."""
    new = f"# {next(_numbers)}\n{given}" if isinstance(given, str) else given
    gc.disable()
    try:
        begun = time.process_time()
        read(new)  # type: ignore[arg-type]
        return time.process_time() - begun
    finally:
        gc.enable()


def _slowness() -> float:
    """How many times slower this machine is now than the one for which the limits were chosen."""
    return min(_seconds(_reference_work, 100_000) for _ in range(3)) / _REFERENCE


def _reference_work(size: int) -> int:
    """Work like that of the package: objects, texts and dicts."""
    return len(sorted({str(number): (number, str(-number)) for number in range(size)}.items()))
