"""Running parts of one piece of work on all cores of the machine."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

__all__ = ["in_parallel"]

Part = TypeVar("Part")
Result = TypeVar("Result")

#: In a worker: what is done with each part. It came with the fork, so that nothing of it had to be sent.
_work: Callable[[Any], Any]


def in_parallel(work: Callable[[Part], Result], parts: Sequence[Part]) -> Iterator[Result]:
    """What ``work`` makes of each part, in order; parts and results are sent between processes, ``work`` is not.

    Where forking is not to be had, or not safe since threads run, it is done here. What ``work`` raises is raised.
    """
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    workers = min(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1, len(parts))
    if workers < 2 or threading.active_count() > 1 or "fork" not in multiprocessing.get_all_start_methods():
        yield from map(work, parts)
        return
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(workers, context, _begin, (work,)) as pool:
        yield from pool.map(_call, parts)


def _begin(work: Callable[[Any], Any]) -> None:
    global _work
    _work = work


def _call(part: Any) -> Any:  # noqa: ANN401 - whatever the work takes and makes
    return _work(part)
