"""Marks against brute force: small corpora, every reading of every date, each world closed anew (docs/time.md).

A *world* picks a beginning and an end for what each claim says, and an existence for what they speak of, by the rules
of the page and by no code of ``kg.graph``. What holds in every world may be marked certain, and nothing else; what
holds in one may not be ruled out; outside the exceptions that the page names, the marks say just that.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from math import prod

import pytest

from kg.dates import DAWN, Period, Span, Times, period_of, span
from kg.graph.ground import instances_with_absence
from kg.graph.time_bounds import Bounds, Roles, giving_alone
from kg.graph.validity import Instances, unconditional, validity
from kg.graph.views import fact_periods
from kg.model import AFFIRMED, FACT, Claim, Triple
from kg.reasoner import Clause, Condition, Program, close, compile_program
from kg.vocab import OWL, RDF, RDFS, iri, kg

#: Day 0 lies before all that is dated, the last day after it.
DAYS = tuple(f"2014-01-{number:02d}" for number in range(1, 7))
FIRST, LAST = DAYS[0], DAYS[-1]
PUBLISHED = "2014-01-04"


def x(name: str) -> str:
    return f"<x:{name}>"


MEMBER, JOINED, HAS, ALLY, SINCE, FOUNDED = map(x, ("member", "joined", "has", "ally", "since", "founded"))
BETWEEN, ABOUT = map(x, ("between", "about"))
HOLDS, ELECTED, DOES, PLACE, LACKS, VISITS = map(x, ("holds", "elected", "does", "place", "lacks", "visits"))
SUBJECT, OBJECT = iri(RDF + "subject"), iri(RDF + "object")
ONTOLOGY = (
    (JOINED, iri(RDFS + "subPropertyOf"), MEMBER),
    (HAS, iri(OWL + "inverseOf"), MEMBER),
    (BETWEEN, iri(RDFS + "subPropertyOf"), ABOUT),
    (BETWEEN, kg("temporalKind"), kg("Timeless")),
    *((MEMBER, kg("withinTimeOf"), place) for place in (SUBJECT, OBJECT)),
    (SINCE, kg("timeOf"), SUBJECT),
    (FOUNDED, kg("beginningOf"), SUBJECT),
    (DOES, kg("timeOf"), OBJECT),
    (DOES, kg("withinTimeOf"), OBJECT),
    (PLACE, kg("withinTimeOf"), SUBJECT),
    (ELECTED, kg("comesBefore"), HOLDS),
    (HOLDS, kg("oneAtATime"), SUBJECT),
)
KINDS = {MEMBER: "BoundedState", JOINED: "PersistentState", HAS: "BoundedState", HOLDS: "BoundedState"}
KINDS |= {
    SINCE: "BoundedState",
    BETWEEN: "Timeless",
    **dict.fromkeys((FOUNDED, ELECTED, DOES, PLACE, VISITS), "EventKind"),
}
#: Members of one alliance are allies; who visits and is not a member lacks it.
ALLIES = Clause("allies", (), (("?a", MEMBER, "?o"), ("?b", MEMBER, "?o")), ("?a", ALLY, "?b"))
ABSENT = Condition("absent", (((("?a"), MEMBER, "?o"),), (), ("?a", "?o")))
LACKING = Clause("lacks", (), (("?a", VISITS, "?o"),), ("?a", LACKS, "?o"), (ABSENT,))
PLAIN, NEGATIVE = compile_program(ONTOLOGY, (ALLIES,)), compile_program(ONTOLOGY, (ALLIES, LACKING))
ROLES = Roles.of(ONTOLOGY)


@dataclass(frozen=True)
class Corpus:
    """Claims of one triple each, and whether a rule asks for absence."""

    claims: tuple[Claim, ...]
    negative: bool = False

    @property
    def program(self) -> Program:
        """The ontology and rules that close it."""
        return NEGATIVE if self.negative else PLAIN


# -- what the tool says


def marks(corpus: Corpus) -> dict[Triple, tuple[Period, ...]]:
    """When everything holds, as the tool works it out."""
    stated: dict[Triple, list[Claim]] = {}
    for claim in corpus.claims:
        stated.setdefault(claim.content[0], []).append(claim)
    own = fact_periods(stated, KINDS, {"d": span(PUBLISHED)})
    program = corpus.program
    closure = close(own, program, negative=close(()) if corpus.negative else None)
    instances = Instances(instances_with_absence(closure))
    always = unconditional(program.triples, instances)

    def steps(heads):
        pairs = zip(instances.heads, instances.bodies, strict=True)
        named = ((instances.triples[head], [instances.triples[n] for n in body]) for head, body in pairs)
        return [(head, [p for p in body if p not in always]) for head, body in named if head in heads]

    bounds = Bounds(ROLES, KINDS, {triple: when for triple, when in own.items() if triple[1] in ROLES.dating})
    same = giving_alone(own, steps)
    bounded = {t: bounds.bounded(t, when, [p for o in same[t] for p in own.get(o, ())]) for t, when in own.items()}
    return validity(bounded, program.triples, instances)


# -- every world

Reading = tuple[str, str]


def bounds_of(claim: Claim) -> tuple[str | None, ...]:
    """The four bounds that a claim gives; the ends of the calendar are none."""
    return period_of(claim.times, KINDS[claim.content[0][1]], span(PUBLISHED)).bounds


def readings(claim: Claim) -> list[Reading]:
    """Every beginning and end that a claim's dates allow, within the days that count; what lasts ends with them."""
    first, begun, lasted, last = bounds_of(claim)
    begins = [day for day in DAYS if (first or FIRST) <= day <= (begun or FIRST)]
    ends = [LAST] if lasted is None else [day for day in DAYS if lasted <= day <= (last or LAST)]
    return [(begin, end) for begin, end in product(begins, ends) if begin <= end]


