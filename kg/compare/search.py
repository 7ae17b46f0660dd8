"""Matches of patterns, UNIONs, VALUES and filters, found part by part from values that are given."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING

from kg.compare.rows import given_first
from kg.compare.scopes import Scope, names_in
from kg.model import Term
from kg.sparql import Group
from kg.sparql.tokens import variables

if TYPE_CHECKING:
    import pyoxigraph

__all__ = ["Search"]

#: More matches than this are not looked through.
_MATCHES = 20_000
_BLANK = re.compile(r"^\?_:")


class Search:
    """Matches of a scope's parts, found part by part from values that are given.

    The engine would choose an order by the patterns alone; here the values are few, so that each part is asked with
    what is bound so far, first where most is, and most searches end early. What nothing needs any more is dropped.
    """

    def __init__(
        self,
        store: pyoxigraph.Store,
        prologue: str,
        scope: Scope,
        names: tuple[str, ...],
        rows: set[tuple[Term, ...]],
    ) -> None:
        self.store, self.prologue = store, prologue
        self.names, self.rows = names, rows
        self.keys = set((scope.keys or {}).values())
        self.lines = list(dict.fromkeys(scope.lines))
        self.unions = list(scope.unions)
        self.blocks = [(text, {f"?{n}" for n in variables(text.partition("{")[0])}) for text in scope.values]
        self.blocks += [(text, {f"?{name}" for name in variables(text)}) for text in scope.filters]

    def run(self) -> bool:
        """Look for matches of all parts; false when there are none. Too many matches are not narrowed further."""
        self.step("", set())
        while self.rows and len(self.rows) <= _MATCHES and (self.lines or self.unions):
            line = max(self.lines, key=self.bound, default=None)
            if line is not None and (self.bound(line)[0] or not self.unions):
                self.lines.remove(line)
                self.step(f"{' '.join(map(_written, line))} .", names_in(line))
            else:
                # What only a union links to the rest waits for it.
                union = max(self.unions, key=lambda each: len(each.bound.intersection(self.names)))
                self.unions.remove(union)
                self.step(" UNION ".join(map(self.branch, union.branches)), set(union.bound))
        return bool(self.rows)

    def branch(self, branch: Group) -> str:
        """A branch with the values that are known of what it binds, so that it is not matched as a whole first."""
        names = [name for name in self.names if name[1:] in given_first(branch)]
        return f"{{ {self.values(names)} {branch.text[1:]}" if names else branch.text

    def values(self, names: Sequence[str]) -> str:
        """The rows as a VALUES block, in some of their variables."""
        places = [self.names.index(name) for name in names]
        rows = {tuple(row[place] for place in places) for row in self.rows}
        given = " ".join(f"({' '.join(map(_written, row))})" for row in rows)
        return f"VALUES ({' '.join(map(_written, names))}) {{ {given} }}"

    def bound(self, line: tuple[str, str, str]) -> tuple[int, bool]:
        """How many ends of a pattern are bound, and whether the subject is."""
        ends = [not part.startswith("?") or part in self.names for part in (line[0], line[2])]
        linked = not names_in(line).isdisjoint(self.names)
        return (1 + sum(ends) if linked else 0), ends[0]

    def step(self, part: str, bound: set[str]) -> None:
        """Match one part, with the VALUES and filters that are within reach then."""
        import pyoxigraph

        known = {*self.names, *bound}
        ready = [text for text, names in self.blocks if names <= known]
        if not part and not ready:
            return
        self.blocks = [block for block in self.blocks if block[0] not in ready]
        later = (
            *map(names_in, self.lines),
            *(union.bound for union in self.unions),
            *(n for _text, n in self.blocks),
        )
        wanted = self.keys.union(*later)
        names = tuple(name for name in dict.fromkeys((*self.names, *sorted(bound))) if name in wanted)
        heading = " ".join(map(_written, names)) or "(1 AS ?some)"
        body = f"{self.values(self.names)} {part} {' '.join(ready)}"
        text = f"{self.prologue}\nSELECT DISTINCT {heading} {{ {body} }}"
        result = self.store.query(text, default_graph=pyoxigraph.DefaultGraph(), named_graphs=[])
        some = islice(result, _MATCHES + 1 if names else 1)  # type: ignore[arg-type]  # a SELECT
        self.rows = {tuple(map(str, row)) if names else () for row in some}
        self.names = names


def _written(term: str) -> str:
    """A term or variable as SPARQL has it; the variables of blank nodes by names of their own."""
    return _BLANK.sub("?blank", term)
