"""Whether anything can match a query: constants in places that they fit, and what each variable would have to be.

Domains and ranges are read as the checks of claims read them. A path is written out as the triples that it asks
for; where it has alternatives, a variable may be what any of them asks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, pairwise, product

from kg.checks.schema import DATA, OBJECT, TYPE, name_of
from kg.checks.terms import Uses
from kg.errors import Place, Problem
from kg.model import Term, Triple
from kg.sparql.analysis import inner_groups
from kg.sparql.printer import write_path
from kg.sparql.syntax_tree import Group, Path, Pattern, Query, Select
from kg.vocab import RDFS, SKOS, iri

__all__ = ["QueryTypes"]

#: What stands for all that is no thing, and for things of no class of ours, among the classes that something may be.
_LITERAL, _THING = "literal", "thing"
_NAMES = {iri(RDFS + "label"), *(iri(SKOS + name) for name in ("prefLabel", "altLabel", "definition"))}
#: What claims are checked for and patterns too: of the rest, a query may ask (a narrower kind, another datatype).
_CODES = ("KG403", "KG405", "KG406")
#: More alternatives than these are not written out.
_MOST = 200


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a pattern asks of something: the classes that it may be of, and the same in words."""

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
        """What is wrong with a query (KG403, 405, 406, 461): what it builds, if it does, and what it matches."""
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
        """What is wrong with a pattern; what it asks of its variables is added to what is known."""
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
            remedy = "Nothing can be both: mend the pattern, or the domain or range of the property."
            name = "a node without a name" if term.startswith("?_:") else term
            yield Problem("KG461", f"{name} is {other.words} and {asked.words}", place, remedy, "warning")


def _together(asked: list[tuple[_Asked, ...]]) -> tuple[_Asked, ...]:
    """What a pattern asks of a variable that each of its ways asks something of: one way, all; several, any."""
    if len(asked) < 2:
        return asked[0] if asked else ()
    if not all(asked):
        return ()
    each = [frozenset.intersection(*(one.classes for one in own)) for own in asked]
    words = dict.fromkeys(own[-1].words for own in asked)
    return (_Asked(frozenset[Term]().union(*each), " or ".join(words)),)


def _seen_from_within(select: Select, known: _Known) -> _Known:
    """What is known of the variables that a SELECT within shares with what is around it: those that it gives."""
    given = {f"?{column.name}" for column in select.columns if column.expression is None}
    return {variable: asked for variable, asked in known.items() if variable in given} if select.columns else known


def _ways(path: Path, subject: str, value: str) -> list[list[Triple]]:
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
