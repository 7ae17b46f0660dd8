"""What must match for a solution in which a group takes part: its own patterns, and those of the groups around it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

from kg.compare.rows import given_out
from kg.sparql import Group, Path, Pattern, Select, sure

__all__ = ["Scope", "Union", "names_in", "scopes"]

#: A filter with one of these may hold because a variable has no value.
_UNBOUND = re.compile(r"\b(?:BOUND|COALESCE|IF)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, eq=False)
class Union:
    """The branches of a UNION, and the variables that each of them binds."""

    branches: list[Group]
    bound: frozenset[str]

    @classmethod
    def of(cls, branches: list[Group]) -> Union:
        """The union of some branches."""
        return cls(branches, frozenset(f"?{name}" for name in frozenset.intersection(*map(sure, branches))))


@dataclass(frozen=True, slots=True)
class Scope:
    """What must match for a solution: patterns, UNIONs, and the texts of VALUES and FILTER; they may be fewer.

    ``keys`` gives the variables that the telling columns are here, by their names; in a part where nothing says
    what they are, None.
    """

    patterns: tuple[Pattern, ...] = ()
    values: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()
    unions: tuple[Union, ...] = ()
    keys: Mapping[str, str] | None = None

    def __add__(self, other: Scope) -> Scope:
        return Scope(
            self.patterns + other.patterns,
            self.values + other.values,
            self.filters + other.filters,
            self.unions + other.unions,
            self.keys,
        )

    @property
    def variables(self) -> set[str]:
        """The variables that its patterns bind."""
        return {part for line in self.lines for part in line if part.startswith("?")}.union(
            *(union.bound for union in self.unions)
        )

    @property
    def lines(self) -> list[tuple[str, str, str]]:
        """Its patterns, those apart whose path is more than an IRI or a variable."""
        return [line for pattern in self.patterns if (line := _line(pattern))]

    def around(self, names: set[str]) -> Scope:
        """The part of it that variables lead to; of the rest it is only known that it must match somehow."""
        reached = set(names)
        patterns = {pattern: names_in(line) for pattern in self.patterns if (line := _line(pattern))}
        parts = [*patterns.values(), *(union.bound for union in self.unions)]
        while more := {name for part in parts if not reached.isdisjoint(part) for name in part} - reached:
            reached |= more
        near = tuple(pattern for pattern, found in patterns.items() if found & reached)
        return replace(self, patterns=near, unions=tuple(each for each in self.unions if each.bound & reached))


def names_in(line: tuple[str, str, str]) -> set[str]:
    """The variables of a pattern."""
    return {part for part in line if part.startswith("?")}


def scopes(group: Group, around: Scope, fresh: Iterator[int]) -> Iterator[tuple[tuple[Pattern, ...], Scope]]:
    """Each group's own patterns, with all that must match for a solution in which the group takes part."""
    own = tuple(plain for pattern in group.patterns for plain in _plain(pattern, fresh))
    required = _required(group, own, fresh)
    inside = around + required
    yield own, inside
    for union in required.unions:
        if union.branches in group.unions:
            # A branch stands for its union: to ask for that as well would only cost time.
            rest = around + replace(required, unions=tuple(each for each in required.unions if each is not union))
            for branch in union.branches:
                yield from scopes(branch, rest, fresh)
    # What MINUS takes away agrees with what it is taken from wherever both have a value.
    for inner in (*group.groups, *group.optionals, *group.exists, *group.not_exists, *group.minus):
        yield from scopes(inner, inside, fresh)
    for select in group.selects:
        yield from scopes(select.where, _seen_from(select, inside, fresh), fresh)


def _required(group: Group, own: tuple[Pattern, ...], fresh: Iterator[int]) -> Scope:
    """What must match in every solution of a group: its own, and that of the groups and SELECTs joined with it."""
    found = Scope(
        own,
        tuple(group.values),
        tuple(f for f in group.filters if not _UNBOUND.search(f)),
        tuple(map(Union.of, group.unions)),
    )
    for inner in group.groups:
        plain = tuple(p for pattern in inner.patterns for p in _plain(pattern, fresh))
        found += _required(inner, plain, fresh)
    for select in group.selects:
        found += _projected(select, fresh)
    return found


def _projected(select: Select, fresh: Iterator[int]) -> Scope:
    """The patterns that a SELECT within must match, what it does not give out under names of their own."""
    if select.aggregates and not select.keys:
        return Scope()
    own = tuple(p for pattern in select.where.patterns for p in _plain(pattern, fresh))
    return Scope(_apart(own, given_out(select), next(fresh)))


def _seen_from(select: Select, around: Scope, fresh: Iterator[int]) -> Scope:
    """What is around a SELECT as seen from within: a name that it does not give out is another there.

    A row of one that is cut, or is one row over everything, depends on all of its solutions: nothing narrows it.
    """
    if select.sliced or (select.aggregates and not select.keys):
        return Scope()
    given, mark = given_out(select), next(fresh)
    # Its own patterns are required around it already; they come again, under their own names.
    keys = {name: _other_name(key, given, mark) for name, key in around.keys.items()} if around.keys else None
    return Scope(_apart(around.patterns, given, mark), keys=keys)


def _other_name(part: str, shared: set[str], mark: int) -> str:
    return part if not part.startswith("?") or part in shared else f"?_:s{mark}_{part[1:].removeprefix('_:')}"


def _apart(patterns: Iterable[Pattern], shared: set[str], mark: int) -> tuple[Pattern, ...]:
    """Patterns with other names for the variables that are not shared."""

    def renamed(pattern: Pattern) -> Pattern:
        path = pattern.path if isinstance(pattern.path, Path) else _other_name(pattern.path, shared, mark)
        return Pattern(_other_name(pattern.subject, shared, mark), path, _other_name(pattern.object, shared, mark))

    return tuple(renamed(pattern) for pattern in patterns)


def _plain(pattern: Pattern, fresh: Iterator[int]) -> Iterator[Pattern]:
    """A pattern with its sequences and inversions written out; other paths stay."""
    path = pattern.path
    if isinstance(path, Path) and path.op == "/":
        between = [f"?_:step{next(fresh)}" for _part in path.parts[1:]]
        steps = pairwise((pattern.subject, *between, pattern.object))
        for part, (start, end) in zip(path.parts, steps, strict=True):
            yield from _plain(Pattern(start, part, end), fresh)
    elif isinstance(path, Path) and path.op == "^":
        yield from _plain(Pattern(pattern.object, path.parts[0], pattern.subject), fresh)
    else:
        yield pattern


def _line(pattern: Pattern) -> tuple[str, str, str] | None:
    """Subject, predicate and object of a pattern; None when its path is more than an IRI or a variable."""
    path = pattern.path
    if isinstance(path, str):
        return pattern.subject, path, pattern.object
    return (pattern.subject, path.term, pattern.object) if path.op == "iri" else None
