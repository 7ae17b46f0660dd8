"""From what people write to the one term that they mean: an IRI, a prefixed name, a code, a label."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kg.errors import Problem, UsageError
from kg.labels import shorten
from kg.lookup import fold, keys
from kg.model import Term
from kg.vocab import PREFIXES

if TYPE_CHECKING:
    from kg.store import Graph

__all__ = ["candidates", "described", "direct", "find_entity", "mentioned"]

_PREFIXED = re.compile(r"([A-Za-z][\w.\-]*):([^\s<>\"{}|^`\\]+)")
_SHOWN = 8


def find_entity(graph: Graph, text: str, within: frozenset[Term] | None = None) -> Term:
    """The term that a text names: an IRI, ``id:serbia``, an ISO code, a slug, or a label in any language and script.

    ``within`` narrows what labels may mean (the choices of a parameter). Raises UsageError: KG655 when nothing is
    so named (near names are listed), KG656 when several things are (all are listed).
    """
    written = text.strip()
    named = direct(graph, written)
    if named is not None:
        if within is None and not mentioned(graph, named):
            raise UsageError(_unknown(graph, written))
        return named
    found = sorted({term for key in keys(written) for term in graph.index.get(key, ())})
    allowed = [term for term in found if within is None or term in within]
    if len(allowed) == 1:
        return allowed[0]
    if not allowed:
        # What is named but not allowed is for the caller to say, with the choices at hand.
        if len(found) == 1:
            return found[0]
        raise UsageError(_unknown(graph, written))
    several = "; ".join(described(graph, term) for term in allowed[:_SHOWN])
    more = f"; and {len(allowed) - _SHOWN} more" if len(allowed) > _SHOWN else ""
    raise UsageError(
        Problem("KG656", f"{text!r} names {len(allowed)} things: {several}{more}", remedy="Write the prefixed name.")
    )


def candidates(graph: Graph, text: str, limit: int = _SHOWN) -> list[Term]:
    """What a text may have meant: names that contain it, then names that are spelt nearly so."""
    from difflib import get_close_matches

    wanted = fold(text.rpartition(":")[2] or text)
    if not wanted:
        return []
    starts = [key for key in graph.index if key.startswith(wanted)]
    contains = [key for key in graph.index if wanted in key and key not in starts] if len(wanted) > 2 else []
    near = get_close_matches(wanted, graph.index, limit, 0.7)
    ordered = dict.fromkeys(term for key in (*near, *starts, *contains) for term in graph.index[key])
    return list(ordered)[:limit]


def described(graph: Graph, term: Term) -> str:
    """A term as candidates are listed: its label and its short name."""
    short = shorten(term, {**PREFIXES, **graph.project.prefixes})
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
        space = {**PREFIXES, **graph.project.prefixes}.get(match[1]) if match else None
        if match is None or space is None:
            return None
        address = space + match[2]
    try:
        return str(pyoxigraph.NamedNode(address))
    except ValueError:
        raise UsageError(
            Problem("KG657", f"{text!r} is no valid IRI", remedy="No spaces, quotes or brackets.")
        ) from None


def _unknown(graph: Graph, text: str) -> Problem:
    near = candidates(graph, text)
    listed = "; ".join(described(graph, term) for term in near)
    remedy = f"Did you mean: {listed}?" if near else "`kg search WORDS` looks in labels, glosses and definitions."
    return Problem("KG655", f"nothing in the graph is named {text!r}", remedy=remedy)
