"""The nouns of the project, as plain values. A term is the string N-Triples writes for it."""

from __future__ import annotations

from typing import NewType, TypeAlias

__all__ = ["Term", "Triple"]

#: ``<iri>``, ``"text"``, ``"text"@lang``, ``"lexical"^^<datatype>`` or ``_:label``, as in N-Triples.
Term: TypeAlias = str
#: Subject, predicate, object.
Triple: TypeAlias = tuple[Term, Term, Term]
