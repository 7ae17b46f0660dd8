"""Exports: what each form holds, that others read it, and that a failed one loses nothing."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import pyoxigraph
import pytest
from command_line import run_kg
from load_stores import environment

from kg.errors import InputError, UsageError
from kg.export import FORMS, export
from kg.graph.store import Graph, open_graph
from kg.graph.unit_files import unit_files
from kg.graph.views import View
from kg.project import Project

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def repository():
    """The graph of this repository, with a background, and predicates that XML can name."""
    return open_graph(Project(ROOT))


@pytest.fixture(scope="module", params=["small", pytest.param("repository", marks=pytest.mark.slow)])
def graph(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def quads(graph):
    units = unit_files(graph.snapshot, graph.project.base).values()
    return {line.decode() for unit in units for line in unit.lines()}


@pytest.fixture(scope="module")
def triples(graph):
    return {" ".join(triple) + " .\n" for triple in graph.triples()}


def parsed(path, form, quads_wanted):
    found = pyoxigraph.parse(path=str(path), format=form)
    if quads_wanted:
        return {f"{q.subject} {q.predicate} {q.object} {q.graph_name} .\n" for q in found}
    return {f"{q.subject} {q.predicate} {q.object} .\n" for q in found}


@pytest.mark.parametrize(
    ("ending", "form"),
    [
        (".nq", pyoxigraph.RdfFormat.N_QUADS),
        (".trig", pyoxigraph.RdfFormat.TRIG),
        (".jsonld", pyoxigraph.RdfFormat.JSON_LD),
    ],
)
def test_datasets_hold_everything(graph, quads, tmp_path, ending, form):
    """N-Quads, TriG and JSON-LD, read again, are every unit with its graphs, the view as a named one."""
    done = export(graph, tmp_path / f"out{ending}")
    assert parsed(done.path, form, True) == quads
    assert done.count == len(quads)
    assert done.size == done.path.stat().st_size


def test_compressed_is_the_same_bytes_each_time(graph, quads, tmp_path):
    """Two compressed exports of one graph do not differ, and hold the same as the plain one."""
    one, two = (export(graph, tmp_path / f"{name}.nq.gz").path.read_bytes() for name in "ab")
    assert one == two
    assert set(gzip.decompress(one).decode().splitlines(keepends=True)) == quads


@pytest.mark.parametrize(
    ("ending", "form"),
    [
        (".nt", pyoxigraph.RdfFormat.N_TRIPLES),
        (".ttl", pyoxigraph.RdfFormat.TURTLE),
    ],
)
def test_graphs_hold_the_query_graph(graph, triples, tmp_path, ending, form):
    """N-Triples and Turtle, read again, are the view's query graph."""
    assert parsed(export(graph, tmp_path / f"out{ending}").path, form, False) == triples


def test_rdf_xml_holds_the_query_graph(repository, tmp_path):
    """RDF/XML, read again, is the view's query graph."""
    path = export(repository, tmp_path / "out.rdf").path
    written = {" ".join(triple) + " .\n" for triple in repository.triples()}
    assert parsed(path, pyoxigraph.RdfFormat.RDF_XML, False) == written


def test_rdflib_reads_turtle(graph, triples, tmp_path):
    """Another reader than the one that wrote it finds as many triples."""
    import rdflib

    path = export(graph, tmp_path / "out.ttl").path
    assert len(rdflib.Graph().parse(path)) == len(triples)


@pytest.mark.parametrize(("ending", "form"), [(".ttl", "TURTLE"), (".nt", "N_TRIPLES")])
def test_rdf_1_2_reifies_every_claim_and_asserts_facts_only(graph, triples, tmp_path, ending, form):
    """Each content triple of each claim is reified by it; what no view takes as fact is not asserted."""
    path = export(graph, tmp_path / f"out{ending}", rdf12=True).path
    found = list(pyoxigraph.parse(path=str(path), format=getattr(pyoxigraph.RdfFormat, form)))
    reified, asserted = set(), set()
    for quad in found:
        if isinstance(quad.object, pyoxigraph.Triple):
            inner = quad.object
            reified.add((str(quad.subject), (str(inner.subject), str(inner.predicate), str(inner.object))))
        else:
            asserted.add(f"{quad.subject} {quad.predicate} {quad.object} .\n")
    assert reified == {(claim.iri, triple) for claim in graph.corpus.claims.values() for triple in claim.content}
    assert asserted == triples
    assert any(" ".join(triple) + " .\n" not in asserted for _claim, triple in reified)
    assert any(" ".join(triple) + " .\n" in asserted for _claim, triple in reified)


@pytest.mark.parametrize(("ending", "form"), [(".nq", "N_QUADS"), (".nq.gz", "N_QUADS"), (".trig", "TRIG")])
def test_rdf_1_2_has_reifiers_in_place_of_claim_graphs(graph, tmp_path, ending, form):
    """Each claim graph is a reifier in its document's graph; every other quad is as it is in RDF 1.1."""
    plain = set(pyoxigraph.parse(path=str(export(graph, tmp_path / "plain.nq").path)))
    path = export(graph, tmp_path / f"out{ending}", rdf12=True).path
    content = gzip.decompress(path.read_bytes()) if ending == ".nq.gz" else path.read_bytes()
    found = set(pyoxigraph.parse(content, format=getattr(pyoxigraph.RdfFormat, form)))
    reified = {quad for quad in found if isinstance(quad.object, pyoxigraph.Triple)}
    base = graph.project.base
    assert {(str(q.subject), str(q.object), str(q.graph_name)) for q in reified} == {
        (claim.iri, " ".join(triple), f"<{base}graph/document/{claim.document}>")
        for claim in graph.corpus.claims.values()
        for triple in claim.content
    }
    assert found - reified == {q for q in plain if not str(q.graph_name).startswith(f"<{base}claim/")}


