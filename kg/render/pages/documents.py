"""The page of each document: how it is described, and every claim in the order of its passages."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from kg.corpus.passages import REASONS
from kg.errors import counted
from kg.model import Claim, Document, is_literal, text_of
from kg.render.pages.markup import Child, rows, section, tag
from kg.render.pages.page import Page
from kg.vocab import DCTERMS, RDF, iri, kg, local_name

__all__ = ["document_page", "documents_page"]

_HIDDEN = {iri(RDF + "type"), iri(DCTERMS + "title"), kg("slug")}


def documents_page(page: Page) -> str:
    """Every document in one line, in the order in which they were published."""
    corpus = page.contents.corpus
    counts = Counter(claim.document for claim in corpus.claims.values())
    documents = sorted(corpus.documents.values(), key=lambda d: (d.published.first, d.slug))
    items = [
        tag(
            "li",
            page.term(document.iri),
            tag("div", " · ".join(_in_short(document, counts[document.slug])), class_="soft"),
        )
        for document in documents
    ]
    lead = "Each is described here; its text is under other people's copyright and is not."
    return page.whole(
        "Documents", tag("h1", "Documents"), tag("p", lead, class_="lead"), tag("ul", items, class_="plain")
    )


def document_page(page: Page, document: Document) -> str:
    """Everything about one document."""
    contents = page.contents
    title = contents.label(document.iri)
    claims = list(contents.corpus.claims.of(document.slug).values())
    described: list[tuple[Child, Child]] = [
        (contents.label(p) if p in contents.label.names else local_name(p), _value(page, o))
        for s, p, o in document.description
        if s == document.iri and p not in _HIDDEN
    ]
    return page.whole(
        title,
        tag("h1", title),
        tag("p", tag("code", document.slug), f" · {counted(len(claims), 'claim')}", class_="soft"),
        rows(described),
        section("Sentences", rows(_sentences(page, document.slug, claims))),
        section("Claims", _by_passage(page, claims)),
    )


def _value(page: Page, value: str) -> Child:
    plain = is_literal(value) and not value.endswith("#anyURI>")
    return text_of(value) if plain else page.term(value)


def _in_short(document: Document, claims: int) -> tuple[str, str, str]:
    published = next((text_of(o) for _s, p, o in document.description if p == kg("published")), "")
    return document.slug, published, counted(claims, "claim")


def _sentences(page: Page, slug: str, claims: Iterable[Claim]) -> list[tuple[Child, Child]]:
    passages = page.contents.corpus.passages.get(slug)
    if passages is None:
        return []
    mapped = {place for claim in claims for place in claim.passages}
    aside = Counter(a.reason for a in passages.anchors.values() if a.reason and a.place not in mapped)
    found: list[tuple[Child, Child]] = [
        ("in all", str(len(passages.anchors))),
        ("with claims", str(len(mapped & set(passages.anchors)))),
    ]
    found += [(f"set aside: {reason}", str(aside[reason])) for reason in REASONS if aside[reason]]
    return found


def _by_passage(page: Page, claims: Iterable[Claim]) -> list[Child]:
    """The claims below the first of their passages, in the order of the text."""
    found: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        found[min(claim.passages, key=_order, default="")].append(claim)
    parts: list[Child] = []
    for place in sorted(found, key=_order):
        parts.append(tag("h3", f"Passage {place}", id=f"passage-{place}"))
        parts += [page.claim(claim) for claim in found[place]]
    return parts


def _order(place: str) -> tuple[int, ...]:
    return tuple(int(part) for part in place.split(".") if part.isdigit())
