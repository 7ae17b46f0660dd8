"""What is near a term that matched nothing: other terms of its kind, by name; and names that nothing bears."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kg.graph.store import Graph
from kg.labels import shorten
from kg.model import Term, is_literal
from kg.queries.entities import candidates, described, mentioned
from kg.sparql.syntax_tree import Path, Pattern
from kg.vocab import OWL, PREFIXES, RDF, RDFS, iri, local_name

__all__ = ["near_terms", "unknown_terms"]

#: How many near terms are named.
_NEAR = 5
_TYPE = iri(RDF + "type")
_KINDS = (_TYPE, iri(RDFS + "subClassOf"), iri(RDFS + "subPropertyOf"))
_SCHEMA = (f"<{OWL}", f"<{RDF}", f"<{RDFS}")


def near_terms(graph: Graph, fixed: Term, found: Iterable[Term]) -> list[Term]:
    """Of some terms those most like another: of its own vocabulary, of its class, with a name like its own."""
    from difflib import SequenceMatcher

    label, kinds = graph.label, _kinds(graph)
    name, mine = label(fixed).casefold(), kinds.get(fixed, frozenset())

    def order(term: Term) -> tuple[bool, int, float, str]:
        alike = SequenceMatcher(None, name, label(term).casefold()).ratio()
        return (term.startswith(_SCHEMA), -len(mine & kinds.get(term, frozenset())), -alike, label(term))

    ordered = sorted(set(found) - {fixed}, key=order)
    plain = [term for term in ordered if not term.startswith(_SCHEMA)]
    return (plain or ordered)[:_NEAR]


def unknown_terms(graph: Graph, pattern: Pattern) -> Iterator[str]:
    """What a pattern names and the graph has nowhere, each with what it may have meant."""
    kinds = _kinds(graph)
    verbs = [] if isinstance(pattern.path, str) else list(_terms(pattern.path))
    for term in dict.fromkeys([*verbs, pattern.subject, pattern.object]):
        if term.startswith(("?", "_:")) or is_literal(term) or mentioned(graph, term):
            continue
        wanted = "Property>" if term in verbs else "Class>" if verbs == [_TYPE] else ""
        meant = [
            t for t in candidates(graph, local_name(term)) if any(wanted in kind for kind in kinds.get(t, ("",)))
        ]
        hint = f"; did you mean {' or '.join(described(graph, other) for other in meant[:3])}?" if meant else ""
        short = shorten(term, {**PREFIXES, **graph.project.prefixes})
        yield f"Nothing in the graph is called {short}{hint or '.'}"


def _kinds(graph: Graph) -> dict[Term, frozenset[Term]]:
    """The classes of each entity, and what each class and property is a kind of, as the files say."""
    known: dict[Term, frozenset[Term]] | None = graph.memo.get("kinds")
    if known is None:
        found: dict[Term, set[Term]] = {}
        for s, _p, o in graph.index.given_with(_KINDS, "entities", "ontology"):
            found.setdefault(s, set()).add(o)
        known = graph.memo["kinds"] = {term: frozenset(kinds) for term, kinds in found.items()}
    return known


def _terms(path: Path) -> Iterator[Term]:
    if path.op == "iri":
        yield path.term
    for part in path.parts:
        yield from _terms(part)
