"""Work on all cores: results in order, and errors with their problems."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from timing import wait_until

from kg.errors import InputError, Place, Problem
from kg.parallel import in_parallel


def test_results_come_in_the_order_of_the_parts() -> None:
    """If parts take different times in different processes, then their results stay in order."""
    offset = 3
    assert list(in_parallel(lambda part: sum(part) + offset, [list(range(n)) for n in (5000, 2, 900)])) == [
        sum(range(n)) + offset for n in (5000, 2, 900)
    ]


def test_parts_are_worked_on_in_processes_of_their_own() -> None:
    """If there is more than one core and part, and no thread runs, then other processes than this one do the work."""
    if len(os.sched_getaffinity(0)) < 2:
        pytest.skip("one core: the work is done here")
    # In a process without the threads that other tests leave: with them, forking is not safe.
    code = (
        "import os; from kg.parallel import in_parallel\n"
        "print(os.getpid() in set(in_parallel(lambda _part: os.getpid(), [1, 2])))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "False"


def runs(pid: str) -> bool:
    """Whether a process is there and has not ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_workers_end_when_their_parent_is_killed() -> None:
    """If the parent is killed while its workers wait or work, then none of them is left."""
    if len(os.sched_getaffinity(0)) < 2:
        pytest.skip("one core: the work is done here")
    code = (
        "import os, time; from kg.parallel import in_parallel\n"
        "list(in_parallel(lambda _part: print(os.getpid(), flush=True) or time.sleep(60), [1, 2]))"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        parent.stdout.readline()  # one of them works; whether the other has begun does not matter
        workers = Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split()
        assert workers
        parent.kill()
    wait_until(lambda: not any(runs(pid) for pid in workers), "a worker was left")


def test_an_error_arrives_with_its_problems() -> None:
    """If a part raises an error of this package, then code, place and remedy are those that were raised."""
    problem = Problem("KG100", "cannot be read", Place("a.trig", 3), "Read it.")

    def work(_part: int) -> None:
        raise InputError(problem)

    with pytest.raises(InputError) as caught:
        list(in_parallel(work, [1, 2]))
    assert caught.value.problems == (problem,)
