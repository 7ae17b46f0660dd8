"""Questions and answers: saved queries, queries of one's own within limits, records, dates, citations."""

from __future__ import annotations

import csv
import json
import threading
from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from query_project import ID

import kg
from kg.api import KnowledgeGraph, view_of
from kg.errors import UsageError
from kg.evidence import evidence_of
from kg.graph.store import Graph, open_graph
from kg.labels import Names
from kg.limits import LONGEST, MOST, check_limits
from kg.project import Project
from kg.queries import ask, run
from kg.queries.answer import python_value
from kg.queries.catalogue import describe, example, found_text, listing
from kg.queries.finding import find_questions, search
from kg.queries.show import show
from kg.render.citations import cite
from kg.render.columns import reader_table
from kg.render.formats import Settings, render
from kg.status import MEANINGS
from kg.vocab import local_name

CHECKOUT = Path(__file__).parent.parent
RUNAWAY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
XSD = "http://www.w3.org/2001/XMLSchema#"


@pytest.fixture(scope="module")
def checkout() -> Graph:
    """The graph of this repository."""
    return open_graph(Project(CHECKOUT))


# -- saved queries


def test_an_unknown_query_is_named_with_what_is_near(small: Graph) -> None:
    """A query that there is not is refused with the nearest name."""
    with pytest.raises(UsageError, match="Did you mean members") as caught:
        run(small, "member")
    assert caught.value.problems[0].code == "KG651"
    assert caught.value.exit_code == 2


def test_the_question_says_what_was_asked(small: Graph) -> None:
    """The question of an answer names the values that it was asked with, defaults among them."""
    assert run(small, "members").question == "Who is a member of an organisation? (organisation: Alliance)"
    asked = run(small, "members", {"organisation": "id:assembly"}).question
    assert asked == "Who is a member of an organisation? (organisation: Assembly of the Alliance)"


def test_rows_are_objects(small: Graph) -> None:
    """A record gives values by attribute and by name, terms, labels, and itself as a dict."""
    answer = run(small, "members")
    record = answer[0]
    assert record.member == record["member"] == f"{ID}croatia"
    assert record.term("member") == f"<{ID}croatia>"
    assert record.label("member") == "Croatia"
    assert record.as_dict() == {"member": f"{ID}croatia"}
    assert list(record) == [f"{ID}croatia"]
    assert [r.label("member") for r in answer] == ["Croatia", "Montenegro"]
    assert repr(record) == f"Record(member='{ID}croatia')"
    with pytest.raises(AttributeError, match="there are member"):
        _ = record.nobody
    with pytest.raises(KeyError):
        record["nobody"]


@pytest.mark.parametrize(
    ("term", "value"),
    [
        (None, None),
        ("<x:y>", "x:y"),
        ("_:b", "_:b"),
        ('"text"@en', "text"),
        (f'"5"^^<{XSD}integer>', 5),
        (f'"1.50"^^<{XSD}decimal>', Decimal("1.50")),
        (f'"1.5e0"^^<{XSD}double>', 1.5),
        (f'"true"^^<{XSD}boolean>', True),
        (f'"0"^^<{XSD}boolean>', False),
        (f'"2016-02-03"^^<{XSD}date>', date(2016, 2, 3)),
        (f'"-0044-03-15"^^<{XSD}date>', "-0044-03-15"),
        ('"x"^^<x:type>', "x"),
    ],
)
def test_terms_as_python_values(term: str | None, value: object) -> None:
    """Each kind of term becomes the value it stands for; what Python cannot hold stays text."""
    found = python_value(term)
    assert found == value
    assert type(found) is type(value)


def test_pandas(small: Graph) -> None:
    """The rows are a data frame, with IRIs or with labels."""
    frame = run(small, "members").to_pandas()
    assert frame["member"].tolist() == ["Croatia", "Montenegro"]
    assert frame["member_iri"].tolist() == [f"{ID}croatia", f"{ID}montenegro"]
    assert run(small, "members").to_pandas(labels=False)["member"].tolist() == [f"{ID}croatia", f"{ID}montenegro"]


