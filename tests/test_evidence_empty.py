"""kg.evidence.notes: an empty answer names what leaves nothing, what is near, and a view with some."""

from __future__ import annotations

import pytest

from kg.api import view_of
from kg.errors import UsageError
from kg.evidence.notes import other_views, why_empty
from kg.graph.store import Graph, open_graph
from kg.queries import ask, run

pytestmark = pytest.mark.usefixtures("confined_here")


@pytest.fixture(scope="module")
def graph() -> Graph:
    return open_graph()


def why(graph: Graph, text: str) -> list[str]:
    return why_empty(ask(graph, text, timeout=None))


REST = ", given the rest of the question."
NOTHING = "Nothing in this view says that anything is a member of Serbia."


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("{ ?a kg:memberOf id:serbia }", NOTHING),
        ("{ { ?a kg:memberOf id:serbia } }", NOTHING),
        ("{ ?a a kg:Country . { ?a kg:memberOf id:serbia } }", NOTHING),
        ("{ ?a a kg:Country { SELECT ?a { ?a kg:memberOf id:serbia } } }", NOTHING),
        ("{ ?a a kg:Country { SELECT ?a { ?a a kg:Country } LIMIT 0 } }", "LIMIT 0 asks for none of 17 rows"),
        ("{ { ?a kg:memberOf id:serbia } UNION { ?a kg:observerOf id:serbia } }", NOTHING),
        (
            "{ ?a kg:memberOf id:nato ; kg:observerOf id:nato }",
            "Nothing in this view says that anything is an observer of NATO" + REST,
        ),
        ("{ ?a a kg:Country VALUES ?a { id:nato } }", "Nothing in this view fits NATO."),
        ("{ VALUES ?a { id:nato } ?a a kg:Country }", "Nothing in this view says that anything is a country" + REST),
        (
            "{ ?a a kg:Country FILTER EXISTS { ?a kg:organOf ?b } }",
            "Nothing in this view says that anything is an organ of anything" + REST,
        ),
        (
            "{ ?a a kg:Country FILTER NOT EXISTS { ?a a ?b } }",
            "Every row is left out, since this view says that anything is anything.",
        ),
        (
            "{ ?a a kg:Country MINUS { ?a a ?b } }",
            "Every row is left out, since this view says that anything is anything.",
        ),
        ("{ ?a a kg:Country BIND(1 AS ?n) FILTER(?n < 2) FILTER(?n > 2) }", "Nothing in this view fits after 2."),
        ("{ ?a a kg:Country } LIMIT 0", "LIMIT 0 asks for none of 17 rows"),
        ("{ ?a a kg:Country } OFFSET 99", "OFFSET 99 passes over all of 17 rows"),
        ("{ ?a a kg:Country } GROUP BY ?a HAVING (COUNT(*) > 9)", "Nothing in this view fits after 9."),
        ("{ ?a a kg:Country } VALUES ?a { id:nato }", "Nothing in this view fits NATO."),
        (
            "{ ?a kg:observerOf/kg:organOf+ id:serbia }",
            "Nothing in this view says that anything is an observer of something that is an organ of, directly or "
            "through others, Serbia.",
        ),
        (
            '{ ?a kg:earliestBegin ?c FILTER(?c > "2090-01-01"^^xsd:date) }',
            "Nothing in this view is dated after 2090-01-01; its dated facts begin between 1992 and 2022.",
        ),
        ('{ ?a a kg:Country FILTER(STR(?a) = "x" || !BOUND(?z) && false) }', "Nothing in this view fits x."),
    ],
)
def test_the_part_that_leaves_nothing_is_named(graph: Graph, where: str, said: str) -> None:
    """If a query has no rows, then the first part after which none are left is named, wherever it stands."""
    assert why(graph, f"SELECT ?a {where}")[0] == said


def test_near_terms_are_of_the_same_kind(graph: Graph) -> None:
    """If a class has no members, then classes like it are named, and no term of OWL; of an entity, its fellows."""
    near = next(line for line in why(graph, "SELECT ?a { ?a a kg:MilitaryBase }") if line.startswith("Near it"))
    assert near.startswith("Near it: instead of military base there is ")
    assert "owl:" not in near
    near = why(graph, "SELECT ?b { id:serbia kg:memberOf ?b }")[1]
    assert "instead of Serbia there is Russia" in near


def test_a_name_that_nothing_bears_is_said(graph: Graph) -> None:
    """If a query names a property that there is not, then the one that was meant is named, and nothing else."""
    first, second, *_rest = why(graph, "SELECT ?a { ?a kg:memberof id:nato }")
    assert first == "Nothing in this view says that anything kg:memberof NATO."
    assert second.startswith("Nothing in the graph is called kg:memberof; did you mean is a member of (kg:memberOf)")


def test_a_label_without_its_language_is_mended(graph: Graph) -> None:
    """If a label is asked for as plain text, then the text that matches is given with its language."""
    said = why(graph, 'SELECT ?a { ?a rdfs:label "Serbia" }')
    assert said[1] == 'Labels carry a language: write "Serbia"@en.'


@pytest.mark.parametrize(
    ("view", "last"),
    [
        ({"as_of": "2016", "certain": True}, "2 rows possibly: without --certain"),
        ({"only": ["cepi-2017"], "as_of": "2016", "certain": True}, "1 row with all dates"),
        ({"only": ["ecfr-2022"]}, "5 rows with all documents"),
        ({"only": ["ecfr-2022"], "as_of": "1990", "certain": True}, "5 rows with all documents and all dates"),
    ],
)
def test_the_nearest_view_with_rows_is_named(graph: Graph, view: dict[str, object], last: str) -> None:
    """If another view has rows, then the nearest is named: what is only possible, one change, then two."""
    assert why_empty(run(graph.in_view(view_of(**view)), "observers"))[-1] == last


def test_more_may_have_to_be_accepted_and_believed(graph: Graph) -> None:
    """If neither all documents nor a wider acceptance alone has some, then both together are tried."""

    def count(other: Graph) -> int:
        return 2 if other.view.only is None and other.view.accept == "affirmed" else 0

    asked = graph.in_view(view_of(only=["ecfr-2022"]))
    assert other_views(asked, count, "fact") == ["2 facts with all documents and --accept affirmed"]
    assert other_views(graph.in_view(view_of(accept="affirmed")), count) == []


def test_a_default_that_a_view_lacks_is_answered_with_nothing(graph: Graph) -> None:
    """If a view has not what a saved query asks for by default, then the answer is empty; given, it is refused."""
    other = graph.in_view(view_of(without=["europediplomatic-2017"]))
    answer = run(other, "passage-claims")
    assert not answer
    assert any("with all documents" in note for note in answer.notes)
    with pytest.raises(UsageError, match="KG659"):
        run(other, "passage-claims", {"document": "https://w3id.org/serbia-kg/document/europediplomatic-2017"})
