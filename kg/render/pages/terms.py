"""The pages of the ontology: one for each class, property and individual, and the list of all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kg.checks.schema import TYPE
from kg.errors import counted
from kg.labels import shorten
from kg.model import Claim, Term, is_literal, text_of
from kg.render.pages.axioms import axiom_sentences, rule_sentences
from kg.render.pages.diagram import class_tree, surroundings
from kg.render.pages.markup import Child, Markup, fold, join, rows, section, tag
from kg.render.pages.page import Page
from kg.render.pages.sssom import PREFIXES_OF_MAPPINGS
from kg.timeline.facts import Fact
from kg.vocab import OWL, RDFS, SKOS, iri, kg, local_name

__all__ = ["ontology_page", "term_page"]

_LABEL = iri(RDFS + "label")
_DOMAIN, _RANGE = iri(RDFS + "domain"), iri(RDFS + "range")
_OTHER = (
    kg("temporalKind"),
    iri(SKOS + "scopeNote"),
    iri(SKOS + "example"),
    iri(RDFS + "seeAlso"),
    iri("http://purl.org/dc/terms/source"),
    iri("http://purl.org/dc/terms/isReplacedBy"),
)
_MOST, _FEW = 60, 3
#: How a term stands to one of another vocabulary, in words.
_MAPPED = {
    iri(RDFS + "subClassOf"): "narrower than",
    iri(RDFS + "subPropertyOf"): "narrower than",
    iri(OWL + "equivalentClass"): "the same as",
    iri(OWL + "equivalentProperty"): "the same as",
    iri(SKOS + "exactMatch"): "the same as",
    iri(SKOS + "closeMatch"): "close to",
    iri(SKOS + "broadMatch"): "narrower than",
    iri(SKOS + "narrowMatch"): "broader than",
    iri(SKOS + "relatedMatch"): "related to",
}


def ontology_page(page: Page) -> str:
    """The ontology as a whole: a diagram of the classes, then every term."""
    contents = page.contents
    ontology = contents.graph.project.iri("ontology")
    header = [(contents.label(p), page.term(o)) for p, o in contents.said.get(ontology, ()) if p != TYPE]
    kinds = (("class", "Classes"), ("property", "Properties"), ("individual", "Individuals"))
    sizes = ", ".join(counted(len(contents.terms[kind]), kind, title.lower()) for kind, title in kinds)
    return page.whole(
        "Ontology",
        tag("h1", "Ontology"),
        tag("p", contents.value(ontology, iri("http://purl.org/dc/terms/description")), class_="lead"),
        tag("p", f"{sizes}. The number beside a class is that of the entities described as such.", class_="soft"),
        tag("figure", class_tree(page)),
        [section(title, _listed(page, contents.terms[kind]), mark=kind) for kind, title in kinds],
        section("About this ontology", rows(header)),
    )


def term_page(page: Page, term: Term) -> str:
    """Everything about one term of the ontology."""
    contents = page.contents
    title = contents.label(term)
    return page.whole(
        title,
        tag("h1", title),
        tag("p", tag("code", contents.short(term)), " · ", contents.kind(term), class_="soft"),
        _deprecated(page, term),
        tag("p", contents.definition(term), class_="lead"),
        rows(_names(page, term)),
        _hierarchy(page, term),
        section("Axioms", _list(page.sentence(parts) for parts in axiom_sentences(contents, term))),
        _properties(page, term),
        _rules(page, term),
        _examples(page, term),
        _queries(page, term),
        _alignments(page, term),
        tag("p", tag("code", term[1:-1]), class_="soft"),
    )


def _deprecated(page: Page, term: Term) -> Child:
    replaced = page.contents.schema.deprecated
    if term not in replaced:
        return None
    instead = replaced[term]
    return tag("p", "Deprecated. ", ("Use ", page.term(instead), " instead.") if instead else None, class_="aside")


def _names(page: Page, term: Term) -> list[tuple[Child, Child]]:
    contents = page.contents
    labels = [o for p, o in contents.said.get(term, ()) if p == _LABEL]
    found: list[tuple[Child, Child]] = []
    called = [
        tag("span", text_of(label), " ", tag("span", _language(label), class_="soft"), lang=_language(label) or None)
        for label in labels
    ]
    found.append(("labels", join(" · ", called)))
    for predicate in _OTHER:
        if values := contents.values(term, predicate):
            found.append((contents.label(predicate), page.terms(values)))
    return found


def _hierarchy(page: Page, term: Term) -> Markup:
    contents = page.contents
    pairs: list[tuple[Child, Child]] = [
        ("more general", page.terms(contents.parents(term))),
        ("narrower", page.terms(contents.children.get(term, ()))),
        ("domain", page.terms(contents.values(term, _DOMAIN))),
        ("range", page.terms(contents.values(term, _RANGE))),
        ("disjoint with", page.terms(contents.values(term, iri(OWL + "disjointWith")))),
        ("instance of", page.terms(contents.values(term, TYPE)) if contents.kind(term) not in _TERM_KINDS else None),
    ]
    picture = tag("figure", surroundings(page, term)) if term in contents.terms["class"] else None
    return section("Where it stands", rows(pairs), picture)


_TERM_KINDS = ("class", "property", "property with a literal", "annotation property")


def _properties(page: Page, term: Term) -> Markup:
    contents = page.contents
    said, values = contents.properties.get(term, ([], []))
    parts = [
        (tag("h3", title), _listed(page, terms))
        for title, terms in (("Said of it", said), ("With it as a value", values))
        if terms
    ]
    return section("Properties", parts)


def _rules(page: Page, term: Term) -> Markup:
    concluding, starting = rule_sentences(page.contents, term)
    parts: list[Child] = []
    for title, found in (("that conclude it", concluding), ("that start from it", starting)):
        if found:
            items = [
                tag("li", page.sentence(sentence), " ", tag("span", name, class_="tag")) for name, sentence in found
            ]
            listed = tag("ul", items, class_="plain")
            summary = f"{counted(len(found), 'rule')} {title}"
            parts.append(fold(summary, listed, opened=len(found) <= 12))
    return section("Rules that use it", parts)


def _examples(page: Page, term: Term) -> Markup:
    contents = page.contents
    parts: list[Child] = []
    entities = contents.members(term)
    if entities:
        said = counted(len(entities), "entity is", "entities are")
        parts += [tag("p", f"{said} described as such or as something narrower:"), _many(page, entities)]
    using = contents.claims.get(term, [])
    parts += _some(page, using, "claim uses it", "claims use it")
    if entities:
        parts += _some(page, contents.claims_about(entities), "claim speaks of them", "claims speak of them")
    parts += [] if using else _inferred(page, contents.inferred.get(term, []))
    examples = using or entities
    documents = [contents.corpus.documents[slug].iri for slug in contents.used_in_documents(term)]
    if documents and not examples:
        parts.append(tag("p", "In the description of ", page.terms(documents), "."))
    links = contents.links.get(term, [])
    if links and not examples:
        claims = [contents.corpus.claims[link.source] for link in links if link.source in contents.corpus.claims]
        parts.append(tag("p", f"{counted(len(links), 'link uses', 'links use')} it."))
        parts.append(tag("ul", [page.claim_line(claim) for claim in claims[:6]], class_="plain"))
    return section("In the corpus", parts)


def _some(page: Page, claims: Sequence[Claim], one: str, several: str) -> list[Child]:
    """How many claims there are, and a few of them with their passages."""
    examples = page.contents.examples(claims)
    more = f" Here are {len(examples)}" if len(claims) > len(examples) else ""
    listed = tag("ul", [page.claim_line(claim) for claim in examples], class_="plain")
    return [tag("p", f"{counted(len(claims), one, several)}.{more}"), listed] if examples else []


def _inferred(page: Page, facts: Sequence[Fact]) -> list[Child]:
    """Of a property that no claim states, how many facts are inferred, and a few with what they rest on."""
    by_subject: dict[Term, Fact] = {}
    for fact in facts:
        subject, _predicate, value = fact.triple
        # The other way round would show the same pair twice.
        if value not in by_subject or by_subject[value].triple[2] != subject:
            by_subject.setdefault(subject, fact)
    examples = list(by_subject.values())[:_FEW]
    if not examples:
        return []
    said = f"No claim states it; {counted(len(facts), 'fact is', 'facts are')} inferred."
    more = f" Here are {len(examples)}" if len(facts) > len(examples) else ""
    return [tag("p", f"{said}{more}"), tag("ul", [page.fact(fact) for fact in examples], class_="plain")]


def _alignments(page: Page, term: Term) -> Markup:
    contents = page.contents
    prefixes = {**contents.prefixes, **PREFIXES_OF_MAPPINGS}
    items = [
        tag(
            "li",
            f"{_MAPPED.get(mapping.axiom[1], local_name(mapping.axiom[1]))} ",
            tag("code", shorten(mapping.axiom[2], prefixes), title=mapping.axiom[2].strip("<>")),
            tag("div", mapping.comment, class_="soft"),
        )
        for mapping in contents.alignments.get(term, ())
    ]
    return section("In other vocabularies", tag("ul", items, class_="plain") if items else None)


def _queries(page: Page, term: Term) -> Markup:
    found = page.contents.queries.get(term, [])
    items = [tag("li", _question(page, query.name), f" {query.summary}") for query in found]
    return section("Questions that ask for it", tag("ul", items, class_="plain") if items else None)


def _question(page: Page, name: str) -> Markup:
    up = "../" * page.address.count("/")
    return tag("a", tag("code", name), href=f"{up}queries.html#{name}")


def _listed(page: Page, terms: list[Term]) -> Markup:
    items = [tag("li", page.term(term), tag("div", page.contents.definition(term), class_="soft")) for term in terms]
    return tag("ul", items, class_="plain") if items else Markup()


def _many(page: Page, terms: list[Term]) -> Markup:
    items = [tag("li", page.term(term)) for term in terms]
    first = tag("ul", items[:_MOST], class_="many")
    rest = items[_MOST:]
    return join("", [first, fold(f"{len(rest)} more", tag("ul", rest, class_="many"))]) if rest else first


def _list(items: Iterable[Child]) -> Markup:
    found = [tag("li", item) for item in items]
    return tag("ul", found) if found else Markup()


def _language(literal: Term) -> str:
    return literal.rpartition('"@')[2] if is_literal(literal) and '"@' in literal else ""