def test_evidence_of_an_answer(small: Graph) -> None:
    """Each row leads to the claims that it rests on, and only their documents are cited."""
    answer = run(small, "members")
    evidence = evidence_of(answer)
    assert [len(row.grounds) > 0 for row in evidence.rows] == [True, True]
    text = render(answer, "table", Settings(evidence=evidence))
    assert "rests on" in text
    assert "Croatia joined it in 2009." in text
    assert "second-2018:" not in text
    assert "claim/first-2017/croatia-joined" in render(answer, "csv", Settings(evidence=evidence))
    found = json.loads(render(answer, "json", Settings(evidence=evidence)))
    assert len(found["kg"]["evidence"]) == 2


# -- views and dates


def test_as_of_a_date_rows_are_certain_or_possible(small: Graph) -> None:
    """In the month of joining, membership is possible; before it, nobody; after it, certain."""

    def members(when: str) -> dict[object, str]:
        answer = run(small.in_view(view_of(as_of=when)), "members")
        return dict(zip((r.label("member") for r in answer), answer.certainty or [], strict=True))

    assert members("2017-05-10") == {"Croatia": "certain", "Montenegro": "possible"}
    assert members("2017-06-02") == {"Croatia": "certain", "Montenegro": "certain"}
    assert members("2016") == {"Croatia": "certain"}
    assert members("2008") == {}


def test_absence_is_certain_only_where_presence_is_impossible(small: Graph) -> None:
    """Who is possibly a member is possibly none, and is not left out of either answer."""
    answer = run(small.in_view(view_of(as_of="2017-05-10")), "outsiders")
    found = dict(zip((r.label("country") for r in answer), answer.certainty or [], strict=True))
    assert found["Serbia"] == "certain"
    assert found["Montenegro"] == "possible"
    assert "Croatia" not in found


def test_ad_hoc_queries_are_marked_too(small: Graph) -> None:
    """SPARQL of one's own, as of a date: rows and an ASK say whether they are certain."""
    graph = small.in_view(view_of(as_of="2017-05-10"))
    answer = ask(graph, "SELECT ?m { ?m kg:memberOf id:alliance } ORDER BY ?m")
    assert answer.certainty == ["certain", "possible"]
    asked = ask(graph, "ASK { id:montenegro kg:memberOf id:alliance }")
    assert (asked.boolean, asked.certainty) == (True, ["possible"])


def test_a_view_of_the_certain_keeps_the_certain(small: Graph) -> None:
    """If only what is certain is asked for, then rows, an ASK and the words for the view follow, absence included."""
    graph = small.in_view(view_of(as_of="2017-05-10", certain=True))
    members = run(graph, "members")
    assert [record.label("member") for record in members] == ["Croatia"]
    assert members.view.endswith("as of 2017-05-10, only what is certain")
    outside = {record.label("country") for record in run(graph, "outsiders")}
    assert "Serbia" in outside
    assert "Montenegro" not in outside
    assert ask(graph, "ASK { id:montenegro kg:memberOf id:alliance }").boolean is False
    assert ask(graph, "ASK { id:croatia kg:memberOf id:alliance }").boolean is True


def test_certain_needs_a_date() -> None:
    """If no date is given, then nothing can be asked to be certain then."""
    with pytest.raises(UsageError, match="KG304"):
        view_of(certain=True)


def test_facts_of_a_date_are_marked(small: Graph) -> None:
    """If a term is shown as of a date, then each fact has its mark; of the certain, those alone."""
    found = show(small.in_view(view_of(as_of="2017-05-10")), "id:alliance")
    lines = str(found).splitlines()
    assert "    Croatia, since 2009  [certain; first-2017 1.2]" in lines[lines.index("  … joined Alliance") :]
    marked = {fact["triple"][0][len(ID) + 1 : -1]: fact["certainty"] for fact in found.as_json()["facts"]}
    assert marked == {"assembly": "undated", "croatia": "certain", "montenegro": "possible", "serbia": "undated"}
    sure = show(small.in_view(view_of(as_of="2017-05-10", certain=True)), "id:alliance")
    assert [fact.triple[0] for fact in sure.facts] == [f"<{ID}croatia>"]
    assert sure.as_json()["view"].endswith("only what is certain")


