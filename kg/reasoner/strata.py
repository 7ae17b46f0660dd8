"""Stratified negation: a clause with NOT EXISTS works when what it asks for can no longer come.

The test is on the compiled clauses, relation by relation (Apt, Blair, Walker: Towards a Theory of Declarative
Knowledge, 1988), so the ontology's own rules count: an absent subproperty depends on its subproperties.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg.errors import InputError, Problem
from kg.reasoner import owl_terms as n
from kg.reasoner.rule import Clause, Pattern

if TYPE_CHECKING:
    from kg.reasoner.seminaive import Compiled, Machine

__all__ = ["check", "next_stratum"]

#: A property, or a class (rdf:type with its name). ``None`` stands for any.
Key = tuple[str, str | None]
ANY: Key = ("", None)


def next_stratum(machine: Machine) -> list[Compiled]:
    """The waiting clauses that no waiting clause can still take anything away from.

    Raises InputError when there is none: the rules cannot be stratified.
    """
    reach = {c.number: _reached(machine, c) for c in machine.waiting}
    ready = [
        c for c in machine.waiting if not any(_meets(reach[d.number], _absent(c.clause)) for d in machine.waiting)
    ]
    if not ready:
        raise InputError(
            [
                Problem(
                    "KG475",
                    f"rule {c.clause.name} asks that something be absent which may follow from it",
                    machine.places.get(c.clause.name),
                    "let the rule conclude another property than those it negates, or what they rest on",
                )
                for c in machine.waiting
            ]
        )
    return ready


def check(machine: Machine) -> None:
    """Raise InputError unless the waiting clauses can be put into strata."""
    waiting = machine.waiting
    try:
        while machine.waiting:
            now = next_stratum(machine)
            machine.waiting = [compiled for compiled in machine.waiting if compiled not in now]
    finally:
        machine.waiting = waiting


def _key(pattern: Pattern) -> Key:
    _, p, o = pattern
    if p == n.TYPE:
        return (p, None if o.startswith("?") else o)
    return (p, "")


def _absent(clause: Clause) -> set[Key]:
    """What a clause asks to be absent."""
    return {_key(pattern) for pattern in clause.absent}


def _meets(found: set[Key], asked: set[Key]) -> bool:
    for p, o in asked:
        if (p, o) in found or ANY in found:
            return True
        if p == n.TYPE and ((p, None) in found or (o is None and any(key[0] == p for key in found))):
            return True
    return False


def _reached(machine: Machine, start: Compiled) -> set[Key]:
    """Every relation that can grow when the clause gives something, owl:sameAs reaching all."""
    edges: dict[Key, set[Key]] = {}
    for clause in machine.clauses():
        if clause.head is not None:
            head_key = _key(clause.head)
            for key in {_key(p) for p in clause.body} | _absent(clause):
                edges.setdefault(key, set()).add(head_key)
    head = start.clause.head
    todo = [_key(head)] if head is not None else []
    found: set[Key] = set()
    while todo:
        key = todo.pop()
        if key in found:
            continue
        found.add(key)
        if key == (n.SAME, ""):
            found.add(ANY)
        todo += edges.get(key, ())
        if key == (n.TYPE, None):
            todo += [other for other in edges if other[0] == n.TYPE]
        elif key[0] == n.TYPE:
            todo += edges.get((n.TYPE, None), ())
    return found
