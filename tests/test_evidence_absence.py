"""What rows rest on not being there: it is said in words with the row's values, also as of a date."""

from __future__ import annotations

import json

import pytest

from kg.api import view_of
from kg.evidence import Evidence, evidence_of
from kg.graph.store import Graph, open_graph
from kg.queries import Answer, ask, run
from kg.render.formats import Settings, render

AS_OF = "2017-05-10"  # Montenegro joins in this month: a member possibly
COUNTRY = "?c a kg:Country"
NOTHING = "Nothing in this view says that "
MEMBER = "?c kg:memberOf id:alliance"


def answered(graph: Graph, text: str) -> tuple[Answer, Evidence]:
    answer = ask(graph, text, timeout=None)
    return answer, evidence_of(answer)


def absent(graph: Graph, text: str) -> dict[str, tuple[str, ...]]:
    """What each row says that there is not, by the label of its first column."""
    answer, evidence = answered(graph, text)
    return {
        graph.label(row[0]) if row[0] else "": rests.absent
        for row, rests in zip(answer.rows, evidence.rows, strict=True)
    }


@pytest.mark.parametrize(
    "test",
    [
        f"FILTER NOT EXISTS {{ {MEMBER} }}",
        f"FILTER(!EXISTS {{ {MEMBER} }})",
        f"FILTER(NOT EXISTS {{ {MEMBER} }} && true)",
        f"MINUS {{ {MEMBER} }}",
        f"OPTIONAL {{ {MEMBER} BIND(true AS ?m) }} FILTER(!BOUND(?m))",
        f"OPTIONAL {{ {MEMBER} BIND(true AS ?m) }} FILTER(!COALESCE(?m, false))",
    ],
)
def test_absence_is_said_in_words_with_the_values_of_the_row(small: Graph, test: str) -> None:
    """If a row rests on something not being there, then this is said in words, whichever way it was asked."""
    said = absent(small, f"SELECT ?c {{ {COUNTRY} {test} }}")
    assert said["Serbia"] == ("Nothing in this view says that Serbia is a member of Alliance.",)
    assert "Croatia" not in said


@pytest.mark.parametrize(
    "query",
    [
        f"SELECT ?c ?m {{ {COUNTRY} BIND(EXISTS {{ {MEMBER} }} AS ?m) }}",
        f"SELECT ?c (EXISTS {{ {MEMBER} }} AS ?m) {{ {COUNTRY} }}",
        f"SELECT ?c (NOT EXISTS {{ {MEMBER} }} AS ?m) {{ {COUNTRY} }}",
        f"SELECT ?c (IF(EXISTS {{ {MEMBER} }}, 1, 2) AS ?m) {{ {COUNTRY} }}",
        f"SELECT ?c ?m {{ {COUNTRY} OPTIONAL {{ {MEMBER} BIND(1 AS ?m) }} }}",
    ],
)
def test_a_value_that_comes_of_an_existence_rests_on_it_or_on_its_absence(small: Graph, query: str) -> None:
    """If a row says whether something exists, then it rests on what does; where nothing does, on its absence."""
    answer, evidence = answered(small, query)
    rests = {small.label(row[0]): evidence.rows[number] for number, row in enumerate(answer.rows)}
    assert rests["Serbia"].absent == ("Nothing in this view says that Serbia is a member of Alliance.",)
    assert rests["Croatia"].absent == ()
    facts = {small.label(s) for row in rests.values() for s, p, _o in row.triples if p.endswith("#memberOf>")}
    assert facts == {"Croatia", "Montenegro"}


def test_a_count_of_nothing_names_what_it_did_not_find(small: Graph) -> None:
    """If an aggregate has no members, then it rests on its WHERE matching nothing, also within another query."""
    count = "SELECT (COUNT(?a) AS ?n) { ?a kg:memberOf id:serbia }"
    for query in (count, f"SELECT ?n {{ {{ {count} }} }}"):
        assert list(absent(small, query).values()) == [(f"{NOTHING}anything is a member of Serbia.",)]
    optional = "SELECT ?o (COUNT(?a) AS ?n) { ?o kg:organOf id:alliance OPTIONAL { ?a kg:memberOf ?o } } GROUP BY ?o"
    assert absent(small, optional) == {
        "Assembly of the Alliance": (
            "Nothing in this view says that anything is a member of Assembly of the Alliance.",
        )
    }


