"""When facts hold and what supports them: kg.graph.validity against reasoning again at every date."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from examples import examples
from hypothesis import strategies as st

from kg.corpus.read import read_corpus
from kg.dates import ALWAYS, DAWN, DUSK, Period, Span
from kg.graph.ground import instances_with_absence
from kg.graph.materialise import compiled, materialise
from kg.graph.validity import Instance, Instances, supporters, together, unconditional, validity
from kg.graph.views import View
from kg.periods import overlaps, prune
from kg.project import Project
from kg.reasoner import Clause, Condition, close, compile_program
from kg.vocab import OWL, RDF, RDFS, iri

ROOT = Path(__file__).parent.parent
TYPE = iri(RDF + "type")
DAYS = tuple(f"2014-01-{day:02d}" for day in range(1, 9))


def x(name):
    return f"<x:{name}>"


#: Chains, transitivity, symmetry, inverses, hierarchies, ranges and a functional property, so that every shape
#: of rule takes part, equality too.
ONTOLOGY = (
    (x("p"), TYPE, iri(OWL + "TransitiveProperty")),
    (x("q"), TYPE, iri(OWL + "SymmetricProperty")),
    (x("q"), iri(RDFS + "subPropertyOf"), x("r")),
    (x("r"), iri(OWL + "inverseOf"), x("s")),
    (x("p"), iri(RDFS + "domain"), x("C")),
    (x("C"), iri(RDFS + "subClassOf"), x("D")),
    (x("f"), TYPE, iri(OWL + "FunctionalProperty")),
    (x("t"), iri(OWL + "propertyChainAxiom"), x("l1")),
    (x("l1"), iri(RDF + "first"), x("p")),
    (x("l1"), iri(RDF + "rest"), x("l2")),
    (x("l2"), iri(RDF + "first"), x("q")),
    (x("l2"), iri(RDF + "rest"), iri(RDF + "nil")),
)
ABSENT_R = Condition("absent", (((("?x"), x("r"), "?y"),), (), ("?x", "?y")))
ABSENT_N = Condition("absent", (((("?x"), x("n"), "?z"),), (), ("?x",)))
#: Two strata: ``n`` where no ``r`` is, ``m`` where no ``n`` is.
NEGATIVE = (
    Clause("no-r", (), (("?x", x("p"), "?y"),), ("?x", x("n"), "?y"), (ABSENT_R,)),
    Clause("no-n", (), (("?x", x("q"), "?y"),), ("?x", x("m"), "?y"), (ABSENT_N,)),
)
PROGRAM, NEGATIVE_PROGRAM = compile_program(ONTOLOGY), compile_program(ONTOLOGY, NEGATIVE)
TRIPLES = st.tuples(st.sampled_from("abcd").map(x), st.sampled_from("pqrf").map(x), st.sampled_from("abcd").map(x))


@st.composite
def periods(draw):
    """A period that some occasion can have: its bounds in order, each of them open or a day."""
    begin = sorted(draw(st.lists(st.sampled_from(DAYS), min_size=2, max_size=2)))
    end = sorted(draw(st.lists(st.sampled_from(DAYS), min_size=2, max_size=2)))
    end = [max(end[0], begin[0]), max(end[1], begin[1])]
    open_begin, open_end = draw(st.sampled_from((0, 0, 1, 2))), draw(st.sampled_from((0, 0, 1, 2)))
    return Period(
        None if open_begin else begin[0],
        None if open_begin == 2 else begin[1],
        None if open_end == 2 else end[0],
        None if open_end else end[1],
    )


FACTS = st.dictionaries(TRIPLES, st.lists(periods(), min_size=1, max_size=2).map(prune), max_size=6)


def points(all_periods):
    """Each day on which something may change, with the days before and after."""
    days = {bound for when in all_periods for period in when for bound in period.bounds if bound}
    around = {moved for day in days - {DAWN, DUSK} for moved in near(day)}
    return sorted(around) or [DAYS[0]]


def near(day):
    from datetime import date, timedelta

    return [(date.fromisoformat(day) + timedelta(shift)).isoformat() for shift in (-1, 0, 1)]


def computed(facts, program, negative=None):
    """The validity of everything that may follow from facts with periods."""
    closure = close(facts, program, negative=negative)
    return validity(facts, program.triples, Instances(instances_with_absence(closure)))


def on(when, day, mode):
    return any(getattr(period, f"{mode}_on")(day) for period in when)


def alternate(certain, possible, program):
    """What certainly and possibly follows on a day, by reasoning until neither changes what the other misses."""
    below = close(certain, program, negative=close(possible, program, negative=close(())))
    while True:
        above = close(possible, program, negative=below)
        again = close(certain, program, negative=above)
        if set(again) == set(below):
            return set(below), set(above)
        below = again


@examples(15, 200, FACTS)
def test_validity_is_reasoning_again_on_every_day(facts):
    """A triple certainly (possibly) holds on a day just when it follows from what certainly (possibly) holds then."""
    found = computed(facts, PROGRAM)
    for day, mode in product(points(facts.values()), ("certain", "possible")):
        again = set(close([fact for fact, when in facts.items() if on(when, day, mode)], PROGRAM))
        assert {triple for triple, when in found.items() if on(when, day, mode)} == again


@examples(6, 60, FACTS)
def test_what_must_be_absent_cannot_possibly_hold(facts):
    """With NOT EXISTS, certain asks that the absent thing is impossible that day, possible that it is not certain."""
    found = computed(facts, NEGATIVE_PROGRAM, negative=close(()))
    for day in points(facts.values()):
        sets = ([f for f, when in facts.items() if on(when, day, mode)] for mode in ("certain", "possible"))
        below, above = alternate(*sets, NEGATIVE_PROGRAM)
        assert {triple for triple, when in found.items() if on(when, day, "certain")} == below
        assert {triple for triple, when in found.items() if on(when, day, "possible")} == above


def worlds(period):
    """Every way in which an occasion may have gone: its first and last day."""
    begins = [d for d in (DAWN, *DAYS, DUSK) if between(period.earliest_begin, d, period.latest_begin, DAWN)]
    ends = [d for d in (DAWN, *DAYS, DUSK) if between(period.earliest_end, d, period.latest_end, DUSK)]
    return [(begin, end) for begin in begins for end in ends if begin <= end]


def between(first, day, last, open_day):
    """Whether a bound may be that day; a bound that is open both ways is as far away as can be."""
    if first is None and last is None:
        return day == open_day
    return (first is None or first <= day) and (last is None or day <= last)


@examples(50, 1000, st.lists(periods(), min_size=1, max_size=3), st.sampled_from(DAYS), st.sampled_from(DAYS))
def test_certain_in_a_span_is_certain_in_every_world(given_periods, one, other):
    """That several hold together within a span is certain just when they do however each began and ended."""
    when = Span(min(one, other), max(one, other))
    loose = [Period(*p.bounds, moment=f"m{n}") if p.loose else p for n, p in enumerate(given_periods)]
    held = together(range(len(loose)), {n: (p,) for n, p in enumerate(loose)})
    everywhere = all(
        max(when.first, *(begin for begin, _ in world)) <= min(when.last, *(end for _, end in world))
        for world in product(*(worlds(period) for period in given_periods))
    )
    assert any(period.certain_in(when) for period in held) == everywhere


def test_two_events_of_one_month_need_not_have_met():
    """Two claims of September 2014 give no certain meeting in it; one claim's two triples do."""
    one = Period("2014-09-01", "2014-09-30", "2014-09-01", "2014-09-30", moment="c1")
    other = Period("2014-09-01", "2014-09-30", "2014-09-01", "2014-09-30", moment="c2")
    september = Span("2014-09-01", "2014-09-30")
    assert one.certain_in(september)
    assert one.intersect(one).certain_in(september)
    assert not one.intersect(other).certain_in(september)
    assert one.intersect(other).possible_in(september)
    assert one.intersect(other).doubtful


