"""Names of things in the languages of the graph, and the index by which a name written by hand is found.

A name is folded before it is looked up: case, diacritics, script (Serbian Cyrillic and Latin) and punctuation do
not matter. Folding loses a little, so a key may lead to several terms; the caller decides, not the index.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from kg.errors import Problem, UsageError
from kg.harmless import harmless_line
from kg.model import Term, is_literal, text_of
from kg.phrases import phrase
from kg.vocab import DCTERMS, OWL, PREFIXES, RDF, RDFS, SKOS, iri, kg, local_name

if TYPE_CHECKING:
    from kg.corpus.read import Corpus

#: The languages of labels, in order of preference.
LANGUAGES = ("en", "sr-latn", "sr-cyrl")
_TYPE = iri(RDF + "type")
_LABEL, _TITLE = iri(RDFS + "label"), iri(DCTERMS + "title")
_ALTERNATIVE, _CODE = iri(SKOS + "altLabel"), kg("iso3166")
_KINDS = {_ALTERNATIVE: "alt", _CODE: "code"}
_NAMING = frozenset((_LABEL, _TITLE, *_KINDS))
#: What terms of well-known vocabularies are called, which no ontology of ours describes.
_KNOWN = {
    iri(RDF + "type"): "is a",
    iri(RDF + "Property"): "property",
    iri(RDFS + "subClassOf"): "is a kind of",
    iri(RDFS + "subPropertyOf"): "is a kind of",
    iri(RDFS + "domain"): "is said of",
    iri(RDFS + "range"): "has as its value",
    iri(RDFS + "label"): "is called",
    iri(RDFS + "comment"): "comment",
    iri(RDFS + "isDefinedBy"): "is defined by",
    iri(RDFS + "seeAlso"): "see also",
    iri(RDFS + "Class"): "class",
    iri(RDFS + "Datatype"): "datatype",
    iri(RDFS + "Literal"): "literal",
    iri(OWL + "Class"): "class",
    iri(OWL + "ObjectProperty"): "property",
    iri(OWL + "DatatypeProperty"): "property with a literal",
    iri(OWL + "AnnotationProperty"): "annotation property",
    iri(OWL + "SymmetricProperty"): "symmetric property",
    iri(OWL + "TransitiveProperty"): "transitive property",
    iri(OWL + "FunctionalProperty"): "functional property",
    iri(OWL + "NamedIndividual"): "individual",
    iri(OWL + "Ontology"): "ontology",
    iri(OWL + "Thing"): "thing",
    iri(OWL + "inverseOf"): "is the inverse of",
    iri(OWL + "equivalentClass"): "is the same class as",
    iri(OWL + "equivalentProperty"): "is the same property as",
    iri(OWL + "disjointWith"): "has no instance in common with",
    iri(OWL + "propertyDisjointWith"): "never holds together with",
    iri(OWL + "sameAs"): "is the same as",
    iri(OWL + "deprecated"): "deprecated",
    iri(OWL + "versionInfo"): "version",
    iri(DCTERMS + "creator"): "author",
    **{iri(DCTERMS + name): name for name in ("publisher", "language", "rights", "subject", "license", "issued")},
    iri(PREFIXES["schema"] + "url"): "web address",
}


def language_of(tag: str) -> str:
    """The language that a tag asks for, in lower case. Raises UsageError (KG664) for one without labels here."""
    wanted = tag.lower()
    if not any(known == wanted or known.startswith(f"{wanted}-") for known in LANGUAGES):
        remedy = f"One of {', '.join(LANGUAGES)}."
        raise UsageError(Problem("KG664", f"the graph has no labels in {tag!r}", remedy=remedy))
    return wanted


class Names(Mapping[Term, Mapping[str, list[str]]]):
    """Labels (by language tag, lower case), other names (``alt``) and ISO codes (``code``) of a corpus' terms.

    What a term is called is put together when it is asked for: a large corpus has many, and few are shown.
    """

    def __init__(self, corpus: Corpus) -> None:
        self._said: dict[Term, list[tuple[Term, Term]]] = {}
        self._known: dict[Term, dict[str, list[str]]] = {}
        described = (triple for document in corpus.documents.values() for triple in document.description)
        said = self._said
        for s, p, o in chain(corpus.ontology, corpus.entities, described):
            if p in _NAMING:
                if s in said:
                    said[s].append((p, o))
                else:
                    said[s] = [(p, o)]

    def __getitem__(self, term: Term) -> Mapping[str, list[str]]:
        known = self._known.get(term)
        if known is None:
            said = self._said[term]
            known = self._known[term] = {}
            for predicate, value in said:
                kind = _KINDS.get(predicate) or _language(value)
                known.setdefault(kind, []).append(text_of(value))
        return known

    def __contains__(self, term: object) -> bool:
        return term in self._said

    def __iter__(self) -> Iterator[Term]:
        return iter(self._said)

    def __len__(self) -> int:
        return len(self._said)


def people(corpus: Corpus) -> set[Term]:
    """The entities that are persons: each is also found by their surname."""
    return {s for s, p, o in corpus.entities if p == _TYPE and o == kg("Person")}


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels of a graph, in one language with fallback: that language, English, any, else a short name."""

    names: Mapping[Term, Mapping[str, list[str]]]
    language: str = "en"
    prefixes: Mapping[str, str] | None = None

    def __call__(self, term: Term) -> str:
        """The label of a term; of a literal, its text; on one line, without characters that steer what shows it."""
        return harmless_line(self._text(term))

    def sentence(self, triple: Iterable[Term]) -> str:
        """A triple in labels as a sentence: ``is an organ``; in Serbian the object, not declined, after a colon."""
        terms = tuple(triple)
        subject, verb, value = map(self, terms)
        if self.language.startswith("sr") and terms[1] != _TYPE:
            return f"{subject} – {verb}: {value}"
        vowel = verb == "is a" and value[:1].lower() in tuple("aeiou")
        return f"{subject} {'is an' if vowel else verb} {value}"

    def _text(self, term: Term) -> str:
        if is_literal(term):
            return text_of(term)
        found = self.names.get(term, {})
        for language in dict.fromkeys((self.language.lower(), *LANGUAGES)):
            for tag in found:
                if tag == language or (tag.startswith(f"{language}-")):
                    return found[tag][0]
        if term in _KNOWN:
            return phrase(_KNOWN[term], self.language)
        return shorten(term, self.prefixes or PREFIXES)


