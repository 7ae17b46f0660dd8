"""The nouns of the project, as plain values. A term is the string N-Triples writes for it."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from kg.dates import Span, Times
from kg.errors import Place
from kg.vocab import kg

#: ``<iri>``, ``"text"``, ``"text"@lang``, ``"lexical"^^<datatype>`` or ``_:label``, as in N-Triples.
Term: TypeAlias = str
#: Subject, predicate, object.
Triple: TypeAlias = tuple[Term, Term, Term]

AFFIRMED = kg("Affirmed")
DENIED = kg("Denied")
RECOMMENDATION = kg("Recommendation")
FACT = kg("Fact")
RETRACTED = "retracted"
#: Literals with a datatype, by their text, in canonical form.
_literals: dict[str, str] = {}
#: What declares a list complete; only over such a list may a rule ask for absence.
_COMPLETE = kg("listComplete")


class Document(NamedTuple):
    """A described document: its IRI, slug, when it was published, and all triples of its description."""

    iri: Term
    slug: str
    published: Span
    description: tuple[Triple, ...]
    place: Place


class Claim(NamedTuple):
    """One proposition that a passage puts forward: content triples, and the statements about them together.

    ``holders`` and ``reporters`` are empty when the author speaks; ``modality`` and ``polarity`` are terms of
    the vocabulary; ``passages`` are locators (``11.1``); ``metadata`` is every statement about the claim.
    """

    iri: Term
    document: str
    content: tuple[Triple, ...]
    passages: tuple[str, ...]
    modality: Term
    polarity: Term = AFFIRMED
    holders: tuple[Term, ...] = ()
    reporters: tuple[Term, ...] = ()
    times: Times = Times()
    gloss: str = ""
    retracted: bool = False
    metadata: tuple[Triple, ...] = ()
    place: Place = Place("")

    @property
    def states(self) -> tuple[Triple, ...]:
        """The triples that are facts when the claim is one: its content, and that it gives a complete list."""
        complete = tuple(triple for triple in self.metadata if triple[1] == _COMPLETE)
        return (*self.content, *complete)

    @property
    def put(self) -> Term:
        """The polarity as answers have it: what is not so is told as denied by a holder, negated, or demanded not."""
        if self.polarity != DENIED:
            return self.polarity
        return kg("DemandedNot") if self.modality == RECOMMENDATION else DENIED if self.holders else kg("Negated")

    @property
    def stance(self) -> str:
        """The key by which contesting claims are found: ``+`` or ``-`` and a digest of the content, for a fact.

        Empty where it is none; ``RETRACTED`` where it counts for nothing.
        """
        if self.retracted:
            return RETRACTED
        if self.modality != FACT:
            return ""
        content = hashlib.sha256(repr(self.content).encode()).hexdigest()[:16]
        return f"{'-' if self.polarity == DENIED else '+'}{content}"


class Link(NamedTuple):
    """A relation between two claims, with a word on why, and why a contradiction is none where it is not."""

    iri: Term
    document: str
    source: Term
    target: Term
    relation: Term
    dissolved_by: Term | None
    why: str
    description: tuple[Triple, ...] = ()
    place: Place = Place("")


def quoted(text: str) -> Term:
    """A plain literal, escaped as N-Triples asks."""
    import pyoxigraph

    return str(pyoxigraph.Literal(text))


def written(node: object) -> Term:
    """A node of the engine as N-Triples writes it; a triple term in its brackets, which the engine leaves out."""
    return f"<<( {node} )>>" if type(node).__name__ == "Triple" else str(node)


def triple_of(term: Term) -> Triple:
    """The parts of a triple term."""
    import pyoxigraph

    line = f"<x:x> <x:x> {term} .".encode()
    (quad,) = pyoxigraph.parse(line, format=pyoxigraph.RdfFormat.N_TRIPLES)
    s, p, o = map(written, quad.object)
    return s, p, o


def term_of(node: object) -> Term:
    """A term as the store will keep it: N-Triples form, numbers in canonical form, language tags in lower case."""
    text = written(node)
    return canonical_literal(text, node) if text.startswith('"') else text


def canonical_literal(text: str, node: object = None) -> Term:
    """A literal in the canonical form that Oxigraph stores (``1.10`` becomes ``1.1``); hashes are taken of it."""
    if not text.endswith(">"):
        return text
    known = _literals.get(text)
    if known is None:
        import pyoxigraph

        store = pyoxigraph.Store()
        if node is None:
            line = f"<x:x> <x:x> {text} .".encode()
            store.load(line, format=pyoxigraph.RdfFormat.N_TRIPLES)
        else:
            x = pyoxigraph.NamedNode("x:x")
            store.add(pyoxigraph.Quad(x, x, node))  # type: ignore[arg-type]  # a literal, by its text
        known = _literals[text] = str(next(iter(store)).object)
    return known


def is_literal(term: Term) -> bool:
    """Whether a term is a literal."""
    return term.startswith('"')


def text_of(literal: Term) -> str:
    """The lexical form of a literal; of another term, the term itself."""
    if not is_literal(literal):
        return literal
    body = literal[1 : literal.rindex('"')]
    return body.encode("latin-1", "backslashreplace").decode("unicode-escape") if "\\" in body else body


@lru_cache(maxsize=1 << 16)
def statement_id(triple: Triple) -> str:
    """A name for the statement node of a triple: sixteen hexadecimal digits of the SHA-256 of its N-Triples form."""
    return hashlib.sha256(" ".join(triple).encode()).hexdigest()[:16]
