"""What a query can see: the predicates of the triples that its patterns match."""

from __future__ import annotations

from collections.abc import Container

from kg.errors import UsageError
from kg.model import Term
from kg.sparql.parser import Parser, parse_select
from kg.sparql.structure import Path, all_patterns
from kg.vocab import RDF, iri

__all__ = ["predicates_of", "sees"]


def predicates_of(text: str) -> frozenset[Term] | None:
    """The predicates of the triples that a query can see; None when it can see any, or cannot be taken apart."""
    try:
        select = parse_select(text)
    except UsageError:
        return None
    found: set[Term] = set()
    for pattern in all_patterns(select.where):
        if isinstance(pattern.path, str) or not _path_predicates(pattern.path, found):
            return None
    return frozenset(found)


def sees(text: str, terms: Container[Term]) -> bool:
    """Whether a query names one of these predicates or classes, or has a pattern that can see any of them."""
    try:
        parser = Parser(text)
        where = parser.query().where
    except UsageError:
        return False
    named = (token for token in parser.tokens if token.kind in ("iri", "prefixed"))
    prefixed = {f"{prefix}:" for prefix in parser.prefixes}
    if any(parser.term(token) in terms for token in named if token.kind == "iri" or token.text not in prefixed):
        return True
    return any(
        isinstance(pattern.path, str) or (pattern.path.term == iri(RDF + "type") and pattern.object.startswith("?"))
        for pattern in all_patterns(where)
    )


def _path_predicates(path: Path, found: set[Term]) -> bool:
    if path.op in ("!", "*", "?"):
        # A negated set sees any predicate; a path of length zero, any node.
        return False
    if path.op == "iri":
        found.add(path.term)
    return all(_path_predicates(part, found) for part in path.parts)
