"""Check whether saved queries, rules and expected answers can match anything, and whether rules can be parsed.

The checks run no query: a project's tests and ``kg load`` compare the answers with the expected ones. Domains and
ranges have the same meaning as in the checks of claims. A path is expanded into the triples that it requires; if it
has alternatives, a variable may have the type that any of them requires.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, pairwise, product
from pathlib import Path

from kg.checks.changed import Cache, code_digest, digest_of
from kg.checks.document_checks import problem_from
from kg.checks.terms import (
    CLASS,
    DATA,
    OBJECT,
    TYPE,
    Schema,
    Uses,
    close_to,
    did_you_mean,
    name_of,
)
from kg.corpus.rules import read_rules
from kg.corpus.saved_queries import SavedQuery
from kg.errors import InputError, Place, Problem, UsageError, counted
from kg.model import Term, Triple
from kg.project import Project
from kg.sparql.analysis import all_groups, all_patterns, columns_of, inner_groups, sure
from kg.sparql.parser import parse, parse_select
from kg.sparql.printer import write_path
from kg.sparql.syntax_tree import Group, Pattern, Query, Select
from kg.sparql.syntax_tree import Path as PropertyPath
from kg.vocab import RDFS, SKOS, iri, kg, local_name


def query_problems(text: str, file: str, uses: Uses) -> Iterator[Problem]:
    """Unknown and deprecated terms, unknown entities, and what nothing can match (KG401 to 403, 405 to 408, 461)."""
    try:
        query = parse(text)
    except UsageError:
        return  # no query, or no SPARQL: the reading says so
    for term, start in query.named.items():
        place = Place(file, text.count("\n", 0, start) + 1)
        if term != f"{uses.entities}>":
            yield from uses.named(term, place, "Name an entity of corpus/entities/.")
    yield from dict.fromkeys(QueryTypes(uses, text, file).query(query))


def saved_query_problems(query: SavedQuery, queries: Mapping[str, SavedQuery], schema: Schema) -> Iterator[Problem]:
    """Impossible values in the header of a saved query: a class (KG625), its date (KG628), its list (KG626).

    And ``choices`` that name no query, or one that cannot be asked by itself (KG658).
    """
    place = Place(query.file, 1)
    classes = schema.of_kind(CLASS)
    for parameter in query.parameters:
        if parameter.kind and parameter.kind not in classes:
            remedy = did_you_mean(
                close_to(local_name(parameter.kind), map(local_name, classes)), "Name a class of the ontology."
            )
            message = f"parameter {parameter.name!r}: {name_of(parameter.kind)} is not a class of the ontology"
            yield Problem("KG625", message, place, remedy)
        if parameter.choices and isinstance(parameter.choices, str):
            lister = queries.get(parameter.choices)
            unasked = lister and any(each.required and each.default is None for each in lister.parameters)
            if lister is None or lister.form != "SELECT" or unasked:
                message = f"parameter {parameter.name!r}: {parameter.choices!r} is not a query that can list values"
                remedy = "Name a SELECT whose parameters have defaults, or list the values: choices: [a, b]."
                yield Problem("KG658", message, place, remedy)
    if query.form == "SELECT" and query.date is None:
        remedy = "Add `#+ date: {of: fact, by: variable}`, or `none`: see docs/time.md."
        yield Problem("KG628", "the header lacks `date`, which --as-of asks about", place, remedy, "warning")
    if select := _select(query):
        yield from _of_select(query, select, place)


def _of_select(query: SavedQuery, select: Select, place: Place) -> Iterator[Problem]:
    bound = frozenset[str]().union(*map(sure, all_groups(select)))
    for name in set(query.date.variables if query.date else ()) - bound:
        yield Problem(
            "KG628", f"`date` names ?{name}, which the query never binds", place, "Name a variable of the query."
        )
    if query.list is not None:
        columns = columns_of(select)
        wholes = [*columns, *(parameter.name for parameter in query.parameters), ""]
        for name, known in ((query.list.of, columns), (query.list.whole, wholes)):
            if name not in known:
                yield Problem(
                    "KG626", f"`list` names {name!r}, which is no list", place, f"Use one of {', '.join(known)}."
                )


def _select(query: SavedQuery) -> Select | None:
    """The tree of a question that is a SELECT; what is no SPARQL, the reading says."""
    try:
        return parse_select(query.text)
    except UsageError:
        return None


#: What stands for all that is no thing, and for things of no class of ours, among the classes that something may be.
_LITERAL, _THING = "literal", "thing"
_NAMES = {iri(RDFS + "label"), *(iri(SKOS + name) for name in ("prefLabel", "altLabel", "definition"))}
#: What claims are checked for and patterns too: of the rest, a query may ask (a narrower kind, another datatype).
_CODES = ("KG403", "KG405", "KG406")
#: More alternatives than these are not written out.
_MOST = 200


@dataclass(frozen=True, slots=True)
class _Asked:
    """A type constraint of a pattern: the classes that something may have, and the same in words."""

    classes: frozenset[Term]
    words: str


#: What has been asked of each variable so far.
_Known = Mapping[str, tuple[_Asked, ...]]


class QueryTypes:
    """Looks through the groups of one query; branches of a UNION do not bind one another."""

    def __init__(self, uses: Uses, text: str, file: str) -> None:
        self.uses = uses
        self.text = text
        self.file = file
        self.below = uses.schema.below
        self.things = frozenset((_THING, *self.below))

    def query(self, query: Query) -> Iterator[Problem]:
        """The type errors of a query (KG403, 405, 406, 461): in its template, if it has one, and in its patterns."""
        known: dict[str, tuple[_Asked, ...]] = {}
        for pattern in query.template:
            yield from self._pattern(pattern, known)
        yield from self._group(query.select.where, known)

    def _group(self, group: Group, outer: _Known) -> Iterator[Problem]:
        known = dict(outer)
        for pattern in group.patterns:
            yield from self._pattern(pattern, known)
        within = {select.where for select in group.selects}
        for part in inner_groups(group):
            if part not in within:
                yield from self._group(part, known)
        for select in group.selects:
            yield from self._group(select.where, _seen_from_within(select, known))

    def _pattern(self, pattern: Pattern, known: dict[str, tuple[_Asked, ...]]) -> Iterator[Problem]:
        """The type errors of a pattern; its constraints on variables are added to ``known``."""
        place = Place(self.file, self.text.count("\n", 0, pattern.start) + 1)
        ways = [] if isinstance(pattern.path, str) else _ways(pattern.path, pattern.subject, pattern.object)
        asked = []
        for way in ways:
            own: dict[str, tuple[_Asked, ...]] = {}
            for triple in way:
                yield from (p for p in self.uses.position(triple, place) if p.code in _CODES)
                for term, one in self._asked(triple):
                    yield from _clash(term, one, own, place)
                    own[term] = (*own.get(term, ()), one)
            asked.append(own)
        for variable in (pattern.subject, pattern.object):
            if variable.startswith("?"):
                for one in _together([own.get(variable, ()) for own in asked]):
                    yield from _clash(variable, one, known, place)
                    known[variable] = (*known.get(variable, ()), one)

    def _asked(self, triple: Triple) -> Iterator[tuple[str, _Asked]]:
        subject, predicate, value = triple
        types = self.uses.schema.types.get(predicate, set())
        if predicate == TYPE and value in self.below:
            yield subject, _Asked(self.below[value], f"a {name_of(value)} (rdf:type)")
        elif predicate in _NAMES:
            yield value, _Asked(frozenset((_LITERAL,)), f"a literal ({name_of(predicate)})")
        elif types & {OBJECT, DATA}:
            yield from ((subject, one) for one in self._side(predicate, "domain"))
            if DATA in types:
                yield value, _Asked(frozenset((_LITERAL,)), f"a literal (the range of {name_of(predicate)})")
            else:
                yield from ((value, one) for one in self._side(predicate, "range"))

    def _side(self, predicate: Term, side: str) -> Iterator[_Asked]:
        kinds = self.uses.schema.domains if side == "domain" else self.uses.schema.ranges
        words = f"the {side} of {name_of(predicate)}"
        known = [kind for kind in sorted(kinds.get(predicate, frozenset())) if kind in self.below]
        yield from (_Asked(self.below[kind], f"a {name_of(kind)} ({words})") for kind in known)
        if not known:
            yield _Asked(self.things, f"a thing ({words})")


def _clash(term: str, asked: _Asked, known: _Known, place: Place) -> Iterator[Problem]:
    """The first of what is known that nothing can be beside what is asked."""
    if term and not term.startswith(("<", '"')):
        other = next((other for other in known.get(term, ()) if not other.classes & asked.classes), None)
        if other:
            remedy = "The two classes exclude each other: fix the pattern, or the domain or range of the property."
            name = "a blank node" if term.startswith("?_:") else term
            yield Problem("KG461", f"{name} is {other.words} and {asked.words}", place, remedy, "warning")


def _together(asked: list[tuple[_Asked, ...]]) -> tuple[_Asked, ...]:
    """The constraints of a path on a variable: all of its only way, or the union over several ways."""
    if len(asked) < 2:
        return asked[0] if asked else ()
    if not all(asked):
        return ()
    each = [frozenset.intersection(*(one.classes for one in own)) for own in asked]
    words = dict.fromkeys(own[-1].words for own in asked)
    return (_Asked(frozenset[Term]().union(*each), " or ".join(words)),)


def _seen_from_within(select: Select, known: _Known) -> _Known:
    """The constraints on the variables that an inner SELECT projects: only these are shared with it."""
    given = {f"?{column.name}" for column in select.columns if column.expression is None}
    return {variable: asked for variable, asked in known.items() if variable in given} if select.columns else known


def _ways(path: PropertyPath, subject: str, value: str) -> list[list[Triple]]:
    """The triples that a path asks for between two ends, in each of the ways in which it can be gone.

    A node within it is named by what stands around it, or by nothing where nothing is asked of it.
    """
    if path.op == "iri":
        return [[(subject, path.term, value)]]
    if path.op == "^":
        return _ways(path.parts[0], value, subject)
    if path.op == "|":
        return _few(list(chain.from_iterable(_ways(part, subject, value) for part in path.parts)))
    if path.op == "/":
        between = [
            f"what stands between {write_path(one, name_of)} and {write_path(two, name_of)}"
            for one, two in pairwise(path.parts)
        ]
        ends = zip([subject, *between], [*between, value], strict=True)
        steps = [_ways(part, *end) for part, end in zip(path.parts, ends, strict=True)]
        return _few([list(chain.from_iterable(way)) for way in _product(steps)])
    if path.op == "+":
        # Of the first step the beginning is known, of the last the end; they may be one.
        steps = [_ways(path.parts[0], subject, ""), _ways(path.parts[0], "", value)]
        return _few([list(chain.from_iterable(way)) for way in _product(steps)])
    # A path that may have no step, or any but some, asks nothing.
    return [[]]


def _product(steps: list[list[list[Triple]]]) -> Iterator[tuple[list[Triple], ...]]:
    count = 1
    for ways in steps:
        count *= len(ways)
    return product(*steps) if count <= _MOST else iter([([],)])


def _few(ways: list[list[Triple]]) -> list[list[Triple]]:
    return ways if len(ways) <= _MOST else [[]]


#: What declares a list complete, so that a rule may speak of what is absent from it: as the build has it.
COMPLETENESS = (kg("listComplete"),)


def rule_problems(project: Project, cache: Cache) -> Iterator[Problem]:
    """The problems of each file of ``ontology/rules/`` (KG471 to KG474), cached until the file changes."""
    for path in project.files("ontology/rules", suffix=".rq"):
        name = project.relative(path)
        key = digest_of(code_digest(), "rule", name, path.read_bytes())
        kept = cache.get(key)
        if kept is None:
            kept = list(_problems(path, name))
            cache.put(key, kept)
        yield from (problem_from(row) for row in kept)


def _problems(path: Path, name: str) -> Iterator[Problem]:
    try:
        read_rules(path, COMPLETENESS)
    except InputError as error:
        for problem in error.problems:
            line = problem.place.line if problem.place else None
            yield Problem(problem.code, problem.message, Place(name, line), problem.remedy, problem.severity)


#: An error would keep the graph from being built, and so the answer from being asked again.
_STALE = "warning"


def answer_problems(
    project: Project, queries: Mapping[str, SavedQuery], known: Callable[[Term], bool]
) -> Iterator[Problem]:
    """Expected answers whose columns are not their query's (KG623), and cells that nothing can be (KG624).

    ``known`` says of a name below the project's base whether the graph has it.
    """
    for path in project.files("queries", suffix=".csv"):
        query = queries.get(path.stem)
        if query is None:
            remedy = f"Write {path.stem}.rq, or remove this file."
            place = Place(project.relative(path))
            yield Problem("KG623", "the expected answer has no query", place, remedy, _STALE)
            continue
        remedy = "Run `kg diff --accept` to show today's answers and keep them."
        for code, message, line in _faults(path, query, project.base, known):
            yield Problem(code, message, Place(project.relative(path), line), remedy, _STALE)


def _faults(
    path: Path, query: SavedQuery, base: str, known: Callable[[Term], bool]
) -> Iterator[tuple[str, str, int | None]]:
    """The problems of one expected answer: code, message and line."""
    columns, things = _asked(query)
    try:
        rows = list(_rows(path))
    except csv.Error as error:
        yield "KG623", f"no CSV: {error}", None
        return
    heads = rows[0][1] if rows else []
    if columns and heads != columns:
        yield "KG623", f"the columns are {', '.join(heads)}; the query's are {', '.join(columns)}", 1
    for line, row in rows[1:]:
        if len(row) != len(heads):
            yield "KG623", f"{counted(len(row), 'cell')} where there are {counted(len(heads), 'column')}", line
            continue
        for head, cell in zip(heads, row, strict=True):
            if cell.startswith(base) and not known(f"<{cell}>"):
                yield "KG624", f"{head}: the graph has no {cell}", line
            elif cell and head in things and ":" not in cell:
                yield "KG624", f"{head}: {cell!r} is no IRI", line


def _asked(query: SavedQuery) -> tuple[list[str], set[str]]:
    """The columns of a query, and those that only a thing can stand in; empty for what is no SELECT of names."""
    select = _select(query)
    if select is None:
        return [], set()
    subjects = {pattern.subject for pattern in all_patterns(select.where)}
    things = {each.name for each in select.columns if each.expression is None and f"?{each.name}" in subjects}
    return [each.name for each in select.columns], things


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Each row of a file with the line on which it begins. A blank line is the empty cell of a single column."""
    line = 1
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        reader = csv.reader(file)
        for row in reader:
            yield line, row or [""]
            line = reader.line_num + 1
