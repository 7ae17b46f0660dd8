"""The ontology by subject: what is said of each node, the members of lists, who uses a nameless node."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from kg.corpus.describe import SKOLEM
from kg.model import Term, Triple
from kg.vocab import RDF, iri

__all__ = ["FIRST", "NIL", "REST", "Nodes", "nameless"]

FIRST, REST, NIL = (iri(RDF + name) for name in ("first", "rest", "nil"))


def nameless(term: Term) -> bool:
    """Whether a node has no name of its own in the file that it stands in."""
    return SKOLEM in term


class Nodes:
    """The nodes of an ontology. ``about`` gives the values of each predicate of each subject, in their order."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self.about: Mapping[Term, Mapping[Term, list[Term]]]
        about: dict[Term, dict[Term, list[Term]]] = {}
        for subject, predicate, value in triples:
            about.setdefault(subject, {}).setdefault(predicate, []).append(value)
        self.about = about

    def values(self, subject: Term, predicate: Term) -> list[Term]:
        """The values of a predicate of a node."""
        return self.about.get(subject, {}).get(predicate, [])

    def members(self, head: Term) -> Iterator[Term]:
        """The members of an RDF list; one that runs in a circle ends where it has come round."""
        seen: set[Term] = set()
        while head != NIL and head not in seen:
            seen.add(head)
            yield from self.values(head, FIRST)
            head = next(iter(self.values(head, REST)), NIL)

    def owners(self, term: Term) -> frozenset[Term]:
        """The named terms whose description a node is part of: a term itself; none for a node that none uses."""
        found: set[Term] = set()
        seen, waiting = {term}, [term]
        while waiting:
            node = waiting.pop()
            if not nameless(node):
                found.add(node)
                continue
            for user in self._users.get(node, ()):
                if user not in seen:
                    seen.add(user)
                    waiting.append(user)
        return frozenset(found)

    @cached_property
    def _users(self) -> dict[Term, list[Term]]:
        found: dict[Term, list[Term]] = defaultdict(list)
        for subject, said in self.about.items():
            for values in said.values():
                for value in values:
                    if nameless(value):
                        found[value].append(subject)
        return found
