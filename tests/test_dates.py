"""Time as precise as a text: what an expression expands to, and what a claim's times mean."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.dates import ALWAYS, DAWN, DateError, Period, Span, Times, period_of, span, without_season
from kg.periods import prune
from kg.typed_dates import typed_date

PUBLISHED = Span("2017-04-10", "2017-04-10")
DAYS = st.dates().map(lambda day: day.isoformat())


@st.composite
def periods(draw):
    """Any period: it begins by its latest beginning if it has an earliest, and could have begun before it ended."""
    begin = draw(st.sampled_from(["open", "by", "between"]))
    end = draw(st.sampled_from(["open", "not before", "between"]))
    first, latest = sorted(draw(st.tuples(DAYS, DAYS)))
    earliest, last = sorted(draw(st.tuples(DAYS, DAYS)))
    made = Period(
        first if begin == "between" else None,
        latest if begin != "open" else None,
        earliest if end != "open" else None,
        last if end == "between" else None,
    )
    impossible = made.earliest_begin and made.latest_end and made.earliest_begin > made.latest_end
    return Period(None, *made.bounds[1:]) if impossible else made


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2017", "2017-01-01", "2017-12-31"),
        ("2016-02", "2016-02-01", "2016-02-29"),
        ("1900-02", "1900-02-01", "1900-02-28"),
        ("2000-02", "2000-02-01", "2000-02-29"),
        ("2017-04-10", "2017-04-10", "2017-04-10"),
        ("2005-21", "2005-03-01", "2005-05-31"),
        ("2005-22", "2005-06-01", "2005-08-31"),
        ("2006-09/2006-12", "2006-09-01", "2006-12-31"),
        ("../2013-08", None, "2013-08-31"),
        ("2014/..", "2014-01-01", None),
        ("2006~", "2005-01-01", "2007-12-31"),
        ("2006-06-15~", "2006-05-31", "2006-06-30"),
        ("1999~", "1998-01-01", "2000-12-31"),
        ("2016-01~", "2015-12-01", "2016-02-29"),
        ("2005-22~", "2005-05-01", "2005-09-30"),
    ],
)
def test_what_an_expression_expands_to(text, first, last):
    """As precise as the text and no more: no day is invented."""
    assert span(text) == Span(first, last)


@pytest.mark.parametrize(
    "text", ["", "17", "2017-13", "2017-00", "2017-02-29", "2017-4", "0000", "2017/2016", "yesterday", "2017-04-31"]
)
def test_what_is_no_date_is_refused_with_a_word_why(text):
    """Nothing is guessed."""
    with pytest.raises(DateError) as caught:
        span(text)
    assert str(caught.value)


def test_a_season_is_its_months():
    """A season is written out; what has none stays as it is."""
    assert [without_season(text) for text in ("2005-22", "../2005-21", "2005-20", "2017-04-21")] == [
        "2005-06/2005-08",
        "../2005-05",
        "2005-20",
        "2017-04-21",
    ]


@given(DAYS)
def test_a_day_is_itself(day):
    """Any day of the calendar expands to itself alone."""
    assert span(day) == Span(day, day)


@pytest.mark.parametrize(
    ("kind", "times", "bounds"),
    [
        # An event in an unknown day of a month, and a state that lasted the month, differ.
        ("EventKind", Times(on="2014-09"), ("2014-09-01", "2014-09-30", "2014-09-01", "2014-09-30")),
        ("BoundedState", Times(throughout="2014-09"), (None, "2014-09-01", "2014-09-30", None)),
        ("BoundedState", Times(holds_at="2014-09"), (None, "2014-09-30", "2014-09-01", None)),
        ("PersistentState", Times(begins="2006-12-14"), ("2006-12-14", "2006-12-14", None, None)),
        ("BoundedState", Times(begins="2006-12-14"), ("2006-12-14", "2006-12-14", "2017-04-10", None)),
        ("BoundedState", Times(begins="2015", ends="2016"), ("2015-01-01", "2015-12-31", "2016-01-01", "2016-12-31")),
        ("BoundedState", Times(), (None, "2017-04-10", "2017-04-10", None)),
        ("EventKind", Times(), (None, "2017-04-10", DAWN, "2017-04-10")),
        # An event of which only the beginning is given may go on: it was not over because somebody wrote of it.
        ("EventKind", Times(begins="../2017-04-10"), (None, "2017-04-10", DAWN, None)),
        ("EventKind", Times(begins="2014"), ("2014-01-01", "2014-12-31", "2014-01-01", None)),
        ("EventKind", Times(begins="2014/.."), ("2014-01-01", "2017-04-10", "2014-01-01", None)),
        ("EventKind", Times(begins="../2017-02", ends="2017-04-10/.."), (None, "2017-02-28", "2017-04-10", None)),
        ("EventKind", Times(ends="2017-04-10/.."), (None, "2017-04-10", "2017-04-10", None)),
        ("EventKind", Times(throughout="2014/.."), ("2014-01-01", "2014-01-01", "2014-01-01", None)),
        ("EventKind", Times(begins="2008", ends="2009"), ("2008-01-01", "2008-12-31", "2009-01-01", "2009-12-31")),
        ("EventKind", Times(ends="2008"), (None, "2008-12-31", "2008-01-01", "2008-12-31")),
        ("BoundedState", Times(begins="1999", ends="2015-11/.."), ("1999-01-01", "1999-12-31", "2015-11-01", None)),
        ("PersistentState", Times(begins="1999", ends="2015/.."), ("1999-01-01", "1999-12-31", "2015-01-01", None)),
        # What never changes is vouched for by the publication, and holds from then on.
        ("Timeless", Times(), (None, "2017-04-10", None, None)),
        ("Timeless", Times(on="1992"), ("1992-01-01", "1992-12-31", None, None)),
        ("Timeless", Times(begins="1992", ends="2008"), ("1992-01-01", "1992-12-31", "2008-01-01", "2008-12-31")),
    ],
)
def test_the_four_bounds_of_a_claim(kind, times, bounds):
    """Earliest and latest beginning, earliest and latest end, by the kind of what is said."""
    assert period_of(times, kind, PUBLISHED).bounds == bounds


def test_an_undated_state_is_certain_when_published_and_possible_at_other_times():
    """Nobody knows how long it lasted before and after."""
    period = period_of(Times(), "BoundedState", PUBLISHED)
    assert period.certain_on("2017-04-10")
    assert not period.certain_on("2017-04-11")
    assert period.possible_on("1999-01-01")


def test_an_event_that_goes_on_when_reported_is_possible_afterwards():
    """Begun before and still going on at publication: certain on that day, possible ever after."""
    period = period_of(Times(begins="../2017-02", ends="2017-04-10/.."), "EventKind", PUBLISHED)
    assert period.certain_on("2017-03-15")
    assert period.certain_on("2017-04-10")
    assert not period.certain_on("2017-04-11")
    assert period.possible_on("2030-01-01")


def test_what_is_foretold_from_a_day_on_lies_after_it():
    """A prediction dated from then or later may come at any time after, and never before."""
    period = period_of(Times(begins="2017-03-08/.."), "BoundedState", PUBLISHED, ahead=True)
    assert not period.possible_on("2017-03-07")
    assert period.possible_on("2030-01-01")
    assert not period.certain_on("2030-01-01")


@given(periods(), DAYS)
def test_what_is_certain_is_possible(period, day):
    """Certainty implies possibility."""
    if period.certain_on(day):
        assert period.possible_on(day)


@given(periods(), periods(), DAYS)
def test_both_hold_where_each_does(one, two, day):
    """An intersection is certain, or possible, on the days on which both are."""
    both = one.intersect(two)
    assert (one.certain_on(day) and two.certain_on(day)) == bool(both and both.certain_on(day))
    assert (one.possible_on(day) and two.possible_on(day)) == bool(both and both.possible_on(day))


@given(periods(), periods())
def test_intersection_has_no_order(one, two):
    """One with two is two with one, and always adds nothing."""
    assert one.intersect(two) == two.intersect(one)
    assert one.intersect(ALWAYS) == (None if one.intersect(one) is None else one)


@given(st.lists(periods(), max_size=6), DAYS)
def test_pruning_loses_no_day(several, day):
    """What is left holds, certainly and possibly, on the same days."""
    kept = prune(several)
    assert any(p.certain_on(day) for p in kept) == any(p.certain_on(day) for p in several)
    assert any(p.possible_on(day) for p in kept) == any(p.possible_on(day) for p in several)
    assert set(kept) <= set(several)


def test_a_month_asked_for_holds_what_lies_in_it():
    """An event on an unknown day of a month certainly happened in that month, and in no narrower span."""
    period = period_of(Times(on="2014-09"), "EventKind", PUBLISHED)
    assert period.certain_in(span("2014-09"))
    assert period.certain_in(span("2014"))
    assert not period.certain_in(span("2014-09-10"))
    assert period.possible_in(span("2014-09-10"))
    assert not period.possible_in(span("2014-10"))


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("2017", "2017"),
        ("2017/04", "2017-04"),
        ("2017/4/10", "2017-04-10"),
        ("2016/2017", "2016/2017"),
        ("4/2017", "2017-04"),
        ("10.4.2017", "2017-04-10"),
        ("10. 4. 2017.", "2017-04-10"),
        ("25/4/2017", "2017-04-25"),
        ("4/25/2017", "2017-04-25"),
        ("4/5/2017", "4/5/2017"),
        ("10 April 2017", "2017-04-10"),
        ("Sept. 2014", "2014-09"),
        ("April 10, 2017", "2017-04-10"),
        ("mart 2017.", "2017-03"),
        ("10. oktobra 2016.", "2016-10-10"),
        ("мај 2017", "2017-05"),
        ("Foo 2017", "Foo 2017"),
        ("2017/13", "2017/13"),
        ("soon", "soon"),
        ("May the 2017", "May the 2017"),
    ],
)
def test_dates_are_taken_as_people_type_them(typed: str, read: str) -> None:
    """A slash, dots and names of months are understood; what could be either of two days is not guessed."""
    assert typed_date(typed) == read
