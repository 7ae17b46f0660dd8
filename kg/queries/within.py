"""Looking for something for so long and no longer, where who looks cannot be interrupted."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

__all__ = ["unheard", "within"]

Found = TypeVar("Found")

_NAME = "kg-within"


def within(seconds: float | None, find: Callable[[], Found]) -> Found | None:
    """What ``find`` gives; None when it takes longer than so many seconds (None: as long as it takes).

    It then goes on in a thread that nobody hears any more, since a query of Oxigraph cannot be stopped: only for
    what may be left out. Raises what ``find`` raises.
    """
    if seconds is None:
        return find()
    promised: Future[Found] = Future()

    def look() -> None:
        try:
            promised.set_result(find())
        except BaseException as error:
            promised.set_exception(error)

    threading.Thread(target=look, name=_NAME, daemon=True).start()
    try:
        return promised.result(seconds)
    except TimeoutError:
        return None


def unheard() -> bool:
    """Whether something that was given up still goes on: a process that ends need not wait for it."""
    return any(thread.name == _NAME for thread in threading.enumerate())