def test_a_name_of_several_languages_is_shown_once(small: Graph) -> None:
    """What is called the same in English and in Serbian is one name to whoever reads."""
    found = show(small, "id:alliance")
    named = replace(found, names={**found.names, "alt": ["EU", "EU", "ЕУ"]})
    assert "  also: EU; ЕУ" in str(named).splitlines()


def test_disbelieving_a_document(small: Graph) -> None:
    """Without the document that says so, nobody is a member; the view says which documents are left."""
    graph = small.in_view(view_of(without=["first-2017"]))
    answer = run(graph, "members")
    assert not answer
    assert answer.view == "uncontested facts, 1 document (second-2018), all dates"
    assert list(answer.documents) == ["second-2018"]


# -- queries of one's own


def test_prefixes_need_no_declaration(small: Graph) -> None:
    """Known prefixes are declared where they are used and not declared; a declaration of one's own wins."""
    assert ask(small, "ASK { id:serbia a kg:Country }").boolean is True
    assert ask(small, "PREFIX id: <x:> ASK { id:serbia a kg:Country }").boolean is False


def test_a_syntax_error_has_its_place(small: Graph) -> None:
    """A text that is no SPARQL is refused with line and column."""
    with pytest.raises(UsageError) as caught:
        ask(small, "SELECT * {\n ?s ?p }")
    (problem,) = caught.value.problems
    assert problem.code == "KG604"
    assert problem.place is not None
    assert problem.place.line == 2


def test_only_the_view_is_asked(small: Graph) -> None:
    """Named graphs are not there, neither those of claims nor any other, and the answer says so."""
    answer = ask(small, "SELECT ?g { GRAPH ?g { ?s ?p ?o } }")
    assert answer.rows == []
    assert "kg build --named-graphs" in answer.notes[0]


def test_the_row_limit_says_when_it_cut(small: Graph) -> None:
    """Rows and triples stop at the limit, and the answer says whether there was more."""
    assert ask(small, "SELECT ?s { ?s ?p ?o }", limit=3).truncated
    assert len(ask(small, "SELECT ?s { ?s ?p ?o }", limit=3).rows) == 3
    assert ask(small, "CONSTRUCT WHERE { ?s ?p ?o }", limit=3).truncated
    assert not ask(small, "SELECT ?s { ?s ?p ?o } LIMIT 3", limit=3).truncated
    everything = ask(small, "SELECT ?s { ?s ?p ?o }", limit=0)
    assert not everything.truncated
    assert len(everything) > 1000


def test_an_error_within_the_engine_is_an_error_of_ours(small: Graph) -> None:
    """What the engine refuses while it answers is a UsageError, in the worker and without it."""
    for timeout in (5, None):
        with pytest.raises(UsageError, match="KG604"):
            ask(small, "SELECT ?x { BIND(<x:nothing>(1) AS ?y) } GROUP BY ?z", timeout=timeout)


# -- the queries themselves


def test_queries_by_theme_and_by_words(small: Graph) -> None:
    """All are listed by theme; any words find them, by stems and beginnings; no match says how to go on."""
    text = listing(small.queries.values())
    assert text.index("about") < text.index("status")

    def found(*words: str) -> list[str]:
        return [query.name for query, _values in find_questions(small, words).questions]

    assert found("JOINING")[0] == found("who", "joined", "it")[0] == "members"
    assert "members" in found("organ")
    nothing = find_questions(small, ("xyzzy", "members2"))
    assert nothing.questions == ()
    assert "No question fits" in found_text(small, nothing)


