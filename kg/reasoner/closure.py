"""Close a graph, and ask what holds in it and by which step."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping, Set
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from kg.model import Term, Triple
from kg.reasoner.derivation_records import inconsistencies, recorded
from kg.reasoner.matching import solutions
from kg.reasoner.owl_terms import trivial
from kg.reasoner.owl_terms import trivial as is_trivial
from kg.reasoner.program import Program, start
from kg.reasoner.proof import Derivation, Inconsistency
from kg.reasoner.rule_instances import as_thing, axiomatic, derivations, instances
from kg.reasoner.rule_table import Clause, CustomRule, Pattern
from kg.reasoner.seminaive import Engine

if TYPE_CHECKING:
    from kg.reasoner.proof_search import SearchState

#: A search for a proof may try this many facts, and one more for this many facts of the closure: trying one takes
#: about 10 µs, a fact of a closure 1.5 µs, and the least closure 2 ms. Most proofs need fewer than 130.
_LEAST_BUDGET, _FACTS_EACH = 250, 16


class Asserted(Set[Triple]):
    """The asserted triples of a closure, as a set that reads the closure."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __contains__(self, triple: object) -> bool:
        found = self._engine.locate(triple) if isinstance(triple, tuple) else None
        # Pairs of a clique that are not materialised are not asserted.
        return found is not None and dict.get(found[0].facts, found[1]) == 0

    def __iter__(self) -> Iterator[Triple]:
        for relation in list(self._engine.relations()):
            for fact, record in relation.facts.items():
                if record == 0:
                    yield self._engine.triple(relation, fact)

    def __len__(self) -> int:
        return sum(list(relation.facts.values()).count(0) for relation in self._engine.relations())

    @classmethod
    def _from_iterable(cls, it: Iterable[Triple]) -> frozenset[Triple]:  # type: ignore[override]
        return frozenset(it)


class Closure:
    """A graph, the program's ontology, and all that follows.

    Iteration gives every triple that is kept, generalised ones (literals as subjects) and trivial ones of the
    ontology among them. ``in`` also knows what Tables 4 and 8 say of every term (``x owl:sameAs x``), and
    ``x rdf:type owl:Thing``, which are kept only where something follows from them.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @property
    def engine(self) -> Engine:
        """The engine inside, for the modules of this package and :mod:`kg.reasoner`."""
        return self._engine

    @property
    def asserted(self) -> Asserted:
        """The triples that were given, the program's ontology included."""
        return Asserted(self._engine)

    def __len__(self) -> int:
        return sum(len(relation.facts) for relation in self._engine.relations())

    def __iter__(self) -> Iterator[Triple]:
        engine = self._engine
        for relation in list(engine.relations()):
            for fact in list(relation.facts):
                yield engine.triple(relation, fact)

    def __contains__(self, triple: Triple) -> bool:
        return self._engine.holds(triple) or (trivial(triple) and self._unkept(triple) is not None)

    def inferred(self, *, trivial: bool = False, generalised: bool = False) -> Iterator[Triple]:
        """The triples that were not given.

        ``trivial``: also those that :func:`kg.reasoner.trivial` filters; ``generalised``: also those that are no
        RDF triples, since their predicate is a blank node (an unnamed inverse, say) or their subject a literal
        (these need ``trivial`` too).
        """
        engine = self._engine
        for relation in list(engine.relations()):
            for fact, record in list(relation.facts.items()):
                if record == 0:
                    continue
                triple = engine.triple(relation, fact)
                if not generalised and (triple[0].startswith('"') or not triple[1].startswith("<")):
                    continue
                if trivial or not is_trivial(triple):
                    yield triple

    @property
    def inconsistencies(self) -> list[Inconsistency]:
        """Each application of a ``false`` rule, in the order of rule name and premises."""
        return sorted(inconsistencies(self._engine))

    def derivation(self, triple: Triple) -> Derivation | None:
        """The recorded derivation, which first gave a triple; None when it is asserted.

        Raises KeyError when the triple does not hold.
        """
        found = self._engine.locate(triple)
        if found is not None and found[1] in found[0].facts:
            return recorded(self._engine, *found)
        step = self._unkept(triple) if trivial(triple) else None
        if step is None:
            raise KeyError(triple)
        return step

    def derivations(self, triple: Triple, links: SearchState | None = None) -> Iterator[Derivation]:
        """Every one-step rule instance over the closure with that conclusion, whatever the order of work.

        ``links`` leaves out what :func:`kg.reasoner.rule_instances.derivations` says.
        """
        return derivations(self._engine, triple, links)

    def instances(self) -> Iterator[Derivation]:
        """Every one-step rule instance over the closure, whatever the order of work.

        Left out: instances that conclude one of their premises, or what the closure does not keep.
        """
        return instances(self._engine)

    def clauses(self) -> Iterator[Clause]:
        """Every clause that the closure was made with."""
        return self._engine.clauses()

    def solutions(
        self, patterns: tuple[Pattern, ...], filters: tuple[Any, ...], known: Mapping[str, Term]
    ) -> Iterator[dict[str, Term]]:
        """Each completion of a partial binding under which triples match the patterns and pass the filters."""
        return solutions(self._engine, patterns, filters, known)

    @property
    def search_budget(self) -> int:
        """How many facts a search for one proof may try, so that it costs no more than the closure did."""
        return _LEAST_BUDGET + len(self) // _FACTS_EACH

    def _unkept(self, triple: Triple) -> Derivation | None:
        return next(axiomatic(self._engine, triple), None) or as_thing(self._engine, triple)


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
        engine = start(program, custom_rules)
        engine.negative = negative.engine if negative is not None else None
        engine.load(triples)
        engine.run()
    return Closure(engine)


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
