"""``kg`` as a process of its own, forked from one that has already imported it: a tenth of the cost of a new one."""

from __future__ import annotations

import gc
import multiprocessing
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

__all__ = ["run_kg"]

ROOT = Path(__file__).parent.parent
#: What only a new interpreter reads. Where it differs from this process, a new one is started.
_AT_START = ("PYTHON", "LC_", "LANG", "OPENBLAS")

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(
    [
        *(f"kg.cli.{module.stem}" for module in sorted((ROOT / "kg" / "cli").glob("[a-z]*.py"))),
        *("kg.checks.check", "kg.compare.diff", "kg.graph.build", "kg.graph.update", "kg.queries.run"),
        *("kg.evidence.collect", "kg.render.formats", "kg.load.load", "kg.export.export"),
        *("pyshacl", "owlrl", "rdflib.plugins.sparql", "matplotlib.figure"),
    ]
)


def run_kg(
    *arguments: object,
    cwd: str | Path | None = None,
    env: Mapping[str, str] | None = None,
    input: str | bytes | None = None,
    text: bool = True,
    timeout: float = 120,
    preexec_fn: Callable[[], None] | None = None,
) -> subprocess.CompletedProcess[Any]:
    """Run ``kg`` with arguments to its end; options and result as of ``subprocess.run`` with ``capture_output``.

    Its output goes to files, not to pipes. Use a process of your own to test signals, terminals and readers that
    leave.
    """
    words = [os.fsdecode(os.fspath(each)) if isinstance(each, Path) else str(each) for each in arguments]
    env = dict(os.environ if env is None else env)
    given = input.encode() if isinstance(input, str) else input or b""
    if preexec_fn or _read_at_start(env) != _read_at_start(os.environ):
        command, own = [sys.executable, "-m", "kg", *words], {"cwd": cwd, "env": env, "preexec_fn": preexec_fn}
        done = subprocess.run(command, input=given, capture_output=True, timeout=timeout, **own)
        return _result(words, done.returncode, done.stdout, done.stderr, text=text)
    with TemporaryDirectory() as folder:
        streams = Path(folder)
        (streams / "0").write_bytes(given)
        process = _context.Process(target=_be_kg, args=(words, str(cwd or os.getcwd()), env, folder))
        process.start()
        process.join(timeout)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired(words, timeout)
        out, err = ((streams / name).read_bytes() for name in "12")
        return _result(words, process.exitcode, out, err, text=text)


def _read_at_start(env: Mapping[str, str]) -> dict[str, str]:
    usual = {"PYTHONPATH": {str(ROOT)}, "LC_ALL": {"C.UTF-8"}, "LANG": {"C.UTF-8"}}
    return {
        name: value
        for name, value in env.items()
        if name.startswith(_AT_START) and value not in usual.get(name, set())
    }


def _result(words: list[str], status: int, out: bytes, err: bytes, *, text: bool) -> subprocess.CompletedProcess[Any]:
    if not text:
        return subprocess.CompletedProcess(words, status, out, err)
    shown = (each.decode().replace("\r\n", "\n").replace("\r", "\n") for each in (out, err))
    return subprocess.CompletedProcess(words, status, *shown)


def _be_kg(words: list[str], cwd: str, env: dict[str, str], folder: str) -> None:
    """Become ``kg``: its folder, environment and streams; runs in the forked process."""
    for number, flags in enumerate((os.O_RDONLY, os.O_WRONLY | os.O_CREAT, os.O_WRONLY | os.O_CREAT)):
        os.dup2(os.open(f"{folder}/{number}", flags, 0o600), number)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - for as long as the process lives
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    sys.argv = ["kg", *words]
    gc.freeze()
    from kg.cli import main

    main()
