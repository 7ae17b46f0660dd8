"""What a SELECT is made of: triple patterns with their paths, group by group, each group with its text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from kg.model import Term

__all__ = ["Element", "Group", "Path", "Pattern", "Select", "all_patterns", "inner_groups"]


@dataclass(frozen=True, slots=True)
class Path:
    """A property path: ``iri`` with the IRI in ``term``, or an operator (``^ / | * + ? !``) over ``parts``."""

    op: str
    parts: tuple[Path, ...] = ()
    term: Term = ""


@dataclass(frozen=True, slots=True)
class Pattern:
    """One triple pattern: terms, ``?variables``, or ``?_:n`` for blank nodes; the predicate a Path or variable.

    ``start`` is the offset of its predicate in the text.
    """

    subject: str
    path: Path | str
    object: str
    start: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, eq=False)
class Element:
    """One part of a group, with its text, and the groups or patterns that stand in it.

    ``kind`` is ``triples`` (one subject with what is said of it), ``group`` (one, or a UNION), ``select``, or the
    word that it begins with.
    """

    kind: str
    text: str
    groups: tuple[Group, ...] = ()
    patterns: tuple[Pattern, ...] = ()


@dataclass(slots=True, eq=False)
class Group:
    """A group graph pattern: its text with the braces, where that starts in the query, and what stands in it.

    ``elements`` are its parts in their order; the other lists have the same by kind.
    ``values`` and ``filters`` are the texts of its VALUES blocks, and of its FILTERs that ask for no EXISTS;
    ``binds`` pairs each variable that BIND gives a value with the text of its expression. ``exists`` and
    ``not_exists`` are groups that something in this one asks after; such a group is ``asked`` where it stands in
    a larger expression: whether it matches is then open. Asked by a filter of its own, it matches in every
    solution, or in none. ``before`` are the variables that may have values where an OPTIONAL or a MINUS begins, or
    where a BIND asks after a group. Two groups are never equal: each has its place.
    """

    text: str = ""
    start: int = 0
    patterns: list[Pattern] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    optionals: list[Group] = field(default_factory=list)
    unions: list[list[Group]] = field(default_factory=list)
    minus: list[Group] = field(default_factory=list)
    exists: list[Group] = field(default_factory=list)
    not_exists: list[Group] = field(default_factory=list)
    selects: list[Select] = field(default_factory=list)
    values: list[str] = field(default_factory=list)
    filters: list[str] = field(default_factory=list)
    binds: list[tuple[str, str]] = field(default_factory=list)
    elements: list[Element] = field(default_factory=list)
    asked: bool = False
    before: frozenset[str] | None = None


@dataclass(slots=True, eq=False)
class Select:
    """A SELECT, the query itself or one inside it; ``text`` is its own, without the prologue.

    ``columns`` pairs each column with the text of its expression (None for a plain variable; empty for ``*``);
    ``keys`` the same for GROUP BY (a key without ``AS`` has the name None). What an EXISTS in the heading or after
    the WHERE asks for is among the ``exists`` and ``not_exists`` of ``where``. ``heading``, ``grouping``,
    ``having``, ``order`` and ``values`` are the texts of its columns and of those clauses; ``limit`` and ``offset``
    are what stands there.
    """

    prologue: str
    where: Group
    text: str = ""
    distinct: bool = False
    columns: list[tuple[str, str | None]] = field(default_factory=list)
    keys: list[tuple[str | None, str]] = field(default_factory=list)
    aggregates: bool = False
    heading: str = ""
    grouping: str = ""
    having: str = ""
    order: str = ""
    values: str = ""
    limit: int | None = None
    offset: int = 0

    @property
    def sliced(self) -> bool:
        """Whether its rows are a part of others: which, depends on all of them."""
        return self.limit is not None or self.offset > 0


def all_patterns(group: Group) -> Iterator[Pattern]:
    """Every triple pattern in a group and in the groups within it."""
    yield from group.patterns
    for part in inner_groups(group):
        yield from all_patterns(part)


def inner_groups(group: Group) -> list[Group]:
    """The groups that stand directly in a group, whatever for; of a SELECT, its WHERE."""
    branches = [branch for union in group.unions for branch in union]
    selects = [select.where for select in group.selects]
    return [
        *group.groups,
        *group.optionals,
        *branches,
        *group.minus,
        *group.exists,
        *group.not_exists,
        *selects,
    ]
