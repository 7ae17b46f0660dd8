"""The page of each entity: what it is called, the facts of the default view about it, and what is only claimed."""

from __future__ import annotations

from collections import defaultdict

from kg.errors import counted
from kg.labels import LANGUAGES
from kg.model import Claim, Term, is_literal, text_of
from kg.queries.show import why_no_fact
from kg.render.pages.markup import Child, Markup, fold, join, outside, rows, section, tag
from kg.render.pages.page import Page
from kg.vocab import RDF, RDFS, SKOS, iri, kg

__all__ = ["entities_page", "entity_page"]

_HIDDEN = {iri(RDF + "type"), iri(RDFS + "label"), iri(SKOS + "altLabel"), iri(SKOS + "definition"), kg("iso3166")}
_CLOSED = 80


def entities_page(page: Page) -> str:
    """Every entity by its kind; the largest kinds are closed until they are asked for."""
    contents = page.contents
    kinds = sorted(contents.instances, key=contents.by_label)
    body: list[Child] = [
        tag("h1", "Entities"),
        tag("p", f"{counted(len(contents.entities), 'thing')} that the documents speak of, by kind.", class_="lead"),
    ]
    for kind in kinds:
        entities = contents.instances[kind]
        listed = tag("ul", [tag("li", page.term(entity)) for entity in entities], class_="many")
        name = join("", [page.term(kind), f" ({len(entities)})"])
        inside = fold("Show them", listed) if len(entities) > _CLOSED else listed
        body.append(tag("section", tag("h2", name), inside))
    return page.whole("Entities", body)


def entity_page(page: Page, entity: Term) -> str:
    """Everything about one entity."""
    contents = page.contents
    title = contents.label(entity)
    return page.whole(
        title,
        tag("h1", title),
        tag("p", page.terms(contents.types.get(entity, ())), class_="soft"),
        tag("p", contents.definition(entity), class_="lead") if contents.definition(entity) else None,
        rows(_names(page, entity)),
        _facts(page, entity),
        _claimed(page, entity),
        _queries(page, entity),
        tag("p", tag("code", entity[1:-1]), class_="soft"),
    )


def _names(page: Page, entity: Term) -> list[tuple[Child, Child]]:
    contents = page.contents
    names = contents.label.names.get(entity, {})
    found: list[tuple[Child, Child]] = []
    labels = [(tag_, name) for tag_ in LANGUAGES for name in names.get(tag_, ())]
    found.append(("labels", join(" · ", [tag("span", name, lang=language) for language, name in labels])))
    found.append(("also called", " · ".join(names.get("alt", ()))))
    found.append(("code", " · ".join(names.get("code", ()))))
    for predicate, value in contents.said.get(entity, ()):
        if predicate not in _HIDDEN:
            written = outside(value[1:-1]) if not is_literal(value) else text_of(value)
            linked = page.term(value) if page.places.link(value, page.address) else written
            found.append((contents.label(predicate), linked))
    return found


def _facts(page: Page, entity: Term) -> Markup:
    contents = page.contents
    facts = contents.facts.get(entity, [])
    by_property: dict[Term, list[Child]] = defaultdict(list)
    for fact in facts:
        by_property[fact.triple[1]].append(page.fact(fact))
    ordered = sorted(by_property, key=contents.by_label)
    parts = [(tag("h3", contents.label(p)), tag("ul", by_property[p], class_="plain")) for p in ordered]
    empty = tag("p", "None: what is said of it is denied, planned, contested, or what somebody holds.", class_="soft")
    return section("Facts", tag("p", page.contents.graph.describe_view(), class_="soft"), parts or empty)


def _claimed(page: Page, entity: Term) -> Markup:
    """The claims about an entity that the view does not take as facts, by document."""
    graph = page.contents.graph
    by_document: dict[str, list[Claim]] = defaultdict(list)
    for claim in page.contents.claims.get(entity, ()):
        if why_no_fact(graph, claim):
            by_document[claim.document].append(claim)
    parts: list[Child] = []
    for slug, claims in sorted(by_document.items()):
        lines = tag("ul", [page.claim_line(claim) for claim in claims], class_="plain")
        name = f"{page.contents.label(page.contents.corpus.documents[slug].iri)} ({len(claims)})"
        parts.append(fold(name, lines, opened=len(claims) <= 8))
    return section("Claimed, and no facts of this view", parts)


def _queries(page: Page, entity: Term) -> Markup:
    found = page.contents.queries.get(entity, [])
    items = [
        tag("li", tag("a", tag("code", q.name), href=f"../queries.html#{q.name}"), f" {q.summary}") for q in found
    ]
    return section("Questions that ask for it", tag("ul", items, class_="plain") if items else None)
