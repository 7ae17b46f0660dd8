"""owlrl-turbo as a second oracle beside owlrl: one graph in, filtered triples out.

It always adds its axiomatic triples, so those that it finds for a graph that says nothing are taken out, and with
them whatever is said of the W3C's own terms. It keeps to standard RDF (no literal is a subject), and reports
an inconsistency as owlrl does: a message on a node of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from importlib.util import find_spec

import pytest

from kg.model import Triple
from kg.reasoner import Outcome, trivial

__all__ = ["needs_turbo", "turbo_closure"]


def needs_turbo(test: Callable[..., None]) -> Callable[..., None]:
    """Mark a test that compares with owlrl-turbo: it runs with the longer tests, which install the oracle."""
    missing = find_spec("owlrl_turbo") is None
    skip = pytest.mark.skipif(missing, reason="owlrl-turbo (extra `oracle`) is not installed")
    return pytest.mark.slow(skip(test))


_BLANK = "urn:x-blank:"
_ERROR = "<http://www.daml.org/2002/03/agents/agent-ont#error>"


def turbo_closure(triples: Iterable[Triple]) -> Outcome:
    """What owlrl-turbo infers, without trivial triples. Blank nodes go in as IRIs and come out as they were."""
    given = set(triples)
    found = _expand(frozenset(given)) - given
    messages = {o for _, p, o in found if p == _ERROR}
    reports = {s for s, p, _ in found if p == _ERROR}
    kept = {t for t in found if t[0] not in reports and not trivial(t)}
    return Outcome(frozenset(kept - _expand(frozenset())), tuple(sorted(messages)))


@cache
def _expand(given: frozenset[Triple]) -> frozenset[Triple]:
    import pyoxigraph
    from owlrl_turbo import expand
    from rdflib_turbo import Dataset

    dataset = Dataset()
    text = "".join(f"{_named(s)} {p} {_named(o)} .\n" for s, p, o in sorted(given))
    dataset.parse(data=text, format="nt")
    out = expand(dataset, inplace=True).serialize(format="nquads")
    parsed = pyoxigraph.parse(out, format=pyoxigraph.RdfFormat.N_QUADS)
    return frozenset((_term(str(q.subject)), str(q.predicate), _term(str(q.object))) for q in parsed)


def _named(term: str) -> str:
    return f"<{_BLANK}{term[2:]}>" if term.startswith("_:") else term


def _term(term: str) -> str:
    return f"_:{term[1 + len(_BLANK) : -1]}" if term.startswith(f"<{_BLANK}") else term
