"""Close RDF files on an engine."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path

from kg.engines.engine_closure import EngineClosure
from kg.engines.rounds import Rounds
from kg.engines.run_folder import RunFolder
from kg.engines.sql_engines import DuckDB, Spark, SqlEngine, failed
from kg.errors import Problem, UsageError
from kg.model import Triple
from kg.owned import scratch_folder
from kg.reasoner import Clause, Closure, Inconsistency, Program
from kg.reasoner.rdf_files import STDIN, stream_rdf


@contextmanager
def infer_on_engine(
    files: Sequence[Path],
    engine: str,
    *,
    form: str = "",
    base: str = "",
    folder: Path | None = None,
    memory: int = 0,
    remote: str = "",
) -> Iterator[EngineClosure]:
    """Infer all that follows from RDF files, as :func:`kg.reasoner.infer.infer` does, on an engine.

    ``folder`` keeps the rounds, so that a run that was ended goes on when it is called again; by default they go
    when the block ends. ``memory`` is a limit in bytes. Raises InputError (KG100 to KG102 for files, KG484 when the
    engine gives up) and UsageError (KG483, KG485, KG486, KG758).
    """
    if STDIN in files:
        raise UsageError(Problem("KG483", "an engine reads files, not standard input", remedy="Save it to a file."))
    digest = hashlib.sha256(f"{form}\0{base}\0".encode())
    for file in files if folder else ():  # only a run that is kept is told from others
        digest.update(_content(file))
    triples = stream_rdf(files, form, base)
    with close_on_engine(triples, digest.hexdigest(), engine, folder=folder, memory=memory, remote=remote) as closure:
        yield closure


@contextmanager
def close_on_engine(
    triples: Iterable[Triple],
    source: str,
    engine: str,
    *,
    rules: Sequence[Clause] = (),
    folder: Path | None = None,
    memory: int = 0,
    remote: str = "",
) -> Iterator[EngineClosure]:
    """Close triples under OWL 2 RL and rules of a project. ``source`` tells one input from another."""
    with scratch_folder(folder and folder.parent, ".kg-engine-", "engine scratch") as scratch:
        kept = nullcontext(folder) if folder else scratch_folder(scratch, "run-", "engine run")
        with kept as place:
            opened = _open(engine, scratch, memory, remote)
            try:
                yield EngineClosure(_run(Rounds(opened, RunFolder(place), scratch, rules), triples, source))
            finally:
                opened.close()


def _open(name: str, scratch: Path, memory: int, remote: str) -> SqlEngine:
    """The engine of that name. Raises UsageError: KG483 when it is unknown, KG758 when it is not installed."""
    if name == "duckdb":
        return DuckDB(scratch, memory)
    if name == "spark":
        return Spark(remote)
    raise UsageError(Problem("KG483", f"no engine {name!r}", remedy="Choose duckdb or spark."))


def _run(rounds: Rounds, triples: Iterable[Triple], source: str) -> Rounds:
    try:
        rounds.load(triples, source)
        rounds.run()
    except OSError as error:
        raise failed(rounds.engine.name, str(error)) from error
    return rounds


def closure_from_engine(
    triples: Iterable[Triple], program: Program, engine: str
) -> tuple[Closure, list[Inconsistency]]:
    """The closure of triples under a program, computed on an engine and read into this process.

    Nothing stops a rule: NOT EXISTS is left out of the project's own. Raises UsageError (KG486) for what the engine
    cannot do, InputError (KG484) when it gives up.
    """
    own = [clause for place, clause in enumerate(program.clauses) if place in program.own]
    written = {_unstopped(clause): clause for clause in own}
    with close_on_engine((*program.triples, *triples), "", engine, rules=list(written)) as closure:
        return closure.restored(program, written), closure.inconsistencies()


def _unstopped(clause: Clause) -> Clause:
    return clause._replace(conditions=tuple(each for each in clause.conditions if each.kind != "absent"))


def _content(file: Path) -> bytes:
    """The digest of a file that may be missing: reading it says so."""
    try:
        with file.open("rb") as source:
            return hashlib.file_digest(source, "sha256").digest()
    except OSError:
        return b""
