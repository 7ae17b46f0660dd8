"""What an answer should say beside its rows: what was contested and left out, and why there is nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from kg.evidence.grounds import Grounds
from kg.evidence.matches import Matcher
from kg.evidence.unknown import unknown_terms
from kg.patterns import Group, Path, Pattern, parse_select, sees
from kg.sparql import form, tokens
from kg.views import ACCEPT, contested

if TYPE_CHECKING:
    from kg.evidence.collect import Answered
    from kg.store import Graph

__all__ = ["contested_notes", "why_empty"]

#: How many near matches are named.
_NEAR = 5


def contested_notes(answer: Answered) -> list[str]:
    """What the answer leaves out since documents contest it, where it would have changed a row; else nothing.

    Only a view of uncontested facts leaves anything out for that reason.
    """
    graph = answer.graph
    if (
        graph.view.accept != "facts"
        or form(answer.text) != "SELECT"
        or _any_rows_do(answer.text)
        or not sees(answer.text, graph.snapshot.meta["contested_terms"])
    ):
        return []
    other = graph.in_view(replace(graph.view, accept="contested"))
    rows = _rows(other, answer.text)
    # A claim's own record is there whatever the view: rows that differ, differ by facts.
    here, there = Counter(answer.rows), Counter(rows)
    changed = [*(there - here).elements(), *(here - there).elements()]
    if not changed:
        return []
    believed = set(graph.view.documents(graph.corpus.documents))
    mine = [claim for claim in graph.corpus.claims.values() if claim.document in believed]
    disputed = contested(mine, graph.corpus.links)
    grounds = Grounds.of(other)
    named = _mentioned(answer.text, changed)
    left_out = [
        grounds.claim_reference(claim).line
        for claim in mine
        if claim.iri in disputed and claim.iri in other.materialised.claims and _about(claim.content, named)
    ]
    head = f"contested: {len(changed)} row{'s' if len(changed) != 1 else ''} would differ with --accept contested"
    return [head, *(f"    left out: {line}" for line in left_out)]


def why_empty(answer: Answered) -> list[str]:
    """Why an answer to a SELECT has no rows: the first pattern without a match, what is near, other views."""
    if answer.rows or form(answer.text) != "SELECT":
        return []
    graph = answer.graph
    if not graph.view.documents(graph.snapshot.meta["documents"]):
        return ["the view believes no document: name others with --only or --without"]
    select = parse_select(answer.text)
    matcher = Matcher(graph.store, select.prologue)
    unknown = list(unknown_terms(answer.text, graph))
    return [*unknown, *_first_unmatched(matcher, select.where, graph), *_other_views(graph, answer.text)]


# -- contested


def _any_rows_do(text: str) -> bool:
    """Whether a query takes so many rows, whichever come first: then two views have different ones for no reason."""
    words = {token.text.upper() for token in tokens(text) if token.kind == "name"}
    return "LIMIT" in words and "ORDER" not in words


def _mentioned(text: str, rows: list[tuple[str | None, ...]]) -> set[str]:
    return {value for row in rows for value in row if value} | set(_iris(text))


def _iris(text: str) -> Iterator[str]:
    return (token.text for token in tokens(text) if token.kind == "iri")


def _about(content: tuple[tuple[str, str, str], ...], named: set[str]) -> bool:
    return any(s in named or o in named for s, _p, o in content)


# -- nothing found


def _first_unmatched(matcher: Matcher, where: Group, graph: Graph) -> Iterator[str]:
    so_far: list[str] = []
    for pattern in where.patterns:
        so_far.append(_sparql(pattern))
        if not _any(matcher, " . ".join(so_far)):
            yield f"nothing matches: {_in_labels(pattern, graph)}" + (
                " (with what stands before it)" if so_far[1:] else ""
            )
            yield from _near(matcher, so_far[:-1], pattern, graph)
            return
    for branches in where.unions:
        if not any(_any(matcher, branch.text) for branch in branches):
            for branch in branches:
                yield from _first_unmatched(matcher, branch, graph)
            return
    yield "each pattern has matches; a filter, or what must be absent, leaves none"


def _near(matcher: Matcher, before: list[str], pattern: Pattern, graph: Graph) -> Iterator[str]:
    """With one fixed end of the pattern left open: what does match."""
    for subject, target in ((pattern.subject, "?near"), ("?near", pattern.object)):
        fixed = pattern.object if target == "?near" else pattern.subject
        if fixed.startswith("?"):
            continue
        loose = _sparql(Pattern(subject, pattern.path, target))
        text = f"SELECT DISTINCT ?near WHERE {{ {' . '.join([*before, loose])} }} ORDER BY ?near LIMIT {_NEAR}"
        near = [graph.label(str(row["near"])) for row in matcher.ask(text) if "near" in row]
        if near:
            yield f"near it: instead of {graph.label(fixed)} there is {', '.join(near)}"


def _other_views(graph: Graph, text: str) -> Iterator[str]:
    view = graph.view
    wider = [
        ("--accept " + name, replace(view, accept=name))
        for name in list(ACCEPT)[list(ACCEPT).index(view.accept) + 1 :]
    ]
    if view.as_of:
        wider.insert(0, ("all dates", view.timeless()))
    if view.only is not None or view.without:
        wider.insert(0, ("all documents", replace(view, only=None, without=frozenset())))
    for name, other in wider:
        count = len(_rows(graph.in_view(other), text))
        if count:
            yield f"{count} row{'s' if count != 1 else ''} with {name}"
            return


def _rows(graph: Graph, text: str) -> list[tuple[str | None, ...]]:
    return [tuple(None if value is None else str(value) for value in row) for row in graph.query(text)]  # type: ignore[union-attr]  # a SELECT


def _any(matcher: Matcher, text: str) -> bool:
    body = text if text.startswith("{") else f"{{ {text} }}"
    return next(matcher.ask(f"SELECT * WHERE {body} LIMIT 1"), None) is not None


# -- patterns as text


def _sparql(pattern: Pattern) -> str:
    path = pattern.path if isinstance(pattern.path, str) else _path(pattern.path)
    return f"{_term(pattern.subject)} {path} {_term(pattern.object)}"


def _term(text: str) -> str:
    return f"?blank_{text[3:]}" if text.startswith("?_:") else text


def _path(path: Path) -> str:
    if path.op == "iri":
        return path.term
    parts = [_path(part) for part in path.parts]
    if path.op in ("/", "|"):
        return f"({path.op.join(parts)})"
    if path.op == "^":
        return f"^({parts[0]})"
    if path.op == "!":
        return f"!({'|'.join(parts)})"
    return f"({parts[0]}){path.op}"


def _in_labels(pattern: Pattern, graph: Graph) -> str:
    def said(text: str) -> str:
        return text if text.startswith("?") else graph.label(text)

    path = pattern.path
    predicate = (
        said(path if isinstance(path, str) else path.term)
        if isinstance(path, str) or path.op == "iri"
        else _path(path)
    )
    return f"{said(pattern.subject)} “{predicate}” {said(pattern.object)}"
