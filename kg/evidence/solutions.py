"""Queries for solutions: which OPTIONAL and UNION branches take part, and the rows to which solutions belong.

A part is a branch of a UNION, or an OPTIONAL. A BIND at its end changes no solution, and is bound in those of the
part alone (SPARQL 1.1, section 18.2.2.5: a group's BIND extends what stands before it).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from kg.evidence.absence import Absence
from kg.sparql.analysis import (
    bound_by,
    changing,
    columns_of,
    inner_groups,
    joined,
    occurrences,
    own_variables,
    visible,
)
from kg.sparql.printer import write
from kg.sparql.syntax_tree import Bind, Column, Element, Group, Nested, Select, Triples, Values
from kg.vocab import XSD, iri

if TYPE_CHECKING:
    import pyoxigraph

    Node: TypeAlias = pyoxigraph.NamedNode | pyoxigraph.BlankNode | pyoxigraph.Literal
    Edge: TypeAlias = tuple[Node, Node, Node]
    Solution: TypeAlias = Mapping[str, Node]
    #: What a row's solutions have in common: the values of its keys.
    Key: TypeAlias = tuple[Node | None, ...]

_NO_VALUES: Mapping[str, Node] = {}


class Source:
    """The default graph of a store."""

    def __init__(self, store: pyoxigraph.Store) -> None:
        self.store = store

    def ask(self, select: Select, values: Mapping[str, Node] = _NO_VALUES) -> Iterator[dict[str, Node]]:
        """The solutions of a SELECT over the default graph alone, unbound variables left out.

        ``values`` take the place of their variables.
        """
        import pyoxigraph

        text = write(select, {name: str(value) for name, value in values.items()})
        found = self.store.query(text, default_graph=pyoxigraph.DefaultGraph(), named_graphs=[])
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
        return _parse_term(text)

    def value(self, text: str, solution: Solution) -> Node | None:
        """The value of a subject, predicate or object of a pattern in a solution; None where it is unbound."""
        return solution.get(text[1:]) if text[0] == "?" else self.term(text)


@lru_cache(maxsize=4096)
def _parse_term(text: str) -> Node:
    import pyoxigraph

    if text.startswith("<"):
        return pyoxigraph.NamedNode(text[1:-1])
    line = f"<x:x> <x:x> {text} .".encode()
    parsed: Node = next(iter(pyoxigraph.parse(line, format=pyoxigraph.RdfFormat.N_TRIPLES))).object
    return parsed


@dataclass(slots=True)
class Matched:
    """The matches of solutions: edges (triples as the store gives them), and groups that matched nothing.

    ``nodes`` are those that must be in the graph, in whatever triple: a path of length zero asks for no more.
    """

    edges: dict[Edge, None] = field(default_factory=dict)
    absent: dict[Absence, None] = field(default_factory=dict)
    nodes: dict[Node, None] = field(default_factory=dict)

    @property
    def size(self) -> tuple[int, int]:
        """The numbers of triples and nodes; they grow with whatever is added."""
        return len(self.edges), len(self.nodes)

    def add(self, other: Matched) -> None:
        """Add everything of another."""
        self.edges |= other.edges
        self.absent |= other.absent
        self.nodes |= other.nodes


def values_of(names: Iterable[str], solution: Solution) -> dict[str, Node]:
    """The values that a solution has for some variables."""
    return {name: solution[name] for name in names if name in solution}


def merged(several: Sequence[Matched]) -> Matched:
    """The union of several matches."""
    if len(several) == 1:
        return several[0]
    together = Matched()
    for matched in several:
        together.add(matched)
    return together


TRUE = f'"true"^^{iri(XSD + "boolean")}'


def mark(part: Group) -> str:
    """The marker variable of a part: bound where the part takes part, and used nowhere else in the query."""
    return f"part__{part.start}"


def parts(group: Group) -> Iterator[Group]:
    """The parts of a group and of the groups joined in it; inner SELECTs and EXISTS are queried by themselves."""
    yield from group.optionals
    for branches in group.unions:
        yield from branches
    for inner in joined(group):
        yield from parts(inner)


def marked(group: Group, *, itself: bool = False, given: Mapping[str, Node] | None = None) -> Group:
    """A group with the markers of its parts; with ``itself``, also a marker of its own.

    Values that are ``given`` stand at its head, and at that of each SELECT within that gives their variables out.
    """
    whole = _with_marks(group)
    whole = _with_values(whole, given) if given else whole
    return _ending_in(whole, mark(group)) if itself else whole


@lru_cache(maxsize=1024)
def _with_marks(group: Group) -> Group:
    return replace(group, elements=tuple(map(_element_with_marks, group.elements)))


def _element_with_marks(element: Element) -> Element:
    if not isinstance(element, Nested) or element.kind == "MINUS":
        return element
    inner = tuple(map(_with_marks, element.groups))
    if element.kind == "OPTIONAL" or len(inner) > 1:
        # A copy starts where its original does.
        inner = tuple(_ending_in(each, mark(each)) for each in inner)
    return element._replace(groups=inner)


def _ending_in(group: Group, name: str) -> Group:
    """A group with a variable bound at its end; a SELECT is put into a group of its own first."""
    elements = (Nested("UNION", (group,)),) if group.selects else group.elements
    return replace(group, elements=(*elements, Bind(TRUE, name)))


def _with_values(group: Group, given: Mapping[str, Node]) -> Group:
    """A group in which given values are joined everywhere that their variables are bound."""
    inside = replace(group, elements=tuple(_element_with_values(each, given) for each in group.elements))
    if group.selects:
        return inside
    heads = (Values((name,), ((str(given[name]),),)) for name in sorted(given))
    return replace(inside, elements=(*heads, *inside.elements))


def _element_with_values(element: Element, given: Mapping[str, Node]) -> Element:
    if isinstance(element, Select):
        names = {column.name for column in element.columns} if element.columns else given.keys()
        known = {name: value for name, value in given.items() if name in names}
        return replace(element, where=_with_values(element.where, known)) if known else element
    if isinstance(element, Nested) and element.kind != "MINUS":
        inner = (
            replace(each, elements=tuple(_element_with_values(e, given) for e in each.elements))
            for each in element.groups
        )
        return element._replace(groups=tuple(inner))
    return element


@lru_cache(maxsize=1024)
def assigned(group: Group) -> frozenset[str]:
    """The variables that cannot be replaced by values in a group: assigned there, or local to an inner SELECT.

    Others are those that a SELECT within does not give out as they are.
    """
    own = {each.variable for each in group.binds}.union(*(each.variables for each in group.values))
    for select in group.selects:
        plain = {column.name for column in select.columns if column.expression is None}
        values = select.values.variables if select.values else ()
        own |= (occurrences(select).keys() - plain) if select.columns else set(values)
    return frozenset(own.union(*map(assigned, inner_groups(group))))


@lru_cache(maxsize=1024)
def projected(group: Group) -> frozenset[str]:
    """The variables that an inner SELECT of a group projects unchanged, at any depth."""
    own = {column.name for select in group.selects for column in select.columns if column.expression is None}
    return frozenset(own.union(*map(projected, inner_groups(group))))


def observed_optionals(select: Select) -> frozenset[Group]:
    """The OPTIONALs of a SELECT whose failure is observable: a variable that only they bind is used elsewhere."""
    everywhere = occurrences(select)
    everything = not select.columns
    return frozenset(_observed(select.where, everywhere, frozenset(), everything=everything))


def _observed(group: Group, everywhere: Counter[str], given: frozenset[str], *, everything: bool) -> Iterator[Group]:
    given |= own_variables(group)
    beside = given.union(*map(visible, group.groups), *(visible(b) for branches in group.unions for b in branches))
    for optional in group.optionals:
        inside = occurrences(optional)
        mine = visible(optional) - beside
        if any(everything or everywhere[name] > inside[name] for name in mine):
            yield optional
    for inner in joined(group):
        yield from _observed(inner, everywhere, given, everything=everything)


#: A grouping key that the query gives no name.
_UNNAMED = "key__"
#: Of more rows than these, the whole WHERE is asked.
_AT_MOST = 1000


def row_keys(select: Select) -> list[str]:
    """The variables that assign solutions to rows: the grouping keys, or all columns.

    Columns computed from a solution (no aggregate) count as well, since the solutions compute them too; those that
    have another value at every asking do not.
    """
    other = changing(select)
    names = [key.name for key in _keys(select)] if select.aggregates else columns_of(select)
    return [name for name in names if name not in other]


def solutions_of(select: Select, keys: Iterable[Key] = ()) -> Select:
    """A SELECT of all that evidence needs of another's WHERE, one row a solution: variables, markers, computed keys.

    Where ``keys`` are given, of rows, the WHERE begins with them, so that the engine starts from these rows.
    """
    wanted = set(row_keys(select))
    columns = _keys(select) if select.aggregates else select.columns
    computed = [each for each in columns if each.name in wanted and each.expression is not None]
    # What VALUES gives at the end is joined with the rows of an aggregate, and else with the solutions.
    values = None if select.aggregates else select.values
    names = visible(select.where).union(values.variables if values else ()) - {each.name for each in computed}
    plain = map(Column, (*sorted(names), *map(mark, parts(select.where))))
    where = marked(select.where)
    if known := _known_first(select, keys):
        where = replace(where, elements=(known, *where.elements))
    return Select(where, (*plain, *computed), values=values)


def _known_first(select: Select, keys: Iterable[Key]) -> Values | None:
    """The keys of rows as VALUES at the head of the WHERE; None where that could change its solutions.

    They are joined with it. So they change nothing where triples come first that give the same variables values in
    every solution, nothing assigns to these, and no MINUS would see them too early.
    """
    elements = select.where.elements
    first = elements[0] if elements else None
    if select.aggregates or not isinstance(first, Triples):
        return None
    if any(isinstance(each, Nested) and each.kind == "MINUS" for each in elements):
        return None
    bound = {name for pattern in first.patterns for name in bound_by(pattern)}
    places = {name: place for place, name in enumerate(row_keys(select)) if name in bound}
    rows = dict.fromkeys(tuple(key[place] for place in places.values()) for key in keys)
    if not places or not rows or len(rows) > _AT_MOST or any(None in row for row in rows):
        return None
    return Values(tuple(places), tuple(tuple(map(str, row)) for row in rows))


def keyed(select: Select) -> Select:
    """An aggregate with its grouping keys in front of its columns, every row of it."""
    hidden = (Column(name) for name in row_keys(select) if name not in columns_of(select))
    return replace(
        select, columns=(*hidden, *select.columns), distinct="", keys=tuple(_keys(select)), limit=None, offset=0
    )


def _keys(select: Select) -> list[Column]:
    return [key._replace(name=key.name or f"{_UNNAMED}{number}") for number, key in enumerate(select.keys)]
