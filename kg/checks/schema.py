"""The ontology as the checks look at it: its terms and axioms by kind, and its nodes by subject."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from kg.corpus.turtle import SKOLEM
from kg.errors import Place
from kg.model import Term, Triple, text_of
from kg.vocab import DCTERMS, KG, OWL, PREFIXES, RDF, RDFS, SKOS, iri, kg, local_name

__all__ = [
    "CLASS",
    "DATA",
    "FIRST",
    "NIL",
    "NOTE",
    "OBJECT",
    "REST",
    "TYPE",
    "Nodes",
    "Schema",
    "ancestors",
    "kind_of",
    "name_of",
    "nameless",
    "relations",
    "schema_of",
]

TYPE = iri(RDF + "type")
CLASS, OBJECT, DATA, NOTE = (
    iri(OWL + name) for name in ("Class", "ObjectProperty", "DatatypeProperty", "AnnotationProperty")
)
_SUB_CLASS, _SUB_PROPERTY = iri(RDFS + "subClassOf"), iri(RDFS + "subPropertyOf")
_KINDS = {CLASS, OBJECT, DATA, NOTE, iri(RDFS + "Class"), iri(RDF + "Property"), iri(RDFS + "Datatype")}


@dataclass(slots=True)
class Schema:
    """The terms of an ontology; ``namespaces`` are how terms of the project, and of claims, begin.

    ``types`` gives the types of every subject; ``above`` the classes or properties above a term, itself included;
    ``below`` the classes of ours below a class, itself included; ``domains`` and ``ranges`` the classes that a
    property's uses must belong to, those of the properties above it included; ``places`` where each term is
    declared; ``triples`` every triple with its place; ``temporal_kinds`` the local name of each property's.
    """

    triples: Mapping[Triple, Place]
    namespaces: tuple[str, ...] = (f"<{KG}",)
    types: dict[Term, set[Term]] = field(default_factory=dict)
    above: dict[Term, frozenset[Term]] = field(default_factory=dict)
    domains: dict[Term, frozenset[Term]] = field(default_factory=dict)
    ranges: dict[Term, frozenset[Term]] = field(default_factory=dict)
    places: dict[Term, Place] = field(default_factory=dict)
    labels: dict[Term, list[Term]] = field(default_factory=dict)
    deprecated: dict[Term, Term | None] = field(default_factory=dict)
    below: dict[Term, frozenset[Term]] = field(default_factory=dict)
    temporal_kinds: dict[Term, str] = field(default_factory=dict)

    def defined(self, term: Term) -> bool:
        """Whether the ontology says what a term is."""
        return term in self.types

    def of_kind(self, *kinds: Term) -> list[Term]:
        """The terms of ours that are of one of the kinds, sorted."""
        return sorted(t for t, types in self.types.items() if self.ours(t) and types & set(kinds))

    def ours(self, term: Term) -> bool:
        """Whether a term must be defined here: one of the project's own vocabulary or of that of claims."""
        return term.startswith(self.namespaces) and term not in {f"{space}>" for space in self.namespaces}

    def up(self, term: Term) -> frozenset[Term]:
        """A term and everything above it."""
        return self.above.get(term, frozenset((term,)))

    def all_types(self, types: Iterable[Term]) -> set[Term]:
        """The types given and every class above them."""
        return {above for term in types for above in self.up(term)}


def schema_of(triples: Mapping[Triple, Place], vocabulary: str = KG) -> Schema:
    """Read the terms out of the ontology's triples. ``vocabulary`` is the namespace of the project's own terms."""
    schema = Schema(triples, tuple(dict.fromkeys((f"<{KG}", f"<{vocabulary}"))))
    for triple, place in triples.items():
        subject, predicate, value = triple
        if predicate == TYPE:
            schema.types.setdefault(subject, set()).add(value)
            schema.places.setdefault(subject, place)
        elif predicate == kg("temporalKind"):
            schema.temporal_kinds[subject] = local_name(value)
        elif predicate in (iri(RDFS + "label"), iri(SKOS + "altLabel")):
            schema.labels.setdefault(subject, []).append(value)
        elif predicate == iri(OWL + "deprecated") and text_of(value) in ("true", "1"):
            schema.deprecated.setdefault(subject, None)
    properties = relations(triples, _SUB_PROPERTY, both=(iri(OWL + "equivalentProperty"),))
    for parents in (relations(triples, _SUB_CLASS, both=(iri(OWL + "equivalentClass"),)), properties):
        schema.above |= {term: ancestors(term, parents) for term in parents}
    schema.below = _below(schema)
    for subject, predicate, value in triples:
        if predicate == iri(DCTERMS + "isReplacedBy") and subject in schema.deprecated:
            schema.deprecated[subject] = value
    for target, axiom in ((schema.domains, "domain"), (schema.ranges, "range")):
        # A property answers for what the properties above it ask, since it implies them.
        own = relations(triples, iri(RDFS + axiom))
        for term in {*own, *properties}:
            target[term] = frozenset(kind for above in schema.up(term) for kind in own.get(above, ()))
    return schema


def _below(schema: Schema) -> dict[Term, frozenset[Term]]:
    found: dict[Term, set[Term]] = defaultdict(set)
    for term in schema.of_kind(CLASS):
        for above in schema.up(term):
            found[above].add(term)
    return {term: frozenset(terms) for term, terms in found.items()}


def relations(triples: Iterable[Triple], *along: Term, both: Collection[Term] = ()) -> dict[Term, set[Term]]:
    """What each term leads to by some predicates: ``along`` them from subject to object, by ``both`` either way."""
    found: dict[Term, set[Term]] = {}
    for subject, predicate, value in triples:
        if predicate in along or predicate in both:
            found.setdefault(subject, set()).add(value)
        if predicate in both:
            found.setdefault(value, set()).add(subject)
    return found


def ancestors(term: Term, parents: Mapping[Term, Iterable[Term]]) -> frozenset[Term]:
    """A term and everything that can be reached from it; cycles do no harm."""
    found, waiting = {term}, [term]
    while waiting:
        for parent in parents.get(waiting.pop(), ()):
            if parent not in found:
                found.add(parent)
                waiting.append(parent)
    return frozenset(found)


def name_of(term: Term) -> str:
    """A term as a person writes it: ``kg:memberOf``; of IRIs without a known prefix, what follows the last slash."""
    for prefix, namespace in PREFIXES.items():
        if term.startswith(f"<{namespace}"):
            return f"{prefix}:{term[len(namespace) + 1 : -1]}"
    return local_name(term) or term


def kind_of(schema: Schema, term: Term) -> str:
    """``class``, ``property`` or ``individual``."""
    types = schema.types.get(term, set())
    return "class" if CLASS in types else "property" if types & {OBJECT, DATA, NOTE} else "individual"


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
