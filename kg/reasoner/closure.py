"""Close a graph, and ask what holds in it and by which step."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Set
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kg.model import Term, Triple
from kg.reasoner.derivation import Inconsistency, Step
from kg.reasoner.derivation_records import inconsistencies, recorded
from kg.reasoner.owl_terms import TYPE
from kg.reasoner.program import Program, start
from kg.reasoner.relation import Relation
from kg.reasoner.rule import Clause, CustomRule
from kg.reasoner.seminaive import Machine
from kg.reasoner.trivial_triples import trivial

if TYPE_CHECKING:
    from kg.reasoner.rule_instances import Links

__all__ = ["Asserted", "Closure", "close"]


class Asserted(Set[Triple]):
    """The asserted triples of a closure, as a set that reads the closure."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def __contains__(self, triple: object) -> bool:
        found = self._machine.locate(triple) if isinstance(triple, tuple) else None
        # Pairs of a clique that are not put down are not asserted.
        return found is not None and dict.get(found[0].facts, found[1]) == 0

    def __iter__(self) -> Iterator[Triple]:
        for relation in list(self._machine.relations()):
            for fact, record in relation.facts.items():
                if record == 0:
                    yield self._machine.triple(relation, fact)

    def __len__(self) -> int:
        return sum(list(relation.facts.values()).count(0) for relation in self._machine.relations())

    @classmethod
    def _from_iterable(cls, it: Iterable[Triple]) -> frozenset[Triple]:  # type: ignore[override]
        return frozenset(it)


class Closure:
    """A graph, the program's ontology, and all that follows.

    Iteration gives every triple that is kept, generalised ones (literals as subjects) and trivial ones of the
    ontology among them. ``in`` also knows what Tables 4 and 8 say of every term (``x owl:sameAs x``), and
    ``x rdf:type owl:Thing``, which are kept only where something follows from them.
    """

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    @property
    def machine(self) -> Machine:
        """The machine inside, for the modules of this package and :mod:`kg.reasoner`."""
        return self._machine

    @property
    def asserted(self) -> Asserted:
        """The triples that were given, the program's ontology included."""
        return Asserted(self._machine)

    def __len__(self) -> int:
        return sum(len(relation.facts) for relation in self._machine.relations())

    def __iter__(self) -> Iterator[Triple]:
        machine = self._machine
        for relation in list(machine.relations()):
            for fact in list(relation.facts):
                yield machine.triple(relation, fact)

    def __contains__(self, triple: Triple) -> bool:
        return self._machine.holds(triple) or (trivial(triple) and self._unkept(triple) is not None)

    def inferred(self, *, trivial: bool = False, generalised: bool = False) -> Iterator[Triple]:
        """The triples that were not given.

        ``trivial``: also those that :func:`kg.reasoner.trivial` filters; ``generalised``: also those that are no
        RDF triples, since their predicate is a blank node (an unnamed inverse, say) or their subject a literal
        (these need ``trivial`` too).
        """
        from kg.reasoner.trivial_triples import trivial as is_trivial

        machine = self._machine
        for relation in list(machine.relations()):
            for fact, record in list(relation.facts.items()):
                if record == 0:
                    continue
                triple = machine.triple(relation, fact)
                if not generalised and (triple[0].startswith('"') or not triple[1].startswith("<")):
                    continue
                if trivial or not is_trivial(triple):
                    yield triple

    @property
    def inconsistencies(self) -> list[Inconsistency]:
        """Each application of a ``false`` rule, in the order of rule name and premises."""
        return sorted(inconsistencies(self._machine))

    def step(self, triple: Triple) -> Step | None:
        """The step that first gave a triple; None when it is asserted. Raises KeyError when it does not hold."""
        found = self._machine.locate(triple)
        if found is not None and found[1] in found[0].facts:
            return recorded(self._machine, *found)
        step = self._unkept(triple) if trivial(triple) else None
        if step is None:
            raise KeyError(triple)
        return step

    def derivations(self, triple: Triple, links: Links | None = None) -> Iterator[Step]:
        """Every one-step rule instance over the closure with that conclusion, whatever the order of work.

        ``links`` leaves out what :func:`kg.reasoner.rule_instances.derivations` says.
        """
        from kg.reasoner.rule_instances import derivations

        return derivations(self._machine, triple, links)

    def instances(self) -> Iterator[Step]:
        """Every one-step rule instance over the closure, whatever the order of work.

        Left out: instances that conclude one of their premises, or what the closure does not keep.
        """
        from kg.reasoner.rule_instances import instances

        return instances(self._machine)

    def _unkept(self, triple: Triple) -> Step | None:
        from kg.reasoner.rule_instances import thing, virtual

        return next(virtual(self._machine, triple), None) or thing(self._machine, triple)


def close(
    triples: Iterable[Triple],
    program: Program | None = None,
    custom_rules: Iterable[CustomRule | Clause] = (),
    negative: Closure | None = None,
) -> Closure:
    """Close a graph under OWL 2 RL/RDF, the program's ontology and custom rules.

    Without a program, the ontology is whatever the triples say; with one, they may still add to it. NOT EXISTS is
    asked of ``negative`` where that is given, else of the closure itself. Raises InputError when the custom rules
    cannot be stratified.
    """
    with collector_off():
        machine = start(program, custom_rules)
        machine.negative = negative.machine if negative is not None else None
        load(machine, triples)
        machine.run()
    return Closure(machine)


def load(machine: Machine, triples: Iterable[Triple]) -> None:
    """Assert many triples: :meth:`Machine.assert_triple`, in one loop."""
    ids, terms = machine.ids, machine.terms
    known, new_term = ids.get, terms.append
    properties: dict[Term, _Slot] = {}
    classes: dict[Term, _Slot] = {}
    for subject, predicate, value in triples:
        s = known(subject)
        if s is None:
            s = ids[subject] = len(terms)
            new_term(subject)
        if predicate == TYPE:
            slot = classes.get(value)
            if slot is None:
                slot = classes[value] = _slot(machine.relation(machine.type_id, machine.intern(value)))
            fact = s
        else:
            slot = properties.get(predicate)
            if slot is None:
                slot = properties[predicate] = _slot(machine.relation(machine.intern(predicate), None))
            o = known(value)
            if o is None:
                o = ids[value] = len(terms)
                new_term(value)
            fact = s << 32 | o
        facts, add, relation = slot
        if fact not in facts:
            facts[fact] = 0
            add(fact)
        elif facts[fact]:
            machine.promote(relation, fact)
    waiting = [slot[2] for slot in (*classes.values(), *properties.values())]
    for relation in sorted(waiting, key=lambda r: len(r.delta)):
        if relation.delta and not relation.queued:
            machine.enqueue(relation)


#: A relation's facts, how to add to its delta, and the relation.
_Slot = tuple[dict[int, int], Callable[[int], None], Relation]


def _slot(relation: Relation) -> _Slot:
    return relation.facts, relation.delta.append, relation


@contextmanager
def collector_off() -> Iterator[None]:
    """No garbage collection inside: the work makes many containers and no cycles."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
