"""Whether triples that came or went can change what a query finds: the test of each pattern against each of them.

A solution is a match of every pattern of a group and of the groups around it. It is new only if one pattern of it
matches a triple that came, and is lost only if one matches a triple that went (as in the maintenance of materialised
views: Gupta and Mumick, 1995). So each pattern is matched with those triples alone and the rest of its group with the
whole store; filters and what else would only narrow this down are left out. Where nothing matches, the answer is
the same. Where something does, the query has to be asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import count, pairwise
from typing import TYPE_CHECKING

from kg.errors import UsageError
from kg.model import Term, Triple
from kg.patterns import Group, Path, Pattern, parse_select

if TYPE_CHECKING:
    import pyoxigraph

__all__ = ["Changed", "can_change"]

#: More matches of one pattern than this are not tried one by one: the query is asked.
_MANY = 300
_BLANK = re.compile(r"^\?_:")


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
        where = parse_select(text).where
    except UsageError:
        return True
    return any(_touched(patterns, around, changed, store) for patterns, around in _groups(where, [], count()))


def _groups(
    group: Group, around: list[Pattern], fresh: Iterator[int]
) -> Iterator[tuple[list[Pattern], list[Pattern]]]:
    """Each group's own patterns with those of the groups around it that must match with it."""
    own = [plain for pattern in group.patterns for plain in _plain(pattern, fresh)]
    yield own, around
    inside = [*around, *own]
    branches = [branch for union in group.unions for branch in union]
    for inner in (*group.groups, *group.optionals, *branches, *group.exists, *group.not_exists):
        yield from _groups(inner, inside, fresh)
    # Names within a SELECT or a MINUS can mean something else than around it.
    for inner in (*group.minus, *(select.where for select in group.selects)):
        yield from _groups(inner, [], fresh)


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


def _touched(own: list[Pattern], around: list[Pattern], changed: Changed, store: pyoxigraph.Store) -> bool:
    for pattern in own:
        if isinstance(pattern.path, Path) and pattern.path.op != "iri":
            if _path_touched(pattern.path, changed):
                return True
            continue
        values = changed.matching(pattern)
        if len(values) > _MANY:
            return True
        others = [other for other in (*around, *own) if other is not pattern]
        if values and _joins(values, others, store):
            return True
    return False


def _path_touched(path: Path, changed: Changed) -> bool:
    """Whether a triple has a predicate that a path can go along; a path of length zero touches any node."""
    if path.op in ("!", "*", "?"):
        return True
    if path.op == "iri":
        return path.term in changed.by_predicate
    return any(_path_touched(part, changed) for part in path.parts)


def _joins(values: list[dict[str, Term]], others: list[Pattern], store: pyoxigraph.Store) -> bool:
    """Whether the store has matches of the other patterns with any of the values."""
    import pyoxigraph

    usable = [other for other in others if isinstance(other.path, str) or other.path.op == "iri"]
    names = list(dict.fromkeys(name for row in values for name in row))
    if not usable or not names:
        return True
    rows = " ".join(f"({' '.join(_written(row[name]) for name in names)})" for row in values)
    lines = " ".join(
        f"{_written(p.subject)} {_written(p.path if isinstance(p.path, str) else p.path.term)} {_written(p.object)} ."
        for p in usable
    )
    text = f"ASK {{ VALUES ({' '.join(map(_written, names))}) {{ {rows} }} {lines} }}"
    return bool(store.query(text, default_graph=pyoxigraph.DefaultGraph(), named_graphs=[]))


def _written(term: str) -> str:
    """A term or variable as SPARQL has it; the variables of blank nodes by names of their own."""
    return _BLANK.sub("?blank", term)
