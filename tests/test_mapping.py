"""What the mapping aims at: a small ontology, shared qualities, words that are told apart. Linking: `kg coverage`."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pyoxigraph
import pytest

from kg.corpus.read import Corpus, read_corpus
from kg.model import text_of
from kg.project import Project
from kg.vocab import OWL, RDF, RDFS, iri, kg

ROOT = Path(__file__).parent.parent
TYPE = iri(RDF + "type")


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return read_corpus(Project(ROOT))


def test_the_ontology_is_small() -> None:
    """The subject has at most 34 classes and 90 properties that are not deprecated."""
    store = pyoxigraph.Store()
    for path in (ROOT / "ontology").glob("*.ttl"):
        store.bulk_load(path=str(path), format=pyoxigraph.RdfFormat.TURTLE)
    deprecated = {
        quad.subject for quad in store.quads_for_pattern(None, pyoxigraph.NamedNode(OWL + "deprecated"), None)
    }

    def living(*kinds: str) -> int:
        nodes = (pyoxigraph.NamedNode(OWL + kind) for kind in kinds)
        found = {q.subject for kind in nodes for q in store.quads_for_pattern(None, None, kind)}
        return len({term for term in found if isinstance(term, pyoxigraph.NamedNode)} - deprecated)

    assert living("Class") <= 34
    assert living("ObjectProperty", "DatatypeProperty") <= 90


def test_qualities_and_matters_are_shared(corpus: Corpus) -> None:
    """At most a third of the characterisations, matters and relationships serve one claim, and each serves some."""
    kinds = {kg(name) for name in ("Characterisation", "Matter", "Relationship")}
    uses = {s: 0 for s, p, o in corpus.entities if p == TYPE and o in kinds}
    for claim in corpus.claims.values():
        about = {o for _s, p, o in claim.metadata if p == kg("about")}
        for term in ({s for s, _p, _o in claim.content} | {o for _s, _p, o in claim.content} | about) & uses.keys():
            uses[term] += 1
    assert min(uses.values()) > 0
    assert sum(count == 1 for count in uses.values()) <= len(uses) / 3


def test_no_property_serves_one_claim(corpus: Corpus) -> None:
    """A property that is not deprecated has two uses in claims and entities; one without uses follows from others."""
    uses = Counter(p for claim in corpus.claims.values() for p in {p for _s, p, _o in claim.content})
    uses.update(p for _s, p, _o in corpus.entities)
    rules = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "ontology" / "rules").glob("*.rq"))
    follows = {kg(head) for head in re.findall(r"CONSTRUCT \{ \?\w+ kg:(\w+)", rules)}
    follows |= {o for _s, p, o in corpus.ontology if p == iri(RDFS + "subPropertyOf")}
    follows |= {s for s, p, _o in corpus.ontology if p == iri(OWL + "propertyChainAxiom")}
    deprecated = {s for s, p, _o in corpus.ontology if p == iri(OWL + "deprecated")}
    kinds = {iri(OWL + kind) for kind in ("ObjectProperty", "DatatypeProperty")}
    ours = {
        s for (s, p, o), place in corpus.ontology.items() if p == TYPE and o in kinds and "ontology/" in place.file
    }
    assert {
        term: uses[term] for term in ours - deprecated if uses[term] < 2 and term not in follows - uses.keys()
    } == {}


def test_inverted_commas_tell_whose_words_they_are(corpus: Corpus) -> None:
    """A gloss with inverted commas tells whose words stand in them; where nobody is quoted, they are a hedge."""
    for claim in corpus.claims.values():
        if "“" in claim.gloss:
            said = {p: o for _s, p, o in claim.metadata}
            assert kg("wording") in said, claim.iri
            noted = any("quotation marks" in text_of(o) for _s, p, o in claim.metadata if p == kg("mappingNote"))
            assert said[kg("wording")] == kg("Quoted") or kg("hedge") in said or noted, claim.iri
