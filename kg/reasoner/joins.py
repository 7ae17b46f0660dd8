"""Join code generation: a Python loop for each shape of clause, and clauses compiled to integers.

Two clauses that differ only in their properties, classes and terms have one shape and share the code: relations and
constants are arguments. An ontology can be of any size; the W3C tables have some eighty shapes, and a shape is
compiled when it first has something to do.

A shape is plain data: ``(atoms, head, conditions, link)``. An atom is its arguments, one of a class and two of a
property; an argument is a variable's number, or ``-1 - n`` for constant ``n``. The head is ``(kind, arguments)`` with
kind ``C`` (a class), ``P`` (a property), ``T`` (a class known only when the clause fires) or ``F`` (false).

A clause with more than WIDE atoms is no loop, since there would be one as long for each atom: see
:mod:`kg.reasoner.wide_joins`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache
from heapq import heapify, heappop, heappush
from typing import Any, NamedTuple

from kg.reasoner.relations import CLAUSE_BITS, Relation
from kg.reasoner.rule_table import Clause

Atom = tuple[int, ...]
Head = tuple[str, tuple[int, ...]]


class Shape(NamedTuple):
    """What two clauses that share their code have in common."""

    atoms: tuple[Atom, ...]
    head: Head
    conditions: tuple[tuple[int, ...], ...]  # the variables that each condition needs
    link: bool  # the head equates two terms of whom the same is asked: not every pair need be linked


def witnesses(atoms: tuple[Atom, ...], head: Head) -> tuple[int, ...]:
    """The variables that the head does not have, in order: what a record must keep."""
    found = {arg for args in atoms for arg in args if arg >= 0}
    return tuple(sorted(found - set(head[1])))


#: The most atoms of a loop. Python allows 20 loops inside one another.
WIDE = 16


class JoinStep(NamedTuple):
    """An atom to look up, by its number; the variables that it binds; the atoms that then only have to be checked."""

    atom: int
    binds: tuple[int, ...]
    checks: tuple[int, ...]


@lru_cache(maxsize=4096)
def plan(
    atoms: tuple[Atom, ...], known: frozenset[int], *, listed: bool = False
) -> tuple[tuple[int, ...], tuple[JoinStep, ...]]:
    """In which order to match atoms when some variables are known: those to check at once, and the steps.

    The narrowest atom comes first; of several, the one that was narrowed last, or the first in the list (``listed``).
    It takes time in proportion to the atoms, but for a logarithm.
    """
    unknown = [{arg for arg in args if arg >= 0} - known for args in atoms]
    asking: dict[int, list[int]] = {}
    for n, variables in enumerate(unknown):
        for variable in variables:
            asking.setdefault(variable, []).append(n)

    def width(n: int) -> int:
        """0 when all is known, 1 for one end of a property, 2 for a class, 3 for both ends."""
        left = sum(arg in unknown[n] for arg in atoms[n])
        return left if left < len(atoms[n]) else left + 1

    heap = [(width(n), 0, n) for n in range(len(atoms))]
    heapify(heap)
    done: set[int] = set()
    found: list[tuple[int, tuple[int, ...]]] = [(-1, ())]
    checks: list[list[int]] = [[]]
    while heap:
        wide, _, n = heappop(heap)
        if n in done or wide != width(n):
            continue
        done.add(n)
        if not wide:
            checks[-1].append(n)
            continue
        binds = tuple(sorted(unknown[n]))
        found.append((n, binds))
        checks.append([])
        for variable in binds:
            for other in asking[variable]:
                unknown[other].discard(variable)
                heappush(heap, (width(other), 0 if listed else -len(found), other))
    steps = [JoinStep(n, binds, tuple(then)) for (n, binds), then in zip(found, checks, strict=True)]
    return steps[0].checks, tuple(steps[1:])


@cache
def join(shape: Shape, first: int, mode: str) -> Callable[..., Any]:
    """The loop of a shape, started from the facts ``delta`` of atom ``first``.

    Its arguments are ``delta, clause, head, relations, constants, conditions, out``. Modes: ``add`` puts each new
    conclusion into the head's facts and delta; ``each`` calls ``out`` with every binding.
    """
    source = "\n".join(_Writer(shape, mode).write(first))
    namespace: dict[str, Any] = {}
    # The text is made of the fixed pieces below and of integers.
    exec(compile(source, f"<{mode} {shape.atoms[:4]} -> {shape.head}>", "exec"), namespace)  # noqa: S102
    function: Callable[..., Any] = namespace["fire"]
    return function


class _Writer:
    """Writes one function."""

    def __init__(self, shape: Shape, mode: str) -> None:
        self.shape = shape
        self.mode = mode
        self.links = shape.link and mode == "add"
        self.setup: list[str] = []
        self.lines: list[str] = []
        self.depth = 1
        self.bound: set[int] = set()
        self.loops: list[int] = []  # for each inner loop the variable that it binds, -1 for two
        self.checked: set[int] = set()

    def write(self, first: int) -> list[str]:
        self.line("for k in delta:")
        self.depth += 1
        atoms = self.shape.atoms
        self.unpack(atoms[first], "k")
        self.check_conditions()
        left = [n for n in range(len(atoms)) if n != first]
        checks, steps = plan(tuple(atoms[n] for n in left), frozenset(self.bound), listed=True)
        for group in (checks, *((step.atom, *step.checks) for step in steps)):
            for n in group:
                self.visit(left[n])
            self.check_conditions()
        self.conclude()
        return [
            "def fire(delta, clause, head, relations, constants, conditions, out):",
            *self.setup,
            *self.lines,
        ]

    def line(self, text: str) -> None:
        self.lines.append("    " * self.depth + text)

    def check(self, test: str) -> None:
        """Go on only if a test passes; tests that follow on one another are one line, however many."""
        if self.lines[-1].lstrip().startswith("if "):
            self.lines[-1] = f"{self.lines[-1][:-1]} and {test}:"
        else:
            self.line(f"if {test}:")
            self.depth += 1

    def loop(self, over: str, variable: int) -> None:
        """Begin a loop, which binds a variable, or two (-1)."""
        if self.links and self.known(self.shape.head[1][0]):
            self.line(f"before, last = True, {self.name(self.shape.head[1][0])}")
        self.line(f"for {over}:")
        self.depth += 1
        self.loops.append(variable)

    def set_up(self, text: str) -> None:
        line = f"    {text}"
        if line not in self.setup:
            self.setup.append(line)

    def name(self, arg: int) -> str:
        if arg >= 0:
            return f"v{arg}"
        self.set_up(f"c{-1 - arg} = constants[{-1 - arg}]")
        return f"c{-1 - arg}"

    def known(self, arg: int) -> bool:
        return arg < 0 or arg in self.bound

    def unpack(self, args: Atom, key: str) -> None:
        """Bind or check the parts of a fact."""
        parts = (key,) if len(args) == 1 else (f"{key} >> 32", f"{key} & 4294967295")
        for arg, part in zip(args, parts, strict=True):
            self.bind(arg, part)

    def bind(self, arg: int, value: str) -> None:
        if self.known(arg):
            self.check(f"{value} == {self.name(arg)}")
        else:
            self.line(f"v{arg} = {value}")
            self.bound.add(arg)

    def visit(self, n: int) -> None:
        """Check an atom, or loop over what it has."""
        args = self.shape.atoms[n]
        unary = len(args) == 1
        if all(self.known(arg) for arg in args):
            self.set_up(f"f{n} = relations[{n}].facts")
            key = self.name(args[0]) if unary else f"{self.name(args[0])} << 32 | {self.name(args[1])}"
            self.check(f"({key}) in f{n}")
        elif unary or not any(self.known(arg) for arg in args):
            self.set_up(f"f{n} = list(relations[{n}].facts)")
            self.loop(f"k{n} in f{n}", args[0] if len(set(args)) == 1 else -1)
            self.unpack(args, f"k{n}")
        else:
            known, other = (args[0], args[1]) if self.known(args[0]) else (args[1], args[0])
            self.set_up(f"g{n} = relations[{n}].{'forward' if known == args[0] else 'backward'}().get")
            self.loop(f"v{other} in g{n}({self.name(known)}, ())", other)
            self.bound.add(other)

    def check_conditions(self) -> None:
        for n, variables in enumerate(self.shape.conditions):
            if n not in self.checked and all(v in self.bound for v in variables):
                self.checked.add(n)
                self.set_up(f"t{n} = conditions[{n}]")
                self.check(f"t{n}({', '.join(f'v{v}' for v in variables)})")

    def conclude(self) -> None:
        kind, args = self.shape.head
        if self.mode == "each" or kind == "F":
            everything = sorted({a for atom in self.shape.atoms for a in atom if a >= 0})
            self.line(f"out(clause, ({''.join(f'v{v}, ' for v in everything)}))")
            return
        record = "clause"
        for n, v in enumerate(witnesses(self.shape.atoms, self.shape.head)):
            record += f" | v{v} << {CLAUSE_BITS + 32 * n}"
        names = [self.name(arg) for arg in args]
        if kind == "T":
            self.line(f"out({names[0]}, {names[1]}, {record})")
            return
        self.line(f"key = {names[0]}" if kind == "C" else f"key = {names[0]} << 32 | {names[1]}")
        self.set_up("facts = head.facts")
        self.set_up("add = head.delta.append")
        if self.links:
            self.link(names[0], names[1], record)
            return
        self.line("if key not in facts:")
        self.line(f"    facts[key] = {record}")
        self.line("    add(key)")
        if self.loops and self.loops[-1] not in (-1, *args):
            self.line("break")

    def link(self, one: str, other: str, record: str) -> None:
        """Equate two terms so that all of whom the same is asked become equal, with as many pairs as there are terms.

        Each is linked to the first in the index of whom the same holds; what comes to be the first itself, to each
        of the others that is not known to equal the one before it. Whatever else is asked of them has been checked.
        """
        self.line(f"if {one} == {other}:")
        self.line("    before = False")
        self.line("    continue")
        self.line(f"if key not in facts and last << 32 | {other} not in facts:")
        self.line(f"    facts[key] = {record}")
        self.line("    add(key)")
        self.line(f"    last = {other}")
        self.line("if before: break")


class Compiled(NamedTuple):
    """A clause over integers."""

    number: int
    clause: Clause
    shape: Shape
    variables: tuple[str, ...]
    head: Relation | None
    relations: tuple[Relation, ...]
    constants: tuple[int, ...]
    conditions: tuple[Callable[..., bool], ...]


class Trigger:
    """What one new fact of a relation sets off: one clause, started from one of its atoms."""

    __slots__ = ("compiled", "fire", "first", "fresh_only", "mirror")

    def __init__(self, compiled: Compiled, first: int) -> None:
        self.compiled = compiled
        self.first = first
        self.fire: Callable[..., Any] | None = None
        self.mirror = self.fresh_only = False
        if len(compiled.relations) > WIDE:
            return
        # What this gives of a linking clause, another gives the other way round.
        self.mirror = _mirror(compiled.shape, first)
        # Of a transitive relation whose base is symmetric the closure is: what it gave need not be turned round.
        self.fresh_only = is_symmetric(compiled)


def _mirror(shape: Shape, first: int) -> bool:
    """Whether the clause equates two terms and the atom is about the second of them alone."""
    args = shape.atoms[first]
    return shape.link and shape.head[1][1] in args and shape.head[1][0] not in args


def is_transitive(compiled: Compiled) -> bool:
    """Whether the clause reads ``x p y, y p z -> x p z``."""
    atoms, head = compiled.shape.atoms, compiled.shape.head
    return (
        len(atoms) == 2
        and compiled.relations[0] is compiled.relations[1] is compiled.head
        and not compiled.conditions
        and (*atoms, head[1]) == ((0, 1), (1, 2), (0, 2))
    )


def is_symmetric(compiled: Compiled) -> bool:
    """Whether the clause reads ``x p y -> y p x``."""
    shape = compiled.shape
    return (
        shape.atoms == ((0, 1),)
        and compiled.relations[0] is compiled.head
        and shape.head[1] == (1, 0)
        and not compiled.conditions
    )
