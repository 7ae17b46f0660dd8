"""Terms where they are used: known or not, deprecated, and inside their domain and range.

Domains and ranges are checked by the types that are stated, before reasoning gives new ones: OWL infers a type
from a domain, so that a wrong use would not be refused later but believed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType

from kg.checks.schema import CLASS, DATA, NOTE, OBJECT, TYPE, Schema, name_of
from kg.errors import Place, Problem
from kg.model import Term, Triple, is_literal
from kg.vocab import OWL, RDF, RDFS, XSD, iri, local_name

__all__ = ["Uses", "close_to", "datatype_of", "deprecation", "did_you_mean", "unknown_term"]

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
    return Problem("KG401", f"{name_of(term)} is no term of the ontology", place, remedy)


def close_to(name: str, known: Iterable[str]) -> str:
    """The known name that is most like one, or nothing."""
    return next(iter(get_close_matches(name, list(known), 1, 0.75)), "")


def did_you_mean(close: str, otherwise: str) -> str:
    """The remedy where a name is unknown and another is close to it, or is not."""
    return f"Did you mean {close}?" if close else otherwise


def deprecation(term: Term, schema: Schema, place: Place | None) -> Problem:
    """The problem of a deprecated term that is still in use (KG408), with its replacement."""
    new = schema.deprecated[term]
    remedy = f"Use {name_of(new)}." if new else "Nothing replaces it: say it another way."
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
            yield from self._names(triple, place, told)
            yield from self.position(triple, place, stated)

    def _names(self, triple: Triple, place: Place, told: set[Term]) -> Iterator[Problem]:
        """The names of a triple that nothing bears, each once."""
        for term in triple:
            if term in told:
                continue
            told.add(term)
            if self.schema.ours(term):
                if not self.schema.defined(term):
                    yield unknown_term(term, self.schema, place)
                elif term in self.schema.deprecated:
                    yield deprecation(term, self.schema, place)
            elif term.startswith(self.entities) and not self.types(term):
                remedy = did_you_mean(self.suggest(term), "Describe it in corpus/entities/: kind and names.")
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
                yield Problem("KG406", f"{name_of(value)} is no class", place, "rdf:type takes a class.")
            return
        if not self.schema.ours(predicate) or not kinds:
            return
        if not kinds & {OBJECT, DATA, NOTE}:
            yield Problem("KG406", f"{name_of(predicate)} is no property", place, "Use a property here.")
            return
        own = self.types(subject) | stated.get(subject, set())
        yield from self._fits(subject, own, predicate, "domain", place)
        if is_literal(value):
            yield from self._literal(value, predicate, kinds, place)
        elif DATA in kinds and value.startswith("<"):
            remedy = f"{name_of(predicate)} takes a literal."
            yield Problem("KG405", f"{name_of(predicate)} has {local_name(value)}, an IRI", place, remedy)
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
                remedy = f"Describe it as a {name_of(kind)}, if it is one: else this use will make it one."
                yield Problem("KG404", message, place, remedy, "warning")
            else:
                remedy = f"Reasoning would make it a {name_of(kind)}: use another property, or fix its {side}."
                yield Problem("KG403", message, place, remedy)

    def _literal(self, value: Term, predicate: Term, kinds: set[Term], place: Place) -> Iterator[Problem]:
        if OBJECT in kinds:
            remedy = f"{name_of(predicate)} takes an IRI: describe the thing as an entity."
            yield Problem("KG405", f"{name_of(predicate)} has the literal {value}", place, remedy)
            return
        wanted = self.schema.ranges.get(predicate, frozenset()) - {_LITERAL}
        datatype = datatype_of(value)
        for kind in sorted(wanted - {datatype} - _WIDER.get(datatype, set())):
            remedy = f"Write a value of {local_name(kind)}."
            yield Problem("KG407", f"{name_of(predicate)} has {value}, no {local_name(kind)}", place, remedy)