@pytest.mark.parametrize(("name", "of_each_theme"), [("phrases.csv", 4), ("phrases-further.csv", 1)])
def test_phrases_find_a_fitting_question_or_entity(name: str, of_each_theme: int) -> None:
    """Of sixty phrases as people say them, at least 54 give something fitting among the first three."""
    graph = open_graph()
    phrases = list(csv.DictReader((Path(__file__).parent / "cases" / name).open(encoding="utf-8")))
    assert len(phrases) == 60
    assert min(Counter(row["theme"] for row in phrases).values()) >= of_each_theme
    fitting = 0
    for row in phrases:
        found = find_questions(graph, row["phrase"].split(), 3)
        entities = {"id:" + local_name(term) for term in found.entities[:3]}
        fitting += bool(set(row["fitting"].split()) & ({query.name for query, _values in found.questions} | entities))
    assert fitting >= 54


@pytest.mark.parametrize(
    ("phrase", "name"), [("војна вежба", "exercises"), ("споразуми", "agreements"), ("ankete", "polls")]
)
def test_serbian_words_find_questions(phrase: str, name: str) -> None:
    """Common words of the subject find its questions in both scripts."""
    assert name in [query.name for query, _values in find_questions(open_graph(), phrase.split(), 3).questions]


def test_a_query_in_full(small: Graph) -> None:
    """One query shows its question, parameters with allowed values, an example and the SPARQL without header."""
    text = describe(small, small.queries["members"])
    assert text.startswith("Who is a member of an organisation?\n")
    assert "organisation (entity): the organisation; by default id:alliance; one of " in text
    assert "kg query members " in text
    assert "#+" not in text


def test_every_example_works(small: Graph, checkout: Graph) -> None:
    """The example call of every query has an answer, also where a default is an IRI."""
    import shlex

    for graph in (small, checkout):
        for query in graph.queries.values():
            words = shlex.split(example(graph, query))
            values = dict(word[2:].split("=", 1) for word in words[3:] if word.startswith("--"))
            first = [word for word in words[3:] if not word.startswith("--")]
            run(graph, words[2], values | dict(zip([p.name for p in query.parameters], first, strict=False)))


# -- show, search, cite


def test_show_an_entity(small: Graph) -> None:
    """What it is called, its facts with time and sources, and the claims that are no facts with why."""
    found = show(small, "RS")
    text = str(found)
    assert "Srbija (sr-latn)" in text
    assert "  is an observer of …\n    Assembly of the Alliance" in text
    assert "[first-2017 1.3]" in text
    whys = {mention.claim.gloss: mention.why for mention in found.mentions}
    assert whys["Serbia is not a member of the Alliance."] == "negated fact"
    assert whys["Somebody expects that Serbia will join after 2030."] == "prediction, says Zoran Đinđić"
    assert "is a member of" not in text.split("claims that are no facts")[0]
    assert found.as_json()["term"] == f"{ID}serbia"


def test_show_says_when(small: Graph) -> None:
    """A state that began in a month has begun since then."""
    assert "  joined …\n    Alliance, since May 2017" in str(show(small, "Montenegro"))


def test_show_a_property_and_a_document(small: Graph) -> None:
    """A property has its definition and facts, a document its description."""
    assert "Is a member of the organisation." in str(show(small, "kg:memberOf"))
    assert "A second document" in str(show(small, "second-2018"))


def test_show_counts_the_instances_of_a_class() -> None:
    """The command that is shown for a class lists as many instances as are counted."""
    graph = open_graph()
    listed = ask(graph, "SELECT ?one WHERE { ?one a kg:Exercise }").rows
    assert f"  {len(listed)} instances in this view: `kg sparql" in str(show(graph, "kg:Exercise"))


def test_search_gives_a_term_once_and_deprecated_terms_last() -> None:
    """A term found by its name is not found by its definition again; what replaces a deprecated term comes first."""
    terms = [hit.term for hit in search(open_graph(), ["exercises"])]
    assert len(terms) == len(set(terms))
    assert terms[-1] == "<https://w3id.org/serbia-kg/ontology#exercisesWith>"


