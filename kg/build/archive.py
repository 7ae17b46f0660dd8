"""A corpus as plain JSON and back, so that a view can be computed without reading the files again."""

from __future__ import annotations

from dataclasses import astuple
from typing import Any

from kg.corpus.passages import Anchor, Passages
from kg.corpus.read import Corpus
from kg.dates import Span, Times
from kg.errors import Place
from kg.model import Claim, Document, Link, Triple
from kg.project import Project

__all__ = ["dump_corpus", "load_corpus"]


def dump_corpus(corpus: Corpus) -> dict[str, Any]:
    """Everything of a corpus but its files and problems, as JSON data."""
    return {
        "ontology": _places(corpus.ontology),
        "alignments": _places(corpus.alignments),
        "entities": _places(corpus.entities),
        "documents": [
            [d.iri, d.slug, astuple(d.published), d.description, astuple(d.place)] for d in corpus.documents.values()
        ],
        "claims": [_claim_row(claim) for claim in corpus.claims.values()],
        "links": [
            [
                k.iri,
                k.document,
                k.source,
                k.target,
                k.relation,
                k.dissolved_by,
                k.why,
                k.description,
                astuple(k.place),
            ]
            for k in corpus.links
        ],
        "passages": {
            slug: [p.name, p.splitter, p.digest, [astuple(anchor) for anchor in p.anchors.values()]]
            for slug, p in corpus.passages.items()
        },
    }


def load_corpus(data: dict[str, Any], project: Project) -> Corpus:
    """The inverse of ``dump_corpus``."""
    corpus = Corpus(project)
    for name in ("ontology", "alignments", "entities"):
        table: dict[Triple, Place] = getattr(corpus, name)
        for file, rows in data[name].items():
            for s, p, o, line in rows:
                table[s, p, o] = Place(file, line)
    for iri, slug, published, description, place in data["documents"]:
        corpus.documents[slug] = Document(iri, slug, Span(*published), _triples(description), Place(*place))
    for row in data["claims"]:
        claim = _claim(row)
        corpus.claims[claim.iri] = claim
    for iri, document, source, target, relation, dissolved, why, description, place in data["links"]:
        corpus.links.append(
            Link(iri, document, source, target, relation, dissolved, why, _triples(description), Place(*place))
        )
    for slug, (name, splitter, digest, rows) in data["passages"].items():
        anchors = {row[0]: Anchor(*row) for row in rows}
        corpus.passages[slug] = Passages(name, splitter, digest, anchors)
    return corpus


def _places(table: dict[Triple, Place]) -> dict[str, list[tuple[str, str, str, int | None]]]:
    files: dict[str, list[tuple[str, str, str, int | None]]] = {}
    for (s, p, o), place in table.items():
        files.setdefault(place.file, []).append((s, p, o, place.line))
    return files


def _triples(rows: list[list[str]]) -> tuple[Triple, ...]:
    return tuple((s, p, o) for s, p, o in rows)


def _claim_row(c: Claim) -> list[Any]:
    plain = [c.iri, c.document, c.content, c.passages, c.modality, c.polarity, c.holders, c.reporters]
    return [*plain, astuple(c.times), c.gloss, c.retracted, c.metadata, astuple(c.place)]


def _claim(row: list[Any]) -> Claim:
    (
        iri,
        document,
        content,
        passages,
        modality,
        polarity,
        holders,
        reporters,
        times,
        gloss,
        retracted,
        metadata,
        place,
    ) = row
    return Claim(
        iri,
        document,
        _triples(content),
        tuple(passages),
        modality,
        polarity,
        tuple(holders),
        tuple(reporters),
        Times(*times),
        gloss,
        retracted,
        _triples(metadata),
        Place(*place),
    )
