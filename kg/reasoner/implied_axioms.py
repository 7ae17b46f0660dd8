"""Clauses of axioms that only say at once what others say one after the other: none is made until somebody asks.

A chain of n subclasses has some n * n / 2 axioms by scm-sco, and a clause of each would give what the clauses of its
links give by a longer way. The same holds of subproperties, and of domains and ranges that follow from others. Such a
clause is made when somebody asks which clauses give a triple, or for all instances, and it never runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING

from kg.model import Triple
from kg.reasoner import owl_terms as n
from kg.reasoner.relation import CLAUSE_MASK, MASK, Relation
from kg.reasoner.rule import Rule
from kg.reasoner.rule_table import rule
from kg.reasoner.templates import instantiate, schema_clauses

if TYPE_CHECKING:
    from kg.reasoner.clauses import Clauses
    from kg.reasoner.compiled import Compiled

__all__ = ["FIRST_CLAUSE", "LONG_WAY", "clauses", "clauses_from", "clauses_to", "direct", "long_numbers"]

#: Numbers of the clauses that are code are below those of the clauses that are data. 0 is "asserted".
FIRST_CLAUSE = 16
#: Rules of one axiom, whose object is in their head and whose subject is in their body; and those that make the axiom
#: superfluous for them when they gave it.
LONG_WAY = {
    "cax-sco": ("scm-sco",),
    "prp-spo1": ("scm-spo",),
    "prp-dom": ("scm-dom1", "scm-dom2"),
    "prp-rng": ("scm-rng1", "scm-rng2"),
}


@cache
def long_numbers(name: str) -> frozenset[int]:
    """The numbers of the clauses whose conclusions need not become clauses of the rule of that name."""
    numbered = enumerate(schema_clauses(), FIRST_CLAUSE)
    return frozenset(number for number, clause in numbered if clause.name in LONG_WAY[name])


@cache
def _rules() -> tuple[Rule, ...]:
    return tuple(found for name in LONG_WAY if (found := rule(name)))


def direct(relation: Relation, name: str) -> list[int]:
    """The axioms of a relation that are to become clauses of the rule of that name."""
    numbers = long_numbers(name)
    return [fact for fact, record in relation.facts.items() if record & CLAUSE_MASK not in numbers]


def clauses_to(
    machine: Clauses, triple: Triple, subjects: Callable[[Relation, int, str], Iterable[int]] | None = None
) -> Iterator[Compiled]:
    """The clauses of this kind whose head could be the triple.

    ``subjects`` may say which axioms to look at, of a relation with an object, for a rule; by default all.
    """
    ids = machine.ids
    for each, relation in _axioms(machine):
        if each.name == "prp-spo1" or triple[1] == n.TYPE:
            value = ids.get(triple[1] if each.name == "prp-spo1" else triple[2], 0)
            every = relation.backward().get(value, ())
            for subject in every if subjects is None or not every else subjects(relation, value, each.name):
                yield from _clause(machine, each, relation, subject << 32 | value)


def clauses_from(machine: Clauses, body: Relation) -> Iterator[Compiled]:
    """The clauses of this kind that ask for the facts of a relation."""
    for each, relation in _axioms(machine):
        if (each.name == "cax-sco") == (body.cls is not None):
            subject = body.predicate if body.cls is None else body.cls
            for value in relation.forward().get(subject, ()):
                yield from _clause(machine, each, relation, subject << 32 | value)


def clauses(machine: Clauses) -> Iterator[Compiled]:
    """Every clause of this kind whose body has facts."""
    for body in list(machine.relations()):
        if body.facts:
            yield from clauses_from(machine, body)


def _axioms(machine: Clauses) -> Iterator[tuple[Rule, Relation]]:
    """Each of the rules with the relation of its axioms."""
    for each in _rules():
        relation = machine.properties.get(machine.ids.get(each.given[0][1], 0))
        if relation is not None and relation.facts:
            yield each, relation


def _clause(machine: Clauses, each: Rule, relation: Relation, fact: int) -> Iterator[Compiled]:
    """The clause of an axiom if it is of this kind."""
    if relation.facts[fact] & CLAUSE_MASK in long_numbers(each.name):
        found = machine.unmade.get((each.name, fact))
        if found is None:
            subject, _, value = each.given[0]
            binding = {subject: machine.terms[fact >> 32], value: machine.terms[fact & MASK]}
            (clause,) = instantiate(each, binding, lambda _subject, _predicate: [])
            found = machine.unmade[each.name, fact] = machine.compile(clause, 0)
        yield found
