"""The syntax tree of a SPARQL query: immutable nodes, each with its place in the text.

A term is the string that N-Triples writes for it, a variable in the position of a term is ``?name``, and a blank node
of the query is ``?_:label``. Where only a variable can stand (``AS ?x``, a column, ``VALUES ?x``), its bare name is
kept. Triple patterns are written out: ``[ … ]`` and ``( … )`` are blank nodes with patterns of their own.

Leaf nodes are named tuples: making such a class takes a tenth of the time of a dataclass, and this package is
imported whenever a query is answered. A :class:`Group` and a :class:`Select` equal only themselves, since the same
text in two places of a query means two things.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple, TypeAlias

from kg.model import Term


class Path(NamedTuple):
    """A property path: ``iri`` with the IRI in ``term``, or an operator (``^ / | * + ? !``) over ``parts``."""

    op: str
    parts: tuple[Path, ...] = ()
    term: Term = ""


class Pattern(NamedTuple):
    """One triple pattern; ``start`` is the offset of its predicate in the text."""

    subject: str
    path: Path | str
    object: str
    start: int = 0


class Call(NamedTuple):
    """An operator, function or aggregate with its arguments.

    ``name`` is the operator as written (``&&``, ``IN``, ``NOT IN``), the name of the function or aggregate in upper
    case, or the IRI of a function. ``&&``, ``||``, ``+`` and ``*`` may have more than two arguments. ``COUNT(*)`` has
    the one argument ``*``. ``separator`` is that of GROUP_CONCAT, a literal.
    """

    name: str
    arguments: tuple[Expression, ...]
    distinct: bool = False
    separator: Term = ""


class Exists(NamedTuple):
    """``EXISTS`` or ``NOT EXISTS``; ``alone`` where it is all of a FILTER, and so decided in every solution."""

    group: Group
    negated: bool = False
    alone: bool = False


class Triples(NamedTuple):
    """A run of triple patterns."""

    patterns: tuple[Pattern, ...]
    start: int = 0
    end: int = 0


class Nested(NamedTuple):
    """Groups within a group.

    ``kind`` is ``UNION`` (one branch: a group in braces), ``OPTIONAL``, ``MINUS``, ``GRAPH``, ``SERVICE`` or
    ``LATERAL`` (Oxigraph's extension). ``target`` is the graph or service, a term or ``?variable``.
    """

    kind: str
    groups: tuple[Group, ...]
    target: str = ""
    silent: bool = False
    start: int = 0
    end: int = 0


class Filter(NamedTuple):
    """``FILTER``."""

    expression: Expression
    start: int = 0
    end: int = 0


class Bind(NamedTuple):
    """``BIND(expression AS ?variable)``."""

    expression: Expression
    variable: str
    start: int = 0
    end: int = 0


class Values(NamedTuple):
    """``VALUES``; None stands for UNDEF."""

    variables: tuple[str, ...]
    rows: tuple[tuple[Term | None, ...], ...]
    start: int = 0
    end: int = 0


class Unsupported(NamedTuple):
    """A form of SPARQL 1.2 without a node here: its tokens, IRIs written out and spaces among them."""

    tokens: tuple[str, ...]
    start: int = 0
    end: int = 0


@dataclass(frozen=True, eq=False, repr=False)
class Group:
    """A group graph pattern: its elements in order, and where its braces stand in ``source``.

    The other attributes sort the elements by kind; ``exists`` are the groups that its filters and BINDs ask for with
    EXISTS. A WHERE has among them what its SELECT asks for in its columns and after the WHERE: ``outside``.
    """

    elements: tuple[Element, ...] = ()
    source: str = ""
    start: int = 0
    end: int = 0
    outside: tuple[Exists, ...] = ()

    @property
    def text(self) -> str:
        """The group as it is written, with its braces."""
        return self.source[self.start : self.end]

    @cached_property
    def patterns(self) -> tuple[Pattern, ...]:
        """Its triple patterns."""
        return tuple(pattern for each in self.elements if isinstance(each, Triples) for pattern in each.patterns)

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """The groups in braces of their own."""
        return tuple(branches[0] for branches in self._of("UNION") if len(branches) == 1)

    @cached_property
    def unions(self) -> tuple[tuple[Group, ...], ...]:
        """The branches of each UNION."""
        return tuple(branches for branches in self._of("UNION") if len(branches) > 1)

    @cached_property
    def optionals(self) -> tuple[Group, ...]:
        """The groups after OPTIONAL."""
        return tuple(group for groups in self._of("OPTIONAL") for group in groups)

    @cached_property
    def minus(self) -> tuple[Group, ...]:
        """The groups after MINUS."""
        return tuple(group for groups in self._of("MINUS") for group in groups)

    @cached_property
    def selects(self) -> tuple[Select, ...]:
        """The SELECT that the group consists of, if it is one."""
        return tuple(each for each in self.elements if isinstance(each, Select))

    @cached_property
    def filters(self) -> tuple[Filter, ...]:
        """Its filters."""
        return tuple(each for each in self.elements if isinstance(each, Filter))

    @cached_property
    def binds(self) -> tuple[Bind, ...]:
        """Its BINDs."""
        return tuple(each for each in self.elements if isinstance(each, Bind))

    @cached_property
    def values(self) -> tuple[Values, ...]:
        """Its VALUES."""
        return tuple(each for each in self.elements if isinstance(each, Values))

    @cached_property
    def asked(self) -> tuple[Exists, ...]:
        """Every EXISTS and NOT EXISTS of its filters and BINDs."""
        parts = (each.expression for each in self.elements if isinstance(each, Filter | Bind))
        return (*(found for expression in parts for found in asked_in(expression)), *self.outside)

    @property
    def exists(self) -> tuple[Group, ...]:
        """The groups that it asks for with EXISTS."""
        return tuple(each.group for each in self.asked if not each.negated)

    def _of(self, kind: str) -> list[tuple[Group, ...]]:
        return [each.groups for each in self.elements if isinstance(each, Nested) and each.kind == kind]


class Column(NamedTuple):
    """A column of a SELECT, or a key of GROUP BY: a variable's name, and the expression that it is AS, if any.

    A key that is an expression without AS has no name.
    """

    name: str
    expression: Expression | None = None


class Order(NamedTuple):
    """One condition of ORDER BY."""

    expression: Expression
    descending: bool = False


@dataclass(frozen=True, eq=False, repr=False)
class Select:
    """A WHERE with its solution modifiers: a SELECT, or what an ASK, CONSTRUCT or DESCRIBE has of one.

    No ``columns`` mean ``*``. ``distinct`` is ``DISTINCT``, ``REDUCED`` or empty. ``start`` and ``end`` are the
    SELECT's in ``source``; ``places`` has the extent of each clause (``HAVING``, ``VALUES`` …) by its keyword.
    """

    where: Group
    columns: tuple[Column, ...] = ()
    distinct: str = ""
    keys: tuple[Column, ...] = ()
    having: tuple[Expression, ...] = ()
    order: tuple[Order, ...] = ()
    limit: int | None = None
    offset: int = 0
    values: Values | None = None
    source: str = ""
    start: int = 0
    end: int = 0
    places: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The SELECT as it is written."""
        return self.source[self.start : self.end]

    def clause(self, keyword: str) -> str:
        """A clause as it is written; empty where there is none."""
        start, end = self.places.get(keyword, (0, 0))
        return self.source[start:end]

    @property
    def sliced(self) -> bool:
        """Whether its rows are a part of others: which, depends on all of them."""
        return self.limit is not None or self.offset > 0

    @cached_property
    def aggregates(self) -> bool:
        """Whether its rows are groups of solutions."""
        return bool(self.keys) or any(map(_aggregates, expressions_of(self.columns, self.having, self.order)))


@dataclass(frozen=True, eq=False, repr=False)
class Query:
    """A whole query. ``form`` is SELECT, ASK, CONSTRUCT or DESCRIBE.

    ``template`` has the patterns of a CONSTRUCT; ``targets`` what a DESCRIBE names (none: ``*``). ``dataset`` pairs
    each FROM address with whether it is NAMED. ``named`` has every IRI of the text with the offset of its first use.
    """

    form: str
    select: Select
    template: tuple[Pattern, ...] = ()
    targets: tuple[str, ...] = ()
    dataset: tuple[tuple[Term, bool], ...] = ()
    named: Mapping[Term, int] = field(default_factory=dict)


Expression: TypeAlias = "str | Call | Exists | Unsupported"
Element: TypeAlias = "Triples | Nested | Filter | Bind | Values | Select | Unsupported"

_AGGREGATES = frozenset(("COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT"))


def expressions_of(
    columns: tuple[Column, ...], having: tuple[Expression, ...], order: tuple[Order, ...]
) -> Iterator[Expression]:
    """The expressions of the clauses of a SELECT."""
    yield from (each.expression for each in columns if each.expression is not None)
    yield from having
    yield from (each.expression for each in order)


def asked_in(expression: Expression) -> tuple[Exists, ...]:
    """Every EXISTS in an expression, those within its groups apart."""
    if isinstance(expression, Exists):
        return (expression,)
    if isinstance(expression, Call):
        return tuple(found for part in expression.arguments for found in asked_in(part))
    return ()


def _aggregates(expression: Expression) -> bool:
    if not isinstance(expression, Call):
        return False
    return expression.name in _AGGREGATES or any(map(_aggregates, expression.arguments))
