"""Notes beside an answer: why it is empty, similar terms, other views, and contested facts.

A group is built up again in the order in which it was written, part by part, its filters last, as SPARQL 1.1 has
them (section 18.2.2); the part after which nothing is left is the one to name.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from kg.errors import counted
from kg.evidence.absence import Wording
from kg.evidence.solutions import Source
from kg.evidence.triple_support import SupportFinder
from kg.graph.store import Graph
from kg.graph.views import View
from kg.labels import shorten
from kg.model import Term, is_literal, text_of
from kg.queries.answer import Answer
from kg.queries.entities import candidates, described, mentioned
from kg.queries.execution import answered
from kg.sparql.analysis import followed_select, named_terms, sees
from kg.sparql.parser import parse_select
from kg.sparql.syntax_tree import Column, Element, Exists, Filter, Group, Nested, Path, Pattern, Select, Triples
from kg.sparql.tokens import form, tokens
from kg.vocab import OWL, RDF, RDFS, iri, kg, local_name

_WITH_REST = ", given the rest of the question"
#: Comparisons with a value in words.
_COMPARED = {">=": "from {} on", ">": "after {}", "<=": "up to {}", "<": "before {}"}
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_DATED = (
    f"SELECT (MIN(?day) AS ?first) (MAX(?day) AS ?last) {{ ?period {kg('earliestBegin')}|{kg('latestBegin')} ?day }}"
)
#: The languages that labels are written in.
_LANGUAGES = ("en", "sr-latn", "sr-cyrl")


def why_empty(answer: Answer) -> list[str]:
    """Why an answer to a SELECT has no rows: the first part without a match, what is near it, other views.

    Raises UsageError (KG630) where the query cannot be taken apart.
    """
    if answer.rows or form(answer.text) != "SELECT":
        return []
    graph, text = answer.graph, answer.text
    if not graph.view.documents(graph.snapshot.meta["documents"]):
        return ["The view believes no document: name others with --only or --without."]
    there = other_views(graph, lambda other: len(rows_of(other, text)))
    return [*_Probe(graph).select(followed_select(text)), *there]


def rows_of(graph: Graph, text: str) -> list[tuple[str | None, ...]]:
    """The rows that the answer to a SELECT has in a graph's view."""
    return answered(Answer(graph, None, text, "SELECT")).rows


