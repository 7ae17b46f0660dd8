"""Why there is nothing: the first part of a query without a match, what is near it, other views that have some.

A group is built up again in the order in which it was written, part by part, its filters last, as SPARQL 1.1 has
them (section 18.2.2); the part after which nothing is left is the one to name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from kg.errors import counted
from kg.evidence.absence import Wording
from kg.evidence.grounds import Grounds
from kg.evidence.suggestions import near_terms, unknown_terms
from kg.graph.store import Graph
from kg.graph.views import ACCEPT, View
from kg.queries.answer import Answer
from kg.queries.execution import answered
from kg.sparql.analysis import followed_select
from kg.sparql.printer import write
from kg.sparql.syntax_tree import Column, Element, Exists, Filter, Group, Nested, Pattern, Select, Triples
from kg.sparql.tokens import form, tokens
from kg.vocab import PREFIXES

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyoxigraph

    from kg.evidence.collect import Answered

__all__ = ["other_views", "rows_of", "why_empty"]

_WITH_REST = ", given the rest of the question"
#: Comparisons with a value in words.
_COMPARED = {">=": "from {} on", ">": "after {}", "<=": "up to {}", "<": "before {}"}
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
#: The languages that labels are written in.
_LANGUAGES = ("en", "sr-latn", "sr-cyrl")


def why_empty(answer: Answered) -> list[str]:
    """Why an answer to a SELECT has no rows: the first part without a match, what is near it, other views.

    Raises UsageError (KG630) where the query cannot be taken apart.
    """
    if answer.rows or form(answer.text) != "SELECT":
        return []
    graph, text = answer.graph, answer.text
    if not graph.view.documents(graph.snapshot.meta["documents"]):
        return ["The view believes no document: name others with --only or --without."]
    return [
        *_Probe(graph, text).select(followed_select(text)),
        *other_views(graph, lambda other: len(rows_of(other, text))),
    ]


def rows_of(graph: Graph, text: str) -> list[tuple[str | None, ...]]:
    """The rows that the answer to a SELECT has in a graph's view."""
    return answered(Answer(graph, None, text, "SELECT")).rows


def other_views(graph: Graph, count: Callable[[Graph], int], what: str = "row") -> list[str]:
    """The first of the views near a graph's that has some of what is counted, in words; nothing when none has.

    Nearest is the same view with what only possibly holds; then those with one thing changed; then the default
    view, and it with more accepted.
    """
    for words, view in _near_views(graph.view):
        # What only possibly holds has been found with what certainly does.
        found = count(graph.possibly if view == graph.possibly.view else graph.in_view(view))
        if found:
            return [f"{counted(found, what)} {words}"]
    return []


def _near_views(view: View) -> Iterator[tuple[str, View]]:
    wider = list(ACCEPT)[list(ACCEPT).index(view.accept) + 1 :]
    narrowed = view.only is not None or bool(view.without)
    if view.certain:
        yield "possibly: without --certain", replace(view, certain=False)
    if narrowed:
        yield "with all documents", replace(view, only=None, without=frozenset())
    if view.as_of:
        yield "with all dates", view.timeless()
    for name in wider:
        yield f"with --accept {name}", replace(view, accept=name)
    changed = [*(["all documents"] if narrowed else []), *(["all dates"] if view.as_of else [])]
    whole = View(accept=view.accept)
    if len(changed) == 2:
        yield f"with {' and '.join(changed)}", whole
    for name in wider if changed else ():
        yield f"with {', '.join(changed)} and --accept {name}", replace(whole, accept=name)
    if view.accept != "facts" and not view.default:
        yield "in the default view", View()