def shorten(term: Term, prefixes: Mapping[str, str]) -> str:
    """An IRI with the longest prefix that fits, ``id:serbia``; other terms as they are."""
    if not term.startswith("<") or term.startswith("<<("):
        return term
    address = term[1:-1]
    fitting: Iterable[tuple[str, str]] = (item for item in prefixes.items() if address.startswith(item[1]))
    best = max(fitting, key=lambda item: len(item[1]), default=None)
    return (
        f"{best[0]}:{address[len(best[1]) :]}"
        if best and len(address) > len(best[1])
        else local_name(term) or address
    )


def _language(literal: Term) -> str:
    return literal.rpartition('"@')[2].lower() if '"@' in literal else "none"


# Serbian letters that Unicode does not decompose, and those of other Cyrillic alphabets that names here may have.
_LETTERS = str.maketrans(
    {
        **dict(zip("абвгдежзијклмнопрстћуфхцчш", "abvgdežzijklmnoprstćufhcčš", strict=True)),
        "ђ": "đ", "љ": "lj", "њ": "nj", "џ": "dž", "й": "j", "щ": "šč", "ы": "i", "э": "e", "ю": "ju", "я": "ja",
        "ё": "jo", "ъ": "", "ь": "", "і": "i", "ї": "ji", "є": "je", "ґ": "g",
        "ł": "l", "ø": "o", "æ": "ae", "œ": "oe", "’": "", "'": "", ".": "", "ʼ": "",
    }
)  # fmt: skip
_APART = re.compile(r"[\W_]+")


def fold(text: str) -> str:
    """A name without case, diacritics, script and punctuation: ``Србија`` and ``SRBIJA`` are ``srbija``."""
    if text.isascii():
        return _APART.sub(" ", text.lower().replace("'", "").replace(".", "")).strip()
    # Normalised first: a letter may come with its mark apart, which casefold and the table would not know.
    latin = unicodedata.normalize("NFC", text).casefold().translate(_LETTERS).replace("đ", "dj")
    plain = "".join(c for c in unicodedata.normalize("NFKD", latin) if not unicodedata.combining(c))
    return _APART.sub(" ", plain).strip()


def keys(text: str) -> set[str]:
    """The keys under which a name is kept: also with ``d`` for ``đ``, which is written both ways."""
    latin = unicodedata.normalize("NFC", text).casefold().translate(_LETTERS)
    return {fold(text), fold(latin.replace("đ", "d"))} - {""}


def name_rows(
    names: Mapping[Term, Mapping[str, Sequence[str]]], people: Container[Term] = ()
) -> Iterator[tuple[str, Term, bool]]:
    """Every folded name of each term: labels, other names, codes, the IRI's last step; of ``people``, their surnames.

    Each is given with its term and whether it is a surname alone.
    """
    for term, by_kind in names.items():
        own = {key for text in (local_name(term), *chain(*by_kind.values())) for key in keys(text)}
        yield from ((key, term, False) for key in own)
        if term in people:
            yield from ((key, term, True) for key in _surnames(by_kind) - own)


def bearers(rows: Iterable[tuple[str, Term, bool]]) -> Iterator[tuple[str, list[Term]]]:
    """The names of rows that are sorted by name, each with the terms that bear it, sorted.

    A surname is a name where nothing else is called so, and it is nobody else's.
    """
    for name, alike in groupby(rows, key=itemgetter(0)):
        known = list(alike)
        found = sorted(term for _name, term, surname in known if not surname)
        if found or len(known) == 1:
            yield name, found or [known[0][1]]


def _surnames(by_kind: Mapping[str, Sequence[str]]) -> set[str]:
    lasts = (text.rpartition(" ") for kind, texts in by_kind.items() if kind != "code" for text in texts)
    return {key for _first, space, last in lasts if space for key in keys(last)}
