"""``kg export``: one file, its form by its ending, written beside its place and put there in one step.

A bundle (``.kgz``) is everything of a project in one file, which ``kg --project FILE`` opens (:mod:`kg.bundle`).
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

from kg.bundle import FOLDERS, FORMAT, GRAPH, MANIFEST
from kg.errors import Problem, UsageError
from kg.export.fact_tables import write_graphml, write_table
from kg.export.rdf import DATASETS, quad_pieces, write_annotated, write_rdf, write_reified
from kg.files import packed_file
from kg.graph.store import Graph
from kg.limits import check_room

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
    with packed_file(path, "KG721") as file:
        count = write(graph, file)
    return Exported(path, form, path.stat().st_size, count, counted)


def _form(path: Path) -> str:
    form = Path(path.name.lower().removesuffix(".gz")).suffix
    if form in FORMS and not (form == ".kgz" and path.suffix.lower() == ".gz"):
        return form
    remedy = f"End it in one of {', '.join(FORMS)}, with .gz after it to compress."
    raise UsageError(Problem("KG720", f"{path.name!r} does not say what to write", remedy=remedy))


def _writer(form: str, rdf12: bool) -> tuple[Writer, str]:
    """The function for a form, and what it counts."""
    others: dict[str, tuple[Writer, str]] = {
        ".kgz": (write_bundle, "files"),
        ".csv": (write_table, "facts"),
        ".graphml": (write_graphml, "facts"),
    }
    if form in others:
        return others[form]
    if rdf12 and form not in DATASETS:
        return (write_annotated if form == ".ttl" else write_reified), "triples"
    return partial(write_rdf, ending=form, rdf12=rdf12), "quads" if form in DATASETS else "triples"


#: The same for every entry, so that the same graph gives the same bytes: the earliest time that ZIP can hold.
_TIME = (1980, 1, 1, 0, 0, 0)


def write_bundle(graph: Graph, file: BinaryIO) -> int:
    """Write a ZIP of the project's files, the graph as N-Quads, and a manifest with the SHA-256 of each.

    Raises UsageError (KG722) for another view than the default: a bundle is opened with any.
    """
    if not graph.view.default:
        remedy = "Export without --only, --without, --accept and --as-of; give them when asking the bundle."
        raise UsageError(Problem("KG722", "a bundle holds the whole graph, not a view", remedy=remedy))
    files: dict[str, dict[str, object]] = {}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in graph.project.files(*FOLDERS):
            name = graph.project.relative(path)
            if graph.project.is_vocabulary(name):
                continue  # it ships with the tool that opens the bundle
            files[name] = _add(archive, name, iter((graph.project.inside(path).read_bytes(),)))
        files[GRAPH] = _add(archive, GRAPH, quad_pieces(graph))
        meta = graph.snapshot.meta
        manifest = {
            "format": FORMAT,
            "base": graph.project.base,
            "version": meta["version"],
            "ontology_version": meta["ontology_version"],
            "made_by": meta["made_by"],
            "files": files,
        }
        text = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True)
        _add(archive, MANIFEST, iter((text.encode(),)))
    return len(files)


def _add(archive: zipfile.ZipFile, name: str, pieces: Iterator[bytes]) -> dict[str, object]:
    entry = zipfile.ZipInfo(name, _TIME)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o100444 << 16
    digest, size = hashlib.sha256(), 0
    with archive.open(entry, "w", force_zip64=True) as target:
        for piece in pieces:
            target.write(piece)
            digest.update(piece)
            size += len(piece)
    return {"sha256": digest.hexdigest(), "size": size}
