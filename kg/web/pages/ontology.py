"""The pages of the ontology: the tree of classes, the list of terms, and a page for each term."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kg.checks.terms import TYPE
from kg.errors import Problem, UsageError
from kg.labels import shorten
from kg.model import Term
from kg.render.reference import MAPPED, PREFIXES_OF_MAPPINGS, Contents, axiom_sentences, rule_sentences
from kg.vocab import OWL, RDFS, SKOS, iri, kg, local_name
from kg.web.pages.links import term_file
from kg.web.pages.page import PageWriter, WrittenPage
from kg.web.pages.pictures import tree

if TYPE_CHECKING:
    from kg.graph.store import Graph
    from kg.web.pages.links import Links

_DOMAIN, _RANGE = iri(RDFS + "domain"), iri(RDFS + "range")
_SAID = (
    kg("temporalKind"),
    iri(SKOS + "scopeNote"),
    iri(SKOS + "example"),
    iri(RDFS + "seeAlso"),
    iri("http://purl.org/dc/terms/source"),
)
_KINDS = (("class", "Classes"), ("property", "Properties"), ("individual", "Individuals"))
#: Lines of the picture of a class at most.
_AROUND = 14


def contents_of(graph: Graph) -> Contents:
    """What the ontology has, gathered once for a graph that is open."""
    known: Contents | None = graph.memo.get("contents")
    if known is None or known.label != graph.label:
        known = graph.memo["contents"] = Contents(graph)
    return known


def ontology_page(graph: Graph, links: Links) -> Iterator[WrittenPage]:
    """The ontology as a whole: a diagram of the classes, then every term."""
    contents = contents_of(graph)
    classes = contents.terms["class"]
    known = set(classes)
    roots = [term for term in classes if not known & set(contents.parents(term))]
    # Those that more hangs on come first: they are what the reader looks for.
    roots.sort(key=lambda term: (not contents.children.get(term), contents.by_label(term)))
    below = {term: [child for child in contents.children.get(term, ()) if child in known] for term in classes}
    ontology = graph.project.iri("ontology")
    yield PageWriter(graph, links).write(
        "ontology.html",
        contents=contents,
        kinds=_KINDS,
        tree=tree(roots, below, lambda term: len(contents.instances.get(term, ()))),
        header=[(p, o) for p, o in contents.said.get(ontology, ()) if p != TYPE],
        description=contents.value(ontology, iri("http://purl.org/dc/terms/description")),
    )


def term_page(graph: Graph, links: Links, name: str) -> Iterator[WrittenPage]:
    """Everything about one term of the ontology. Raises UsageError (KG655) for an unknown one."""
    contents = contents_of(graph)
    known = (term for terms in contents.terms.values() for term in terms)
    term = next((term for term in known if term_file(term) == name), None)
    if term is None:
        raise UsageError(Problem("KG655", f"no term is named {name!r}", remedy="The ontology's page lists all."))
    said, values = contents.properties.get(term, ([], []))
    concluding, starting = rule_sentences(contents, term)
    yield PageWriter(graph, links).write(
        "term.html",
        term_=term,
        contents=contents,
        notes=[(predicate, found) for predicate in _SAID if (found := contents.values(term, predicate))],
        standing=[(name, terms) for name, terms in _standing(contents, term) if terms],
        lines=_lines(contents, term) if term in contents.terms["class"] else [],
        axioms=list(axiom_sentences(contents, term)),
        properties=[("Said of it", said), ("With it as a value", values)],
        rules=[("Rules that conclude it", concluding), ("Rules that start from it", starting)],
        mappings=[
            (MAPPED.get(m.axiom[1], local_name(m.axiom[1])), shorten(m.axiom[2], _prefixes(contents)), m.comment)
            for m in contents.alignments.get(term, ())
        ],
        deprecated=contents.schema.deprecated.get(term, "") if term in contents.schema.deprecated else None,
    )


def _prefixes(contents: Contents) -> dict[str, str]:
    return {**contents.prefixes, **PREFIXES_OF_MAPPINGS}


def _standing(contents: Contents, term: Term) -> Iterator[tuple[str, list[Term]]]:
    """How a term stands to others."""
    yield "more general", contents.parents(term)
    yield "narrower", contents.children.get(term, [])
    yield "domain", contents.values(term, _DOMAIN)
    yield "range", contents.values(term, _RANGE)
    yield "disjoint with", contents.values(term, iri(OWL + "disjointWith"))
    if term in contents.terms["individual"]:
        yield "instance of", contents.values(term, TYPE)


def _lines(contents: Contents, term: Term) -> list[tuple[Term, Term, bool]]:
    """The picture of a class: what is above it, and its properties with the classes that they join it to."""
    classes = set(contents.terms["class"])
    said, values = contents.properties.get(term, ([], []))
    found = [(iri(RDFS + "subClassOf"), parent, True) for parent in contents.parents(term)]
    found += [(p, other, True) for p in said for other in contents.values(p, _RANGE)]
    found += [(p, other, False) for p in values for other in contents.values(p, _DOMAIN) if other != term]
    return [line for line in found if line[1] in classes][:_AROUND]
