"""The terms of RDF, RDFS and OWL that the rules use, as N-Triples strings; and which triples are trivial."""

from __future__ import annotations

from functools import cache

from kg.model import Term, Triple

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
OWL = "http://www.w3.org/2002/07/owl#"
XSD = "http://www.w3.org/2001/XMLSchema#"

PREFIXES = {"rdf": RDF, "rdfs": RDFS, "owl": OWL, "xsd": XSD}


def iri(prefixed: str) -> Term:
    """``owl:sameAs`` as the N-Triples term ``<http://www.w3.org/2002/07/owl#sameAs>``."""
    prefix, _, local = prefixed.partition(":")
    return f"<{PREFIXES[prefix]}{local}>"


@cache
def expand(token: str) -> str:
    """A token of the table as a pattern term: a variable stays, ``"1"`` is a non-negative integer."""
    if token.startswith("?"):
        return token
    if token.startswith('"'):
        return f"{token}^^<{XSD}nonNegativeInteger>"
    return iri(token)


TYPE = iri("rdf:type")
FIRST = iri("rdf:first")
REST = iri("rdf:rest")
NIL = iri("rdf:nil")
SAME = iri("owl:sameAs")
DIFFERENT = iri("owl:differentFrom")
SUBCLASS = iri("rdfs:subClassOf")
SUBPROPERTY = iri("rdfs:subPropertyOf")
EQUIVALENT_CLASS = iri("owl:equivalentClass")
EQUIVALENT_PROPERTY = iri("owl:equivalentProperty")
DOMAIN = iri("rdfs:domain")
RANGE = iri("rdfs:range")
THING = iri("owl:Thing")
NOTHING = iri("owl:Nothing")
CLASS = iri("owl:Class")
DATATYPE = iri("rdfs:Datatype")
ANNOTATION_PROPERTY = iri("owl:AnnotationProperty")

#: OWL 2 Structural Specification, section 5.5: the built-in annotation properties (rule prp-ap).
ANNOTATION_PROPERTIES: tuple[Term, ...] = tuple(
    iri(name)
    for name in (
        "rdfs:label",
        "rdfs:comment",
        "rdfs:seeAlso",
        "rdfs:isDefinedBy",
        "owl:deprecated",
        "owl:versionInfo",
        "owl:priorVersion",
        "owl:backwardCompatibleWith",
        "owl:incompatibleWith",
    )
)


_REFLEXIVE = frozenset((SAME, SUBCLASS, SUBPROPERTY, EQUIVALENT_CLASS, EQUIVALENT_PROPERTY))
_DISJOINT = iri("owl:disjointWith")
_BUILT_IN = tuple(f"<{PREFIXES[prefix]}" for prefix in ("rdf", "rdfs", "owl", "xsd"))


def trivial(triple: Triple) -> bool:
    """Whether a triple holds in every graph with its terms: comparisons and published results leave it out.

    * ``x owl:sameAs x``, and the other reflexive relations of Tables 4 and 9 (eq-ref, scm-cls, scm-op, scm-dp);
    * ``x rdf:type owl:Thing``, ``c rdfs:subClassOf owl:Thing``, ``owl:Nothing rdfs:subClassOf c``;
      a domain or range of owl:Thing (scm-cls with cax-sco, scm-dom1, scm-rng1);
    * any triple about a literal: its datatypes, equals and differences (Table 8);
    * triples about the W3C's own terms (prp-ap, cls-thing, dt-type1), disjoint datatypes among them.
    """
    s, p, o = triple
    if p in _REFLEXIVE and (s in (o, NOTHING) or o == THING):
        return True
    if s.startswith('"') or (o == THING and p in (TYPE, DOMAIN, RANGE)):
        return True
    about = p in _REFLEXIVE or p in (TYPE, _DISJOINT)
    return about and s.startswith(_BUILT_IN) and o.startswith(_BUILT_IN)
