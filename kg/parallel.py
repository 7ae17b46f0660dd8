"""Running large pieces of work: on all cores of the machine, and without looking for garbage."""

from __future__ import annotations

import gc
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

Part = TypeVar("Part")
Result = TypeVar("Result")

#: In a worker: what is done with each part. It came with the fork, so that nothing of it had to be sent.
_work: Callable[[Any], Any]


def in_parallel(work: Callable[[Part], Result], parts: Sequence[Part]) -> Iterator[Result]:
    """The results of ``work`` for each part, in order; parts and results are sent between processes, ``work`` is not.

    Where forking is not to be had, or not safe since threads run, it is done here. What ``work`` raises is raised.
    """
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    workers = min(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1, len(parts))
    if workers < 2 or _threads() or "fork" not in multiprocessing.get_all_start_methods():
        yield from map(work, parts)
        return
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(workers, context, _begin, (work,)) as pool:
        yield from pool.map(_call, parts)


@contextmanager
def uncollected() -> Iterator[None]:
    """While millions of small objects are made and hardly any cycles: looking for these took a third of the time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _threads() -> bool:
    """Whether threads run that may hold locks; the thread that watches time and memory holds none."""
    return any(each.name != "kg-watch" for each in threading.enumerate() if each is not threading.main_thread())


def _begin(work: Callable[[Any], Any]) -> None:
    global _work
    _work = work
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()


def _end_with(parent: int) -> None:
    """End this worker when its parent was killed: it would wait for more for ever."""
    while os.getppid() == parent:
        time.sleep(0.2)
    os._exit(1)


def _call(part: Any) -> Any:  # noqa: ANN401 - whatever the work takes and makes
    return _work(part)