def is_open(claim: Claim) -> bool:
    """Whether a claim leaves its beginning or its end open."""
    bounds = bounds_of(claim)
    return bounds[0] is None or bounds[3] is None


@dataclass(frozen=True)
class Rule:
    """That a claim does not begin before another did (``low``), or does not end after it ended.

    Of several others it is the first beginning, or the last end, that counts.
    """

    claim: Claim
    others: tuple[Claim, ...]
    low: bool

    def allows(self, read: dict[Claim, Reading]) -> bool:
        """Whether readings of the claims keep to it."""
        begin, end = read[self.claim]
        if self.low:
            return begin >= min(read[other][0] for other in self.others)
        return end <= max(read[other][1] for other in self.others)

    def ever(self, found: dict[Claim, list[Reading]]) -> bool:
        """Whether any reading of the claims keeps to it: else it contradicts them and is left out."""
        claims = (self.claim, *self.others)
        return any(self.allows(dict(zip(claims, some, strict=True))) for some in product(*(found[c] for c in claims)))


def rules_of(corpus: Corpus) -> Iterator[Rule]:
    """What the page says of the claims of a corpus, one claim and what bounds it at a time."""
    for claim in filter(is_open, corpus.claims):
        subject, predicate, value = claim.content[0]
        within = {MEMBER: (subject, value), JOINED: (subject, value), DOES: (value,), PLACE: (subject,)}
        for thing in dict.fromkeys(within.get(predicate, ())):
            yield from _existence(claim, thing, [other for other in corpus.claims if other is not claim])
        for thing in (subject, value) if predicate == BETWEEN else ():
            # What never changes does not hold before the things in it do, and may hold after.
            yield from (rule for rule in _existence(claim, thing, list(corpus.claims)) if rule.low)
        same = [other for other in corpus.claims if _gives(other, claim)]
        yield from _same_state(claim, same, [c for c in corpus.claims if _elects(c, claim)])


def _existence(claim: Claim, thing: str, others: list[Claim]) -> Iterator[Rule]:
    """What claims that date a thing say: each, or where they contradict one another, all together."""
    dating = [other for other in others if _dates(other, thing)]
    whole = [other for other in dating if other.content[0][1] != FOUNDED]
    begins = [o for o in dating if bounds_of(o)[0]]
    ends = [o for o in whole if bounds_of(o)[3]]
    if _agree(dating):
        yield from (Rule(claim, (other,), low=True) for other in begins)
        yield from (Rule(claim, (other,), low=False) for other in ends)
    else:
        yield from [Rule(claim, tuple(begins), low=True)] if begins == dating else []
        yield from [Rule(claim, tuple(ends), low=False)] if ends == dating else []


def _dates(other: Claim, thing: str) -> bool:
    s, p, o = other.content[0]
    first, _begun, lasted, last = bounds_of(other)
    about = s if p in (SINCE, FOUNDED) else o if p == DOES else None
    return about == thing and (first is not None or (last is not None and lasted != DAWN))


def _agree(dating: list[Claim]) -> bool:
    """Whether one beginning and end can be what all of some claims date."""
    founded = [readings(other) for other in dating if other.content[0][1] == FOUNDED]
    whole = [readings(other) for other in dating if other.content[0][1] != FOUNDED]
    begins = [{day for reading in some for day in reading} for some in founded]
    common = set.intersection(*map(set, whole)) if whole else {(day, LAST) for day in DAYS}
    return any(all(begin in some for some in begins) for begin, _end in common)