@dataclass(frozen=True)
class _Probe:
    """Asks one store about parts of one query."""

    graph: Graph
    text: str

    def solutions(self, select: Select) -> Iterator[Mapping[str, str]]:
        """The solutions of a SELECT, as terms by variable."""
        import pyoxigraph

        found = self._store.query(write(select), default_graph=pyoxigraph.DefaultGraph(), named_graphs=[])
        assert isinstance(found, pyoxigraph.QuerySolutions)  # noqa: S101 - every text here is a SELECT of our own
        names = [variable.value for variable in found.variables]
        for row in found:
            yield {name: str(value) for name, value in zip(names, row, strict=True) if value is not None}

    @property
    def _store(self) -> pyoxigraph.Store:
        return self.graph.store

    def any(self, *parts: Element) -> bool:
        """Whether some elements of a group have a solution together."""
        return next(self.solutions(Select(Group(parts), limit=1)), None) is not None

    # -- a SELECT

    def select(self, select: Select) -> Iterator[str]:
        """Why a SELECT has no rows; nothing where its own store has some."""
        found = list(self.group(select.where))
        yield from found or self._after_where(select)

    def _after_where(self, select: Select) -> Iterator[str]:
        count = sum(1 for _row in self.solutions(replace(select, limit=None, offset=0)))
        if not count:
            clauses = filter(None, map(select.clause, ("HAVING", "VALUES")))
            yield from (self.unmet(clause) for clause in clauses)
        elif select.limit == 0:
            yield f"LIMIT 0 asks for none of {counted(count, 'row')}"
        elif select.offset:
            yield f"OFFSET {select.offset} passes over all of {counted(count, 'row')}"

    # -- a group

    def group(self, group: Group) -> Iterator[str]:
        """Why a group has no solution; nothing where it has one."""
        so_far: list[Element] = []
        for element in group.elements:
            if isinstance(element, Triples):
                for pattern in element.patterns:
                    if not self.any(*so_far, one := Triples((pattern,))):
                        yield from self._unmatched(so_far, pattern)
                        return
                    so_far.append(one)
            elif not isinstance(element, Filter):
                if not self.any(*so_far, element):
                    yield from self._nothing_in(group, so_far, element)
                    return
                so_far.append(element)
        for each in group.filters:
            if not self.any(*so_far, each):
                yield self.condition(group, each)
                return
            so_far.append(each)

    def _unmatched(self, before: list[Element], pattern: Pattern) -> Iterator[str]:
        yield f"Nothing in this view says that {self.wording.clause(pattern, {})}{_WITH_REST if before else ''}."
        hints = [*unknown_terms(self.graph, pattern), *self._in_a_language(before, pattern)]
        yield from hints or self._near(before, pattern)

    def _nothing_in(self, group: Group, before: list[Element], element: Element) -> Iterator[str]:
        """Why a part of a group, other than triples, leaves nothing: within it, or with what stands before it."""
        kind = element.kind if isinstance(element, Nested) else ""
        groups = element.groups if isinstance(element, Nested) and kind == "UNION" else ()
        if kind == "MINUS":
            yield f"Every row is left out, since {self._clauses(element)}."
        elif isinstance(element, Select):
            yield from self.select(element)
        elif groups and not any(self.any(Nested("UNION", (part,))) for part in groups):
            for part in groups:
                yield from self.group(part)
        else:
            yield self.unmet(group.source[element.start : element.end])

    def _near(self, before: list[Element], pattern: Pattern) -> Iterator[str]:
        """With one fixed end of the pattern left open: what does match, the most alike first."""
        for subject, target in ((pattern.subject, "?near"), ("?near", pattern.object)):
            fixed = pattern.object if target == "?near" else pattern.subject
            if fixed.startswith("?"):
                continue
            loose = Triples((Pattern(subject, pattern.path, target),))
            found = self.solutions(Select(Group((*before, loose)), (Column("near"),), "DISTINCT"))
            near = near_terms(self.graph, fixed, [row["near"] for row in found if "near" in row])
            if near:
                label = self.graph.label
                yield f"Near it: instead of {label(fixed)} there is {', '.join(map(label, near))}."

    def _in_a_language(self, before: list[Element], pattern: Pattern) -> Iterator[str]:
        """That a text which matches nothing matches with a language."""
        text = pattern.object
        if not text.startswith('"') or not text.endswith('"'):
            return
        for language in _LANGUAGES:
            tagged = f"{text}@{language}"
            if self.any(*before, Triples((pattern._replace(object=tagged),))):
                yield f"Labels carry a language: write {tagged}."
                return

    # -- in words

    @cached_property
    def wording(self) -> Wording:
        """What says a pattern in words."""
        return Wording(Grounds.of(self.graph))

    def condition(self, group: Group, each: Filter) -> str:
        """That a filter leaves nothing: by the group that it asks for, or by the values that it compares."""
        if isinstance(each.expression, Exists):
            inner = self.wording.clauses(each.expression.group, {})
            if each.expression.negated:
                return f"Every row is left out, since this view says that {inner}."
            return f"Nothing in this view says that {inner}{_WITH_REST}."
        return self.unmet(group.source[each.start : each.end])

    def unmet(self, text: str) -> str:
        """That no row meets a condition, by the values that stand in it."""
        values: dict[str, None] = {}
        dates, before = False, ""
        for token in tokens(text):
            if token.kind in ("iri", "prefixed", "string", "number") and before != "^^":
                value = self._label(token.text)
                dates = dates or bool(_DATE.fullmatch(value))
                values[_COMPARED.get(before, "{}").format(value)] = None
            if token.kind != "space":
                before = token.text
        if not values:
            return "Nothing in this view fits a condition of the question."
        return f"Nothing in this view {'is dated' if dates else 'fits'} {', '.join(values)}."

    def _label(self, text: str) -> str:
        """A token in words: an IRI, also a prefixed one, by its label; a literal by its text."""
        prefix, colon, local = text.partition(":")
        space = {**PREFIXES, **self.graph.project.prefixes}.get(prefix) if colon else None
        return text if text[:1].isdigit() else self.graph.label(f"<{space}{local}>" if space else text)

    def _clauses(self, element: Element) -> str:
        groups = element.groups if isinstance(element, Nested) else ()
        return "this view says that " + " or ".join(self.wording.clauses(group, {}) for group in groups)
