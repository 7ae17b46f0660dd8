"""Join code generation: a Python loop for each shape of clause, and clauses compiled to integers.

Two clauses that differ only in their properties, classes and terms have one shape and share the code: relations and
constants are arguments. An ontology can be of any size; the W3C tables have some eighty shapes, and a shape is
compiled when it first has something to do.

A shape is plain data: ``(atoms, head, conditions, link)``. An atom is ``(unary, arguments)``; an argument is a
variable's number, or ``-1 - n`` for constant ``n``. The head is ``(kind, arguments)`` with kind ``C`` (a class),
``P`` (a property), ``T`` (a class known only when the clause fires) or ``F`` (false).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

from kg.reasoner.relations import CLAUSE_BITS, Relation
from kg.reasoner.rule_table import Clause

__all__ = ["Atom", "Compiled", "Head", "Shape", "Trigger", "is_symmetric", "is_transitive", "join", "witnesses"]

Atom = tuple[bool, tuple[int, ...]]
Head = tuple[str, tuple[int, ...]]


class Shape(NamedTuple):
    """What two clauses that share their code have in common."""

    atoms: tuple[Atom, ...]
    head: Head
    conditions: tuple[tuple[int, ...], ...]  # the variables that each condition needs
    link: bool  # the head equates two terms of whom the same is asked: not every pair need be linked


def witnesses(atoms: tuple[Atom, ...], head: Head) -> tuple[int, ...]:
    """The variables that the head does not have, in order: what a record must keep."""
    found = {arg for _, args in atoms for arg in args if arg >= 0}
    return tuple(sorted(found - set(head[1])))


#: Python allows 20 loops inside one another in one function.
_LOOPS = 18
#: An intersection of more classes is checked in a loop: its code would be as long as the list, once for each class.
_WIDE = 16
_CHECKS = 3  # the rank of an atom whose arguments are all known


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
        self.outer: list[list[str]] = []  # what calls the function that is written now: see ``loop``
        self.lines: list[str] = []
        self.depth = 1
        self.bound: set[int] = set()
        self.loops: list[int] = []  # for each inner loop the variable that it binds, -1 for two
        self.checked: set[int] = set()

    def write(self, first: int) -> list[str]:
        self.line("for k in delta:")
        self.depth += 1
        self.unpack(self.shape.atoms[first], "k")
        self.check_conditions()
        left = [n for n in range(len(self.shape.atoms)) if n != first]
        if len(left) > _WIDE and len(set(self.shape.atoms)) == 1 and self.shape.atoms[0][0]:
            self.set_up(f"rest = [r.facts for n, r in enumerate(relations) if n != {first}]")
            self.check(f"all({self.name(self.shape.atoms[0][1][0])} in f for f in rest)")
            left = []
        while left:
            checks = [n for n in left if self.rank(n)[0] == _CHECKS]
            for chosen in checks or [max(left, key=self.rank)]:
                left.remove(chosen)
                self.visit(chosen)
            self.check_conditions()
        self.conclude()
        return [
            "def fire(delta, clause, head, relations, constants, conditions, out):",
            *self.setup,
            *(line for part in reversed((*self.outer, self.lines)) for line in part),
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
        """Begin a loop, which binds a variable, or two (-1); in a function of its own where there is no room."""
        if len(self.loops) % _LOOPS == _LOOPS - 1:
            call = f"loops{len(self.loops)}({', '.join(f'v{v}' for v in sorted(self.bound))})"
            self.line(call)
            self.outer.append(self.lines)
            self.lines, self.depth = [f"    def {call}:"], 2
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

    def rank(self, n: int) -> tuple[int, int]:
        """Atoms that only check come first, then those that one known end narrows."""
        unary, args = self.shape.atoms[n]
        known = sum(self.known(arg) for arg in args)
        return (_CHECKS if known == len(args) else 2 if known else 1 if unary else 0), -n

    def unpack(self, atom: Atom, key: str) -> None:
        """Bind or check the parts of a fact."""
        unary, args = atom
        parts = (key,) if unary else (f"{key} >> 32", f"{key} & 4294967295")
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
        unary, args = self.shape.atoms[n]
        if all(self.known(arg) for arg in args):
            self.set_up(f"f{n} = relations[{n}].facts")
            key = self.name(args[0]) if unary else f"{self.name(args[0])} << 32 | {self.name(args[1])}"
            self.check(f"({key}) in f{n}")
        elif unary or not any(self.known(arg) for arg in args):
            self.set_up(f"f{n} = list(relations[{n}].facts)")
            self.loop(f"k{n} in f{n}", args[0] if len(set(args)) == 1 else -1)
            self.unpack((unary, args), f"k{n}")
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
            everything = sorted({a for _, atom in self.shape.atoms for a in atom if a >= 0})
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
        # What this gives of a linking clause, another gives the other way round.
        self.mirror = _mirror(compiled.shape, first)
        # Of a transitive relation whose base is symmetric the closure is: what it gave need not be turned round.
        self.fresh_only = is_symmetric(compiled)


def _mirror(shape: Shape, first: int) -> bool:
    """Whether the clause equates two terms and the atom is about the second of them alone."""
    args = shape.atoms[first][1]
    return shape.link and shape.head[1][1] in args and shape.head[1][0] not in args


def is_transitive(compiled: Compiled) -> bool:
    """Whether the clause reads ``x p y, y p z -> x p z``."""
    atoms, head = compiled.shape.atoms, compiled.shape.head
    return (
        len(atoms) == 2
        and compiled.relations[0] is compiled.relations[1] is compiled.head
        and not compiled.conditions
        and (atoms[0][1], atoms[1][1], head[1]) == ((0, 1), (1, 2), (0, 2))
    )


def is_symmetric(compiled: Compiled) -> bool:
    """Whether the clause reads ``x p y -> y p x``."""
    shape = compiled.shape
    return (
        [args for _, args in shape.atoms] == [(0, 1)]
        and compiled.relations[0] is compiled.head
        and shape.head[1] == (1, 0)
        and not compiled.conditions
    )
