"""SPARQL results in JSON, parsed by the engine, and nothing believed that is not whole.

A server may answer 200 and then fail: Oxigraph, when a query runs out of time, ends its JSON in the middle and adds
a sentence. The engine's parser does not read beyond the value that it wants, and some thousand levels of nesting
crash it, so brackets are checked first.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyoxigraph

from kg.load.failures import RemoteError, excerpt, failure
from kg.model import Term, written
from kg.reasoner.rdf_files import nesting

__all__ = ["Result", "parse_results", "refuse_nested"]

#: Levels of nesting: a row of plain terms has five, each triple term within another two more.
_DEEPEST = 60


@dataclass(frozen=True, slots=True)
class Result:
    """The answer to a SELECT (columns and rows of terms, None where unbound) or an ASK (``boolean``).

    ``cut`` is the number of rows after which the server cut the answer off, where it says so.
    """

    columns: tuple[str, ...]
    rows: list[tuple[Term | None, ...]]
    boolean: bool | None = None
    cut: int = 0


def parse_results(body: bytes, where: str, cut: int = 0) -> Result:
    """Read ``application/sparql-results+json``. Raises RemoteError (KG705) for anything else under that name."""
    try:
        return _parsed(body, cut)
    except (SyntaxError, ValueError) as error:
        fault = str(error)
    # Raised here and not above: a traceback would keep the engine's object, which must end in this thread.
    raise _broken(body, where, fault)


def _parsed(body: bytes, cut: int) -> Result:
    if not _is_whole(body):
        raise SyntaxError("it ends too early, goes on after its end, or is nested too deep")
    found = pyoxigraph.parse_query_results(body, format=pyoxigraph.QueryResultsFormat.JSON)
    if isinstance(found, pyoxigraph.QueryBoolean):
        return Result((), [], bool(found))
    columns = tuple(variable.value for variable in found.variables)
    rows = [tuple(None if term is None else written(term) for term in row) for row in found]
    return Result(columns, rows, None, cut)


def refuse_nested(lines: bytes, where: str = "the store") -> None:
    """Raises RemoteError (KG705) for N-Triples with triple terms nested so deep that the engine would not return."""
    if lines.count(b"<<(") > _DEEPEST and any(line.count(b"<<(") > _DEEPEST for line in lines.split(b"\n")):
        raise failure("KG705", f"{where} answered triple terms that are nested too deep", "Ask for less.")


def _is_whole(body: bytes) -> bool:
    """Whether a text has the brackets of one JSON object that ends where the text does, nested within reason."""
    depths = list(nesting(body))
    closed = bool(depths) and depths.pop() == 0 and body.rstrip().endswith(b"}")
    return closed and min(depths) > 0 and max(depths) <= _DEEPEST


def _broken(body: bytes, where: str, fault: str) -> RemoteError:
    message = f"{where} answered 200, but no whole result ({excerpt(fault)}): it ends «{excerpt(body[-200:])}»"
    remedy = (
        "The query ran out of time or memory there, or a proxy cut it off. Try again, or raise the store's limits."
    )
    return failure("KG705", message, remedy)
