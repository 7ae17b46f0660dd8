"""The triples that made a query match: for one solution, every positive pattern with its values put in.

The definition follows SPARQL 1.1, section 18: a solution of a group is one of its parts joined; a part of a
UNION or an OPTIONAL counts when it takes part in the solution, which the store itself is asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias

from kg.evidence.paths import path_edges
from kg.patterns import Group, Path, Pattern, Select
from kg.sparql import bind, tokens

if TYPE_CHECKING:
    import pyoxigraph

    Node: TypeAlias = pyoxigraph.NamedNode | pyoxigraph.BlankNode | pyoxigraph.Literal
    Edge: TypeAlias = tuple[Node, Node, Node]
    Solution: TypeAlias = Mapping[str, Node]

__all__ = ["Matched", "Matcher"]

#: How many ways of filling blank nodes of the query are listed for one solution.
_WAYS = 50


@dataclass(slots=True)
class Matched:
    """The edges (triples as the store gives them) that a solution rests on, and the patterns that found nothing."""

    edges: dict[Edge, None] = field(default_factory=dict)
    absent: dict[str, None] = field(default_factory=dict)

    def add(self, other: Matched) -> None:
        """Take over everything of another."""
        self.edges |= other.edges
        self.absent |= other.absent


#: Variables of our own: which solution is asked about, and whether a part takes part in it.
_NUMBER, _TOOK_PART, _SEEN = "solution__", "took_part__", "seen__"
#: Words by which a group gives a variable its value, beside matching.
_ASSIGNING = {"AS", "SELECT", "VALUES"}
#: How many solutions are asked about in one query.
_AT_ONCE = 2000


@dataclass(slots=True)
class _Part:
    """A part of a UNION, or an OPTIONAL: its variables, one that only it binds, what it gave where it took part.

    ``only_here`` are the variables that nothing outside the part's UNION binds.
    """

    group: Group
    optional: bool
    names: tuple[str, ...]
    own: str | None
    only_here: frozenset[str] = frozenset()
    took_part: set[tuple[Node | None, ...]] = field(default_factory=set)
    known: dict[tuple[Node | None, ...], Matched] = field(default_factory=dict)

    def agrees(self, key: tuple[Node | None, ...], found: Solution) -> bool:
        """Whether what the part gave leads to a solution: it binds nothing else, and all that only it can bind."""
        for name, value in zip(self.names, key, strict=True):
            given = found.get(f"{_SEEN}{name}" if name in self.only_here else name)
            if (value is None and given is not None) or (name in self.only_here and given != value):
                return False
        return True


class Matcher:
    """Finds the matched triples of solutions in the default graph of one store."""

    def __init__(self, store: pyoxigraph.Store, prologue: str) -> None:
        self.store = store
        self.prologue = prologue
        self._terms: dict[str, Node] = {}
        self._selects: dict[int, list[tuple[dict[str, Node], Matched]]] = {}
        self._parts: dict[int, _Part] = {}
        self._exists: dict[tuple[int, tuple[tuple[str, str], ...]], Matched | None] = {}

    # -- asking the store

    def ask(self, query: str) -> Iterator[dict[str, Node]]:
        """The solutions of a SELECT over the default graph alone, unbound variables left out."""
        import pyoxigraph

        found = self.store.query(self.prologue + query, default_graph=pyoxigraph.DefaultGraph(), named_graphs=[])
        assert isinstance(found, pyoxigraph.QuerySolutions)  # noqa: S101 - every text here is a SELECT of our own
        names = [variable.value for variable in found.variables]
        for solution in found:
            yield {name: value for name, value in zip(names, solution, strict=True) if value is not None}

    def edges(self, s: Node | None, p: Node | None, o: Node | None) -> Iterator[Edge]:
        """The triples of the default graph that match; None matches anything."""
        import pyoxigraph

        if s is not None and isinstance(s, pyoxigraph.Literal):
            return
        for quad in self.store.quads_for_pattern(s, p, o, pyoxigraph.DefaultGraph()):  # type: ignore[arg-type]  # checked above
            yield (quad.subject, quad.predicate, quad.object)  # type: ignore[misc]

    def term(self, text: str) -> Node:
        """A term of a pattern as the store has it."""
        known = self._terms.get(text)
        if known is None:
            known = self._terms[text] = _parse_term(text)
        return known

    # -- solutions

    def select(
        self, select: Select, keys: Sequence[str] = (), wanted: Container[tuple[Node | None, ...]] | None = None
    ) -> list[tuple[dict[str, Node], Matched]]:
        """Each solution of a SELECT's WHERE, grouping and projection aside, with what it rests on.

        With ``wanted``, only those solutions whose values of ``keys`` are among it.
        """
        solutions = list(self.ask(solutions_text(select)))
        if wanted is not None:
            solutions = [solution for solution in solutions if tuple(map(solution.get, keys)) in wanted]
        for part in self._note(select.where):
            self._ask_part(part, solutions)
        return [(solution, self.group(select.where, solution)) for solution in solutions]

    def group(self, group: Group, solution: Solution) -> Matched:
        """What one solution rests on within a group that takes part in it."""
        matched = Matched()
        edges = matched.edges
        open_patterns = []
        for pattern in group.patterns:
            if _blanks(pattern):
                open_patterns.append(pattern)
            else:
                for edge in self._pattern(pattern, solution):
                    edges[edge] = None
        if open_patterns:
            for filled in self._join(open_patterns, dict(solution)):
                edges |= dict.fromkeys(filled)
        for inner in group.groups:
            matched.add(self.group(inner, solution))
        for branches in group.unions:
            parts = [part for branch in branches if (part := self._taking_part(branch, solution))]
            # Asked alone, a filter in a branch may see more values than where it stands: then what is there counts.
            for part in parts or [self.group(b, solution) for b in branches if self._is_there(b, solution)]:
                matched.add(part)
        for optional in group.optionals:
            if part := self._taking_part(optional, solution):
                matched.add(part)
            else:
                matched.absent[f"OPTIONAL {optional.text}"] = None
        for inner in group.exists:
            matched.add(self._existing(inner, group, solution))
        for inner in group.not_exists:
            matched.absent[f"NOT EXISTS {inner.text}"] = None
        for inner in group.minus:
            matched.absent[f"MINUS {inner.text}"] = None
        for select in group.selects:
            matched.add(self._select_within(select, solution))
        return matched

    def _note(self, where: Group, outside: Container[str] = ()) -> list[_Part]:
        """Note of every part of a UNION and every OPTIONAL which variables are its own, if any.

        A variable that is bound ``outside`` the group is nobody's own.
        """
        uses = _uses(where.text)
        noted = []

        def note_part(part: Group, optional: bool, among: Counter[str]) -> None:
            own = _uses(part.text)
            bound = (name for pattern in part.patterns for name in _bound_by(pattern))
            mine = (name for name in bound if own[name] == uses[name] and name not in outside)
            only_here = frozenset(name for name in among if among[name] == uses[name] and name not in outside)
            noted.append(_Part(part, optional, tuple(sorted(own | among)), min(mine, default=None), only_here))
            self._parts[id(part)] = noted[-1]

        def note(group: Group) -> None:
            for optional in group.optionals:
                note_part(optional, True, Counter())
            for branches in group.unions:
                among = sum((_uses(branch.text) for branch in branches), Counter[str]())
                for branch in branches:
                    note_part(branch, False, among)
            # What stands in a sub-select or in EXISTS is noted when that is asked, with solutions of its own.
            for inner in (*group.groups, *group.optionals, *(branch for union in group.unions for branch in union)):
                note(inner)

        note(where)
        return noted

    def _ask_part(self, part: _Part, solutions: list[dict[str, Node]]) -> None:
        """Find in which solutions a part takes part, all at once: where it gives nothing beyond their own bindings.

        A part with a variable of its own needs no asking: it takes part where that is bound.
        """
        if part.own is not None:
            return
        keys = list(dict.fromkeys(tuple(map(solution.get, part.names)) for solution in solutions))
        # What only this union can bind, the branch itself must bind: it says what it has under another name.
        seen = "".join(f" BIND(?{name} AS ?{_SEEN}{name})" for name in sorted(part.only_here))
        body = f"{part.group.text[:-1]}{seen} BIND(true AS ?{_TOOK_PART}) }}"
        body = f"OPTIONAL {body}" if part.optional else body
        for start in range(0, len(keys), _AT_ONCE):
            rows = ((_integer(number), *key) for number, key in enumerate(keys[start : start + _AT_ONCE], start))
            for found in self.ask(f"SELECT * {{ {values_clause((_NUMBER, *part.names), rows)} {body} }}"):
                key = keys[int(found[_NUMBER].value)]
                if _TOOK_PART in found and part.agrees(key, found):
                    part.took_part.add(key)

    def _taking_part(self, group: Group, solution: Solution) -> Matched | None:
        """What a solution rests on within a part of a UNION or an OPTIONAL; None when that takes no part in it."""
        part = self._parts[id(group)]
        key = tuple(map(solution.get, part.names))
        if part.own not in solution if part.own is not None else key not in part.took_part:
            return None
        if key not in part.known:
            part.known[key] = self.group(group, solution)
        return part.known[key]

    def _is_there(self, group: Group, solution: Solution) -> bool:
        """Whether the store has every pattern of a group itself, with the values of a solution."""
        for pattern in group.patterns:
            edges = list(self._pattern(pattern, solution))
            if not edges or not all(any(self.edges(*edge)) for edge in edges):
                return False
        return bool(group.patterns)

    def _existing(self, inner: Group, outer: Group, solution: Solution) -> Matched:
        """What a FILTER EXISTS in a group rests on: its first solution, with the values of the one that it filters.

        A variable that the group itself does not bind may have its value from elsewhere in the query, where the
        filter does not look (SPARQL 1.1, section 18.6): it counts only if the filter agrees.
        """
        own, whole = _uses(inner.text), _uses(outer.text)
        known = {name: solution[name] for name in own if name in solution}
        visible = {name: value for name, value in known.items() if whole[name] > own[name]}
        for values in (known, visible):
            key = (id(inner), tuple(sorted((name, str(value)) for name, value in values.items())))
            if key not in self._exists:
                self._exists[key] = self._first(inner, values, solution)
            found = self._exists[key]
            if found is not None:
                return found
        return Matched()

    def _first(self, group: Group, known: dict[str, Node], solution: Solution) -> Matched | None:
        """What the first solution of a group with some values known rests on; None when it has none.

        The values take the place of their variables, as EXISTS is defined; where one is also assigned to in the
        group, and so cannot, they stand outside of it.
        """
        took_part = f"{group.text[:-1]} BIND(true AS ?{_TOOK_PART}) }}"
        if _ASSIGNING & {token.text.upper() for token in tokens(group.text) if token.kind == "name"}:
            outside = values_clause(tuple(known), [tuple(known.values())])
            where = f"{{ {outside} OPTIONAL {took_part} }}"
        else:
            where = bind(took_part, {name: str(value) for name, value in known.items()})
        for own in self.ask(f"SELECT * WHERE {where} LIMIT 1"):
            if _TOOK_PART in own:
                solved = {**solution, **own}
                for part in self._note(group, known):
                    self._ask_part(part, [solved])
                return self.group(group, solved)
        return None

    def _select_within(self, select: Select, solution: Solution) -> Matched:
        rows = self._selects.get(id(select))
        if rows is None:
            rows = self._selects[id(select)] = list(self.rows(select))
        matched = Matched()
        for row, rests in rows:
            if all(name not in solution or solution[name] == value for name, value in row.items()):
                matched.add(rests)
        return matched

    def rows(self, select: Select) -> Iterator[tuple[dict[str, Node], Matched]]:
        """The rows of a SELECT, each with all that its solutions rest on."""
        keys = row_keys(select)
        by_key: dict[tuple[Node | None, ...], Matched] = {}
        for solution, matched in self.select(select):
            by_key.setdefault(tuple(solution.get(key) for key in keys), Matched()).add(matched)
        for row in self.ask(select.text if select.text.startswith("SELECT") else select.text[len(select.prologue) :]):
            yield row, by_key.get(tuple(row.get(key) for key in keys), Matched())

    # -- patterns

    def _pattern(self, pattern: Pattern, solution: Solution) -> Iterable[Edge]:
        subject = self._value(pattern.subject, solution)
        target = self._value(pattern.object, solution)
        if subject is None or target is None:
            return ()
        if isinstance(pattern.path, str):
            predicate = self._value(pattern.path, solution)
            return () if predicate is None else ((subject, predicate, target),)
        if pattern.path.op == "iri":
            # The group takes part in the solution: so the triple is there, and nobody needs to look.
            return ((subject, self.term(pattern.path.term), target),)
        return path_edges(self, pattern.path, subject, target)

    def _value(self, text: str, solution: Solution) -> Node | None:
        return solution.get(text[1:]) if text[0] == "?" else self.term(text)

    def _join(self, patterns: list[Pattern], solution: dict[str, Node]) -> Iterator[list[Edge]]:
        """The ways to fill the query's blank nodes, by nested loops over the store; at most ``_WAYS``."""
        return islice(self._fill(patterns, solution), _WAYS)

    def _fill(self, patterns: list[Pattern], solution: dict[str, Node]) -> Iterator[list[Edge]]:
        if not patterns:
            yield []
            return
        # The pattern with the fewest unknowns first.
        pattern = min(patterns, key=lambda p: sum(self._value(t, solution) is None for t in (p.subject, p.object)))
        rest = [other for other in patterns if other is not pattern]
        subject, target = self._value(pattern.subject, solution), self._value(pattern.object, solution)
        for start, end, edges in self._candidates(pattern, subject, target, solution):
            extended = {**solution, **_named(pattern.subject, start), **_named(pattern.object, end)}
            for others in self._fill(rest, extended):
                yield [*edges, *others]

    def _candidates(
        self, pattern: Pattern, subject: Node | None, target: Node | None, solution: Solution
    ) -> Iterator[tuple[Node, Node, list[Edge]]]:
        if isinstance(pattern.path, Path) and pattern.path.op != "iri":
            from kg.evidence.paths import path_pairs

            for start, end in path_pairs(self, pattern.path, subject, target):
                yield start, end, list(path_edges(self, pattern.path, start, end))
            return
        text = pattern.path if isinstance(pattern.path, str) else pattern.path.term
        for edge in self.edges(subject, self._value(text, solution), target):
            yield edge[0], edge[2], [edge]


