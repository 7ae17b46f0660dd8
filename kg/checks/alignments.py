"""Checking the mappings to other vocabularies: they map terms that there are, and each says why it was made."""

from __future__ import annotations

from collections.abc import Iterator

from kg.checks.schema import Schema, name_of
from kg.checks.terms import deprecation, unknown_term
from kg.corpus.alignments import MATCHES, alignments
from kg.corpus.read import Corpus
from kg.errors import Problem

__all__ = ["alignment_problems"]


def alignment_problems(corpus: Corpus, schema: Schema) -> Iterator[Problem]:
    """Mappings of terms that the ontology lacks or deprecates (KG401, 408), and those without reasons (KG447)."""
    justified = {mapping.axiom for mapping in alignments(corpus) if mapping.justification}
    for triple, place in corpus.alignments.items():
        subject, predicate, value = triple
        if predicate not in MATCHES:
            continue
        if schema.ours(subject) and not schema.defined(subject):
            yield unknown_term(subject, schema, place)
        elif subject in schema.deprecated:
            yield deprecation(subject, schema, place)
        if triple not in justified:
            message = f"the mapping of {name_of(subject)} to {name_of(value)} does not say why it was made"
            remedy = "An owl:Axiom of the same three terms with sssom:mapping_justification."
            yield Problem("KG447", message, place, remedy, "warning")
