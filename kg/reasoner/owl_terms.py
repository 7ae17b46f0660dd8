"""The terms that the W3C rule tables speak of, as N-Triples strings, and prefixes to read them by."""

from __future__ import annotations

from functools import cache

from kg.model import Term

__all__ = ["ANNOTATION_PROPERTIES", "LITERAL", "NIL", "PREFIXES", "expand", "iri"]

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
LITERAL = iri("rdfs:Literal")
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
