"""Clauses with long bodies: what an intersection, a key or a property chain over a long list gives.

Such a clause is not run for each new fact. It waits until the others are at rest, and is then evaluated from nothing,
atom by atom: of the bindings so far only the values that are still needed are kept, once each (supplementary
relations: Beeri and Ramakrishnan, On the Power of Magic, 1991). So twice the list costs twice the time.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from kg.reasoner.joins import Compiled, JoinStep, plan, witnesses
from kg.reasoner.matching import facts_of, match
from kg.reasoner.relations import CLAUSE_BITS, MASK

if TYPE_CHECKING:
    from kg.reasoner.seminaive import Engine


class _Row(NamedTuple):
    """What a step bound, after the row of the step before."""

    before: _Row | None
    values: tuple[int, ...]


def run_wide(engine: Engine) -> None:
    """Add what the waiting clauses conclude."""
    waiting, engine.wide = engine.wide, {}
    for compiled in waiting.values():
        if not all(relation.facts for relation in compiled.relations):
            continue
        kind, args = compiled.shape.head
        for values in list(_conclusions(compiled)):
            parts = [values[arg] if arg >= 0 else compiled.constants[-1 - arg] for arg in args]
            if compiled.shape.link and parts[0] == parts[1]:
                continue
            if kind == "F":
                engine.contradict(compiled.number, values)
            elif kind == "T":
                engine.add_member(parts[0], parts[1], _record(compiled, values))
            elif compiled.head is not None:
                fact = parts[0] if kind == "C" else parts[0] << 32 | parts[1]
                if fact not in compiled.head.facts:
                    engine.add(compiled.head, fact, _record(compiled, values))


def _record(compiled: Compiled, values: tuple[int, ...]) -> int:
    kept = [values[v] for v in witnesses(compiled.shape.atoms, compiled.shape.head)]
    return compiled.number | int.from_bytes(struct.pack(f"<{len(kept)}I", *kept), "little") << CLAUSE_BITS


def witness_values(record: int, count: int) -> tuple[int, ...]:
    """The integers that a record keeps."""
    return struct.unpack(f"<{count}I", (record >> CLAUSE_BITS).to_bytes(4 * count, "little"))


def bindings(compiled: Compiled, first: int, facts: list[int], out: Callable[[int, tuple[int, ...]], None]) -> None:
    """Call ``out`` with every binding in which one of the atoms matches one of some facts, as ``join`` does."""
    atoms = list(zip(compiled.relations, compiled.shape.atoms, strict=True))
    args = atoms.pop(first)[1]
    for fact in facts:
        values: list[int | None] = [None] * len(compiled.variables)
        parts = (fact,) if len(args) == 1 else (fact >> 32, fact & MASK)
        for arg, part in zip(args, parts, strict=True):
            if arg >= 0 and values[arg] is None:
                values[arg] = part
        if parts != tuple(values[arg] if arg >= 0 else compiled.constants[-1 - arg] for arg in args):
            continue
        for found in match(atoms, compiled.constants, values):
            row = tuple(value for value in found if value is not None)
            if _pass(compiled, range(len(compiled.conditions)), row):
                out(0, row)


def _pass(compiled: Compiled, conditions: range | list[int], values: tuple[int, ...] | dict[int, int]) -> bool:
    needed = compiled.shape.conditions
    return all(compiled.conditions[n](*(values[v] for v in needed[n])) for n in conditions)


def _conclusions(compiled: Compiled) -> Iterator[tuple[int, ...]]:
    """A binding for each different conclusion; of an inconsistency every binding."""
    chain = compiled.shape.atoms == tuple((n, n + 1) for n in range(len(compiled.relations)))
    steps = _steps(compiled, 0 if chain else smallest(compiled))
    ends = _ends(compiled) if chain else None
    bound = {variable: number for number, step in enumerate(steps) for variable in step.binds}
    conditions: list[list[int]] = [[] for _ in steps]
    for n, needed in enumerate(compiled.shape.conditions):
        conditions[max(bound[variable] for variable in needed)].append(n)
    last = _last_uses(compiled, steps, bound)
    rows: dict[tuple[int, ...], _Row | None] = {(): None}
    live: tuple[int, ...] = ()
    for number, step in enumerate(steps):
        kept = tuple(variable for variable in (*live, *step.binds) if last[variable] > number)
        following: dict[tuple[int, ...], _Row | None] = {}
        for key, row in rows.items():
            for values in _matches(compiled, step, dict(zip(live, key, strict=True))):
                if ends is not None and not ends.get(values[number + 1], 0) >> (number + 1) & 1:
                    continue
                if _pass(compiled, conditions[number], values):
                    bound_now = tuple(values[variable] for variable in step.binds)
                    following.setdefault(tuple(values[variable] for variable in kept), _Row(row, bound_now))
        rows, live = following, kept
    for found in rows.values():
        yield _whole(compiled, steps, found)


def smallest(compiled: Compiled) -> int:
    """The place of the atom with the fewest facts."""
    return min(range(len(compiled.relations)), key=lambda n: len(compiled.relations[n].facts))


def _steps(compiled: Compiled, first: int) -> list[JoinStep]:
    """The steps of a clause, from one of its atoms."""
    atoms = compiled.shape.atoms
    binds = tuple(sorted({arg for arg in atoms[first] if arg >= 0}))
    checks, others = plan(atoms, frozenset(binds))
    return [JoinStep(first, binds, checks), *others]


def _last_uses(compiled: Compiled, steps: list[JoinStep], bound: dict[int, int]) -> dict[int, int]:
    """The last step that needs each variable."""
    last = dict.fromkeys(bound, -1)
    for number, step in enumerate(steps):
        for atom in (step.atom, *step.checks):
            last |= dict.fromkeys((arg for arg in compiled.shape.atoms[atom] if arg >= 0), number)
    for needed in compiled.shape.conditions:
        whole = max(bound[variable] for variable in needed)
        last |= {variable: max(last[variable], whole) for variable in needed}
    kind, args = compiled.shape.head
    return last | dict.fromkeys(last if kind == "F" else (arg for arg in args if arg >= 0), len(steps))


def _matches(compiled: Compiled, step: JoinStep, known: dict[int, int]) -> Iterator[dict[int, int]]:
    """What is known, with each match of a step's atom that passes its checks."""
    atoms, constants, relations = compiled.shape.atoms, compiled.constants, compiled.relations

    def values(atom: int, found: dict[int, int]) -> tuple[int | None, ...]:
        return tuple(found.get(arg) if arg >= 0 else constants[-1 - arg] for arg in atoms[atom])

    for parts in facts_of(relations[step.atom], values(step.atom, known)):
        found = {**known, **{arg: part for arg, part in zip(atoms[step.atom], parts, strict=True) if arg >= 0}}
        if values(step.atom, found) == parts and all(
            next(facts_of(relations[n], values(n, found)), None) is not None for n in step.checks
        ):
            yield found


