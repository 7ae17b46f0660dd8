"""Whether triples that came or went can change what a query finds: the test of each pattern against each of them.

A solution is a match of every pattern of a group and of the groups around it. It is new only if one pattern of it
matches a triple that came, and is lost only if one matches a triple that went (as in the maintenance of materialised
views: Gupta and Mumick, 1995). So each pattern is matched with those triples alone and the rest of its group with the
whole store; what would only narrow this down may be left out. Where nothing matches, the answer is the same. Where
something does, the query has to be asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count, pairwise
from typing import TYPE_CHECKING

from kg.errors import UsageError
from kg.model import Term, Triple
from kg.patterns import Group, Path, Pattern, Select, parse_select
from kg.sparql import variables

if TYPE_CHECKING:
    import pyoxigraph

__all__ = ["Changed", "can_change"]

#: More matches of one pattern than this are not tried one by one: the query is asked.
_MANY = 300
_BLANK = re.compile(r"^\?_:")
#: A filter with one of these may hold because a variable has no value.
_UNBOUND = re.compile(r"\b(?:BOUND|COALESCE|IF)\b", re.IGNORECASE)


class Changed:
    """Triples that came or went, to be looked up by predicate."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self.triples = list(triples)
        self.by_predicate: dict[Term, list[Triple]] = {}
        for triple in self.triples:
            self.by_predicate.setdefault(triple[1], []).append(triple)

    def matching(self, pattern: Pattern) -> list[dict[str, Term]]:
        """The values that each triple which matches a pattern with a plain predicate gives to its variables."""
        path = pattern.path
        wanted = self.triples if isinstance(path, str) else self.by_predicate.get(path.term, [])
        parts = (pattern.subject, path if isinstance(path, str) else path.term, pattern.object)
        found = []
        for triple in wanted:
            values: dict[str, Term] = {}
            for part, term in zip(parts, triple, strict=True):
                if (values.setdefault(part, term) if part.startswith("?") else part) != term:
                    break
            else:
                found.append(values)
        return found


def can_change(text: str, changed: Changed, store: pyoxigraph.Store) -> bool:
    """Whether the answer to a query can differ because of triples that came to a store, or before they go from it.

    ``text`` is the query with its values put in; for what is no SELECT the answer is yes.
    """
    if not changed.triples:
        return False
    try:
        select = parse_select(text)
    except UsageError:
        return True
    test = _Test(changed, store, select.prologue)
    return any(test.touched(own, scope) for own, scope in _scopes(select.where, Scope(), count()))


@dataclass(frozen=True, slots=True)
class Scope:
    """What must match for a solution: patterns, VALUES blocks and filters, which may be fewer than there are."""

    patterns: tuple[Pattern, ...] = ()
    values: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()

    def __add__(self, other: Scope) -> Scope:
        return Scope(self.patterns + other.patterns, self.values + other.values, self.filters + other.filters)

    @property
    def variables(self) -> set[str]:
        """The variables that its patterns bind."""
        plain = (
            pattern for pattern in self.patterns if not isinstance(pattern.path, Path) or pattern.path.op == "iri"
        )
        return {
            part for p in plain for part in (p.subject, p.path, p.object) if isinstance(part, str) and part[0] == "?"
        }


def _scopes(group: Group, around: Scope, fresh: Iterator[int]) -> Iterator[tuple[tuple[Pattern, ...], Scope]]:
    """Each group's own patterns, with all that must match for a solution in which the group takes part."""
    own = tuple(plain for pattern in group.patterns for plain in _plain(pattern, fresh))
    inside = around + _required(group, own, fresh)
    yield own, inside
    branches = [branch for union in group.unions for branch in union]
    for inner in (*group.groups, *group.optionals, *branches, *group.exists, *group.not_exists):
        yield from _scopes(inner, inside, fresh)
    # Names within a SELECT or a MINUS can mean something else than around it.
    for inner in (*group.minus, *(select.where for select in group.selects)):
        yield from _scopes(inner, Scope(), fresh)


def _required(group: Group, own: tuple[Pattern, ...], fresh: Iterator[int]) -> Scope:
    """What must match in every solution of a group: its own, and that of the groups and SELECTs joined with it."""
    found = Scope(own, tuple(group.values), tuple(f for f in group.filters if not _UNBOUND.search(f)))
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
    given = {f"?{name}" for name, expression in select.columns if expression is None}
    own = tuple(p for pattern in select.where.patterns for p in _plain(pattern, fresh))
    mark = next(fresh)

    def outside(part: str) -> str:
        return part if not part.startswith("?") or part in given else f"?_:s{mark}_{part[1:].removeprefix('_:')}"

    def renamed(pattern: Pattern) -> Pattern:
        path = outside(pattern.path) if isinstance(pattern.path, str) else pattern.path
        return Pattern(outside(pattern.subject), path, outside(pattern.object))

    return Scope(tuple(renamed(pattern) for pattern in own))


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


@dataclass(frozen=True, slots=True)
class _Test:
    """Changed triples, tried on the patterns of one query."""

    changed: Changed
    store: pyoxigraph.Store
    prologue: str

    def touched(self, own: Iterable[Pattern], scope: Scope) -> bool:
        """Whether one of a group's own patterns matches a changed triple, and the rest of its scope with it."""
        for pattern in own:
            if isinstance(pattern.path, Path) and pattern.path.op != "iri":
                if self.path_touched(pattern.path):
                    return True
                continue
            values = self.changed.matching(pattern)
            if len(values) > _MANY or (values and self.joins(values, pattern, scope)):
                return True
        return False

    def path_touched(self, path: Path) -> bool:
        """Whether a triple has a predicate that a path can go along; a path of length zero touches any node."""
        if path.op in ("!", "*", "?"):
            return True
        if path.op == "iri":
            return path.term in self.changed.by_predicate
        return any(self.path_touched(part) for part in path.parts)

    def joins(self, values: list[dict[str, Term]], pattern: Pattern, scope: Scope) -> bool:
        """Whether the store has matches of the other patterns of a scope with any of the values."""
        import pyoxigraph

        names = list(dict.fromkeys(name for row in values for name in row))
        if not names:
            return True
        bound = scope.variables | set(names)
        rows = " ".join(f"({' '.join(_written(row[name]) for name in names)})" for row in values)
        others = [line for each in scope.patterns if each is not pattern and (line := _line(each))]
        filters = [text for text in scope.filters if {f"?{name}" for name in variables(text)} <= bound]
        given = f"VALUES ({' '.join(map(_written, names))}) {{ {rows} }}"
        patterns = (" ".join(map(_written, line)) + " ." for line in others)
        block = " ".join((given, *patterns, *scope.values, *filters))
        text = f"{self.prologue}\nASK {{ {block} }}"
        return bool(self.store.query(text, default_graph=pyoxigraph.DefaultGraph(), named_graphs=[]))


def _line(pattern: Pattern) -> tuple[str, str, str] | None:
    """Subject, predicate and object of a pattern; None when its path is more than an IRI or a variable."""
    path = pattern.path
    if isinstance(path, str):
        return pattern.subject, path, pattern.object
    return (pattern.subject, path.term, pattern.object) if path.op == "iri" else None


def _written(term: str) -> str:
    """A term or variable as SPARQL has it; the variables of blank nodes by names of their own."""
    return _BLANK.sub("?blank", term)