def other_views(graph: Graph, count: Callable[[Graph], int], what: str = "row") -> list[str]:
    """The first view near a graph's for which ``count`` is not 0, in words; nothing when there is none.

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
    narrowed = view.only is not None or bool(view.without)
    if view.certain:
        yield "possibly: without --certain", replace(view, certain=False)
    if narrowed:
        yield "with all documents", view.undivided
    if view.as_of:
        yield "with all dates", view.timeless()
    for name, other in view.wider.items():
        yield f"with --accept {name}", other
    changed = [*(["all documents"] if narrowed else []), *(["all dates"] if view.as_of else [])]
    whole = View(accept=view.accept)
    if len(changed) == 2:
        yield f"with {' and '.join(changed)}", whole
    for name, other in whole.wider.items() if changed else ():
        yield f"with {', '.join(changed)} and --accept {name}", other
    if view.accept != "facts" and not view.default:
        yield "in the default view", View()


class _Probe(Source):
    """Asks the store of a graph about parts of one query."""

    def __init__(self, graph: Graph) -> None:
        super().__init__(graph.store)
        self.graph = graph
        self.wording = Wording(SupportFinder.of(graph))

    def any(self, *parts: Element) -> bool:
        """Whether some elements of a group have a solution together."""
        return next(self.ask(Select(Group(parts), limit=1)), None) is not None

    # -- a SELECT

    def select(self, select: Select) -> Iterator[str]:
        """Why a SELECT has no rows; nothing where its own store has some."""
        found = list(self.group(select.where))
        yield from found or self._after_where(select)

    def _after_where(self, select: Select) -> Iterator[str]:
        count = sum(1 for _row in self.ask(replace(select, limit=None, offset=0)))
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
        """Why an element of a group, other than triples, leaves no solution."""
        groups = element.groups if isinstance(element, Nested) and element.kind == "UNION" else ()
        if isinstance(element, Nested) and element.kind == "MINUS":
            inner = " or ".join(self.wording.clauses(each, {}) for each in element.groups)
            yield f"Every row is left out, since this view says that {inner}."
        elif isinstance(element, Select):
            yield from self.select(element)
        elif groups and not any(self.any(Nested("UNION", (part,))) for part in groups):
            for part in groups:
                yield from self.group(part)
        else:
            yield self.unmet(group.source[element.start : element.end])

    def _near(self, before: list[Element], pattern: Pattern) -> Iterator[str]:
        """The matches of a pattern with one fixed end left open, the most similar first."""
        for subject, target in ((pattern.subject, "?near"), ("?near", pattern.object)):
            fixed = pattern.object if target == "?near" else pattern.subject
            if fixed.startswith("?"):
                continue
            loose = Triples((Pattern(subject, pattern.path, target),))
            found = self.ask(Select(Group((*before, loose)), (Column("near"),), "DISTINCT"))
            near = near_terms(self.graph, fixed, [str(row["near"]) for row in found if "near" in row])
            if near:
                label = self.graph.label
                yield f"Near it: instead of {label(fixed)} there is {', '.join(map(label, near))}."

    def _in_a_language(self, before: list[Element], pattern: Pattern) -> Iterator[str]:
        """The hint that a text matches with a language tag."""
        text = pattern.object
        if not text.startswith('"') or not text.endswith('"'):
            return
        for language in _LANGUAGES:
            tagged = f"{text}@{language}"
            if self.any(*before, Triples((pattern._replace(object=tagged),))):
                yield f"Labels carry a language: write {tagged}."
                return

    # -- in words

    def condition(self, group: Group, each: Filter) -> str:
        """That a filter leaves no solution, as a sentence: by its group, or by the values that it compares."""
        if isinstance(each.expression, Exists):
            inner = self.wording.clauses(each.expression.group, {})
            if each.expression.negated:
                return f"Every row is left out, since this view says that {inner}."
            return f"Nothing in this view says that {inner}{_WITH_REST}."
        return self.unmet(group.source[each.start : each.end])

    def unmet(self, text: str) -> str:
        """One sentence that says that no row meets a condition, by the values in it."""
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
        if not dates and "YEAR(" not in text.upper():
            return f"Nothing in this view fits {', '.join(values)}."
        found = next(iter(self.graph.rows(_DATED)), (None, None))
        first, last = (text_of(day)[:4] if day else "" for day in found)
        known = f"; its dated facts begin between {first} and {last}" if first and last else ""
        return f"Nothing in this view is dated {', '.join(values)}{known}."

    def _label(self, text: str) -> str:
        """A token in words: an IRI, also a prefixed one, by its label; a literal by its text."""
        prefix, colon, local = text.partition(":")
        space = self.graph.project.prefixes.get(prefix) if colon else None
        return text if text[:1].isdigit() else self.graph.label(f"<{space}{local}>" if space else text)


#: How many near terms are named.
_NEAR = 5
_TYPE = iri(RDF + "type")
_KINDS = (_TYPE, iri(RDFS + "subClassOf"), iri(RDFS + "subPropertyOf"))
_SCHEMA = (f"<{OWL}", f"<{RDF}", f"<{RDFS}")


def near_terms(graph: Graph, fixed: Term, found: Iterable[Term]) -> list[Term]:
    """The terms most similar to one: of the same vocabulary, of the same class, with a similar name."""
    from difflib import SequenceMatcher

    label, kinds = graph.label, _kinds(graph)
    name, mine = label(fixed).casefold(), kinds.get(fixed, frozenset())

    def order(term: Term) -> tuple[bool, int, float, str]:
        alike = SequenceMatcher(None, name, label(term).casefold()).ratio()
        return (term.startswith(_SCHEMA), -len(mine & kinds.get(term, frozenset())), -alike, label(term))

    ordered = sorted(set(found) - {fixed}, key=order)
    plain = [term for term in ordered if not term.startswith(_SCHEMA)]
    return (plain or ordered)[:_NEAR]


def unknown_terms(graph: Graph, pattern: Pattern) -> Iterator[str]:
    """The terms of a pattern that the graph does not have, each with similar names."""
    kinds = _kinds(graph)
    verbs = [] if isinstance(pattern.path, str) else list(_terms(pattern.path))
    for term in dict.fromkeys([*verbs, pattern.subject, pattern.object]):
        if term.startswith(("?", "_:")) or is_literal(term) or mentioned(graph, term):
            continue
        wanted = "Property>" if term in verbs else "Class>" if verbs == [_TYPE] else ""
        meant = [
            t for t in candidates(graph, local_name(term)) if any(wanted in kind for kind in kinds.get(t, ("",)))
        ]
        hint = f"; did you mean {' or '.join(described(graph, other) for other in meant[:3])}?" if meant else ""
        short = shorten(term, graph.project.prefixes)
        yield f"Nothing in the graph is called {short}{hint or '.'}"


def _kinds(graph: Graph) -> dict[Term, frozenset[Term]]:
    """The classes of each entity, and what each class and property is a kind of, as the files say."""
    known: dict[Term, frozenset[Term]] | None = graph.memo.get("kinds")
    if known is None:
        found: dict[Term, set[Term]] = {}
        for s, _p, o in graph.index.given_with(_KINDS, "entities", "ontology"):
            found.setdefault(s, set()).add(o)
        known = graph.memo["kinds"] = {term: frozenset(kinds) for term, kinds in found.items()}
    return known


def _terms(path: Path) -> Iterator[Term]:
    if path.op == "iri":
        yield path.term
    for part in path.parts:
        yield from _terms(part)


def contested_notes(answer: Answer) -> list[str]:
    """The contested claims that the view leaves out and that would change a row.

    Only a view of uncontested facts leaves anything out for that reason.
    """
    graph = answer.graph
    if graph.view.accept != "facts" or form(answer.text) != "SELECT":
        return []
    select = parse_select(answer.text)
    # With a LIMIT and no order, two views have different rows for no reason.
    any_rows_do = select.limit is not None and not select.order
    if any_rows_do or not sees(answer.text, graph.snapshot.meta["contested_terms"]):
        return []
    other = graph.in_view(replace(graph.view, accept="contested"))
    rows = rows_of(other, answer.text)
    # A claim's own record is there whatever the view: rows that differ, differ by facts.
    here, there = Counter(answer.rows), Counter(rows)
    changed = [*(there - here).elements(), *(here - there).elements()]
    if not changed:
        return []
    grounds = SupportFinder.of(other)
    named = {value for row in changed for value in row if value} | set(named_terms(answer.text))
    # What the other view takes and this one does not, it takes although it is contested.
    disputed = graph.index.contested_claims()
    left_out = [
        grounds.claim_reference(claim).line
        for claim in disputed
        if other.facts.takes(claim.iri)
        and not graph.facts.takes(claim.iri)
        and any(s in named or o in named for s, _p, o in claim.content)
    ]
    head = f"contested: {len(changed)} row{'s' if len(changed) != 1 else ''} would differ with --accept contested"
    return [head, *(f"    left out: {line}" for line in left_out)]