def _ends(compiled: Compiled) -> dict[int, int]:
    """For each term of a chain, as bits, the places from which the rest of the chain leads on from it to its end."""
    places: dict[int, int] = {}
    relations = {id(relation): relation for relation in compiled.relations}
    for place, relation in enumerate(compiled.relations):
        places[id(relation)] = places.get(id(relation), 0) | 1 << place
    before: dict[int, list[tuple[int, int]]] = {}
    for key, relation in relations.items():
        for fact in relation.facts:
            before.setdefault(fact & MASK, []).append((fact >> 32, places[key]))
    end = 1 << len(compiled.relations)
    found = dict.fromkeys(before, end)
    todo = list(before)
    while todo:
        node = todo.pop()
        for other, bits in before.get(node, ()):
            known = found.get(other, end)
            more = known | (found[node] >> 1 & bits)
            if more != known:
                found[other] = more
                todo.append(other)
    return found


def _whole(compiled: Compiled, steps: list[JoinStep], row: _Row | None) -> tuple[int, ...]:
    """The values of all variables, from the rows of the steps."""
    values = [0] * len(compiled.variables)
    for step in reversed(steps):
        if row is not None:
            for variable, value in zip(step.binds, row.values, strict=True):
                values[variable] = value
            row = row.before
    return tuple(values)
