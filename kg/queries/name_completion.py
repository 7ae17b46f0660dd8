"""What a beginning of a name may become: for shells that complete it, in the form in which it was begun."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from kg.labels import fold, keys
from kg.model import Term, is_literal, text_of
from kg.vocab import PREFIXES, kg, local_name

if TYPE_CHECKING:
    from kg.graph.store import Graph


def beginnings(graph: Graph, typed: str, within: Collection[Term] | None = None) -> dict[str, Term]:
    """What can be written for the terms whose name begins as typed, in any script and case; ``within`` some of them.

    After ``id:`` and other prefixes come prefixed names, else what is shortest: the last step of the IRI, or the
    name that was begun. What is written names that term and no other.
    """
    prefix, colon, local = typed.partition(":")
    space = graph.project.prefixes.get(prefix)
    if colon and space is not None:
        return _prefixed(graph, prefix, space, local, within)
    if within is not None and any(is_literal(term) for term in within):
        return {text_of(term): term for term in within if fold(text_of(term)).startswith(fold(typed))}
    wanted = fold(typed)
    begun = dict.fromkeys(term for _key, term in graph.index.names_beginning(wanted))
    found = _written(graph, typed, [term for term in begun if within is None or term in within], within)
    if not found and wanted:
        # In the middle of a name: what was typed is replaced, which is plain only where one thing is meant.
        inside = (
            term
            for key, term in graph.index.names_beginning("")
            if any(word.startswith(wanted) for word in key.split())
        )
        terms = {term for term in inside if within is None or term in within}
        found = {_short(graph, term, within): term for term in terms} if len(terms) == 1 else {}
    return found


def names_begun(graph: Graph, typed: str, within: Collection[Term] | None = None, most: int = 12) -> list[str]:
    """The names that begin as typed, in any script and case, in the script in which they were begun.

    What several things are called is written as a prefixed name, which names one.
    """
    wanted, found = fold(typed), dict[str, None]()
    for key, term in graph.index.names_beginning(wanted):
        if len(found) == most:
            break
        if within is not None and term not in within:
            continue
        names = [name for some in graph.label.names.get(term, {}).values() for name in some]
        begun = [name for name in names if fold(name).startswith(wanted)]
        begun.sort(key=lambda name: (not name.casefold().startswith(typed.casefold()), len(name), name))
        alone = _means(graph, key, within) == [term]
        found[begun[0] if begun and alone else _short(graph, term, within)] = None
    return list(found)


def entities(graph: Graph) -> list[Term]:
    """The entities that have a name, sorted."""
    return [term for term in graph.label.names if term.startswith(graph.project.iri("id", "")[:-1])]


def properties(graph: Graph) -> list[Term]:
    """The properties of the ontology, sorted."""
    text = """SELECT DISTINCT ?property { VALUES ?kind { owl:ObjectProperty owl:DatatypeProperty }
        ?property a ?kind } ORDER BY ?property"""
    return [str(row[0]) for row in graph.rows(f"PREFIX owl: <{PREFIXES['owl']}> {text}")]


def _prefixed(graph: Graph, prefix: str, space: str, local: str, within: Collection[Term] | None) -> dict[str, Term]:
    terms: Iterable[Term] = graph.label.names if within is None else within
    if within is None and prefix == "claim":
        terms = (str(row[0]) for row in graph.rows(f"SELECT ?claim {{ ?claim a {kg('Claim')} }} ORDER BY ?claim"))
    steps = {term[len(space) + 1 : -1]: term for term in terms if term.startswith(f"<{space}")}
    return {f"{prefix}:{step}": term for step, term in steps.items() if fold(step).startswith(fold(local))}


def _written(graph: Graph, typed: str, terms: list[Term], within: Collection[Term] | None) -> dict[str, Term]:
    """The terms in forms that begin as typed: of one word before several, letter by letter before folded."""
    wanted, begun = fold(typed), typed.casefold()
    forms = {term: _forms(graph, term, within) for term in terms}
    for words in (False, True):
        for begins in (lambda form: form.casefold().startswith(begun), lambda form: fold(form).startswith(wanted)):
            chosen = {}
            for term in terms:
                form = next((form for form in forms[term] if (words or " " not in form) and begins(form)), None)
                if form:
                    chosen[form] = term
            if chosen:
                return chosen
    return {forms[term][0]: term for term in terms} if len(terms) == 1 else {}


def _forms(graph: Graph, term: Term, within: Collection[Term] | None) -> list[str]:
    """What names a term and nothing else, the last step of its IRI first, then the shortest name or surname."""
    names = {name for found in graph.label.names.get(term, {}).values() for name in found}
    names |= {name.rpartition(" ")[2] for name in names}
    ordered = sorted(names, key=lambda name: (len(name), name))
    # With a colon, what is written would be read as an IRI.
    plain = (name for name in ordered if ":" not in name and _means(graph, name, within) == [term])
    return [_short(graph, term, within), *plain]


def _short(graph: Graph, term: Term, within: Collection[Term] | None) -> str:
    """The last step of a term's IRI where that names it alone, else its prefixed name."""
    from kg.labels import shorten

    short = shorten(term, graph.project.prefixes)
    step = local_name(term)
    return step if _means(graph, step, within) == [term] else short


def _means(graph: Graph, name: str, within: Collection[Term] | None) -> list[Term]:
    """What a name leads to: what is within, if anything is."""
    found = graph.index.named(keys(name))
    return [term for term in found if within is None or term in within] or found