def row_keys(select: Select) -> list[str]:
    """The columns by which solutions belong to rows: the grouping keys among them, or all that are plain.

    Columns computed from a solution (no aggregate) count as well: the solutions compute them too.
    """
    if select.aggregates:
        return [name for name, _expression in select.keys if name]
    return [name for name, _expression in select.columns] or sorted(_uses(select.where.text))


def solutions_text(select: Select) -> str:
    """A SELECT of every variable and computed key of another's WHERE that evidence needs, one row a solution."""
    computed = select.keys if select.aggregates else select.columns
    extra = [f"({text} AS ?{name})" for name, text in computed if name and text and text != f"?{name}"]
    known = {name for name, text in computed if text and text != f"?{name}"}
    names = [f"?{name}" for name in sorted(_uses(select.where.text).keys() - known)]
    return f"SELECT {' '.join((*names, *extra)) or '*'} WHERE {select.where.text}"


def values_clause(names: Sequence[str], rows: Iterable[tuple[Node | None, ...]]) -> str:
    """A VALUES block; None leaves a variable open. Nothing at all without variables."""
    if not names:
        return ""
    heads = " ".join(f"?{name}" for name in names)
    filled = (" ".join("UNDEF" if value is None else str(value) for value in row) for row in rows)
    return f"VALUES ({heads}) {{ {' '.join(f'({row})' for row in filled)} }}"


@lru_cache(maxsize=1024)
def _uses(text: str) -> Counter[str]:
    """How often each variable stands in a text."""
    return Counter(token.text[1:] for token in tokens(text) if token.kind == "variable")


def _bound_by(pattern: Pattern) -> list[str]:
    ends = [pattern.subject, pattern.object, *([pattern.path] if isinstance(pattern.path, str) else [])]
    return [end[1:] for end in ends if end.startswith("?") and not end.startswith("?_:")]


def _blanks(pattern: Pattern) -> bool:
    return pattern.subject.startswith("?_:") or pattern.object.startswith("?_:")


def _named(text: str, value: Node) -> dict[str, Node]:
    return {text[1:]: value} if text[0] == "?" else {}


def _integer(number: int) -> Node:
    import pyoxigraph

    return pyoxigraph.Literal(number)


def _parse_term(text: str) -> Node:
    import pyoxigraph

    if text.startswith("<"):
        return pyoxigraph.NamedNode(text[1:-1])
    line = f"<x:x> <x:x> {text} .".encode()
    parsed: Node = next(iter(pyoxigraph.parse(line, format=pyoxigraph.RdfFormat.N_TRIPLES))).object
    return parsed