def test_rdf_1_2_turtle_annotates(graph, tmp_path):
    """In Turtle a fact stands once, with its claims as annotations."""
    text = export(graph, tmp_path / "out.ttl", rdf12=True).path.read_text()
    claim, triple = next((c.iri, t) for c in graph.materialised.claims.values() for t in c.content)
    line = next(line for line in text.splitlines() if line.startswith(" ".join(triple) + " "))
    assert f"~ {claim}" in line


def test_the_table_has_each_fact_with_time_and_sources(repository, tmp_path):
    """The CSV has a row for each stated fact, its claims and passages (or its file) beside it, labels in words."""
    done = export(repository, tmp_path / "facts.csv")
    with done.path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == done.count
    in_table = {claim for row in rows for claim in row["claims"].split("; ")}
    assert {claim[1:-1] for claim in repository.materialised.claims} <= in_table
    stated = [row for row in rows if row["inferred"] == "false"]
    assert all(row["sources"] for row in stated)
    bare = {(row["subject"], row["object"]) for row in stated if not row["documents"]}
    # What claims support too has their documents.
    assert bare
    assert bare <= {(s[1:-1], o[1:-1]) for s, _p, o in repository.materialised.background}
    subjects = {row["subject"]: row["subject_label"] for row in rows}
    assert subjects[f"{repository.project.base}id/serbia"] == "Serbia"
    row = next(row for row in stated if row["latest_begin"])
    assert len(row["latest_begin"]) == 10


def test_networkx_reads_the_network(graph, tmp_path):
    """A network tool that nobody here wrote reads nodes with labels and types, and edges with sources."""
    networkx = pytest.importorskip("networkx", reason="networkx is not installed (pip)")
    done = export(graph, tmp_path / "facts.graphml")
    network = networkx.read_graphml(done.path, force_multigraph=True)
    assert network.number_of_edges() == done.count
    serbia = f"{graph.project.base}id/serbia"
    assert network.nodes[serbia]["label"] == "Serbia"
    assert "Polity" in network.nodes[serbia]["types"] or "Country" in network.nodes[serbia]["types"]
    assert all(data["sources"] for _s, _t, data in network.edges(data=True) if not data["inferred"])


def test_another_view_exports_its_own_facts(repository, tmp_path):
    """Without a document its facts are not in the query repository, which has a name of its own in a dataset."""
    slug = sorted(repository.snapshot.meta["documents"])[-1]
    other = Graph(repository.project, repository.snapshot, View(without=frozenset({slug})))
    here, there = export(repository, tmp_path / "a.csv"), export(other, tmp_path / "b.csv")
    assert there.count < here.count
    assert slug not in {
        word for row in csv.DictReader(there.path.open(encoding="utf-8")) for word in row["documents"].split("; ")
    }
    names = {line.rsplit(" ", 2)[1] for line in export(other, tmp_path / "b.nq").path.read_text().splitlines()}
    views = [name for name in names if "/graph/view/" in name]
    assert len(views) == 1
    assert "default" not in views[0]


def test_a_failed_export_loses_nothing(graph, tmp_path, monkeypatch):
    """When writing fails in the middle the old file is as it was, and nothing is left beside it."""
    path = tmp_path / "out.nq"
    path.write_text("what was there")

    def breaks(_graph):
        yield b"half of it\n"
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("kg.export.rdf.quad_pieces", breaks)
    with pytest.raises(InputError, match="KG721"):
        export(graph, path)
    assert path.read_text() == "what was there"
    assert [found.name for found in tmp_path.iterdir()] == ["out.nq"]


@pytest.mark.parametrize("name", ["out", "out.xyz", ".nq", "nq"])
def test_an_unknown_ending(graph, tmp_path, name):
    """An ending that says nothing is a usage error that lists those that do."""
    with pytest.raises(UsageError, match="KG720") as caught:
        export(graph, tmp_path / name)
    assert all(form in str(caught.value) for form in FORMS)


def test_rdf12_only_where_it_can_be(graph, tmp_path):
    """RDF/XML, JSON-LD and tables have no triple terms: refused."""
    for ending in (".rdf", ".jsonld", ".csv", ".graphml", ".kgz"):
        with pytest.raises(UsageError, match="KG720"):
            export(graph, tmp_path / f"out{ending}", rdf12=True)


def test_the_command(tmp_path):
    """`kg export` says what it wrote; a folder that is not there is a message, not a traceback."""
    where = {"cwd": ROOT, "env": environment(KG_STATE_DIR=str(tmp_path / "state"))}
    done = run_kg("export", tmp_path / "g.nt", **where)
    assert done.returncode == 0, done.stderr
    assert "triples" in done.stdout
    failed = run_kg("export", tmp_path / "no" / "g.nt", **where)
    assert failed.returncode == 1
    assert "KG721" in failed.stderr
    assert "Traceback" not in failed.stderr
