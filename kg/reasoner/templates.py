"""Partial evaluation: the rules of the table, matched against the ontology, become clauses.

A rule ``given | when -> then`` and a match of its ``given`` part give a clause whose axioms are that match and
whose body is what is left of ``when``. RDF lists are walked here, and nowhere else: a rule over a list
becomes clauses over its members.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

from kg.model import Term, Triple
from kg.reasoner.owl_terms import FIRST, NIL, REST
from kg.reasoner.rule import Clause, Pattern, Rule, substitute
from kg.reasoner.rule_table import BUILT_IN, axioms, table

__all__ = ["at", "instantiate", "schema_clauses", "templates", "walk"]

#: A list's members and the rdf:first and rdf:rest triples that say so.
Members = tuple[tuple[Term, ...], tuple[Triple, ...]]
Lookup = Callable[[Term, Term], list[Term]]


@cache
def templates() -> tuple[Rule, ...]:
    """The rules that are evaluated against an ontology; eq-rep-p is the machine's own."""
    return tuple(rule for rule in table() if rule.given and rule.name != "eq-rep-p")


@cache
def schema_clauses() -> tuple[Clause, ...]:
    """The rules whose predicates are all fixed: they are clauses as they stand. And those without premises."""
    fixed = [rule for rule in table() if not rule.given and rule.name not in BUILT_IN]
    return (
        *(Clause(name, (), (), triple) for name, triple in axioms()),
        *(Clause(rule.name, (), rule.when, head) for rule in fixed for head in rule.then or (None,)),
    )


def walk(start: Term, objects: Lookup) -> Iterator[Members]:
    """Every way to read a list from ``start``; nothing when it is not a list, or runs in a circle.

    ``objects(subject, predicate)`` looks up triples.
    """
    paths: list[tuple[Term, list[Term], list[Triple], set[Term]]] = [(start, [], [], set())]
    while paths:
        node, members, triples, passed = paths.pop()
        while node != NIL and node not in passed:
            passed.add(node)
            following = [(member, rest) for member in objects(node, FIRST) for rest in objects(node, REST)]
            for member, rest in following[1:]:
                read = [*triples, (node, FIRST, member), (node, REST, rest)]
                paths.append((rest, [*members, member], read, set(passed)))
            if not following:
                break
            member, rest = following[0]
            members.append(member)
            triples += ((node, FIRST, member), (node, REST, rest))
            node = rest
        else:
            if node == NIL:
                yield tuple(members), tuple(triples)


def instantiate(rule: Rule, binding: dict[str, Term], objects: Lookup) -> Iterator[Clause]:
    """The clauses of a rule for one match of its given patterns.

    ``binding`` has the variables of ``rule.given``. The clauses of one list share one tuple of axioms. Rules about
    any two members of a list are not for this function (:mod:`kg.reasoner.pairs`).
    """
    given = tuple(substitute(pattern, binding) for pattern in rule.given)
    if rule.members is None:
        for head in rule.then or (None,):
            body = tuple(substitute(pattern, binding) for pattern in rule.when)
            yield Clause(rule.name, given, body, head and substitute(head, binding))
        return
    start, each = rule.members
    for members, triples in walk(binding[start], objects):
        yield from _over(rule, binding, each, members, (*given, *triples))


def _over(
    rule: Rule, binding: dict[str, Term], each: str, members: tuple[Term, ...], given: tuple[Triple, ...]
) -> Iterator[Clause]:
    """The clauses of a list rule, once its list is known: one, or one for each choice of [i]."""
    count = len(members)
    binding = binding | {f"{each}[{n}]": member for n, member in enumerate(members, 1)}
    once = [p for n, p in enumerate((*rule.when, *rule.then)) if n not in rule.repeat]
    single = not any("[i]" in term for pattern in once for term in pattern)
    for i in range(1, 1 + (min(count, 1) if single else count)):
        body: list[Pattern] = []
        for n, pattern in enumerate(rule.when):
            steps = range(1, count + 1) if n in rule.repeat else (i,)
            body += [at(pattern, step, count, binding) for step in steps]
        for head in rule.then or (None,):
            yield Clause(rule.name, given, tuple(body), head and at(head, i, count, binding))


def at(pattern: Pattern, i: int, count: int, binding: dict[str, Term]) -> Pattern:
    """The pattern with [i], [i+1], [n+1] counted out and the binding put in."""

    def term(text: str) -> str:
        if "[" in text:
            for index, value in (("[i+1]", i + 1), ("[n+1]", count + 1), ("[i]", i)):
                text = text.replace(index, f"[{value}]")
        return binding.get(text, text)

    return term(pattern[0]), term(pattern[1]), term(pattern[2])