def test_search(small: Graph) -> None:
    """Names come before definitions and glosses; every word must be there; script does not matter."""
    hits = search(small, ["савез"])
    assert hits[0].term == f"<{ID}alliance>"
    glosses = [hit for hit in search(small, ["serbia", "alliance"]) if hit.kind == "gloss"]
    assert [hit.place for hit in glosses] == ["second-2018 1.1"]
    assert search(small, ["nowhereatall"]) == []
    assert len(search(small, ["a"], limit=2)) == 2
    with pytest.raises(UsageError, match="KG666"):
        search(small, ["…"])


def test_citations(small: Graph) -> None:
    """An answer is cited by question, version, view, the call that gives it again, and its documents."""
    graph = small.in_view(view_of(only=["second-2018"], as_of="2018"))
    found = cite(graph, run(graph, "members", {"organisation": "Savez"}))
    text = str(found)
    assert small.version in text
    assert "“Who is a member of an organisation? (organisation: Alliance)”" in text
    assert f"kg query members {ID}alliance --only second-2018 --as-of 2018" in text
    assert "A. Tester, B. Tester. A second document" in text
    assert "first-2017" not in text


def test_citations_for_programs(small: Graph) -> None:
    """BibTeX has an entry for the graph and each document, CSL-JSON an item with the date as parts."""
    found = cite(small)
    bibtex = found.as_bibtex()
    assert bibtex.count("@misc{") == 3
    assert "author = {Tester, A. and Tester, B.}" in bibtex
    assert "title = {{" in bibtex  # no style changes capitals
    assert "url = {https://example.org/first?a=1&b=2}" in bibtex
    items = {item["id"]: item for item in json.loads(found.as_csl())}
    assert items["second-2018"]["issued"] == {"date-parts": [[2018, 2]]}
    assert items["second-2018"]["author"] == [
        {"family": "Tester", "given": "A."},
        {"family": "Tester", "given": "B."},
    ]


# -- the public interface


def test_open_and_ask(small_project: Project) -> None:
    """kg.open() gives an object that answers, shows, finds, cites and explains, in any view."""
    graph = kg.open(small_project.root)
    assert isinstance(graph, KnowledgeGraph)
    assert [record.label("member") for record in graph.query("members", organisation="ALL")] == [
        "Croatia",
        "Montenegro",
    ]
    assert graph.query("members", {"organisation": "Savez"}).values == {"organisation": f"<{ID}alliance>"}
    assert graph.sparql("SELECT (2 AS ?n) {}")[0].n == 2
    assert graph.show("RS").term == f"<{ID}serbia>"
    assert graph.search("Savez")[0].term == f"<{ID}alliance>"
    assert graph.version in str(graph.cite())
    (proof,) = graph.explain("croatia", "memberOf", "alliance")
    assert len(proof.steps) > 1
    assert not graph.in_view(without=["first-2017"]).query("members")
    assert "members" in graph.queries
    with pytest.raises(UsageError, match="KG302"):
        graph.in_view(only=["third"])


def test_what_is_not_and_what_was_when(small_project: Project) -> None:
    """The interface says why something does not hold, who disagrees, and what happened when."""
    graph = kg.open(small_project.root)
    assert "does not hold" in str(graph.why_not("serbia", "memberOf", "alliance"))
    with pytest.raises(UsageError, match="KG671"):
        graph.why_not("croatia", "memberOf", "alliance")
    assert len(graph.conflicts(between=False)) >= len(graph.conflicts())
    assert len(graph.timeline().entries) >= len(graph.timeline("montenegro").entries) > 0


def test_objects_show_themselves_shortly(small_project: Project) -> None:
    """A console shows one short line of each object, a notebook its content, in which nothing is markup."""
    graph = kg.open(small_project.root)
    answer = graph.query("members")
    shown = [
        answer,
        evidence_of(answer),
        *graph.explain("croatia", "memberOf", "alliance"),
        graph.why_not("serbia", "memberOf", "alliance"),
        graph.timeline(),
        graph.show("croatia"),
    ]
    for found in shown:
        assert len(repr(found)) < 120
        assert "\n" not in repr(found)
        html = found._repr_html_()
        assert html.startswith("<")
        assert html.rstrip().endswith(">")
    assert len(repr(evidence_of(answer).rows[0])) < 60
    assert "first-2017 1.2" in evidence_of(answer)._repr_html_()
    assert repr(graph.sparql("ASK {}")) == "<kg answer to ASK: True>"


