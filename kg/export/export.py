"""``kg export``: one file, its form by its ending, written beside its place and put there in one step."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from kg.errors import Problem, UsageError
from kg.export.bundle_writer import write_bundle
from kg.export.fact_tables import write_graphml, write_table
from kg.export.rdf import WRITERS, WRITERS_12, write_annotated, write_reified
from kg.files import whole_file
from kg.graph.store import Graph
from kg.limits import check_room

__all__ = ["FORMS", "Exported", "export"]

#: What each ending gives.
FORMS: dict[str, str] = {
    ".nq": "everything in named graphs, N-Quads",
    ".trig": "the same, TriG",
    ".jsonld": "the same, JSON-LD",
    ".ttl": "the view's query graph, Turtle",
    ".nt": "the view's query graph, N-Triples",
    ".rdf": "the view's query graph, RDF/XML",
    ".graphml": "the view's facts as a network of things",
    ".csv": "the view's facts as a table, each with its time and sources",
    ".kgz": "a bundle that `kg --project FILE` opens read-only: sources, queries, graph, checksums",
}
_RDF_12 = (".ttl", ".nt", ".nq", ".trig")
Writer = Callable[[Graph, BinaryIO], int]


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: the file, its form (a key of FORMS), its size in bytes, and how many things are in it.

    ``counted`` says what they are: quads, triples, facts or files.
    """

    path: Path
    form: str
    size: int
    count: int
    counted: str


def export(graph: Graph, path: Path, *, rdf12: bool = False) -> Exported:
    """Write the graph, in its view, to a file whose ending says the form; ``.gz`` after it compresses.

    With ``rdf12`` claims are RDF 1.2 reifiers of what they state, in place of claim graphs: for ``.ttl``, ``.nt``,
    ``.nq`` and ``.trig``. Raises UsageError: KG720 for an unknown ending or combination,
    KG631 as ``check_room`` does; InputError (KG721) when the file cannot be written, and what was there then stays.
    """
    form = _form(path)
    if rdf12 and form not in _RDF_12:
        remedy = f"It goes with {', '.join(_RDF_12)}: claims are then no graphs."
        raise UsageError(Problem("KG720", f"--rdf12 and {form} do not go together", remedy=remedy))
    check_room()
    write, counted = _writer(form, rdf12)
    with whole_file(path, "KG721") as file:
        if path.suffix.lower() == ".gz":
            # Neither name nor time in the header, so that the same graph gives the same bytes.
            with gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as packed:
                count = write(graph, cast("BinaryIO", packed))
        else:
            count = write(graph, file)
        size = file.tell() if file.seekable() else 0
    return Exported(path, form, size, count, counted)


def _form(path: Path) -> str:
    form = Path(path.name.lower().removesuffix(".gz")).suffix
    if form in FORMS and not (form == ".kgz" and path.suffix.lower() == ".gz"):
        return form
    remedy = f"End it in one of {', '.join(FORMS)}, with .gz after it to compress."
    raise UsageError(Problem("KG720", f"{path.name!r} does not say what to write", remedy=remedy))


def _writer(form: str, rdf12: bool) -> tuple[Writer, str]:
    """The function for a form: imported when wanted, since each needs something else."""
    if form == ".kgz":
        return write_bundle, "files"
    if form == ".csv":
        return write_table, "facts"
    if form == ".graphml":
        return write_graphml, "facts"
    if rdf12 and form in (".ttl", ".nt"):
        return (write_annotated if form == ".ttl" else write_reified), "triples"

    return WRITERS_12[form] if rdf12 else WRITERS[form]
