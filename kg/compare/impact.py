"""``kg impact``: what would fall without an axiom, a term, a claim, a document or a rule, before anyone edits."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kg.compare.diff import Difference, compare
from kg.compare.state import State, read_state
from kg.errors import Problem, UsageError
from kg.labels import keys
from kg.model import Term, Triple
from kg.project import Project
from kg.queries.entities import direct
from kg.sparql.tokens import tokens
from kg.vocab import RDF, iri

_FILE_LINE = re.compile(r"(?:\./)?(?P<file>[^:]+\.(?:ttl|trig|rq))(?::(?P<line>\d+))?")
_TYPE = iri(RDF + "type")


@dataclass(frozen=True, slots=True)
class Removal:
    """A removal, in words, and as triples of ontology and entities, claims and rules."""

    words: str
    triples: frozenset[Triple] = frozenset()
    claims: frozenset[Term] = frozenset()
    rules: frozenset[str] = frozenset()


def impact(project: Project, what: str) -> Difference:
    """The difference that it would make to take something away, as ``kg diff`` after the edit would show it.

    ``what`` is an axiom (``S P O`` or ``S P`` in prefixed names, or ``file:line``), a term or an entity (all that
    mentions it goes), a claim (``slug/name``), a document (its slug), a rule (its name). Raises UsageError (KG807)
    when it is none of these.
    """
    state = read_state(project, "the files as they are")
    taken = removal(state, what)
    return compare(state, state.without(f"without {taken.words}", taken.triples, taken.claims, taken.rules))


def removal(state: State, what: str) -> Removal:
    """The removal that a text names. Raises UsageError (KG807)."""
    written = what.strip()
    for read in (_document, _rule, _line, _claim, _axiom, _term):
        found = read(state, written)
        if found is not None:
            return found
    remedy = "An axiom `S P O` or file:line, a term, an entity, a claim slug/name, a document's slug, a rule's name."
    raise UsageError(Problem("KG807", f"nothing in the graph is {what!r}", remedy=remedy))


def _document(state: State, text: str) -> Removal | None:
    if text not in state.read.documents:
        return None
    return Removal(f"the document {text}", claims=frozenset(state.read.claims.of(text)))


def _rule(state: State, text: str) -> Removal | None:
    names = {rule.name for rule in state.rules}
    return Removal(f"the rule {text}", rules=frozenset([text])) if text in names else None


def _line(state: State, text: str) -> Removal | None:
    match = _FILE_LINE.fullmatch(text)
    if match is None:
        return None
    file, line = match["file"], int(match["line"]) if match["line"] else None
    tables = (state.read.ontology, state.read.entities)
    triples = frozenset(
        triple
        for table in tables
        for triple, place in table.items()
        if place.file == file and line in (None, place.line)
    )
    claims = frozenset(
        term for term, c in state.read.claims.items() if c.place.file == file and line in (None, c.place.line)
    )
    rules = frozenset(rule.name for rule in state.rules if rule.file.endswith(file) and line is None)
    return Removal(text, triples, claims, rules) if triples or claims or rules else None


def _claim(state: State, text: str) -> Removal | None:
    term = f"<{text.strip('<>')}>" if "://" in text else state.project.iri("claim", text.removeprefix("claim:"))
    claim = state.read.claims.get(term)
    return Removal(f"the claim {text}", claims=frozenset([term])) if claim else None


def _axiom(state: State, text: str) -> Removal | None:
    parts = [token.text for token in tokens(text) if token.kind != "space"]
    if len(parts) not in (2, 3):
        return None
    terms = tuple(_TYPE if part == "a" else _expand(state, part) for part in parts)
    if None in terms:
        return None

    def meant(triple: Triple) -> bool:
        return triple[: len(terms)] == terms

    axioms = frozenset(filter(meant, (*state.read.ontology, *state.read.entities)))
    if axioms:
        return Removal(f"the axiom {text}", axioms)
    stating = frozenset(term for term, claim in state.read.claims.items() if any(map(meant, claim.content)))
    return Removal(f"the claims of {text}", claims=stating) if stating else None


def _term(state: State, text: str) -> Removal | None:
    term = _expand(state, text)
    if term is None or not any(term in triple for triple in (*state.read.ontology, *state.read.entities)):
        return None
    triples = frozenset(t for t in (*state.read.ontology, *state.read.entities) if term in t)
    claims = frozenset(
        name
        for name, claim in state.read.claims.items()
        if any(term in triple for triple in claim.content) or term in claim.holders
    )
    return Removal(f"the term {text}", triples, claims)


def _expand(state: State, text: str) -> Term | None:
    try:
        term = direct(state, text)
    except UsageError:
        return None
    found = [] if term or ":" in text else state.index.named(keys(text))
    return found[0] if len(found) == 1 else term
