"""The facts of a view, looked up by key: when each holds, which claims state and support it, how it follows.

A view is kept as its difference from one whose facts are known: the default view, or the one that believes no
document (:mod:`kg.graph.difference`).
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from kg.dates import ALWAYS as AT_ALL_TIMES
from kg.dates import UNKNOWN, Period
from kg.graph.ground import GroundRule
from kg.graph.index_rows import dated_of, periods_of
from kg.graph.index_schema import ALWAYS, IN_FILES, PUBLISHABLE, SPELT, reading, term_key, triple_key, unpacked
from kg.graph.validity import together
from kg.model import Claim, Term, Triple
from kg.periods import mark_of

if TYPE_CHECKING:
    from kg.graph.index import Index
    from kg.graph.views import Dated, View
    from kg.project import Project

Item = TypeVar("Item")


class ViewFact(NamedTuple):
    """A triple of a view: whether the view tells of it, and whether it has a node.

    ``given`` says that the files say it, ``asserted`` that these or claims do. What the files say things are (the
    type of an entity, say) has no node, also when claims would give it too: it is no fact of the view.
    """

    triple: Triple
    row: Row | None
    told: bool
    given: bool
    asserted: bool
    node: bool


class Row(NamedTuple):
    """When a triple holds, the keys of the claims that support it (None: it needs none), whether claims state it."""

    periods: tuple[Period, ...]
    support: frozenset[int] | None
    stated: bool


#: Rows that are looked at together.
_AT_ONCE = 2000
#: What follows from ontology and entities alone, and no claim states.
GIVEN = Row((AT_ALL_TIMES,), None, False)


class Facts:
    """The facts of one view of an index.

    ``rows`` are those that differ from the view that is built on, None where a triple does not hold; ``from_nothing``
    says that this is the view that believes nothing, and not the default one.
    """

    def __init__(
        self, index: Index, project: Project, view: View, rows: Mapping[int, Row | None], *, from_nothing: bool
    ) -> None:
        self.index, self.project, self.view = index, project, view
        self.rows, self.from_nothing = rows, from_nothing
        self.believed = set(view.documents(index.documents))
        self._numbers = {index.documents[slug] for slug in self.believed}
        self._known: dict[int, Row | None] = {}
        self._flags: dict[int, int] = {}
        self._taken: dict[int, bool] = {}
        self._holding: dict[tuple[Period, ...], bool] = {}
        self._start = project.iri("id", "")[:-1]

    # -- rows

    def row(self, key: int) -> Row | None:
        """What there is to say of the triple of a key; None when it never holds."""
        if key not in self._known:
            self.look_up([key])
        return self._known[key]

    def look_up(self, keys: Iterable[int]) -> None:
        """Look many up at once."""
        wanted = {key for key in keys if key not in self._known}
        found = self._rows(wanted)
        self._known.update({key: found.get(key) for key in wanted})
        self._flags.update(self.index.many("SELECT id, flags FROM triple WHERE id IN", wanted))

    def _rows(self, keys: Iterable[int]) -> dict[int, Row | None]:
        differing = {key: self.rows[key] for key in keys if key in self.rows}
        others = [key for key in keys if key not in differing]
        return differing | base_rows(self.index, others, from_nothing=self.from_nothing)

    def each(self, keys: Iterable[int]) -> Iterator[ViewFact]:
        """What the view makes of many triples. Nothing of it is kept here."""
        for some in in_pieces(keys, _AT_ONCE):
            rows = self._rows(some)
            for key, flags, s, p, o in self.index.many(f"{SPELT} WHERE t.id IN", some):
                yield self._fact((s, p, o), rows.get(key), flags)

    def foundation(self) -> Iterator[ViewFact]:
        """What ontology and entities say, and what follows from them alone."""
        for _key, flags, s, p, o in self.index.rows(f"{SPELT} WHERE t.flags & {ALWAYS}"):
            yield self._fact((s, p, o), GIVEN, flags)

    def fact(self, triple: Triple) -> ViewFact:
        """What the view makes of a triple."""
        key = triple_key(triple)
        return self._fact(triple, self.row(key), self._flags.get(key, 0))

    def _fact(self, triple: Triple, row: Row | None, flags: int) -> ViewFact:
        between = self._between_entities(triple)
        given = bool(flags & IN_FILES)
        background = between and given
        if row is None:
            return ViewFact(triple, None, told=False, given=given, asserted=background, node=background)
        told = (row.stated or (not given and bool(flags & PUBLISHABLE))) and self._hold(row.periods)
        unclaimed = row.support is None
        node = (background and unclaimed) or (told and (between or not unclaimed))
        if between and unclaimed:
            # Nobody says when it held.
            row = row._replace(periods=(UNKNOWN,))
        return ViewFact(triple, row, told, given, row.stated or background, node)

    def _between_entities(self, triple: Triple) -> bool:
        subject, predicate, value = triple
        return subject.startswith(self._start) and value.startswith(self._start) and predicate in self.index.kinds

    def _hold(self, periods: tuple[Period, ...]) -> bool:
        """Whether some periods allow the view's date; at all dates, whether there are any."""
        if self.view.as_of is None:
            return bool(periods)
        found = self._holding.get(periods)
        if found is None:
            found = self._holding[periods] = any(map(self.view.takes, periods))
        return found

    def periods(self, triple: Triple) -> tuple[Period, ...]:
        """When a triple holds, at all dates; empty when it never does."""
        row = self.fact(triple).row
        return row.periods if row else ()

    def _beside_others(self, triple: Triple) -> tuple[Period, ...]:
        """When a premise holds: what ontology and entities give excludes no day."""
        periods = self.periods(triple)
        return (AT_ALL_TIMES,) if self._flags.get(triple_key(triple), 0) & ALWAYS else periods

    def __contains__(self, triple: Triple) -> bool:
        """Whether a triple is in the view's closure, whenever it holds."""
        return self.row(triple_key(triple)) is not None

    def support(self, triple: Triple) -> list[Claim] | None:
        """The claims that stand in a proof of a triple, by name; None when it needs no claim."""
        row = self.row(triple_key(triple))
        if row is None or row.support is None:
            return None
        return sorted(self.index.claims(row.support).values(), key=lambda claim: claim.iri)

    def supported(self, triple: Triple) -> bool:
        """Whether a triple needs claims, and has some that hold together."""
        row = self.row(triple_key(triple))
        return row is not None and row.support is not None

    def is_stated(self, triple: Triple) -> bool:
        """Whether claims that the view takes state a triple."""
        row = self.row(triple_key(triple))
        return row is not None and row.stated

    def stated(self) -> Iterator[Triple]:
        """The facts that claims state, in the order of the names of these."""
        rows = list(
            self.index.rows("SELECT s.triple, s.claim FROM states s JOIN term t ON t.id = s.claim ORDER BY t.text")
        )
        self.take(claim for _triple, claim in rows)
        keys = dict.fromkeys(triple for triple, claim in rows if self._taken[claim])
        triples = self.index.triples(keys)
        return (triples[key] for key in keys)

    def stating(self, triple: Triple) -> list[Claim]:
        """The claims that the view takes and that state a triple, by name."""
        return self.stating_keys([triple_key(triple)]).get(triple_key(triple), []) if self.is_stated(triple) else []

    def stating_keys(self, keys: Iterable[int]) -> dict[int, list[Claim]]:
        """The claims that the view takes and that state some triples, by name, by the triple's key."""
        found = self.dated(keys)
        claims = self.index.claims(claim for some in found.values() for claim in some)
        return {key: sorted((claims[c] for c in some), key=lambda claim: claim.iri) for key, some in found.items()}

    def dated(self, keys: Iterable[int]) -> dict[int, dict[int, Dated]]:
        """By which claims that the view takes some triples hold, and when, by the triple's key and the claim's."""
        rows = list(self.index.many("SELECT triple, claim, dated FROM states WHERE triple IN", keys))
        self.take(claim for _triple, claim, _dated in rows)
        found: dict[int, dict[int, Dated]] = {}
        for triple, claim, dated in rows:
            if self._taken[claim]:
                with reading(self.index.folder):
                    found.setdefault(triple, {})[claim] = dated_of(dated)
        return found

    # -- claims

    def takes(self, claim: Term) -> bool:
        """Whether the view takes a claim as a fact, its date apart."""
        key = term_key(claim)
        self.take([key])
        return self._taken[key]

    def take(self, claims: Iterable[int]) -> dict[int, bool]:
        """Of many claims, by key, whether the view takes each as a fact, its date apart."""
        wanted = {claim for claim in claims if claim not in self._taken}
        found = dict.fromkeys(wanted, False)
        for key, document, level in self.index.many("SELECT id, document, level FROM claim WHERE id IN", wanted):
            found[key] = document in self._numbers and level <= self.view.level
        if self.view.accept == "facts":
            for key in self.contested(key for key, taken in found.items() if taken):
                found[key] = False
        self._taken |= found
        return self._taken

    def contested(self, claims: Iterable[int]) -> dict[int, list[int]]:
        """Of some claims, those that claims of other documents that the view believes contest, with these."""
        text = "SELECT o.claim, o.other, c.document FROM opposed o JOIN claim c ON c.id = o.other WHERE o.claim IN"
        found: dict[int, list[int]] = {}
        for key, other, document in self.index.many(text, claims):
            if document in self._numbers:
                found.setdefault(key, []).append(other)
        return found

    # -- what holds

    def holds(self, triple: Triple) -> bool:
        """Whether a triple may hold at the view's date; at all dates, whether it ever may."""
        return self._hold(self.periods(triple))

    def mark(self, triple: Triple) -> str:
        """What a triple is at the view's date: one of ``kg.dates.MARKS``, empty where it does not hold then.

        In a view of all dates what holds at some time is certain.
        """
        when = self.view.as_of
        return mark_of(self.periods(triple), when) if when else "certain" if self.holds(triple) else ""

    def tells(self, triple: Triple) -> bool:
        """Whether a triple is among the view's facts, stated or inferred."""
        return self.fact(triple).told

    @cached_property
    def asserted(self) -> Container[Triple]:
        """What needs no rule: ontology, entities, and the facts that claims state."""
        return _Asserted(self)

    @cached_property
    def background(self) -> list[Triple]:
        """What the files say of one entity and another without a claim, sorted."""
        text = (
            "SELECT id FROM triple WHERE id IN (SELECT triple FROM given WHERE kind <> 'alignments') AND predicate IN"
        )
        keys = [key for (key,) in self.index.many(text, map(term_key, self.index.kinds))]
        return sorted(filter(self._between_entities, self.index.triples(keys).values()))

    def has_node(self, triple: Triple) -> bool:
        """Whether a triple is a fact with a node: claims support it, or background alone gives it."""
        return self.fact(triple).node

    def is_given(self, triple: Triple) -> bool:
        """Whether the ontology or the entities have a triple."""
        key = triple_key(triple)
        self.row(key)
        return bool(self._flags.get(key, 0) & IN_FILES)

    def all(self, term: Term | None = None) -> Iterator[Triple]:
        """The facts that the view tells of, stated or inferred; of a term, those that name it."""
        for some in in_pieces(self._keys(term), _AT_ONCE):
            self.look_up(some)
            yield from filter(self.tells, self.index.triples(some).values())

    def between(self, ends: frozenset[Term]) -> Iterator[Triple]:
        """The facts that the view tells of two things, or of one and itself."""
        one, other = (term_key(min(ends)), term_key(max(ends)))
        text = "SELECT id FROM triple WHERE (subject = ? AND object = ?) OR (object = ? AND subject = ?)"
        found = (key for (key,) in self.index.rows(text, one, other, one, other))
        yield from (fact.triple for fact in self.each(found) if fact.told)

    def _keys(self, term: Term | None) -> Iterator[int]:
        """What may be a fact: what is worth publishing, and what any claim states."""
        if term is None:
            return self.keys()
        text = f"SELECT id FROM triple WHERE (flags & {PUBLISHABLE} OR id IN (SELECT triple FROM states))"  # noqa: S608
        text += " AND (subject = ? OR predicate = ? OR object = ?)"
        return (key for (key,) in self.index.rows(text, *[term_key(term)] * 3))

    def keys(self) -> Iterator[int]:
        """Every triple that may hold in the view: where it is built on, or since it differs there."""
        always = f"SELECT id FROM triple WHERE flags & {ALWAYS}"  # noqa: S608 - a number of ours
        known = self.index.rows(always if self.from_nothing else "SELECT triple FROM fact")
        yield from (key for (key,) in known if key not in self.rows)
        yield from self.rows

    # -- how it follows

    def derivations(self, triple: Triple, _memo: object = None) -> Iterator[GroundRule]:
        """The steps that conclude a triple in this view, by premises that hold together at its date."""
        for step in self.steps(triple):
            periods = {premise: self._beside_others(premise) for premise in step.premises}
            if self.view.as_of is None or any(map(self.view.takes, together(step.premises, periods))):
                yield step

    def steps(self, triple: Triple) -> Iterator[GroundRule]:
        """The steps that conclude a triple in this view, by premises each of which holds at some time."""
        text = "SELECT rule, body FROM instance WHERE head = ? ORDER BY rule, body"
        bodies = [(rule, unpacked(body)) for rule, body in self.index.rows(text, triple_key(triple))]
        self.look_up(key for _rule, body in bodies for key in body)
        bodies = [(rule, body) for rule, body in bodies if all(map(self._known.get, body))]
        triples = self.index.triples(key for _rule, body in bodies for key in body)
        for rule, body in bodies:
            yield GroundRule(rule, triple, tuple(triples[key] for key in body))


class _Asserted(Container[Triple]):
    """What of a view needs no rule."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    def __contains__(self, triple: object) -> bool:
        assert isinstance(triple, tuple)  # noqa: S101 - a container of triples
        facts = self._facts
        return facts.is_stated(triple) or facts.is_given(triple)


def base_rows(index: Index, keys: Iterable[int], *, from_nothing: bool) -> dict[int, Row]:
    """Rows of the default view, or of the one that believes no document."""
    if from_nothing:
        text = f"SELECT id FROM triple WHERE flags & {ALWAYS} AND id IN"  # noqa: S608 - a number of ours
        return {key: GIVEN for (key,) in index.many(text, keys)}
    text = "SELECT triple, periods, support, stated FROM fact WHERE triple IN"
    return {
        key: Row(periods_of(periods), None if support is None else frozenset(unpacked(support)), bool(stated))
        for key, periods, support, stated in index.many(text, keys)
    }


def in_pieces(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Some at a time."""
    found = iter(items)
    while piece := list(islice(found, size)):
        yield piece