def _gives(other: Claim, claim: Claim) -> bool:
    """Whether a claim says what another says, also by a rule."""
    (s, p, o), (subject, predicate, value) = other.content[0], claim.content[0]
    if other.content == claim.content:
        return True
    if predicate == MEMBER:
        return (s, p, o) in ((subject, JOINED, value), (value, HAS, subject))
    return predicate == HAS and (s, p, o) in ((value, JOINED, subject), (value, MEMBER, subject))


def _elects(other: Claim, claim: Claim) -> bool:
    (s, p, o), (subject, predicate, value) = other.content[0], claim.content[0]
    return (p, predicate) == (ELECTED, HOLDS) and (s, o) == (subject, value)


def _same_state(claim: Claim, same: list[Claim], elections: list[Claim]) -> Iterator[Rule]:
    """First known beginning and last known end of a state, unless a claim says that it held outside of these."""
    if KINDS[claim.content[0][1]] == "EventKind":
        return
    begun = [other for other in (*same, *elections) if bounds_of(other)[0]]
    if begun:
        first = min(bounds_of(other)[0] for other in begun)
        if not any((bounds_of(o)[1] or FIRST) < first or (bounds_of(o)[3] or LAST) < first for o in same):
            yield Rule(claim, tuple(begun), low=True)
    ended = [other for other in same if bounds_of(other)[3]]
    if ended:
        last = max(bounds_of(other)[3] for other in ended)
        if not any((bounds_of(o)[2] or LAST) > last or (bounds_of(o)[0] or FIRST) > last for o in same):
            yield Rule(claim, tuple(ended), low=False)


def worlds(corpus: Corpus) -> Iterator[dict[Claim, Reading]]:
    """The readings of all claims that the rules of the page allow together."""
    found = {claim: readings(claim) for claim in corpus.claims}
    rules = [rule for rule in rules_of(corpus) if not _lasts(rule)]
    ends = [rule for rule in rules_of(corpus) if _lasts(rule)]
    rules = [rule for rule in rules if rule.ever(found)]
    for some in product(*found.values()):
        read = dict(zip(found, some, strict=True))
        for rule in ends:
            # What lasts ends with what it speaks of, if it can have begun before.
            begin, end = read[rule.claim]
            last = max(read[other][1] for other in rule.others)
            if any(b <= max(e for _, e in found[rule.others[0]]) for b, _ in found[rule.claim]):
                read[rule.claim] = (begin, min(end, last))
        in_order = all(begin <= end for begin, end in read.values())
        if in_order and all(rule.allows(read) for rule in rules) and _alone(read):
            yield read


def _lasts(rule: Rule) -> bool:
    return not rule.low and bounds_of(rule.claim)[2] is None


def _alone(read: dict[Claim, Reading]) -> bool:
    """Two people never hold an office on one day, unless claims say that two did."""
    held = [(claim, when) for claim, when in read.items() if claim.content[0][1] == HOLDS]
    pairs = [(one, other) for one in held for other in held if one[0].content[0][0] < other[0].content[0][0]]
    if any(_said_together(one[0], other[0]) for one, other in pairs):
        return True
    return not any(max(one[1][0], other[1][0]) <= min(one[1][1], other[1][1]) for one, other in pairs)


def _said_together(one: Claim, other: Claim) -> bool:
    (_, a, b, _), (_, c, d, _) = bounds_of(one), bounds_of(other)
    return None not in (a, b, c, d) and a <= b and c <= d and max(a, c) <= min(b, d)


