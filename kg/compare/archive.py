"""A corpus as plain JSON and back, so that a view can be computed without reading the files again.

Claims are a line for each document in a file of their own: only those that are asked for are read.
"""

from __future__ import annotations

import json
from dataclasses import astuple
from functools import partial
from pathlib import Path
from typing import Any

from kg.corpus.passages import Anchor, Passages
from kg.corpus.read import Corpus
from kg.dates import Span, Times
from kg.errors import Place
from kg.model import Claim, Document, Link, Triple
from kg.project import Project

__all__ = ["keep_corpus", "kept_corpus"]


def keep_corpus(corpus: Corpus, folder: Path) -> None:
    """Write everything of a corpus but its files and problems: ``corpus.json`` and ``claims.jsonl``."""
    places = {}
    with (folder / "claims.jsonl").open("wb") as file:
        for slug in corpus.documents:
            claims = corpus.claims.of(slug)
            line = _text([_claim_row(claim) for claim in claims.values()]).encode()
            places[slug] = [file.tell(), len(line), {name: claim.stance for name, claim in claims.items()}]
            file.write(line + b"\n")
    (folder / "corpus.json").write_text(_text({**_foundation(corpus), "claims": places}), encoding="utf-8")


def kept_corpus(folder: Path, project: Project) -> Corpus:
    """The inverse of ``keep_corpus``."""
    data = json.loads((folder / "corpus.json").read_bytes())
    corpus = _corpus(data, project)
    for slug, (start, length, stances) in data["claims"].items():
        corpus.claims.later(slug, stances, partial(_read_claims, folder / "claims.jsonl", start, length))
    return corpus


def _read_claims(path: Path, start: int, length: int) -> list[Claim]:
    with path.open("rb") as file:
        file.seek(start)
        return [_claim(row) for row in json.loads(file.read(length))]


def _text(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def _foundation(corpus: Corpus) -> dict[str, Any]:
    terms: dict[str, int] = {}
    return {
        "ontology": _places(corpus.ontology, terms),
        "alignments": _places(corpus.alignments, terms),
        "entities": _places(corpus.entities, terms),
        "terms": list(terms),
        "documents": [
            [d.iri, d.slug, astuple(d.published), d.description, astuple(d.place)] for d in corpus.documents.values()
        ],
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


def _corpus(data: dict[str, Any], project: Project) -> Corpus:
    corpus = Corpus(project)
    terms = data["terms"]
    for name in ("ontology", "alignments", "entities"):
        table: dict[Triple, Place] = getattr(corpus, name)
        for file, rows in data[name].items():
            places: dict[int | None, Place] = {}
            for s, p, o, line in rows:
                place = places.get(line)
                if place is None:
                    place = places[line] = Place(file, line)
                table[terms[s], terms[p], terms[o]] = place
    for iri, slug, published, description, place in data["documents"]:
        corpus.documents[slug] = Document(iri, slug, Span(*published), _triples(description), Place(*place))
    for iri, document, source, target, relation, dissolved, why, description, place in data["links"]:
        corpus.links.append(
            Link(iri, document, source, target, relation, dissolved, why, _triples(description), Place(*place))
        )
    for slug, (name, splitter, digest, rows) in data["passages"].items():
        anchors = {row[0]: Anchor(*row) for row in rows}
        corpus.passages[slug] = Passages(name, splitter, digest, anchors)
    return corpus


def _places(table: dict[Triple, Place], terms: dict[str, int]) -> dict[str, list[tuple[int | None, ...]]]:
    """The triples of each file with their lines, terms by number; new ones get the next."""
    files: dict[str, list[tuple[int | None, ...]]] = {}
    for triple, place in table.items():
        numbers = [terms.setdefault(term, len(terms)) for term in triple]
        files.setdefault(place.file, []).append((*numbers, place.line))
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
