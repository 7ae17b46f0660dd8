"""Property paths and blank nodes of a query: the triples that they match between two nodes."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from kg.sparql.syntax_tree import Path, Pattern

if TYPE_CHECKING:
    from kg.evidence.matches import Matcher
    from kg.evidence.solutions import Edge, Node, Solution


def path_edges(matcher: Matcher, path: Path, start: Node, end: Node) -> Iterable[Edge]:
    """The triples by which a path leads from one node to another; none for a path of length zero.

    A sequence gives the triples of every way through it, since each way is a solution of its own; ``+`` and
    ``*`` give those of a shortest one, the first by name among equals.
    """
    if path.op == "iri":
        return list(matcher.edges(start, matcher.term(path.term), end))
    if path.op == "^":
        return path_edges(matcher, path.parts[0], end, start)
    if path.op == "|":
        return [edge for part in path.parts for edge in path_edges(matcher, part, start, end)]
    if path.op == "/":
        return _sequence(matcher, path, start, end)
    if path.op == "!":
        return [edge for edge in _negated(matcher, path, start, end) if {edge[0], edge[2]} == {start, end}]
    if path.op in ("?", "*") and start == end:
        return []
    if path.op == "?":
        return path_edges(matcher, path.parts[0], start, end)
    return _shortest(matcher, path, start, end)


def may_be_empty(path: Path) -> bool:
    """Whether a path can have length zero: it then needs a node only to occur."""
    if path.op in ("?", "*"):
        return True
    if path.op == "/":
        return all(map(may_be_empty, path.parts))
    return path.op in ("|", "^", "+") and any(map(may_be_empty, path.parts))


def presence(matcher: Matcher, node: Node) -> list[Edge]:
    """The first triple by name that has a node."""
    edges = [*matcher.edges(node, None, None), *matcher.edges(None, None, node)]
    return [min(edges, key=lambda edge: tuple(map(str, edge)))] if edges else []


def path_pairs(matcher: Matcher, path: Path, start: Node | None, end: Node | None) -> Iterator[tuple[Node, Node]]:
    """The pairs of nodes that a path joins, with either end given or open."""
    if start is not None:
        for node in _reach(matcher, path, start):
            if end is None or node == end:
                yield start, node
    elif end is not None:
        for node in _reach(matcher, path, end, back=True):
            yield node, end
    else:
        for node in dict.fromkeys(end for edge in matcher.edges(None, None, None) for end in (edge[0], edge[2])):
            for other in _reach(matcher, path, node):
                yield node, other


def _sequence(matcher: Matcher, path: Path, start: Node, end: Node) -> list[Edge]:
    head, rest = path.parts[0], path.parts[1:]
    if not rest:
        return list(path_edges(matcher, head, start, end))
    remainder = Path("/", rest)
    edges: dict[Edge, None] = {}
    for middle in _reach(matcher, head, start):
        if end in _reach(matcher, remainder, middle):
            edges |= dict.fromkeys(path_edges(matcher, head, start, middle))
            edges |= dict.fromkeys(_sequence(matcher, remainder, middle, end))
    return list(edges)


def _reach(matcher: Matcher, path: Path, start: Node, *, back: bool = False) -> dict[Node, None]:
    """The nodes that a path leads to, or from which it leads here (``back``), in order of name at each step."""
    near, far = (2, 0) if back else (0, 2)
    if path.op == "iri":
        ends = (None, start) if back else (start, None)
        edges = matcher.edges(ends[0], matcher.term(path.term), ends[1])
        return dict.fromkeys(sorted((edge[far] for edge in edges), key=str))
    if path.op == "^":
        return _reach(matcher, path.parts[0], start, back=not back)
    if path.op == "|":
        return {node: None for part in path.parts for node in _reach(matcher, part, start, back=back)}
    if path.op == "/":
        nodes: dict[Node, None] = {start: None}
        for part in reversed(path.parts) if back else path.parts:
            nodes = {found: None for node in nodes for found in _reach(matcher, part, node, back=back)}
        return nodes
    if path.op == "!":
        edges = _negated(matcher, path, None, start) if back else _negated(matcher, path, start, None)
        return {edge[far] if edge[near] == start else edge[near]: None for edge in edges}
    if path.op == "?":
        return {start: None, **_reach(matcher, path.parts[0], start, back=back)}
    found: dict[Node, None] = {start: None} if path.op == "*" else {}
    queue, seen = deque([start]), {start}
    while queue:
        for node in _reach(matcher, path.parts[0], queue.popleft(), back=back):
            found[node] = None
            if node not in seen:
                seen.add(node)
                queue.append(node)
    return found


def _shortest(matcher: Matcher, path: Path, start: Node, end: Node) -> list[Edge]:
    step = path.parts[0]
    came_from: dict[Node, Node] = {}
    queue = deque([start])
    while queue:
        node = queue.popleft()
        for found in _reach(matcher, step, node):
            if found == end:
                edges = list(path_edges(matcher, step, node, found))
                while node != start:
                    before = came_from[node]
                    edges = [*path_edges(matcher, step, before, node), *edges]
                    node = before
                return edges
            if found not in came_from and found != start:
                came_from[found] = node
                queue.append(found)
    return []


def _negated(matcher: Matcher, path: Path, start: Node | None, end: Node | None) -> Iterator[Edge]:
    forward = {matcher.term(part.term) for part in path.parts if part.op == "iri"}
    backward = {matcher.term(part.parts[0].term) for part in path.parts if part.op == "^"}
    if forward or not backward:
        yield from (edge for edge in matcher.edges(start, None, end) if edge[1] not in forward)
    if backward:
        yield from (edge for edge in matcher.edges(end, None, start) if edge[1] not in backward)


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
        empty = isinstance(pattern.path, Path) and may_be_empty(pattern.path)
        there = [start] if start == end and empty else []
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


def _named(text: str, value: Node) -> dict[str, Node]:
    return {text[1:]: value} if text[0] == "?" else {}
