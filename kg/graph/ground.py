"""The ground program: every rule instance over all that any view can take as a fact.

A view believes some of the claims, so whatever follows in it follows by instances that are known beforehand. They
are found once, when the graph is built; a view is then closed by counting premises, with neither the ontology nor
the rules. That is exact, since the instances over a part of the facts are those of the whole whose premises hold
in the part; where a rule asks for absence, its instance carries what would stop it.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from kg.corpus.turtle import SKOLEM
from kg.graph.index_schema import PUBLISHABLE, unpacked
from kg.graph.validity import Instance, Instances
from kg.graph.views import NEVER, level
from kg.model import Claim, Term, Triple

if TYPE_CHECKING:
    from kg.corpus.read import Corpus
    from kg.graph.index import Index
    from kg.reasoner import Clause, Closure, Derivation, Inconsistency, Program


class GroundRule(NamedTuple):
    """One rule instance, as proofs see it."""

    rule: str
    conclusion: Triple
    premises: tuple[Triple, ...]


class GroundProgram:
    """Rule instances with the names of their rules, and which triples are worth publishing when inferred."""

    def __init__(self, instances: Instances[Triple], rules: list[str], publishable: set[int]) -> None:
        self.instances = instances
        self.rules = rules
        self.publishable = publishable
        #: What a ``false`` rule finds among all that any claim affirms, where that was looked for.
        self.refutations: list[Inconsistency] = []
        self.by_head: dict[int, list[int]] = {}
        for index, head in enumerate(instances.heads):
            self.by_head.setdefault(head, []).append(index)

    def derivations(self, triple: Triple, held: Container[Triple]) -> Iterator[GroundRule]:
        """The instances that conclude a triple and whose premises hold."""
        instances = self.instances
        for index in self.by_head.get(instances.ids.get(triple, -1), ()):
            premises = tuple(instances.triples[premise] for premise in instances.bodies[index])
            if all(premise in held for premise in premises):
                yield GroundRule(self.rules[index], triple, premises)

    @classmethod
    def kept(cls, index: Index) -> GroundProgram:
        """The whole ground program of a build."""
        triples = list(index.triples(row[0] for row in index.rows("SELECT id FROM triple")).items())
        places = {key: number for number, (key, _triple) in enumerate(triples)}
        heads, bodies, rules, absent = [], [], [], {}
        rows = index.rows("SELECT head, rule, body, absent FROM instance ORDER BY head, rule, body")
        for number, (head, rule, body, stops) in enumerate(rows):
            heads.append(places[head])
            bodies.append([places[key] for key in unpacked(body)])
            rules.append(rule)
            if stops:
                absent[number] = tuple(tuple(places[key] for key in group) for group in json.loads(stops))
        flagged = index.rows("SELECT id FROM triple WHERE flags & ?", PUBLISHABLE)
        instances = Instances.numbered([triple for _key, triple in triples], heads, bodies, absent)
        return cls(instances, rules, {places[key] for (key,) in flagged})


def ground(corpus: Corpus, program: Program, engine: str = "") -> GroundProgram:
    """Find every rule instance over the entities and all that any claim affirms; see ``ground_over``."""
    return ground_over([*corpus.entities, *sorted(affirmed(corpus.claims.values()))], program, engine)


def ground_over(triples: Iterable[Triple], program: Program, engine: str = "") -> GroundProgram:
    """Find every rule instance over some triples.

    The closure is this process's own, or that of an engine (:mod:`kg.engines`). Raises UsageError and InputError as
    ``closure_from_engine`` does.
    """
    from kg.reasoner import close

    # Nothing stops a rule here: what would is noted with each of its instances.
    nothing = close(())
    if engine:
        from kg.engines.inference import closure_from_engine

        closure, refutations = closure_from_engine(triples, program, engine)
        closure.engine.negative = nothing.engine
    else:
        closure = close(triples, program, negative=nothing)
        refutations = closure.inconsistencies
    made = _made([one for one in instances_with_absence(closure) if one.conclusion not in one.premises])
    made.refutations = refutations
    return made


def affirmed(claims: Iterable[Claim]) -> set[Triple]:
    """All that claims affirm: what some view can take as a fact."""
    return {t for claim in claims for t in claim.states if level(claim) < NEVER}


def _made(found: list[Instance[Triple]]) -> GroundProgram:
    instances = Instances(found)
    publishable = {number for number, triple in enumerate(instances.triples) if _publishable(triple)}
    return GroundProgram(instances, [one.rule for one in found], publishable)


def _publishable(triple: Triple) -> bool:
    """Whether it is RDF, tells something, and speaks of nothing without a name (a restriction, say)."""
    from kg.reasoner import trivial

    s, p, o = triple
    plain = not s.startswith('"') and not p.startswith(('"', "_:"))
    return plain and SKOLEM not in s and SKOLEM not in o and not trivial(triple)


# -- what stops the project's own rules


def asks_for_absence(program: Program) -> bool:
    """Whether a program has a rule with NOT EXISTS."""
    return any(clause.negative for clause in program.clauses)


def instances_with_absence(closure: Closure) -> Iterator[Instance[Triple]]:
    """Every one-step rule instance of a closure, each with the sets of its facts that would stop it."""
    negative: dict[str, list[Clause]] = {}
    for clause in closure.clauses():
        if clause.negative:
            negative.setdefault(clause.name, []).append(clause)
    for step in closure.instances():
        clauses = negative.get(step.rule, ())
        yield Instance(step.conclusion, step.premises, tuple(_stoppers(closure, clauses, step)), step.rule)


def _stoppers(closure: Closure, clauses: list[Clause] | tuple[()], step: Derivation) -> Iterator[tuple[Triple, ...]]:
    from kg.reasoner import substitute

    for clause in clauses:
        binding = _binding(clause, step)
        if binding is None:
            continue
        for condition in clause.conditions:
            if condition.kind == "absent":
                patterns, filters, outer = condition.detail
                known = {name: binding[name] for name in outer}
                for found in closure.solutions(patterns, filters, known):
                    yield tuple(substitute(pattern, found) for pattern in patterns)
        return


def _binding(clause: Clause, step: Derivation) -> dict[str, Term] | None:
    """The values of a clause's variables in one of its steps; None when the step is another clause's."""
    axioms = len(clause.axioms)
    if step.premises[:axioms] != clause.axioms or len(step.premises) != axioms + len(clause.body):
        return None
    binding: dict[str, Term] = {}
    for pattern, triple in zip(clause.body, step.premises[axioms:], strict=True):
        for name, term in zip(pattern, triple, strict=True):
            if (binding.setdefault(name, term) if name.startswith("?") else name) != term:
                return None
    return binding
