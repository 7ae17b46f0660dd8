"""What a view's facts are, from those of a view that is known: only what depends on the difference is worked out.

From the claims that the two views do not both take, the *forward cone* is followed: every conclusion of a rule
instance with a premise that one of these claims states, and so on. What lies outside has the same proofs in both
views, and so the same periods and support; the fixpoints of :mod:`kg.graph.validity` run on the cone, with what
surrounds it as given.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from operator import itemgetter
from typing import TYPE_CHECKING

from kg.dates import Period, Span
from kg.graph.facts import GIVEN, Facts, Row, base_rows
from kg.graph.index_schema import ALWAYS, reading, term_key, triple_key, unpacked
from kg.graph.time_bounds import Bounds, Places, Roles, giving_alone, is_open
from kg.graph.validity import Instance, Instances, supporters, validity
from kg.graph.views import Dated, View, claim_periods, together_dated
from kg.model import DENIED, Claim, Term, Triple

if TYPE_CHECKING:
    from kg.graph.index import Index
    from kg.project import Project

_BODIES = "SELECT head, body FROM instance WHERE head IN"


def facts_of(index: Index, project: Project, view: View) -> Facts:
    """The facts of a view."""
    if view.default:
        return Facts(index, project, view, {}, from_nothing=False)
    made = Facts(index, project, view, {}, from_nothing=_less_from_nothing(index, view))
    changed = _changed_claims(index, made)
    seeds = {key for (key,) in index.many("SELECT triple FROM states WHERE claim IN", changed)}
    if view.as_of is not None:
        # What must be absent stops a rule at all dates in an undated view, and day by day in a dated one.
        seeds.update(key for (key,) in index.rows("SELECT head FROM instance WHERE absent IS NOT NULL"))
    return Facts(index, project, view, dict(differing(made, seeds)), from_nothing=made.from_nothing)


def _less_from_nothing(index: Index, view: View) -> bool:
    """Whether a view takes fewer claims than those by which it differs from the default view."""
    believed = {index.documents[slug] for slug in view.documents(index.documents)}
    own = other = 0
    for document, level, count in index.rows("SELECT document, level, count(*) FROM claim GROUP BY 1, 2"):
        takes = document in believed and level <= view.level
        own += count * takes
        other += count * (takes != (level == 0))
    return own < other


def _claims(index: Index, slugs: Iterable[str], lowest: int, highest: int) -> set[int]:
    """The claims of some documents between two levels (``kg.graph.views.level``)."""
    numbers = (index.documents[slug] for slug in slugs)
    text = f"SELECT id FROM claim WHERE level BETWEEN {int(lowest)} AND {int(highest)} AND document IN"  # noqa: S608
    return {key for (key,) in index.many(text, numbers)}


def _changed_claims(index: Index, facts: Facts) -> set[int]:
    """The claims that a view takes and the one that it is built on does not, or the other way round."""
    level = facts.view.level
    if facts.from_nothing:
        own = _claims(index, facts.believed, 0, level)
        return {key for key, takes in facts.take(own).items() if takes}
    candidates = _claims(index, index.documents.keys() - facts.believed, 0, 0)
    candidates |= _claims(index, facts.believed, 1, level)
    candidates |= {key for (key,) in index.rows("SELECT DISTINCT claim FROM opposed")}
    before = Facts(index, facts.project, View(), {}, from_nothing=False).take(candidates)
    after = facts.take(candidates)
    return {key for key in candidates if before[key] != after[key]}


def differing(facts: Facts, seeds: Iterable[int]) -> Iterator[tuple[int, Row | None]]:
    """The rows that are others than in the view that is built on: of some triples and what depends on them."""
    index, dated = facts.index, facts.view.as_of is not None
    seeds = {*seeds}
    seeds |= bounded_by(index, index.triples(seeds).values())
    cone = _cone(index, seeds)
    stating = facts.dated(cone)
    instances = Instances(_instances(index, cone - _always(index, cone)))
    around = base_rows(index, set(instances.triples) - cone, from_nothing=facts.from_nothing)
    always = _always(index, cone | around.keys())
    own = _stated_periods(facts, stating)
    known = {key: row.periods for key, row in around.items()}
    periods = validity({**known, **own}, always, instances, dated=dated)
    claims = {key: frozenset(some) for key, some in stating.items()}
    supporting = {key: row.support for key, row in around.items() if row.support is not None}
    support = supporters({**supporting, **claims}, always, instances, periods)
    before = base_rows(index, cone, from_nothing=facts.from_nothing)
    for key in cone:
        row = Row(periods[key], support.get(key), key in stating) if key in periods else None
        if key in always:
            row = Row(own.get(key, GIVEN.periods), claims.get(key), key in stating)
        if row != before.get(key):
            yield key, row


def _always(index: Index, keys: Iterable[int]) -> set[int]:
    """Those of some triples that follow from ontology and entities alone."""
    text = f"SELECT id FROM triple WHERE flags & {ALWAYS} AND id IN"  # noqa: S608 - a number of ours
    return {key for (key,) in index.many(text, keys)}


def _cone(index: Index, seeds: Iterable[int]) -> set[int]:
    """What depends on some triples, these included."""
    cone, ring = set(seeds), set(seeds)
    while ring:
        ring = {head for (head,) in index.many("SELECT head FROM premise WHERE triple IN", ring)} - cone
        cone |= ring
    return cone


def _instances(index: Index, heads: Iterable[int]) -> Iterator[Instance[int]]:
    """The rule instances with some conclusions."""
    for head, body, absent in index.many("SELECT head, body, absent FROM instance WHERE head IN", heads):
        groups = tuple(tuple(group) for group in json.loads(absent)) if absent else ()
        yield Instance(head, tuple(unpacked(body)), groups)


def _dated_by_claims(index: Index, stating: Mapping[int, Mapping[int, Dated]]) -> dict[int, tuple[Period, ...]]:
    """When each fact holds by the claims that state it."""
    names = index.terms({claim for some in stating.values() for claim in some})
    # In the order of their names, as everywhere.
    return {
        key: together_dated(sorted(((names[claim], by) for claim, by in some.items()), key=itemgetter(0)))
        for key, some in stating.items()
    }


def bounded_by(index: Index, changed: Iterable[Triple]) -> set[int]:
    """The stated facts whose open bounds may depend on some facts that changed."""
    roles, changed = time_roles(index), list(changed)
    found = {
        triple_key((s, later, o)) for s, p, o in changed for later, earlier in roles.before.items() if p in earlier
    }
    found.update(_sharing(index, changed, roles.timing, roles.not_before))
    found.update(_sharing(index, changed, roles.exclusive, roles.exclusive))
    return {key for (key,) in index.many("SELECT triple FROM states WHERE triple IN", found)}


def _bounding(index: Index, roles: Roles, bounded: Iterable[Triple]) -> set[int]:
    """The facts that may bound some facts: the inverse of ``bounded_by``."""
    bounded = list(bounded)
    found = {triple_key((s, earlier, o)) for s, p, o in bounded for earlier in roles.before.get(p, ())}
    found.update(_sharing(index, bounded, roles.not_before, roles.timing))
    found.update(_sharing(index, bounded, roles.exclusive, roles.exclusive))
    return found


def _sharing(index: Index, triples: Iterable[Triple], ours: Places, theirs: Places) -> Iterator[int]:
    """The facts that have at their places what some triples have at theirs."""
    things = {term_key(triple[place]) for triple in triples for place in ours.get(triple[1], ())}
    for place, column in ((0, "subject"), (2, "object")):
        predicates = ",".join(str(term_key(predicate)) for predicate, places in theirs.items() if place in places)
        # The plus keeps SQLite from using the index of predicates: a thing has fewer facts than a predicate.
        text = f"SELECT id FROM triple WHERE +predicate IN ({predicates}) AND {column} IN"  # noqa: S608 - keys
        yield from (key for (key,) in index.many(text, things))


def time_roles(index: Index) -> Roles:
    """What the properties of the ontology say about the time of things."""
    with reading(index.folder):
        return Roles(**index.meta["time_roles"])


def _bounds_of(facts: Facts, triples: Iterable[Triple]) -> Bounds:
    """The bounds that a view gives what some facts speak of."""
    index, roles = facts.index, time_roles(facts.index)
    found = _bounding(index, roles, triples)
    own = _dated_by_claims(index, facts.dated(found))
    triples_of = index.triples(own)
    return Bounds(roles, index.kinds, {triples_of[key]: when for key, when in own.items()})


def bounding(facts: Facts, triple: Triple) -> list[Triple]:
    """The facts of a view that bound what the claims of a stated fact leave open about time."""
    key = triple_key(triple)
    own = _dated_by_claims(facts.index, facts.dated([key]))
    same = _same_states(facts, [key])
    return [fact for when in own.values() for fact in _bounds_of(facts, [triple]).facts(triple, when, same[key])]


def periods_of_claims(facts: Facts, claims: Iterable[Claim]) -> dict[Term, Period]:
    """When what claims affirm or deny is so, by name, whatever their modality; what they affirm within its bounds.

    A claim that the view takes for a fact is bounded as the fact is, another one by the time of what it speaks of.
    """
    claims = list(claims)
    found = claim_periods(claims, facts.index.kinds, Published(facts.index))
    affirmed = [claim for claim in claims if claim.polarity != DENIED and is_open(found[claim.iri])]
    content = {triple_key(triple): triple for claim in affirmed for triple in claim.content}
    bounds = _bounds_of(facts, content.values())
    own = _dated_by_claims(facts.index, facts.dated(content))
    same = _same_states(facts, own)
    for claim in affirmed:
        for triple in claim.content:
            key = triple_key(triple)
            known = (*own.get(key, ()), *same.get(key, ())) if facts.takes(claim.iri) else None
            found[claim.iri] = bounds.narrowed(triple, found[claim.iri], known)
    return found


def _stated_periods(facts: Facts, stating: Mapping[int, Mapping[int, Dated]]) -> dict[int, tuple[Period, ...]]:
    """When each stated fact holds, within the bounds that the view gives it."""
    own = _dated_by_claims(facts.index, stating)
    triples = facts.index.triples(own)
    bounds = _bounds_of(facts, triples.values())
    same = _same_states(facts, [key for key, when in own.items() if bounds.leaves_open(triples[key], when)])
    return {key: bounds.bounded(triples[key], when, same.get(key, ())) for key, when in own.items()}


def _same_states(facts: Facts, keys: Iterable[int]) -> dict[int, list[Period]]:
    """For each of some facts the periods of those stated facts that give it, each by itself."""
    index = facts.index

    def steps(heads: set[int]) -> Iterator[tuple[int, list[int]]]:
        found = [(head, unpacked(body)) for head, body in index.many(_BODIES, heads)]
        always = _always(index, {key for _head, body in found for key in body})
        return ((head, [key for key in body if key not in always]) for head, body in found)

    alone = giving_alone(keys, steps)
    own = _dated_by_claims(index, facts.dated({other for some in alone.values() for other in some}))
    return {key: [period for other in some for period in own.get(other, ())] for key, some in alone.items()}


class Published(Mapping[str, Span]):
    """When each document was published."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def __getitem__(self, slug: str) -> Span:
        return self._index.document(slug).published

    def __iter__(self) -> Iterator[str]:
        return iter(self._index.documents)

    def __len__(self) -> int:
        return len(self._index.documents)