def test_a_term_without_a_name_stays_without_one(small: Graph) -> None:
    """Who asks twice hears the same: names that fall back on others must find those the second time too."""
    names = Names(small.corpus)
    for _time in range(2):
        with pytest.raises(KeyError):
            names["<x:nowhere>"]
        assert "<x:nowhere>" not in names
        assert names.get("<x:nowhere>", {}) == {}


def test_labels_in_the_language_asked_for(small_project: Project) -> None:
    """Labels come in the language that the graph was opened in."""
    assert kg.open(small_project.root, "sr-Cyrl").query("members")[0].label("member") == "Хрватска"


def test_doctests_run() -> None:
    """The examples in the public interface's docstrings are true."""
    import doctest

    import kg.api

    for module, fewest in ((kg.api, 20), (kg, 2)):
        failed, tried = doctest.testmod(module)
        assert tried >= fewest
        assert not failed


# -- limits


@given(st.one_of(st.floats(), st.integers()))
def test_a_time_is_bounded(timeout: float) -> None:
    """If a time is no number, not above 0 or longer than a day, then it is refused; any other can be waited for."""
    if 0 < timeout <= LONGEST:
        check_limits(0, timeout)
        assert timeout < threading.TIMEOUT_MAX
    else:
        with pytest.raises(UsageError, match="KG667"):
            check_limits(0, timeout)


@given(st.integers())
def test_rows_are_bounded(limit: int) -> None:
    """If a limit is below 0 or above what memory holds, then it is refused; any other can be counted to."""
    if 0 <= limit <= MOST:
        check_limits(limit)
        assert list(islice([1], limit + 1)) == [1]
    else:
        with pytest.raises(UsageError, match="KG667"):
            check_limits(limit)


def test_questions_keep_to_the_bounds(small: Graph) -> None:
    """If a question comes with a limit or a time that is none, then it is not asked."""
    for refused in (
        lambda: ask(small, "ASK {}", timeout=float("nan")),
        lambda: ask(small, "ASK {}", limit=10**20, timeout=None),
        lambda: run(small, "members", limit=-1),
    ):
        with pytest.raises(UsageError, match="KG667"):
            refused()


def test_texts_are_a_folder_by_path_or_by_name(small: Graph, tmp_path: Path) -> None:
    """If the folder of texts is named by a string, then it serves as a path does; one that is not there is said."""
    answer = run(small, "members")
    assert evidence_of(answer, str(tmp_path)).lines == evidence_of(answer, tmp_path).lines
    with pytest.raises(UsageError, match="KG526"):
        evidence_of(answer, "/nosuch")


def test_a_value_of_another_kind_is_told() -> None:
    """An empty answer says of which kind a value is, which its parameter takes, and which parameter takes it."""
    assert run(open_graph(), "positions", {"matter": "Vučić"}).notes == [
        "Aleksandar Vučić is of the kind person; --matter takes the kind matter: use --agent."
    ]
    assert run(open_graph(), "in-year", {"year": 2030}).notes == [
        "Nothing in this view is dated 2030; its dated facts begin between 1992 and 2022."
    ]


@pytest.mark.parametrize(("tag", "word"), [("sr-latn", "navedeno"), ("sr-cyrl", "наведено")])
def test_status_words_in_serbian(tag: str, word: str) -> None:
    """In Serbian a table has the status words of its script, and its legend explains each of them."""
    graph = open_graph()
    serbian = graph.in_view(graph.view)
    serbian.language = tag
    table = reader_table(run(serbian, "positions"), Settings())
    column = table.headings.index("status")
    words = {row[column].text for row in table.rows}
    assert word in words
    assert not words & set(MEANINGS)
    assert set(table.legend()) == words