def test_a_state_that_lasts_all_month_meets_its_event():
    """An event on a day of September and a state that lasted from August to October certainly held together."""
    event = Period("2014-09-01", "2014-09-30", "2014-09-01", "2014-09-30", moment="c1")
    state = Period("2014-01-01", "2014-08-01", "2014-10-01", None)
    late = Period("2014-01-01", "2014-09-15", "2014-10-01", None)
    september = Span("2014-09-01", "2014-09-30")
    assert event.intersect(state).certain_in(september)
    assert not event.intersect(late).certain_in(september)


@examples(60, 1000, st.lists(periods(), max_size=5))
def test_pruning_loses_no_day(some):
    """What pruning leaves out is certain and possible on no day that the rest is not."""
    left = prune(some)
    for day, mode in product(points([some]), ("certain", "possible")):
        assert on(left, day, mode) == on(some, day, mode)


@examples(50, 1000, periods(), periods())
def test_less_is_the_difference_of_days(one, other):
    """What is left of a period is certain where the other is impossible, and possible where it is not certain."""
    left = one.less(other)
    for day in points([[one, other]]):
        assert on(left, day, "certain") == (one.certain_on(day) and not other.possible_on(day))
        assert on(left, day, "possible") == (one.possible_on(day) and not other.certain_on(day))


A, B, C, D = ((x(name), x("p"), x("o")) for name in "ABCD")


def test_premises_that_never_meet_support_nothing():
    """A step whose premises hold in different years gives no fact and no support."""
    early, late = Period(*["2001-01-01"] * 4), Period(*["2002-01-01"] * 4)
    stated, graph = {A: (early,), B: (late,)}, Instances([Instance(C, (A, B)), Instance(D, (A,))])
    found = validity(stated, (), graph)
    assert C not in found
    assert found[D] == (early,)
    claims = supporters({A: ["a"], B: ["b"]}, (), graph, found)
    assert C not in claims
    assert claims[D] == {"a"}


