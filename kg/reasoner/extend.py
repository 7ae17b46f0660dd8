"""Match the templates against the facts that a machine has, and take in the clauses that come of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg.model import Term
from kg.reasoner import owl_terms as n
from kg.reasoner.equality import EQ_REP_O
from kg.reasoner.implied_axioms import LONG_WAY, direct
from kg.reasoner.joins import join
from kg.reasoner.relation import CLAUSE_MASK, MASK, Relation
from kg.reasoner.rule import Clause, Rule, substitute
from kg.reasoner.templates import instantiate, templates, walk

if TYPE_CHECKING:
    from kg.reasoner.seminaive import Machine

__all__ = ["extend", "watch_lists"]


def extend(machine: Machine) -> None:
    """Take in every clause that the templates give over the present facts and that is not known yet."""
    found: list[Clause] = []
    for rule in templates():
        for binding in _matches(machine, rule) if not rule.pairs else ():
            found += instantiate(rule, binding, lambda s, p: _objects(machine, s, p))
    watch_lists(machine)
    found += _equal_properties(machine)
    for clause in found:
        machine.add_clause(clause)


def watch_lists(machine: Machine) -> None:
    """Note every list of which the table says something of any two members."""
    for rule in templates():
        if rule.members is None or not rule.pairs:
            continue
        for binding in _matches(machine, rule):
            given = tuple(substitute(pattern, binding) for pattern in rule.given)
            for members, triples in walk(binding[rule.members[0]], lambda s, p: _objects(machine, s, p)):
                machine.watch(rule, (*given, *triples), members)


def _matches(machine: Machine, rule: Rule) -> list[dict[str, Term]]:
    """Every binding of a template's given patterns."""
    if not all(machine.has(pattern) for pattern in rule.given):
        return []
    compiled = machine.template(rule)
    if not all(relation.facts for relation in compiled.relations):
        return []
    rows: list[tuple[int, ...]] = []
    first = compiled.relations[0]
    join(compiled.shape, 0, "each")(
        direct(first, rule.name) if rule.name in LONG_WAY else list(first.facts),
        0,
        None,
        compiled.relations,
        compiled.constants,
        (),
        lambda _, row: rows.append(row),
    )
    terms = machine.terms
    return [dict(zip(compiled.variables, (terms[v] for v in row), strict=True)) for row in rows]


def _objects(machine: Machine, subject: Term, predicate: Term) -> list[Term]:
    relation = machine.properties.get(machine.ids.get(predicate, -1))
    if relation is None:
        return []
    s = machine.ids.get(subject, -1)
    found = set(relation.forward().get(s, ()))
    found |= {fact & MASK for fact in relation.delta if fact >> 32 == s}
    if predicate == n.FIRST and len(found) > 1:
        found = _unreplaced(relation, s, found)
    return [machine.terms[o] for o in sorted(found)]


def _unreplaced(relation: Relation, node: int, members: set[int]) -> set[int]:
    """A list node's members without those that stand there since they equal another (eq-rep-o).

    What follows of a member follows of its equals. To read the list with each of them in each place would give as
    many lists as there are choices.
    """
    return {o for o in members if relation.facts[node << 32 | o] & CLAUSE_MASK != EQ_REP_O}


def _equal_properties(machine: Machine) -> list[Clause]:
    """Rule eq-rep-p, for the properties that are in use."""
    found: list[Clause] = []
    for predicate in (*machine.properties, machine.type_id) if machine.same.facts else ():
        for other in machine.same.forward().get(predicate, ()):
            p, q = machine.terms[predicate], machine.terms[other]
            found.append(Clause("eq-rep-p", ((p, n.SAME, q),), (("?s", p, "?o"),), ("?s", q, "?o")))
    return found
