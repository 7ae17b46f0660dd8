"""``kg serve`` as a process: what it prints, how it ends, and what it refuses."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import httpx
import pytest
from timing import wait_until

from kg.project import Project

pytestmark = pytest.mark.server

#: Runs for longer than anybody waits.
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
Process = subprocess.Popen[str]


def begin(project: Project) -> tuple[Process, str]:
    """``kg serve`` on a free port, and the address that it prints."""
    command = [sys.executable, "-m", "kg", "--project", str(project.root), "serve", "--port", "0"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stderr is not None
    found = re.fullmatch(r"serving at (http://127\.0\.0\.1:\d+)/\n", process.stderr.readline())
    assert found
    return process, found[1]


@pytest.fixture
def serving(small_project: Project) -> Iterator[tuple[Process, str]]:
    process, address = begin(small_project)
    yield process, address
    process.kill()
    process.communicate()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_it_ends_with_its_workers(how: signal.Signals, serving: tuple[Process, str]) -> None:
    """If the server is told to end, or is killed, while a query runs, then it ends and no worker is left."""
    process, address = serving
    assert httpx.get(f"{address}/sparql", params={"query": "ASK {}"}, timeout=30).json()["boolean"]
    workers = children(process.pid)
    assert len(workers) == 1
    asking = threading.Thread(target=ask, args=(f"{address}/sparql", ENDLESS))
    asking.start()
    time.sleep(0.5)
    assert children(process.pid) == workers
    process.send_signal(how)
    process.wait(timeout=20)
    asking.join(timeout=10)
    assert not asking.is_alive()
    wait_until(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in workers))


def ask(endpoint: str, query: str) -> None:
    """Ask a query, and bear that nobody answers."""
    with suppress(httpx.HTTPError):
        httpx.get(endpoint, params={"query": query}, timeout=60)


def children(pid: int) -> list[int]:
    """The processes that a process has started."""
    done = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True)
    return [int(line) for line in done.stdout.split()]


def test_nothing_is_shown_of_requests(serving: tuple[Process, str]) -> None:
    """If requests are answered and refused, then the server says nothing but its address, and ends as interrupted."""
    process, address = serving
    assert httpx.get(f"{address}/queries/members.csv", timeout=30).text.startswith("member,member_iri\n")
    assert httpx.get(f"{address}/queries/none", timeout=30).status_code == 404
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=20)
    assert (output, errors.strip(), process.returncode) == ("", "interrupted", 130)


def test_a_port_in_use(kg_process: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    """If the port is taken, then the command says so, with a remedy."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = kg_process("serve", "--port", str(taken.getsockname()[1]))
    assert done.returncode == 2
    assert "KG757" in done.stderr
    assert "--port" in done.stderr


def test_without_the_extra(kg_process: Callable[..., subprocess.CompletedProcess[str]], tmp_path) -> None:
    """If Starlette is not installed, then the command names the extra."""
    (tmp_path / "starlette.py").write_text("raise ModuleNotFoundError(name='starlette')\n")
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    done = kg_process("serve", "--port", "0", env={"PYTHONPATH": path})
    assert done.returncode == 2
    assert "KG758" in done.stderr
    assert ".[server]" in done.stderr