def test_what_needs_no_claim_has_no_support():
    """What ontology and entities give holds always, and claims that would give it too do not count."""
    graph = Instances([Instance(C, (A,)), Instance(C, (B,)), Instance(D, (C, B))])
    assert unconditional([A], graph) == {A, C}
    day = Period(*["2001-01-01"] * 4)
    found = validity({B: (day,)}, [A], graph)
    assert found[C] == (ALWAYS,)
    assert found[D] == (day,)
    claims = supporters({B: ["b"]}, [A], graph, found)
    assert C not in claims
    assert claims[D] == {"b"}


def test_support_goes_round_a_circle_once():
    """Two facts that give each other are supported by both their claims."""
    graph = Instances([Instance(A, (B,)), Instance(B, (A,))])
    claims = supporters({A: ["a"], B: ["b"]}, (), graph, {A: (ALWAYS,), B: (ALWAYS,)})
    assert claims == {A: {"a", "b"}, B: {"a", "b"}}


def test_validity_does_not_depend_on_the_order_of_instances():
    """The same instances in any order give the same periods."""
    day = [Period(*[d] * 4) for d in DAYS[:3]]
    steps = [Instance(C, (A, B)), Instance(D, (C,)), Instance(B, (D,)), Instance(C, (B,))]
    stated = {A: (day[0], day[1]), B: (day[1], day[2])}
    results = [validity(stated, (), Instances(order)) for order in (steps, steps[::-1])]
    assert results[0] == results[1]


@pytest.fixture(scope="module")
def corpus():
    return read_corpus(Project(ROOT))


@pytest.fixture(scope="module")
def program(corpus):
    return compiled(corpus)


def compare_on(corpus, program, days):
    """Hold the validity of the corpus against reasoning again, on some days, for both modes."""
    view = materialise(corpus, View(), load_program=lambda: program)
    # A literal is of its type at all times; only the facts that mention it come and go.
    told = {triple: when for triple, when in view.periods.items() if triple[0][0] != '"'}
    stated = view.stated_periods
    for day, mode in product(days, ("certain", "possible")):
        taken = [fact for fact, when in stated.items() if on(when, day, mode)]
        again = {triple for triple in close([*corpus.entities, *taken], program) if triple[0][0] != '"'}
        assert {triple for triple, when in told.items() if on(when, day, mode)} == again, (day, mode)


def test_validity_of_the_corpus_on_some_days(corpus, program):
    """On a few of the days on which something changes, what holds is what follows from what held then."""
    days = points(materialise(corpus, View(), load_program=lambda: program).stated_periods.values())
    compare_on(corpus, program, days[:: max(1, len(days) // 4)])


@pytest.mark.slow
def test_validity_of_the_corpus_on_every_day(corpus, program):
    """On every day on which something changes, and the days around it, the same."""
    days = points(materialise(corpus, View(), load_program=lambda: program).stated_periods.values())
    assert len(days) > 30
    compare_on(corpus, program, days)


@pytest.mark.parametrize(
    "date", ["2016-09", *(pytest.param(date, marks=pytest.mark.slow) for date in ("2014", "2017-04-10"))]
)
def test_a_dated_view_is_the_undated_one_cut_to_the_date(corpus, program, date):
    """The facts of a dated view are those of the undated one that may hold at the date, and none besides."""
    from kg.dates import span

    view = View(as_of=span(date), as_of_text=date)
    dated, undated = (
        materialise(corpus, view, load_program=lambda: program),
        materialise(corpus, View(), load_program=lambda: program),
    )
    when = span(date)
    expected = {t for t in undated.closure.inferred() if any(p.possible_in(when) for p in undated.periods.get(t, ()))}
    assert set(dated.inferred()) == expected
    assert {t for t in expected if any(p.certain_in(when) for p in dated.periods[t])} < expected


SHAPED = st.builds(
    lambda period, doubtful, moment: Period(*period.bounds, doubtful=doubtful, moment=moment),
    periods(),
    st.booleans(),
    st.sampled_from((None, "a", "b", "c")),
)


def pruned_pair_by_pair(some):
    """The periods that no other covers, found by comparing each with each: what ``prune`` must give."""
    kept = []
    for period in dict.fromkeys(some):
        if any(other.covers(period) for other in kept):
            continue
        kept = [other for other in kept if not period.covers(other)] + [period]
    return sorted(kept, key=lambda p: (*(bound or "" for bound in p.bounds), p.doubtful, p.moment or ""))


@examples(60, 1000, st.lists(SHAPED, max_size=8))
def test_pruning_by_shape_is_pruning_pair_by_pair(some):
    """If periods are compared by their bounds, and moments only where these matter, then the same ones are left."""
    assert list(prune(some)) == pruned_pair_by_pair(some)


@examples(60, 1000, st.lists(SHAPED, max_size=6), st.lists(SHAPED, max_size=6))
def test_overlaps_by_shape_are_overlaps_pair_by_pair(some, others):
    """If two facts have many periods, then when both hold is what each pair of periods gives, pruned."""
    some, others = dict.fromkeys(some), dict.fromkeys(others)
    pairs = [both for one in some for two in others if (both := one.intersect(two))]
    assert list(overlaps(some, others)) == pruned_pair_by_pair(pairs)
