"""Triple terms and directed texts in results: in the forms of SPARQL 1.2, as the engine reads and writes them."""

from __future__ import annotations

import pyoxigraph
import pytest
from query_project import make_small

from kg.errors import InputError
from kg.graph.store import Graph, open_graph
from kg.queries import ask
from kg.render.formats import Settings, render

TERMS = (
    'SELECT ?t ?d ?n { VALUES ?d { "x"@ar--rtl } VALUES ?t { '
    '<<( <a:a> <b:b> "c"@en--ltr )>> <<( <a:a> <b:b> <<( <c:c> <d:d> 5 )>> )>> } }'
)


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    return open_graph(make_small(tmp_path_factory.mktemp("rdf12")))


@pytest.mark.parametrize("form", ["json", "xml"])
def test_results_are_what_the_engine_reads(graph: Graph, form: str) -> None:
    """If an answer holds triple terms and directions, then an engine that knows SPARQL 1.2 reads the same terms."""
    answer = ask(graph, TERMS)
    kind = pyoxigraph.QueryResultsFormat.JSON if form == "json" else pyoxigraph.QueryResultsFormat.XML
    read = pyoxigraph.parse_query_results(render(answer, form).encode(), format=kind)
    rows = [[None if term is None else term for term in row] for row in read]  # type: ignore[union-attr]
    wanted = [[row[name] for name in ("t", "d", "n")] for row in graph.query(TERMS)]  # type: ignore[union-attr,index]
    assert rows == wanted


def test_tsv_is_what_the_engine_writes(graph: Graph) -> None:
    """If an answer holds them, then its TSV is that of the engine, a line feed at each line's end."""
    engine = graph.query(TERMS).serialize(format=pyoxigraph.QueryResultsFormat.TSV)  # type: ignore[union-attr]
    assert render(ask(graph, TERMS), "tsv", Settings(iris=True)) == (engine or b"").decode().replace(
        "5", '"5"^^<http://www.w3.org/2001/XMLSchema#integer>'
    )


def test_triples_with_triple_terms_are_written_or_refused(graph: Graph) -> None:
    """If a CONSTRUCT makes them, then Turtle has them, and JSON-LD is refused with a code."""
    answer = ask(graph, "CONSTRUCT { <a:a> <b:b> <<( <a:a> <b:b> <c:c> )>> } {}")
    (triple,) = pyoxigraph.parse(render(answer, "turtle").encode(), format=pyoxigraph.RdfFormat.TURTLE)
    assert isinstance(triple.object, pyoxigraph.Triple)
    with pytest.raises(InputError, match="KG723"):
        render(answer, "jsonld")


def test_a_slice_of_an_answer_is_a_list(graph: Graph) -> None:
    """If an answer is sliced, then that gives its rows as a list of records."""
    answer = ask(graph, "SELECT ?x { VALUES ?x { 1 2 3 } }")
    assert [record.x for record in answer[1:]] == [2, 3]
    assert isinstance(answer[:1], list)
    assert answer[-1].x == 3


def test_an_empty_cell_alone_is_read_back(graph: Graph) -> None:
    """If the only cell of a row is empty, then CSV has a line that readers do not pass over."""
    import csv
    import io

    text = render(ask(graph, 'SELECT ?x { VALUES ?x { UNDEF "a" UNDEF } }'), "csv", Settings(iris=True))
    assert list(csv.reader(io.StringIO(text))) == [["x"], [""], ["a"], [""]]
