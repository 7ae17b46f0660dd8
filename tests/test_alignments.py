"""Mappings to other vocabularies: to terms that there are, justified, reasoned over only when asked for."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from kg.checks import check
from kg.corpus.read import AXIOMS, alignments, read_foundation
from kg.graph.build import build
from kg.graph.store import Graph, open_graph
from kg.project import Project

CHECKOUT = Path(__file__).parent.parent
PROV, SCHEMA, ORG = "http://www.w3.org/ns/prov#", "https://schema.org/", "http://www.w3.org/ns/org#"
COUNTRIES = f"SELECT ?a {{ ?a a <{SCHEMA}Country> }}"
MEMBERS = f"SELECT ?a {{ ?a <{ORG}memberOf> <https://w3id.org/serbia-kg/id/alliance> }}"


def count(graph: Graph, text: str) -> int:
    return sum(1 for _ in graph.rows(text))


@pytest.mark.parametrize("name", ["dcterms", "org", "prov", "schema", "skos"])
def test_targets_are_terms_of_their_vocabulary(name: str) -> None:
    """If a term is mapped to one of a vocabulary that rdflib knows in full, then the vocabulary has that term."""
    from rdflib import namespace

    known = {"dcterms": "DCTERMS", "org": "ORG", "prov": "PROV", "schema": "SDO", "skos": "SKOS"}[name]
    vocabulary = getattr(namespace, known)
    # schema.org got these after rdflib took its copy.
    newer = {"PoliticalParty"}
    text = (CHECKOUT / "ontology" / "alignments" / f"{name}.ttl").read_text(encoding="utf-8")
    targets = set(re.findall(rf"owl:annotatedTarget {name}:(\w+)", text))
    assert len(targets) >= 1
    assert "NoSuchTerm" not in vocabulary
    assert {target for target in targets - newer if target not in vocabulary} == set()


def test_each_is_stated_and_justified() -> None:
    """If there is a mapping, then it is stated, annotated with a justification and a word, and of a term of ours."""
    corpus = read_foundation(Project(CHECKOUT))
    found = alignments(corpus)
    assert len(found) == len({mapping.axiom for mapping in found}) >= 35
    defined = {s for s, _p, _o in corpus.ontology}
    for mapping in found:
        assert mapping.axiom in corpus.alignments
        assert mapping.axiom[0] in defined
        assert mapping.justification.endswith("ManualMappingCuration>")
        assert mapping.comment
        assert mapping.axiom[2].startswith(mapping.object_source[:-1])


@pytest.fixture(scope="module")
def both(small: Graph, tmp_path_factory: pytest.TempPathFactory) -> tuple[Graph, Graph]:
    """The graph built without the alignments, and with them."""
    project = Project(Path(shutil.copytree(small.project.root, tmp_path_factory.mktemp("both") / "small")))
    return Graph(project, build(project)), Graph(project, build(project, alignments=True))


def test_they_are_left_out_of_reasoning_unless_asked_for(both: tuple[Graph, Graph]) -> None:
    """If a build is not told to reason over the alignments, then nothing follows from them."""
    plain, wider = both
    assert count(plain, COUNTRIES) == count(plain, MEMBERS) == 0
    assert wider.snapshot.folder != plain.snapshot.folder
    assert count(wider, COUNTRIES) == 3
    assert count(wider, MEMBERS) == 2
    # What was inferred before still is.
    assert set(plain.materialised.inferred()) < set(wider.materialised.inferred())


def test_the_choice_outlasts_a_change_of_files(own: Project) -> None:
    """If a file changes after a build with the alignments, then the build that follows by itself has them too."""
    build(own, alignments=True)
    path = own.root / "corpus" / "entities" / "things.ttl"
    path.write_text(path.read_text(encoding="utf-8").replace('"Serbia"@en', '"Serbia!"@en'), encoding="utf-8")
    assert count(open_graph(own), COUNTRIES) == 3
    build(own)
    assert count(open_graph(own), COUNTRIES) == 0


def test_they_stay_in_a_graph_of_their_own(both: tuple[Graph, Graph]) -> None:
    """If the alignments are reasoned over, then the graphs of ontology and alignments are what they were."""
    plain, wider = (graph.snapshot.meta["units"]["ontology"] for graph in both)
    assert plain == wider


def test_what_follows_has_a_proof(own: Project, kg_process: Callable[..., object]) -> None:
    """If something follows from an alignment, then its explanation names the mapping."""
    assert kg_process("build", "--alignments", cwd=own.root).returncode == 0
    done = kg_process("explain", "serbia", "rdf:type", "schema:Country", cwd=own.root)
    assert done.returncode == 0, done.stderr
    assert "every country is a schema:Country" in done.stdout


def test_a_mapping_without_reason_and_one_of_nothing_are_told(copy: Project) -> None:
    """If a mapping lacks its justification, or maps a term that there is not, then the check says so."""
    path = copy.root / "ontology" / "alignments" / "prov.ttl"
    text = path.read_text(encoding="utf-8")
    path.write_text(text + "\nkg:Place rdfs:subClassOf prov:Location .\nkg:Nothing rdfs:subClassOf prov:Plan .\n")
    found = {(p.code, p.place.line) for p in check(copy, shapes=False, keep=False) if p.place}
    last = len(text.splitlines()) + 3
    assert found == {("KG447", last - 1), ("KG447", last), ("KG401", last)}


def test_matches_of_skos_entail_nothing() -> None:
    """If a mapping is only close, then it is none of those that are reasoned over."""
    assert not [predicate for predicate in AXIOMS if "skos" in predicate]
