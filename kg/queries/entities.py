"""From what people write to the one term that they mean: an IRI, a prefixed name, a code, a label."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from kg.errors import Problem, UsageError
from kg.labels import fold, keys, shorten
from kg.model import Term

if TYPE_CHECKING:
    from kg.graph.store import Graph

_PREFIXED = re.compile(r"([A-Za-z][\w.\-]*):([^\s<>\"{}|^`\\]+)")
_SHOWN = 8
#: So many allowed values are all listed where none of them is near.
_LISTED = 20


def find_entity(graph: Graph, text: str, within: frozenset[Term] = frozenset()) -> Term:
    """The term that a text names: an IRI, ``id:serbia``, an ISO code, a slug, or a label in any language and script.

    Of several things of one name, that ``within`` (the choices of a parameter, or what is of its class) is meant if
    it is the only one there. Raises UsageError: KG655 when nothing is so named, KG656 when several things are; what
    may have been meant is listed, from ``within`` where that is given.
    """
    written = text.strip()
    named = direct(graph, written)
    if named is not None:
        if named not in within and not mentioned(graph, named):
            raise UsageError(_unknown(graph, written, within))
        return named
    found = graph.index.named(keys(written))
    meant = [term for term in found if term in within] or found
    if len(meant) == 1:
        return meant[0]
    if not meant:
        raise UsageError(_unknown(graph, written, within))
    several = "; ".join(described(graph, term) for term in meant[:_SHOWN])
    more = f"; and {len(meant) - _SHOWN} more" if len(meant) > _SHOWN else ""
    raise UsageError(
        Problem("KG656", f"{text!r} names {len(meant)} things: {several}{more}", remedy="Write the prefixed name.")
    )


def find_partly(graph: Graph, text: str, within: frozenset[Term] = frozenset()) -> tuple[Term, bool]:
    """As ``find_entity``, but also the one term whose name has all the words; and whether it was found so.

    Raises UsageError as ``find_entity`` does.
    """
    try:
        return find_entity(graph, text, within), False
    except UsageError as error:
        words = fold(text).split()
        if error.problems[0].code != "KG655" or not words or direct(graph, text) is not None:
            raise
        found = {
            term
            for key, term in graph.index.names_beginning("")
            if (not within or term in within) and _begun(words, key.split())
        }
        if len(found) != 1:
            raise
        return found.pop(), True


def _begun(words: list[str], named: list[str]) -> bool:
    """Whether each word begins one of a name's; a short one must be one."""
    return all(word in named or (len(word) > 3 and any(n.startswith(word) for n in named)) for word in words)


def of_class(graph: Graph, kind: Term) -> frozenset[Term]:
    """The entities that are of a class in the graph's view."""
    entities = graph.project.iri("id", "")[:-1]
    rows = graph.rows(f"SELECT DISTINCT ?entity {{ ?entity a {kind} }}")
    return frozenset(row[0] for row in rows if row[0] and row[0].startswith(entities))


def candidates(graph: Graph, text: str, within: frozenset[Term] = frozenset(), limit: int = _SHOWN) -> list[Term]:
    """What a text may have meant, best first, ``within`` some terms or among all.

    What has all its words as words of one name comes first, then words that begin so, then names spelt nearly so;
    only where there is none of these, names that share a word with it or contain it.
    """
    from difflib import get_close_matches

    wanted = fold(text.rpartition(":")[2] or text)
    index: dict[str, list[Term]] = {}
    for key, term in graph.index.names_beginning(""):
        if not within or term in within:
            index.setdefault(key, []).append(term)
    near = get_close_matches(wanted, index, limit, 0.7)
    best: dict[Term, tuple[int, int]] = {}
    for key, found in index.items():
        fits = [fit for fit in (_fit(wanted, key), (2, near.index(key)) if key in near else None) if fit]
        for term in found if fits else ():
            best[term] = min([*fits, best.get(term, fits[0])])
    ordered = sorted(best, key=lambda term: (best[term], term))
    good = [term for term in ordered if best[term][0] <= 2]
    return (good or ordered)[:limit]


def _fit(wanted: str, key: str) -> tuple[int, int] | None:
    """How well a folded name fits what was written, the lower the better; None when it does not."""
    words, named = wanted.split(), key.split()
    if not words:
        return None
    if all(word in named for word in words):
        return 0, len(named)
    if all(len(word) > 2 and any(name.startswith(word) for name in named) for word in words):
        return 1, len(named)
    shared = sum(len(word) > 2 and word in named for word in words)
    if shared:
        return 3, -shared
    return (4, len(named)) if len(wanted) > 2 and wanted in key else None


def described(graph: Graph, term: Term) -> str:
    """A term as candidates are listed: its label and its short name."""
    short = shorten(term, graph.project.prefixes)
    label = graph.label(term)
    return short if label == short else f"{label} ({short})"


def mentioned(graph: Graph, term: Term) -> bool:
    """Whether the graph says anything of a term, or with it."""
    if term in graph.label.names:
        return True
    text = f"ASK {{ {{ {term} ?p ?o }} UNION {{ ?s ?p {term} }} UNION {{ ?s {term} ?o }} }}"
    return bool(graph.query(text))


def direct(graph: Graph, text: str) -> Term | None:
    """The IRI that is written out or prefixed; None for anything else."""
    import pyoxigraph

    if text.startswith("<") and text.endswith(">"):
        address = text[1:-1]
    elif "://" in text or text.startswith("urn:"):
        address = text
    else:
        match = _PREFIXED.fullmatch(text)
        space = graph.project.prefixes.get(match[1]) if match else None
        if match is None or space is None:
            return None
        address = space + match[2]
    try:
        return str(pyoxigraph.NamedNode(address))
    except ValueError:
        raise UsageError(
            Problem("KG657", f"{text!r} is no valid IRI", remedy="No spaces, quotes or brackets.")
        ) from None


def _unknown(graph: Graph, text: str, within: frozenset[Term]) -> Problem:
    near = candidates(graph, text, within)
    what = "nothing in the graph is named"
    if near:
        remedy = f"Did you mean: {_listed(graph, near)}?"
    elif 0 < len(within) <= _LISTED:
        remedy = f"One of: {_listed(graph, sorted(within))}."
    else:
        remedy = "`kg search WORDS` looks in labels, glosses and definitions."
    return Problem("KG655", f"{what} {text!r}", remedy=remedy)


def _listed(graph: Graph, terms: Iterable[Term]) -> str:
    return "; ".join(described(graph, term) for term in terms)
