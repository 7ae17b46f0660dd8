"""Infer from RDF files: whoever's ontology it is, what follows from it and the data.

The reasoners to choose from are this one, and owlrl to compare with. owlrl gives no proofs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from kg.errors import Problem, UsageError
from kg.model import Term, Triple
from kg.reasoner.closure import Closure, close
from kg.reasoner.owl_terms import TYPE, iri, trivial
from kg.reasoner.rdf_files import Given, read_rdf


class Outcome(NamedTuple):
    """What a reasoner says of a graph.

    ``inferred``: the triples that follow and are not in the graph, without trivial ones; ``inconsistent``: one
    line for each inconsistency.
    """

    inferred: frozenset[Triple]
    inconsistent: tuple[str, ...]


class Reasoner(NamedTuple):
    """Closes a graph under OWL 2 RL/RDF: ``reason`` infers all from triples that have their ontology among them."""

    name: str
    reason: Callable[[Iterable[Triple]], Outcome]


def get_reasoner(name: str) -> Reasoner:
    """The reasoner of that name: ``native`` or ``owlrl``. Raises UsageError when there is none."""
    if name not in REASONERS:
        remedy = f"choose one of {', '.join(REASONERS)}"
        raise UsageError(Problem("KG481", f"there is no reasoner {name!r}", remedy=remedy))
    return REASONERS[name]


_BLANK = "urn:x-blank:"


def _native_closure(triples: Iterable[Triple]) -> Outcome:
    closure = close(triples)
    lines = [f"{rule}: {premises}" for rule, premises in closure.inconsistencies]
    return Outcome(frozenset(closure.inferred()), tuple(lines))


def _owlrl_closure(triples: Iterable[Triple]) -> Outcome:
    """Close a graph with owlrl's OWL 2 RL rules, without its axiomatic triples and filtered of trivial ones.

    Blank nodes go in as IRIs and come out as they were. owlrl writes inconsistencies into the graph, as messages
    on blank nodes of its own: they are taken out again.
    """
    import logging

    import owlrl
    from rdflib import Graph, URIRef

    # It logs what it makes of malformed literals.
    logging.getLogger("rdflib").addHandler(logging.NullHandler())
    given = list(triples)
    graph = Graph()
    graph.parse(data="".join(f"{_named(s)} {p} {_named(o)} .\n" for s, p, o in given), format="nt")
    before = set(graph)
    owlrl.DeductiveClosure(
        owlrl.OWLRL_Semantics, rdfs_closure=False, axiomatic_triples=False, datatype_axioms=False
    ).expand(graph)
    error = URIRef("http://www.daml.org/2002/03/agents/agent-ont#error")
    messages = tuple(sorted(str(o) for o in graph.objects(None, error)))
    reports = set(graph.subjects(error, None))
    found: set[Triple] = set()
    for triple in graph:
        if triple in before or triple[0] in reports:
            continue
        s, p, o = (_term(part.n3()) for part in triple)
        if p.startswith("<") and not trivial((s, p, o)):
            found.add((s, p, o))
    return Outcome(frozenset(found - set(given)), messages)


def _named(term: Term) -> Term:
    return f"<{_BLANK}{term[2:]}>" if term.startswith("_:") else term


def _term(n3: str) -> Term:
    if n3.startswith(f"<{_BLANK}"):
        return f"_:{n3[1 + len(_BLANK) : -1]}"
    return n3


REASONERS = {each.name: each for each in (Reasoner("native", _native_closure), Reasoner("owlrl", _owlrl_closure))}


_ONTOLOGY, _IMPORTS = iri("owl:Ontology"), iri("owl:imports")


class Inferred(NamedTuple):
    """What follows: sorted triples, trivial ones only where asked for, and one line for each inconsistency.

    ``closure`` is None when the reasoner gives none. ``imports`` names the ontologies that are imported and are
    not those of the files: what follows from them is not here. ``given`` is what the files say.
    """

    triples: list[Triple]
    inconsistent: tuple[str, ...]
    closure: Closure | None
    imports: tuple[Term, ...]
    given: Given


def infer(
    files: Sequence[Path], reasoner: str = "native", *, form: str = "", base: str = "", trivial: bool = False
) -> Inferred:
    """Read RDF files in any syntax and infer all that follows under OWL 2 RL/RDF.

    Named graphs are read as one; blank nodes of several files are kept apart; ``owl:imports`` is not followed.
    ``form`` and ``base`` are as ``read_rdf`` has them; with ``trivial``, triples that hold of everything are there
    too, where something follows from them. Raises InputError when a file cannot be read and UsageError when there is
    no such reasoner.
    """
    chosen = get_reasoner(reasoner)
    given = read_rdf(files, form, base)
    triples = given.triples
    here = {s for s, p, o in triples if (p, o) == (TYPE, _ONTOLOGY)}
    imports = tuple(sorted({o for _, p, o in triples if p == _IMPORTS} - here))
    if chosen.name != "native":
        outcome = chosen.reason(triples)
        return Inferred(sorted(outcome.inferred), outcome.inconsistent, None, imports, given)
    closure = close(dict.fromkeys(triples))
    lines = tuple(each.rule for each in closure.inconsistencies)
    return Inferred(sorted(closure.inferred(trivial=trivial)), lines, closure, imports, given)


def steps_as_json(closure: Closure) -> Iterator[str]:
    """The step of each derived triple as a line of JSON, trivial ones included: others may rest on them.

    Keys: ``triple``, ``rule``, ``premises``; triples are arrays of three N-Triples terms.
    """
    import json

    for triple in sorted(closure):
        step = closure.derivation(triple)
        if step is not None:
            yield json.dumps({"triple": triple, "rule": step.rule, "premises": step.premises}, ensure_ascii=False)