class Worlds:
    """What holds on which days, in every world of a corpus."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus, self._closed = corpus, {}
        self.read = list(worlds(corpus))
        self.all = [tuple(self._held(read, day) for day in DAYS) for read in self.read]

    def _held(self, read: dict[Claim, Reading], day: str) -> frozenset[Triple]:
        facts = frozenset(claim.content[0] for claim, (begin, end) in read.items() if begin <= day <= end)
        if facts not in self._closed:
            self._closed[facts] = frozenset(close(facts, self._corpus.program))
        return self._closed[facts]

    def truth(self, triple: Triple, first: int, last: int) -> str:
        """Whether a triple holds at some time in a span of days: in all worlds, in some, in none."""
        held = [any(triple in day for day in world[first : last + 1]) for world in self.all]
        return "certain" if all(held) else "possible" if any(held) else ""


# -- corpora

EXPRESSIONS = ("{a}", "{a}/{b}", "../{a}", "{a}/..")


def expression(rng: random.Random) -> str:
    """A day, a stretch, or one with an open side."""
    a, b = sorted(rng.sample(DAYS[1:-1], 2))
    return rng.choice(EXPRESSIONS).format(a=a, b=b)


def times(rng: random.Random, predicate: str) -> Times:
    """Times that a claim with a property can have; none at all at times."""
    if rng.random() < 0.25 and predicate != FOUNDED:
        return Times()
    if KINDS[predicate] == "EventKind":
        return Times(on=expression(rng))
    if predicate in (JOINED, BETWEEN):
        return Times(begins=expression(rng))
    kind = rng.choice(("begins", "holds_at", "both", "throughout", "ends"))
    if kind == "both":
        a, b, c = sorted(rng.sample(DAYS[1:-1], 3))
        return Times(begins=f"{a}/{b}", ends=rng.choice((c, f"{c}/{DAYS[-2]}")))
    return Times(**{kind: expression(rng).replace("../", f"{DAYS[1]}/").replace("/..", f"/{DAYS[-2]}")})


STATES = [(x(a), p, x("o")) for a in "ab" for p in (MEMBER, JOINED)] + [(x("o"), HAS, x("a"))]
THINGS = [(x("o"), SINCE, '"then"'), (x("o"), FOUNDED, x("c"))]
OFFICES = [(x(a), p, x("office")) for a in "ab" for p in (HOLDS, ELECTED)]
EVENTS = [(x("a"), DOES, x("e")), (x("e"), PLACE, x("here")), (x("b"), DOES, x("e"))]
FAMILIES = {
    "states": (STATES, (2, 3), False),
    "existence": (STATES + THINGS + THINGS, (2, 3), False),
    "offices": (OFFICES, (2, 3), False),
    "events": (EVENTS, (2, 3), False),
    "timeless": ([(x("r"), BETWEEN, x("o")), STATES[0], *THINGS, (x("r"), SINCE, '"then"')], (2, 3), False),
    "absence": (STATES + [(x("a"), VISITS, x("o"))] * 4, (2, 3), True),
}


def corpus(seed: int, family: str, more: int = 0) -> Corpus:
    """A corpus of a family: a few claims with short ranges of dates."""
    rng = random.Random(f"{family} {seed}")  # noqa: S311 - test data
    choices, (low, high), negative = FAMILIES[family]
    claims = []
    for number in range(rng.randint(low, high) + more):
        triple = rng.choice(choices)
        made = Claim(x(f"claim-{number}"), "d", (triple,), ("1.1",), FACT, AFFIRMED, times=times(rng, triple[1]))
        if readings(made):
            claims.append(made)
    return Corpus(tuple(claims), negative)


def exact(found: Corpus, brute: Worlds) -> bool:
    """Whether none of the exceptions that the page names occurs: then marks equal brute force.

    Nothing is asked for as absent, and no bound works back on the claim that it comes from.
    """
    bounding = [claim for claim in found.claims if any(claim in rule.others for rule in rules_of(found))]
    together = {tuple(read[claim] for claim in bounding) for read in brute.read}
    back = len(together) < prod(len(readings(claim)) for claim in bounding)
    people = {claim.content[0][0] for claim in found.claims if claim.content[0][1] == HOLDS}
    return not found.negative and not back and len(people) < 2


def compare(found: Corpus, most: int) -> bool | None:
    """Hold the marks of a corpus against its worlds; None where it has too many, or none."""
    if not 1 <= prod(len(readings(claim)) for claim in found.claims) <= most:
        return None
    brute = Worlds(found)
    if not brute.all:
        return None
    told, same = marks(found), exact(found, brute)
    derived = set(told) | {triple for world in brute.all for day in world for triple in day}
    about = [triple for triple in sorted(derived) if triple[1].startswith("<x:")]
    spans = [(n, n) for n in range(len(DAYS))] + [(1, 2), (2, 4), (1, 4)]
    for triple, (first, last) in product(about, spans):
        when = Span(DAYS[first], DAYS[last])
        given = {period.mark_in(when).replace("undated", "possible") for period in told.get(triple, ())}
        mark = next((mark for mark in ("certain", "possible") if mark in given), "")
        truth = brute.truth(triple, first, last)
        place = (found, triple, when, told.get(triple), mark, truth)
        assert mark != "certain" or truth == "certain", place
        assert mark or not truth, place
        if same:
            assert mark == truth, place
    return same


@pytest.mark.parametrize("family", FAMILIES)
def test_marks_against_every_world(family: str) -> None:
    """On 50 small corpora of each family: never certain where a world fails, never ruled out where one holds."""
    done = [compare(corpus(seed, family), 400) for seed in range(50)]
    assert sum(each is not None for each in done) >= 30
    assert family == "absence" or sum(each is True for each in done) >= 10


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES)
def test_marks_against_every_world_of_larger_corpora(family: str) -> None:
    """On 150 corpora of each family with up to five claims, the same."""
    done = [compare(corpus(seed, family, seed % 3), 20_000) for seed in range(1000, 1150)]
    assert sum(each is not None for each in done) >= 75
