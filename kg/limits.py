"""Limits of rows, bytes, time and memory: the defaults, and the largest that can be asked for."""

from __future__ import annotations

import math
import os
import resource
from threading import Event, Thread

from kg.errors import Problem, UsageError

#: Rows or triples after which an answer is cut, and says so; 0 is no limit.
LIMIT = 100_000
#: Seconds after which a query is stopped.
TIMEOUT = 30.0
#: Seconds after which a command that works on everything is ended: a check, a comparison, an export, an inference.
LONG_TIMEOUT = 3600.0
#: Bytes of terms after which an answer is cut, and says so.
SIZE = 256 << 20
#: Bytes that a process may hold in memory while it answers.
MEMORY = 4 << 30
#: Rows that are handed over together.
BATCH = 1_000
#: The largest limit of rows that can be asked for: more than memory holds.
MOST = 1_000_000_000
#: The longest time that can be asked for, in seconds: a day.
LONGEST = 86_400.0
#: Bytes of address space that Oxigraph takes to open or load a store: with two processors, 450 MB were too few.
_ENGINE = 700 << 20
#: Bytes of address space that this tool takes without the engine.
_PYTHON = 150 << 20
#: Files that Oxigraph wants to be able to open.
_FILES = 96
#: Threads that Oxigraph starts, and some to spare: four on two processors.
_THREADS = 8


def check_room() -> None:
    """Raises UsageError (KG631), with the numbers, where the limits of this process are below what the engine needs.

    The engine itself would end the process.
    """
    # What is mapped beyond that was mapped for a store opened before, and is used again.
    mapped = min(process_memory()[0], _PYTHON) + _ENGINE
    data, files = (resource.getrlimit(kind)[0] for kind in (resource.RLIMIT_DATA, resource.RLIMIT_NOFILE))
    if (limit := address_space()) < mapped:
        have, want = limit >> 20, (mapped >> 20) + 1
        raise _no_room(f"{want:,} MB of address space, and the limit is {have:,} MB", f"-v {want << 10}")
    if 0 <= data < _ENGINE:
        have, want = data >> 20, _ENGINE >> 20
        raise _no_room(f"{want:,} MB of data, and the limit is {have:,} MB", f"-d {want << 10}")
    if 0 <= files < _FILES:
        raise _no_room(f"{_FILES} open files, and the limit is {files}", f"-n {_FILES}")
    # To try takes address space itself.
    if limit == 2**63 and not _can_start_threads():
        raise _no_room(f"{_THREADS} threads more than the limits of this user or container allow", "-u N")


def _no_room(needs: str, option: str) -> UsageError:
    return UsageError(Problem("KG631", f"the engine needs {needs}", remedy=f"Raise it: `ulimit {option}`, or more."))


def _can_start_threads() -> bool:
    """Whether the system lets this process start as many threads as the engine does; it takes a millisecond."""
    done = Event()
    threads = [Thread(target=done.wait, daemon=True) for _ in range(_THREADS)]
    try:
        for thread in threads:
            thread.start()
    except RuntimeError:
        return False
    finally:
        done.set()
    return True


def address_space() -> int:
    """The bytes that this process may map; 2**63 where there is no limit."""
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    return 2**63 if limit < 0 else limit


def process_memory() -> tuple[int, int]:
    """Bytes that this process has mapped, and those that it holds; where no file says so, none and the most held."""
    try:
        with open("/proc/self/statm", "rb") as file:
            mapped, held = file.read().split()[:2]
    except OSError:
        return 0, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    page = resource.getpagesize()
    return int(mapped) * page, int(held) * page


def check_limits(limit: int, timeout: float | None = None) -> None:
    """Raises UsageError (KG667) for a limit that is not 0 to MOST, or a time (seconds) not above 0, to LONGEST."""
    problems = []
    if not 0 <= limit <= MOST:
        problems.append(Problem("KG667", f"{limit} is no limit of rows", remedy=f"0 for none, or up to {MOST}."))
    # Not a number compares with nothing, so it is asked for by name.
    if timeout is not None and (math.isnan(timeout) or not 0 < timeout <= LONGEST):
        remedy = f"Seconds, up to {LONGEST:g}; in Python, None asks without a time limit."
        problems.append(Problem("KG667", f"{timeout:g} s is no time limit", remedy=remedy))
    if problems:
        raise UsageError(problems)


def out_of_time(timeout: float) -> Problem:
    """The problem of a query that was not answered in time."""
    remedy = "Narrow it, or allow more with --timeout SECONDS."
    return Problem("KG605", f"stopped: not answered within {timeout:g} s", remedy=remedy)


def out_of_memory(memory: int) -> Problem:
    """The problem of a query that needed more memory than that many bytes."""
    remedy = "Narrow it, or ask for fewer rows without ORDER BY, GROUP BY or DISTINCT."
    return Problem("KG606", f"stopped: it needed more than {memory / (1 << 30):.1f} GB of memory", remedy=remedy)


def machine_memory(most: int = MEMORY) -> int:
    """Three quarters of what the machine or its container has, or ``most`` bytes if that is less."""
    whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        with open("/sys/fs/cgroup/memory.max", encoding="ascii") as file:
            whole = min(whole, int(file.read()))
    except (OSError, ValueError):
        return min(most, whole * 3 // 4)  # no container, or one without a limit
    return min(most, whole * 3 // 4)