def test_an_optional_counts_where_the_query_shows_or_asks_for_what_it_binds(small: Graph) -> None:
    """If an OPTIONAL finds nothing, then a row rests on that only where something of it is used elsewhere."""
    optional = "OPTIONAL { ?c kg:observerOf ?o }"
    assert absent(small, f"SELECT ?c {{ {MEMBER} {optional} }}") == {"Croatia": (), "Montenegro": ()}
    for query in (f"SELECT ?c ?o {{ {MEMBER} {optional} }}", f"SELECT * {{ {MEMBER} {optional} }}"):
        assert absent(small, query)["Croatia"] == (
            "Nothing in this view says that Croatia is an observer of anything.",
        )


def test_what_shares_nothing_with_a_row_takes_nothing_away(small: Graph) -> None:
    """If a MINUS shares no variable with a solution, then the row does not rest on it."""
    assert set(absent(small, f"SELECT ?c {{ {COUNTRY} MINUS {{ ?x kg:memberOf ?y }} }}").values()) == {()}


@pytest.mark.parametrize(
    ("group", "words"),
    [
        (
            "?c kg:observerOf ?o . ?o kg:organOf id:croatia",
            "Serbia is an observer of something and it is an organ of Croatia",
        ),
        ("?c kg:observerOf/kg:organOf id:croatia", "Serbia is an observer of something that is an organ of Croatia"),
        ("?c ^kg:hasMember id:croatia", "Croatia has as a member Serbia"),
        (
            "{ ?c kg:memberOf ?o } UNION { ?c a ?k FILTER(?k = id:x) }",
            "Serbia is a member of anything or Serbia is anything",
        ),
        (
            "?c kg:memberOf ?o MINUS { ?o kg:organOf ?c }",
            "Serbia is a member of something",
        ),
        ("SELECT ?c { ?c kg:memberOf ?o }", "Serbia is a member of anything"),
        (
            "?f rdf:subject ?c ; rdf:predicate kg:memberOf ; rdf:object id:croatia ; kg:inferred ?i",
            "Serbia is a member of Croatia",
        ),
    ],
)
def test_how_absence_is_said(small: Graph, group: str, words: str) -> None:
    """If what is absent has several parts, then each is said; what is left open is anything, or something and it."""
    query = f"SELECT ?c {{ VALUES ?c {{ id:serbia }} {COUNTRY} FILTER NOT EXISTS {{ {group} }} }}"
    assert absent(small, query) == {"Serbia": (f"Nothing in this view says that {words}.",)}


def test_machine_made_nodes_are_said_by_what_they_stand_for(small: Graph) -> None:
    """If something is absent of a fact node or a period, then these are called by their fact and their time."""
    query = (
        "SELECT ?f ?p { ?f rdf:subject id:montenegro ; rdf:predicate kg:joined ; kg:period ?p "
        "FILTER NOT EXISTS { ?f kg:hedge ?h } FILTER NOT EXISTS { ?p kg:doubtful ?d } }"
    )
    (said,) = absent(small, query).values()
    assert set(said) == {"Nothing weakens the statement.", "Nothing makes this date doubtful."}


def test_many_absences_of_a_kind_are_said_briefly(small: Graph) -> None:
    """If many rows rest on the same part of a query, then one line below them names the first, and how many more."""
    _answer, evidence = answered(small, "SELECT ?s { ?s a kg:Statement FILTER NOT EXISTS { ?s kg:place ?p } }")
    lines = [line for line in evidence.lines if line.startswith("absence: ")]
    assert len(lines) == 1
    assert lines[0].startswith("absence: Nothing in this view says that “")
    assert lines[0].endswith(f" And {len(evidence.rows) - 3} more like it.")


def test_every_format_marks_a_row_that_rests_on_absence(small: Graph) -> None:
    """If a row rests on something absent, then CSV, XML, JSON and the table mark it; JSON says what."""
    answer, evidence = answered(small, f"SELECT ?c {{ {COUNTRY} FILTER NOT EXISTS {{ {MEMBER} }} }} ORDER BY ?c")
    for form in ("csv", "tsv", "xml", "json", "table", "md", "html"):
        assert "absence" in render(answer, form, Settings(evidence=evidence)).split("view:")[0], form
    csv = render(answer, "csv", Settings(evidence=evidence)).splitlines()[1:]
    assert all(line.endswith(" absence") for line in csv)
    told = json.loads(render(answer, "json", Settings(evidence=evidence)))["kg"]["evidence"]
    assert ["Nothing in this view says that Serbia is a member of Alliance."] in [row["absent"] for row in told]


