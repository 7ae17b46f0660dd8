"""Terms as a query writes them, made what the store keeps: IRIs without escapes, literals in canonical form."""

from __future__ import annotations

import re

from kg.model import Term, canonical_literal
from kg.vocab import XSD, iri

__all__ = ["absolute", "boolean", "literal", "local_part", "number"]

_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_SCHEME = re.compile(r"<[A-Za-z][A-Za-z0-9+.\-]*:")
_PLAIN = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}


def absolute(address: str, base: str) -> Term:
    """An IRI token, its escapes decoded, against a base (empty if there is none), as the engine resolves it.

    Raises ValueError for what the engine would not read.
    """
    if not base:
        if not _SCHEME.match(address):
            raise ValueError(address)
        return _decoded(address)
    import pyoxigraph

    line = f"{address} <x:x> <x:x> .".encode()
    try:
        quad = next(iter(pyoxigraph.parse(line, format=pyoxigraph.RdfFormat.TURTLE, base_iri=base)))
    except SyntaxError as error:
        raise ValueError(str(error)) from None
    return str(quad.subject)


def local_part(local: str) -> str:
    """The local part of a prefixed name, without its backslashes."""
    return re.sub(r"\\(.)", r"\1", local) if "\\" in local else local


def number(text: str) -> Term:
    """A number that stands by itself, by how it is written."""
    kind = "double" if "e" in text.lower() else "decimal" if "." in text else "integer"
    return canonical_literal(f'"{text}"^^{iri(XSD + kind)}')


def boolean(text: str) -> Term:
    """``true`` or ``false``."""
    return f'"{text}"^^{iri(XSD + "boolean")}'


def literal(token: str, tag: str = "", datatype: Term = "") -> Term:
    """A string token with its language tag or datatype, as the store keeps it."""
    import pyoxigraph

    quote = token[:3] if token[:3] in ("'''", '"""') else token[0]
    text = _decoded(token[len(quote) : -len(quote)])
    if tag:
        return str(pyoxigraph.Literal(text, language=tag.lower()))
    if datatype:
        return canonical_literal(str(pyoxigraph.Literal(text, datatype=pyoxigraph.NamedNode(datatype[1:-1]))))
    return str(pyoxigraph.Literal(text))


def _decoded(text: str) -> str:
    if "\\" not in text:
        return text
    return _ESCAPE.sub(lambda m: chr(int(m[1] or m[2], 16)) if m[1] or m[2] else _PLAIN.get(m[3], m[3]), text)
