"""Which rows of an answer triples that came or went can change: each pattern is tried with each of them.

A solution is a match of every pattern of a group and of the groups around it. It is new only if one pattern of it
matches a triple that came, and is lost only if one matches a triple that went (as in the maintenance of materialised
views: Gupta and Mumick, 1995). So each pattern is matched with those triples alone and the rest of its group with the
whole store; what would only narrow this down may be left out. Where nothing matches, the answer is the same.

Where something does, the matches give values to the columns of the answer (to its keys, where it is grouped): the
rows with other values are the same, and the query need be asked only of these. Columns count that every solution
binds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING

from kg.compare.rows import ALL, MANY, NONE, Affected, telling_columns
from kg.compare.scopes import Scope, scopes
from kg.compare.search import Search
from kg.errors import UsageError
from kg.model import Term, Triple
from kg.sparql import Path, Pattern, parse_select

if TYPE_CHECKING:
    import pyoxigraph

__all__ = ["Changed", "affected"]


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


def affected(text: str, changed: Changed, store: pyoxigraph.Store) -> Affected:
    """The rows of a query's answer that can differ because of triples that came to a store, or go from it.

    ``text`` is the query with its values put in; for what is no SELECT it is all of the answer. The store is one
    that has the triples.
    """
    if not changed.triples:
        return NONE
    try:
        select = parse_select(text)
    except UsageError:
        return ALL
    names = telling_columns(select)
    test = _Test(changed, store, select.prologue)
    found = NONE
    for own, scope in scopes(select.where, Scope(keys={name: f"?{name}" for name in names}), count()):
        found |= test.rows(own, scope)
        if found.all:
            return ALL
    return found


@dataclass(frozen=True, slots=True)
class _Test:
    """Changed triples, tried on the patterns of one query."""

    changed: Changed
    store: pyoxigraph.Store
    prologue: str

    def rows(self, own: Iterable[Pattern], scope: Scope) -> Affected:
        """The rows for which one of a group's own patterns matches a changed triple, and its scope with it."""
        found = NONE
        for pattern in own:
            if isinstance(pattern.path, Path) and pattern.path.op != "iri":
                if self.path_touched(pattern, scope):
                    return ALL
                continue
            values = self.changed.matching(pattern)
            if len(values) > MANY:
                return ALL
            if values:
                found |= self.joined(values, pattern, scope)
            if found.all:
                return ALL
        return found

    def path_touched(self, pattern: Pattern, scope: Scope) -> bool:
        """Whether a triple has a predicate that a pattern's path can go along."""
        path = pattern.path
        assert isinstance(path, Path)  # noqa: S101 - the caller has asked
        # A path of length zero leads from any node to itself. Where something else binds an end, that pattern is
        # touched when the node is new.
        return self._goes_along(path, not scope.variables.isdisjoint((pattern.subject, pattern.object)))

    def _goes_along(self, path: Path, held: bool) -> bool:
        if path.op == "!" or (path.op in ("*", "?") and not held):
            return True
        if path.op == "iri":
            return path.term in self.changed.by_predicate
        return any(self._goes_along(part, held) for part in path.parts)

    def joined(self, values: list[dict[str, Term]], pattern: Pattern, scope: Scope) -> Affected:
        """The rows for which the store has matches of the other patterns of a scope with any of the values."""
        names = tuple(dict.fromkeys(name for row in values for name in row))
        others = tuple(each for each in scope.patterns if each is not pattern)
        near = replace(scope, patterns=others).around(set(names))
        given = {tuple(row[name] for name in names) for row in values}
        search = Search(self.store, self.prologue, near, names, given)
        if not search.run():
            return NONE
        keys = {name: key for name, key in (scope.keys or {}).items() if key in search.names}
        if not keys:
            return ALL
        places = [search.names.index(key) for key in keys.values()]
        rows = frozenset(tuple(row[place] for place in places) for row in search.rows)
        return Affected(tuple(keys), rows) if len(rows) <= MANY else ALL
