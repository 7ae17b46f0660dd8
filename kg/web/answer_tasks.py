"""The tasks of workers: an answer, written in a format."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from kg.errors import Problem, UsageError
from kg.evidence import evidence_of
from kg.queries import ask, run
from kg.queries.run import found_notes
from kg.render.columns import Settings
from kg.render.formats import BINARY, whole, write

if TYPE_CHECKING:
    from kg.graph.store import Dataset, Graph
    from kg.queries import Answer

#: Bytes of an answer at most: a server holds it whole until the client has it.
LARGEST = 64 << 20


class Written(NamedTuple):
    """An answer in a format, and whether it was cut after ``limit`` rows."""

    content: bytes
    truncated: bool


def answer_sparql(
    graph: Graph, text: str, form: str, limit: int, dataset: Dataset | None, base: str
) -> Iterator[Written]:
    """SPARQL of a client's own, asked and written; without notes, for which it would be asked again."""
    answer = ask(graph, text, limit, None, dataset=dataset, base=base)
    answer.find_notes = None
    yield Written(written_whole(answer, form, Settings(iris=True)), answer.truncated)


def answer_question(
    graph: Graph, name: str, values: Mapping[str, str], form: str, limit: int, undated: bool, evidence: bool
) -> Iterator[Written]:
    """A saved question, asked and written; with ``evidence``, what its rows rest on and what is contested.

    Both take to ask again. Without it, all documents of the view are named as sources where no row names its own,
    and only that contested facts may change the answer is said.
    """
    answer = run(graph, name, values, limit, None, undated=undated)
    if not evidence:
        answer.find_notes = _brief_notes
    found = evidence_of(answer) if evidence and answer.form == "SELECT" else None
    settings = Settings(evidence=found, look_up=evidence)
    yield Written(written_whole(answer, form, settings), answer.truncated)


def _brief_notes(graph: Graph, answer: Answer) -> Iterator[str]:
    """Why an answer is empty; else that contested facts may change it."""
    if not answer.rows:
        yield from found_notes(graph, answer)
    elif graph.view.accept == "facts":
        yield "contested facts may change this answer: evidence=1 tells how"


def written_whole(answer: Answer, form: str, settings: Settings | None = None) -> bytes:
    """An answer in a format, as one piece. Raises UsageError (KG752) when it is too large."""
    content = bytearray()
    pieces = [whole(answer, form, settings)] if form in BINARY else map(str.encode, write(answer, form, settings))
    for piece in pieces:
        content += piece
        if len(content) > LARGEST:
            remedy = "Ask for fewer rows or columns; `kg sparql` and `kg query` give any number."
            raise UsageError(Problem("KG752", f"the answer has more than {LARGEST >> 20} MB", remedy=remedy))
    return bytes(content)
