"""A bundle: everything of a project in one file, which ``kg --project FILE`` opens read-only (``kg.bundle``)."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator
from typing import BinaryIO

from kg.bundle import FOLDERS, FORMAT, GRAPH, MANIFEST
from kg.errors import Problem, UsageError
from kg.export.rdf import quad_pieces
from kg.graph.store import Graph

__all__ = ["write_bundle"]

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
            files[name] = _add(archive, name, iter((path.read_bytes(),)))
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
