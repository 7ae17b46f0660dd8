"""The terms of the ontology by kind, its nodes by subject, and the checks that terms are used in the right places.

The checks of domains and ranges use the types as stated, before reasoning adds others: OWL infers a type from a
domain, so after reasoning a wrong use would look right.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from types import MappingProxyType

from kg.corpus.turtle import SKOLEM
from kg.errors import Place, Problem
from kg.model import Term, Triple, is_literal, text_of
from kg.vocab import DCTERMS, KG, OWL, PREFIXES, RDF, RDFS, SKOS, XSD, iri, kg, local_name

TYPE = iri(RDF + "type")
CLASS, OBJECT, DATA, NOTE = (
    iri(OWL + name) for name in ("Class", "ObjectProperty", "DatatypeProperty", "AnnotationProperty")
)
_SUB_CLASS, _SUB_PROPERTY = iri(RDFS + "subClassOf"), iri(RDFS + "subPropertyOf")


@dataclass
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

    @cached_property
    def nodes(self) -> Nodes:
        """The nodes of the ontology by subject."""
        return Nodes(self.triples)

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
    """The terms that each term leads to: ``along`` some predicates from subject to object, by ``both`` either way."""
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
    """Whether a node is a blank node in its file."""
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


_LITERAL = iri(RDFS + "Literal")
_ANY = {iri(OWL + "Thing"), iri(RDFS + "Resource")}
#: Datatypes whose every value is also one of another (XML Schema 1.1 part 2, section 3).
_WIDER = {iri(XSD + "integer"): {iri(XSD + "decimal")}}


def unknown_term(term: Term, schema: Schema, place: Place | None) -> Problem:
    """The problem of a term of ours that the ontology lacks (KG401), with the one that was probably meant."""
    known = {local_name(t): t for t in schema.types if schema.ours(t)}
    # Names of properties begin with a small letter, those of classes and individuals with a capital.
    alike = [name for name in known if name[:1].islower() == local_name(term)[:1].islower()]
    close = close_to(local_name(term), alike) or close_to(local_name(term), known)
    remedy = did_you_mean(
        name_of(known[close]) if close else "", "Define it in ontology/, or use a term that is defined."
    )
    return Problem("KG401", f"{name_of(term)} is not a term of the ontology", place, remedy)


def term_problems(term: Term, schema: Schema, place: Place) -> Iterator[Problem]:
    """That the ontology lacks a term of ours (KG401), or deprecates a term (KG408)."""
    if schema.ours(term) and not schema.defined(term):
        yield unknown_term(term, schema, place)
    elif term in schema.deprecated:
        yield deprecation(term, schema, place)


def close_to(name: str, known: Iterable[str]) -> str:
    """The known name that is most like one, or nothing."""
    return next(iter(get_close_matches(name, list(known), 1, 0.75)), "")


def did_you_mean(close: str, otherwise: str) -> str:
    """The remedy where a name is unknown and another is close to it, or is not."""
    return f"Did you mean {close}?" if close else otherwise


def deprecation(term: Term, schema: Schema, place: Place | None) -> Problem:
    """The problem of a deprecated term that is still in use (KG408), with its replacement."""
    new = schema.deprecated[term]
    remedy = f"Use {name_of(new)}." if new else "No term replaces it: use another statement."
    return Problem("KG408", f"{name_of(term)} is deprecated", place, remedy, "warning")


def datatype_of(literal: Term) -> Term:
    """The datatype of a literal."""
    if literal.endswith(">"):
        return literal[literal.rindex("<") :]
    return iri(XSD + "string") if literal.endswith('"') else iri(RDF + "langString")


@dataclass(slots=True)
class Uses:
    """Checks triples against the ontology and the entities.

    ``types`` gives the stated types of an entity, an empty set for one that is not described; ``entities`` is
    where names of entities begin, such as ``<https://…/id/``.
    """

    schema: Schema
    types: Callable[[Term], set[Term]]
    entities: str
    suggest: Callable[[Term], str] = lambda _term: ""

    def problems(self, triples: Iterable[tuple[Triple, Place]]) -> Iterator[Problem]:
        """Everything that is wrong with the terms of the triples (KG401 to KG408)."""
        rows = list(triples)
        stated: dict[Term, set[Term]] = {}
        for (subject, predicate, value), _place in rows:
            if predicate == TYPE:
                stated.setdefault(subject, set()).add(value)
        told: set[Term] = set()
        for triple, place in rows:
            for term in dict.fromkeys(triple):
                if term not in told:
                    told.add(term)
                    yield from self.named(term, place, "Describe it in corpus/entities/ with its kind and names.")
            yield from self.position(triple, place, stated)

    def named(self, term: Term, place: Place, remedy: str) -> Iterator[Problem]:
        """What is wrong with the name of a term or an entity (KG401, 402, 408)."""
        if self.schema.ours(term):
            yield from term_problems(term, self.schema, place)
        elif term.startswith(self.entities) and not self.types(term):
            remedy = did_you_mean(self.suggest(term), remedy)
            yield Problem("KG402", f"{local_name(term)} is not described as an entity", place, remedy)

    def position(
        self, triple: Triple, place: Place, stated: Mapping[Term, set[Term]] = MappingProxyType({})
    ) -> Iterator[Problem]:
        """Whether the terms of a triple, or of a pattern with variables, stand where they fit (KG403 to KG407).

        ``stated`` are types that stand beside the triple.
        """
        subject, predicate, value = triple
        kinds = self.schema.types.get(predicate, set())
        if predicate == TYPE:
            if self.schema.ours(value) and self.schema.defined(value) and CLASS not in self.schema.types[value]:
                yield Problem("KG406", f"{name_of(value)} is not a class", place, "Use a class with rdf:type.")
            return
        if not self.schema.ours(predicate) or not kinds:
            return
        if not kinds & {OBJECT, DATA, NOTE}:
            yield Problem("KG406", f"{name_of(predicate)} is not a property", place, "Use a property here.")
            return
        own = self.types(subject) | stated.get(subject, set())
        yield from self._fits(subject, own, predicate, "domain", place)
        if is_literal(value):
            yield from self._literal(value, predicate, kinds, place)
        elif DATA in kinds and value.startswith("<"):
            remedy = "Use a literal with this property."
            yield Problem("KG405", f"the value of {name_of(predicate)} is an IRI, {local_name(value)}", place, remedy)
        elif OBJECT in kinds:
            own = self.types(value) | stated.get(value, set())
            yield from self._fits(value, own, predicate, "range", place)

    def _fits(self, term: Term, types: set[Term], predicate: Term, side: str, place: Place) -> Iterator[Problem]:
        wanted = (self.schema.domains if side == "domain" else self.schema.ranges).get(predicate, frozenset())
        if not types or not wanted:
            return
        has = self.schema.all_types(types)
        for kind in sorted(wanted - has - _ANY):
            if not self.schema.defined(kind):
                continue
            what = " and ".join(sorted(name_of(t) for t in types if t.startswith("<")))
            message = f"{local_name(term)} is a {what}; the {side} of {name_of(predicate)} is {name_of(kind)}"
            if any(t in self.schema.up(kind) for t in types):
                remedy = f"If it is a {name_of(kind)}, describe it as one; if not, use another property."
                yield Problem("KG404", message, place, remedy, "warning")
            else:
                remedy = f"Use another property, or fix the {side}: reasoning would make it a {name_of(kind)}."
                yield Problem("KG403", message, place, remedy)

    def _literal(self, value: Term, predicate: Term, kinds: set[Term], place: Place) -> Iterator[Problem]:
        if OBJECT in kinds:
            remedy = "Describe the thing as an entity, and use its IRI."
            yield Problem("KG405", f"the value of {name_of(predicate)} is a literal, {value}", place, remedy)
            return
        wanted = self.schema.ranges.get(predicate, frozenset()) - {_LITERAL}
        datatype = datatype_of(value)
        for kind in sorted(wanted - {datatype} - _WIDER.get(datatype, set())):
            remedy = f"Write a value of {local_name(kind)}."
            yield Problem(
                "KG407", f"the value of {name_of(predicate)} is {value}, no {local_name(kind)}", place, remedy
            )
