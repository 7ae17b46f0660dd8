"""Documents, claims, links and periods as rows of the index, and back.

What one of them says of itself is kept without its own name; a claim's file is its document's.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import astuple
from functools import lru_cache
from typing import Any

from kg.corpus.passages import Anchor, Passages
from kg.dates import ALWAYS, Period, Span, Times
from kg.errors import Place
from kg.graph.views import Dated
from kg.model import Claim, Document, Link, Term, Triple


def dumps(data: object) -> str:
    """JSON without spaces."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def claim_row(claim: Claim) -> str:
    """A claim, its name and document apart."""
    plain = [claim.content, claim.passages, claim.modality, claim.polarity, claim.holders, claim.reporters]
    times = astuple(claim.times)
    return dumps([*plain, times, claim.gloss, claim.retracted, _said(claim.metadata), claim.place.line])


def claim_of(iri: Term, document: Document, row: str) -> Claim:
    """The inverse of ``claim_row``."""
    content, passages, modality, polarity, holders, reporters, times, gloss, retracted, said, line = json.loads(row)
    return Claim(
        iri,
        document.slug,
        _triples(content),
        tuple(passages),
        modality,
        polarity,
        tuple(holders),
        tuple(reporters),
        Times(*times),
        gloss,
        retracted,
        _saying(iri, said),
        Place(document.place.file, line),
    )


def document_row(document: Document) -> str:
    """A document, its slug apart."""
    plain = [document.iri, astuple(document.published), _said(document.description), document.place]
    return dumps(plain)


def document_of(slug: str, row: str) -> Document:
    """The inverse of ``document_row``."""
    iri, published, said, place = json.loads(row)
    return Document(iri, slug, Span(*published), _saying(iri, said), Place(*place))


def link_row(link: Link) -> str:
    """A link between claims."""
    plain = [link.iri, link.document, link.source, link.target, link.relation, link.dissolved_by, link.why]
    return dumps([*plain, _said(link.description), link.place])


def link_of(row: str) -> Link:
    """The inverse of ``link_row``."""
    iri, document, source, target, relation, dissolved, why, said, place = json.loads(row)
    return Link(iri, document, source, target, relation, dissolved, why, _saying(iri, said), Place(*place))


def passages_row(passages: Passages) -> str:
    """The passages of a document."""
    return dumps([passages.name, passages.splitter, passages.digest, [astuple(a) for a in passages.anchors.values()]])


def passages_of(row: str) -> Passages:
    """The inverse of ``passages_row``."""
    name, splitter, digest, rows = json.loads(row)
    return Passages(name, splitter, digest, {each[0]: Anchor(*each) for each in rows})


@lru_cache(maxsize=1 << 14)
def periods_row(periods: tuple[Period, ...]) -> str | None:
    """When something holds; None where that is always."""
    return None if periods == (ALWAYS,) else dumps([_bounds(period) for period in periods])


@lru_cache(maxsize=1 << 14)
def periods_of(row: str | None) -> tuple[Period, ...]:
    """The inverse of ``periods_row``."""
    return (ALWAYS,) if row is None else tuple(Period(*bounds) for bounds in json.loads(row))


@lru_cache(maxsize=1 << 14)
def dated_row(by: Dated) -> str:
    """When a fact holds by one claim."""
    return dumps([_bounds(by.period), by.begun, by.ended])


@lru_cache(maxsize=1 << 14)
def dated_of(row: str) -> Dated:
    """The inverse of ``dated_row``."""
    bounds, begun, ended = json.loads(row)
    return Dated(Period(*bounds), begun, ended)


def _bounds(period: Period) -> tuple[object, ...]:
    return (*period.bounds, period.doubtful, period.moment)


def _said(description: Iterable[Triple]) -> list[tuple[Term, Term]]:
    """Statements about one thing, without its name."""
    return [(p, o) for _s, p, o in description]


def _saying(subject: Term, said: Iterable[list[Any]]) -> tuple[Triple, ...]:
    return tuple((subject, p, o) for p, o in said)


def _triples(rows: Iterable[list[str]]) -> tuple[Triple, ...]:
    return tuple((s, p, o) for s, p, o in rows)
