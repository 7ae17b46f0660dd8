"""The IRIs that the code itself speaks of. A project's own base is read from its ontology header."""

from __future__ import annotations

#: Namespace of the claim vocabulary and of the subject's terms (prefix ``kg:``).
KG = "https://w3id.org/serbia-kg/ontology#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
OWL = "http://www.w3.org/2002/07/owl#"
XSD = "http://www.w3.org/2001/XMLSchema#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
DCTERMS = "http://purl.org/dc/terms/"
SH = "http://www.w3.org/ns/shacl#"

#: Prefixes known everywhere, beside the project's own ``id:``, ``document:``, ``claim:``, ``query:``, ``graph:``.
PREFIXES: dict[str, str] = {
    "kg": KG,
    "rdf": RDF,
    "rdfs": RDFS,
    "owl": OWL,
    "xsd": XSD,
    "skos": SKOS,
    "dcterms": DCTERMS,
    "sh": SH,
    "prov": "http://www.w3.org/ns/prov#",
    "schema": "https://schema.org/",
    "void": "http://rdfs.org/ns/void#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "wd": "http://www.wikidata.org/entity/",
    "foaf": "http://xmlns.com/foaf/0.1/",
}


def iri(value: str) -> str:
    """An IRI as a term: ``<value>``."""
    return f"<{value}>"


def iris(namespace: str, names: str) -> tuple[str, ...]:
    """Terms of a namespace, by their names with spaces between."""
    return tuple(iri(namespace + name) for name in names.split())


def kg(name: str) -> str:
    """A term of the ``kg:`` vocabulary, ``<https://…/ontology#name>``."""
    return f"<{KG}{name}>"


def local_name(term: str) -> str:
    """The part of an IRI term after its last ``#`` or ``/``."""
    return term.strip("<>").rpartition("#")[2].rpartition("/")[2]