# -- as of a date

POSSIBLY_NONE = [
    f"FILTER NOT EXISTS {{ {MEMBER} }}",
    f"FILTER(!EXISTS {{ {MEMBER} }})",
    f"MINUS {{ {MEMBER} }}",
    f"OPTIONAL {{ {MEMBER} BIND(1 AS ?m) }} FILTER(!BOUND(?m))",
    f"OPTIONAL {{ {MEMBER} BIND(1 AS ?m) }} FILTER(COALESCE(?m, 0) = 0)",
    f"BIND(IF(EXISTS {{ {MEMBER} }}, 1, 0) AS ?m) FILTER(?m = 0)",
]


@pytest.mark.parametrize("test", POSSIBLY_NONE)
def test_who_is_possibly_none_is_there_with_evidence(small: Graph, test: str) -> None:
    """If something only possibly holds at a date, then who lacks it is a possible row, and names the absence."""
    graph = small.in_view(view_of(as_of=AS_OF))
    answer, evidence = answered(graph, f"SELECT ?c {{ {COUNTRY} {test} }}")
    rows = {graph.label(row[0]): number for number, row in enumerate(answer.rows)}
    assert {"Serbia", "Montenegro"} <= set(rows)
    assert "Croatia" not in rows
    for name, certain in (("Serbia", "certain"), ("Montenegro", "possible")):
        rests = evidence.rows[rows[name]]
        assert (answer.certainty[rows[name]], rests.certain) == (certain, certain == "certain")
        assert rests.absent == (f"Nothing in this view says that {name} is a member of Alliance.",)
        assert rests.triples


def test_rows_with_fewer_cells_are_not_told_twice(small: Graph) -> None:
    """If a cell only possibly has its value, then the row with that value says so: there is no other without it."""
    graph = small.in_view(view_of(as_of=AS_OF))
    answer = ask(graph, f"SELECT ?c ?o {{ {COUNTRY} OPTIONAL {{ ?c kg:memberOf ?o }} }}", timeout=None)
    montenegro = [
        (graph.label(row[0]), certain)
        for row, certain in zip(answer.rows, answer.certainty, strict=True)
        if graph.label(row[0]) == "Montenegro"
    ]
    assert montenegro == [("Montenegro", "possible")]


def test_a_limit_holds_for_the_possible_rows_too(small: Graph) -> None:
    """If a query wants so many rows, then those that only the certain gives do not make them more."""
    graph = small.in_view(view_of(as_of=AS_OF))
    query = f"SELECT ?c {{ {COUNTRY} FILTER NOT EXISTS {{ {MEMBER} }} }} ORDER BY ?c"
    every = ask(graph, query, timeout=None).rows
    for limit in range(len(every) + 2):
        assert len(ask(graph, f"{query} LIMIT {limit}", timeout=None).rows) == min(limit, len(every))


def test_a_value_that_is_never_the_same_does_not_make_a_row_possible(small: Graph) -> None:
    """If a column has another value at every asking, then rows are compared by the others."""
    graph = small.in_view(view_of(as_of=AS_OF))
    answer = ask(graph, f"SELECT ?c (RAND() AS ?r) {{ {MEMBER} }} ORDER BY ?c", timeout=None)
    assert answer.certainty == ["certain", "possible"]


def test_evidence_is_as_certain_as_its_row() -> None:
    """If a saved query is asked as of a date, then the evidence of each row says what the row says."""
    graph = open_graph().in_view(view_of(as_of="2016"))
    for name in ("complete-lists", "inferences", "joint-inferences", "told-once", "dating", "milestones"):
        answer = run(graph, name)
        told = json.loads(render(answer, "json", Settings(evidence=evidence_of(answer))))["kg"]["evidence"]
        marks = answer.certainty or ["certain"] * len(answer.rows)
        assert [row["certain"] for row in told] == [mark == "certain" for mark in marks], name
