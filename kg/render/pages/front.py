"""The first page, and that of the saved questions."""

from __future__ import annotations

from kg.corpus.headers import without_header
from kg.corpus.saved import SavedQuery
from kg.model import Term
from kg.queries.catalogue import example
from kg.render.pages.markup import Child, Markup, fold, join, rows, section, tag
from kg.render.pages.page import Page
from kg.vocab import DCTERMS, iri

__all__ = ["front_page", "queries_page"]


def front_page(page: Page) -> str:
    """What this is, how much there is, and the ways in."""
    contents = page.contents
    graph = contents.graph
    description = contents.value(graph.project.iri("ontology"), iri(DCTERMS + "description"))
    meta: list[tuple[Child, Child]] = [
        ("documents", _link("documents.html", str(len(contents.corpus.documents)))),
        ("claims", f"{len(contents.corpus.claims):,}"),
        ("entities", _link("entities.html", f"{len(contents.entities):,}")),
        ("classes", _link("ontology.html#class", str(len(contents.terms["class"])))),
        ("properties", _link("ontology.html#property", str(len(contents.terms["property"])))),
        ("saved questions", _link("queries.html", str(len(graph.queries)))),
        ("version", graph.version),
    ]
    spoken = sorted(contents.entities, key=lambda term: (-len(contents.facts.get(term, ())), contents.by_label(term)))
    return page.whole(
        "Overview",
        tag("h1", page.site_title()),
        tag("p", description, class_="lead"),
        rows(meta),
        section(
            "How to read it",
            tag(
                "p",
                "A claim is one proposition that a passage puts forward. It is a fact of the default view when its "
                "document's author puts it as a fact and no other document contests it. Everything else stays a "
                "claim: what is denied, planned, foreseen or held by somebody.",
            ),
            tag("p", "What is inferred follows from facts by the ontology's axioms and rules; its claims are named."),
        ),
        section("Documents", _documents(page)),
        section("Most spoken of", tag("ul", [_spoken(page, term) for term in spoken[:24]], class_="many")),
    )


def queries_page(page: Page) -> str:
    """Every saved question by theme, with its parameters, a call of it, and its SPARQL."""
    by_theme: dict[str, list[SavedQuery]] = {}
    for query in sorted(page.contents.graph.queries.values(), key=lambda query: (query.theme or "~", query.name)):
        by_theme.setdefault(query.theme or "other", []).append(query)
    return page.whole(
        "Questions",
        tag("h1", "Questions"),
        tag("p", "Saved questions, each answered by ", tag("code", "kg query NAME"), ".", class_="lead"),
        [section(theme, [_query(page, query) for query in found]) for theme, found in by_theme.items()],
    )


def _query(page: Page, query: SavedQuery) -> Markup:
    parameters = [
        tag("li", tag("code", p.name), f" ({p.type}) {p.label}", "" if p.required else "; may be left out")
        for p in query.parameters
    ]
    return tag(
        "section",
        tag("h3", query.summary),
        tag("p", query.description) if query.description else None,
        tag("ul", parameters, class_="plain") if parameters else None,
        tag("pre", example(page.contents.graph, query)),
        fold("SPARQL", tag("pre", without_header(query.text))),
        id=query.name,
    )


def _documents(page: Page) -> Markup:
    documents = sorted(page.contents.corpus.documents.values(), key=lambda d: (d.published.first, d.slug))
    return tag("ul", [tag("li", page.term(document.iri)) for document in documents], class_="plain")


def _spoken(page: Page, term: Term) -> Markup:
    count = len(page.contents.facts.get(term, ()))
    return tag("li", join(" ", [page.term(term), tag("span", str(count), class_="soft")]))


def _link(to: str, text: str) -> Markup:
    return tag("a", text, href=to)
