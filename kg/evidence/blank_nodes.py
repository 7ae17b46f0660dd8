"""Filling the blank nodes of a query, which no solution has values for, by looking in the store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from kg.evidence.paths import may_be_empty, path_edges, path_pairs
from kg.sparql.syntax_tree import Path, Pattern

if TYPE_CHECKING:
    from kg.evidence.matched import Edge, Node, Solution
    from kg.evidence.matches import Matcher

__all__ = ["fillings", "has_blank"]

#: How many ways of filling blank nodes of the query are listed for one solution.
_WAYS = 50


def has_blank(pattern: Pattern) -> bool:
    """Whether a blank node stands in a pattern."""
    return pattern.subject.startswith("?_:") or pattern.object.startswith("?_:")


def fillings(
    matcher: Matcher, patterns: Sequence[Pattern], solution: Solution
) -> Iterator[tuple[list[Edge], list[Node]]]:
    """The ways in which patterns with blank nodes match for a solution, by nested loops; at most ``_WAYS``.

    A way is the triples that it goes by, and the nodes that need only be there.
    """
    return islice(_fill(matcher, patterns, solution), _WAYS)


def _fill(
    matcher: Matcher, patterns: Sequence[Pattern], solution: Solution
) -> Iterator[tuple[list[Edge], list[Node]]]:
    if not patterns:
        yield [], []
        return

    def value(text: str) -> Node | None:
        return matcher.value(text, solution)

    # The pattern with the fewest unknowns first.
    pattern = min(patterns, key=lambda p: (value(p.subject) is None) + (value(p.object) is None))
    rest = [other for other in patterns if other is not pattern]
    for start, end, edges in _candidates(matcher, pattern, solution):
        extended = {**solution, **_named(pattern.subject, start), **_named(pattern.object, end)}
        there = [start] if start == end and _can_be_empty(pattern) else []
        for others, nodes in _fill(matcher, rest, extended):
            yield [*edges, *others], [*there, *nodes]


def _candidates(matcher: Matcher, pattern: Pattern, solution: Solution) -> Iterator[tuple[Node, Node, list[Edge]]]:
    subject, target = matcher.value(pattern.subject, solution), matcher.value(pattern.object, solution)
    if isinstance(pattern.path, Path) and pattern.path.op != "iri":
        for start, end in path_pairs(matcher, pattern.path, subject, target):
            yield start, end, list(path_edges(matcher, pattern.path, start, end))
        return
    text = pattern.path if isinstance(pattern.path, str) else pattern.path.term
    for edge in matcher.edges(subject, matcher.value(text, solution), target):
        yield edge[0], edge[2], [edge]


def _can_be_empty(pattern: Pattern) -> bool:
    return isinstance(pattern.path, Path) and may_be_empty(pattern.path)


def _named(text: str, value: Node) -> dict[str, Node]:
    return {text[1:]: value} if text[0] == "?" else {}
