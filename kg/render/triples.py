"""Triples of CONSTRUCT and DESCRIBE as Turtle, N-Triples, RDF/XML or JSON-LD, by Oxigraph's serialisers."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from kg.errors import InputError, Problem
from kg.harmless import xml_bytes, xml_holds
from kg.model import text_of
from kg.render.columns import Settings
from kg.vocab import PREFIXES

if TYPE_CHECKING:
    import pyoxigraph

    from kg.queries.answer import Answer

#: What an XML name begins with and goes on with (https://www.w3.org/TR/xml/#NT-NameStartChar, less the colon), of
#: the characters that have two bytes in UTF-16: parsers of XML's earlier editions know no others.
_START = r"A-Z_a-z\xC0-\xD6\xD8-\xF6\xF8-\u02FF\u0370-\u037D\u037F-\u1FFF\u200C\u200D\u2070-\u218F"
_START += r"\u2C00-\u2FEF\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFFFD"
_NAME = re.compile(rf"[{_START}][{_START}\-.0-9\xB7\u0300-\u036F\u203F\u2040]*>$")
_TYPE = f"<{PREFIXES['rdf']}type>"
#: Names that the syntax itself uses (section 5 of the same).
_RESERVED = {
    f"<{PREFIXES['rdf']}{name}>"
    for name in ("RDF", "Description", "ID", "about", "bagID", "parseType", "resource", "nodeID", "datatype", "li")
}


def write_ntriples(answer: Answer, _settings: Settings) -> Iterator[str]:
    """N-Triples, in the order of the answer."""
    yield from (f"{s} {p} {o} .\n" for s, p, o in answer.triples)


def _write(name: str, answer: Answer, settings: Settings) -> Iterator[str]:
    """The triples by the serialiser of a name, with those of the project's prefixes that they use."""
    import pyoxigraph

    lines = "".join(write_ntriples(answer, settings))
    used = {prefix: space for prefix, space in answer.graph.project.prefixes.items() if space in lines}
    file = io.BytesIO()
    try:
        serialise([lines.encode()], file, name, used)
    except OSError as error:  # a writer that knows no RDF 1.2
        raise _inexpressible(getattr(pyoxigraph.RdfFormat, name).name, str(error)) from None
    yield file.getvalue().decode()


write_turtle, write_rdfxml, write_jsonld = (partial(_write, name) for name in ("TURTLE", "RDF_XML", "JSON_LD"))


def in_xml(triples: Iterable[pyoxigraph.Triple]) -> Iterator[pyoxigraph.Triple]:
    """Triples, each of which RDF/XML can express. Raises InputError (KG723) at one that it cannot.

    A predicate must end in a name of XML (https://www.w3.org/TR/rdf-syntax-grammar/, section 2.1), and a class that
    the writer makes an element; a literal may hold no character that XML 1.0 has not.
    """
    for triple in triples:
        subject, predicate, value = (str(term) for term in triple)
        names = (predicate, value) if predicate == _TYPE else (predicate,)
        name = next((name for name in names if not _NAME.search(name) or name in _RESERVED), None)
        if name is not None:
            raise _inexpressible("RDF/XML", f"{name} does not end in a name of XML")
        if value.startswith('"') and not xml_holds(text_of(value)):
            raise _inexpressible("RDF/XML", f"a value of {predicate} of {subject} holds a character that XML has not")
        yield triple


def _inexpressible(form: str, what: str) -> InputError:
    remedy = "Choose another form: Turtle and N-Triples express everything."
    return InputError(Problem("KG723", f"{form} cannot express this: {what}", remedy=remedy))


class _XmlFile(io.RawIOBase):
    """A file that gets XML as ``xml_bytes`` makes it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def writable(self) -> bool:
        return True

    def write(self, written: Any) -> int:  # noqa: ANN401 - a buffer of any kind
        self._file.write(xml_bytes(bytes(written)))
        return len(written)


def serialise(pieces: Iterable[bytes], file: BinaryIO, name: str, prefixes: dict[str, str]) -> int:
    """Write N-Quads in another format, by the name that Oxigraph gives it; gives how many quads there are.

    Raises InputError (KG723) for what RDF/XML cannot express, OSError for what the format's writer does not know.
    """
    import pyoxigraph

    form: pyoxigraph.RdfFormat = getattr(pyoxigraph.RdfFormat, name)
    count = 0

    def quads() -> Iterator[pyoxigraph.Quad]:
        nonlocal count
        for piece in pieces:
            for quad in pyoxigraph.parse(piece, format=pyoxigraph.RdfFormat.N_QUADS):
                count += 1
                yield quad

    if form.supports_datasets:
        pyoxigraph.serialize(quads(), file, format=form, prefixes=prefixes)
    elif form == pyoxigraph.RdfFormat.RDF_XML:
        target = cast("BinaryIO", _XmlFile(file))
        pyoxigraph.serialize(in_xml(quad.triple for quad in quads()), target, format=form, prefixes=prefixes)
    else:
        pyoxigraph.serialize((quad.triple for quad in quads()), file, format=form, prefixes=prefixes)
    return count
