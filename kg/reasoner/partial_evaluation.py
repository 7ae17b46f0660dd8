"""Partial evaluation: rules of the table, matched against the ontology, become clauses.

A rule ``given | when -> then`` and a match of its ``given`` part give a clause whose axioms are that match and whose
body is what is left of ``when``. RDF lists are read here and nowhere else: a rule over a list becomes clauses over
its members, which share one tuple of axioms.

Two kinds of clauses are not made here. A rule about any two members of a list would give as many as pairs: the list
is noted, and asked when the closure is finished (``PairList``). And the axioms implied by transitivity (a chain of n
subclasses has some n * n / 2 by scm-sco; likewise subproperties, and inherited domains and ranges) would give clauses
whose conclusions follow from the clauses of the links: such a clause is made on first use, when a proof needs the
clauses that give a triple, or all rule instances, and it never runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from kg.errors import InputError, Problem
from kg.model import Term, Triple
from kg.reasoner.equality import EQ_REP_O
from kg.reasoner.joins import join
from kg.reasoner.owl_terms import FIRST, NIL, REST, SAME, TYPE
from kg.reasoner.relations import CLAUSE_MASK, MASK, Relation
from kg.reasoner.rule_table import BUILT_IN, Clause, Pattern, Rule, axioms, find_rule, substitute, table

if TYPE_CHECKING:
    from kg.reasoner.clauses import Clauses
    from kg.reasoner.joins import Compiled
    from kg.reasoner.seminaive import Engine

_READINGS = 1_000  # of one list
#: A list's members and the rdf:first and rdf:rest triples that say so.
Members = tuple[tuple[Term, ...], tuple[Triple, ...]]
Lookup = Callable[[Term, Term], list[Term]]


@cache
def templates() -> tuple[Rule, ...]:
    """The rules that are evaluated against an ontology; eq-rep-p is the engine's own."""
    return tuple(rule for rule in table() if rule.given and rule.name != "eq-rep-p")


@cache
def schema_clauses() -> tuple[Clause, ...]:
    """The rules whose predicates are all fixed, which are clauses already, and those without premises."""
    fixed = [rule for rule in table() if not rule.given and rule.name not in BUILT_IN]
    return (
        *(Clause(name, (), (), triple) for name, triple in axioms()),
        *(Clause(rule.name, (), rule.when, head) for rule in fixed for head in rule.then or (None,)),
    )


def read_list(start: Term, objects: Lookup) -> Iterator[Members]:
    """Every way to read a list from ``start``; nothing when it is not a list, or runs in a circle.

    ``objects(subject, predicate)`` looks up triples. Raises InputError (KG482) for a list with more readings than it
    can have by mistake: where each node has two members, there are as many as subsets of the nodes.
    """
    readings = 0
    paths: list[tuple[Term, list[Term], list[Triple], set[Term]]] = [(start, [], [], set())]
    while paths:
        node, members, triples, passed = paths.pop()
        readings += 1
        if readings > _READINGS:
            message = f"the list {start} can be read in more than {_READINGS} ways"
            raise InputError(Problem("KG482", message, remedy="give each node one rdf:first and one rdf:rest"))
        while node != NIL and node not in passed:
            passed.add(node)
            following = [(member, rest) for member in objects(node, FIRST) for rest in objects(node, REST)]
            for member, rest in following[1:]:
                read = [*triples, (node, FIRST, member), (node, REST, rest)]
                paths.append((rest, [*members, member], read, set(passed)))
            if not following:
                break
            member, rest = following[0]
            members.append(member)
            triples += ((node, FIRST, member), (node, REST, rest))
            node = rest
        else:
            if node == NIL:
                yield tuple(members), tuple(triples)


def instantiate(rule: Rule, binding: dict[str, Term], objects: Lookup) -> Iterator[Clause]:
    """The clauses of a rule for one match of its given patterns.

    ``binding`` has the variables of ``rule.given``. The clauses of one list share one tuple of axioms. Rules about
    any two members of a list are not for this function (:mod:`kg.reasoner.derivation_records`).
    """
    given = tuple(substitute(pattern, binding) for pattern in rule.given)
    if rule.members is None:
        for head in rule.then or (None,):
            body = tuple(substitute(pattern, binding) for pattern in rule.when)
            yield Clause(rule.name, given, body, head and substitute(head, binding))
        return
    start, each = rule.members
    for members, triples in read_list(binding[start], objects):
        yield from _over(rule, binding, each, members, (*given, *triples))


def _over(
    rule: Rule, binding: dict[str, Term], each: str, members: tuple[Term, ...], given: tuple[Triple, ...]
) -> Iterator[Clause]:
    """The clauses of a list rule, once its list is known: one, or one for each choice of [i]."""
    count = len(members)
    binding = binding | {f"{each}[{n}]": member for n, member in enumerate(members, 1)}
    once = [p for n, p in enumerate((*rule.when, *rule.then)) if n not in rule.repeat]
    single = not any("[i]" in term for pattern in once for term in pattern)
    for i in range(1, 1 + (min(count, 1) if single else count)):
        body: list[Pattern] = []
        for n, pattern in enumerate(rule.when):
            steps = range(1, count + 1) if n in rule.repeat else (i,)
            body += [indexed(pattern, step, count, binding) for step in steps]
        for head in rule.then or (None,):
            yield Clause(rule.name, given, tuple(body), head and indexed(head, i, count, binding))


def indexed(pattern: Pattern, i: int, count: int, binding: dict[str, Term]) -> Pattern:
    """The pattern with [i], [i+1], [n+1] counted out and the binding put in."""

    def term(text: str) -> str:
        if "[" in text:
            for index, value in (("[i+1]", i + 1), ("[n+1]", count + 1), ("[i]", i)):
                text = text.replace(index, f"[{value}]")
        return binding.get(text, text)

    return term(pattern[0]), term(pattern[1]), term(pattern[2])


#: Numbers of the clauses that are code are below those of the clauses that are data. 0 is "asserted".
FIRST_CLAUSE = 16
#: Rules of one axiom, whose object is in their head and whose subject is in their body; and those that make the axiom
#: superfluous for them when they gave it.
IMPLIED_BY = {
    "cax-sco": ("scm-sco",),
    "prp-spo1": ("scm-spo",),
    "prp-dom": ("scm-dom1", "scm-dom2"),
    "prp-rng": ("scm-rng1", "scm-rng2"),
}


@cache
def implying_clauses(name: str) -> frozenset[int]:
    """The numbers of the clauses whose conclusions need not become clauses of the rule of that name."""
    numbered = enumerate(schema_clauses(), FIRST_CLAUSE)
    return frozenset(number for number, clause in numbered if clause.name in IMPLIED_BY[name])


@cache
def _rules() -> tuple[Rule, ...]:
    return tuple(found for name in IMPLIED_BY if (found := find_rule(name)))


def direct(relation: Relation, name: str) -> list[int]:
    """The axioms of a relation that are to become clauses of the rule of that name."""
    numbers = implying_clauses(name)
    return [fact for fact, record in relation.facts.items() if record & CLAUSE_MASK not in numbers]


def implied_clauses_to(
    engine: Clauses, triple: Triple, subjects: Callable[[Relation, int, str], Iterable[int]] | None = None
) -> Iterator[Compiled]:
    """The clauses of this kind whose head could be the triple.

    ``subjects`` may say which axioms to look at, of a relation with an object, for a rule; by default all.
    """
    ids = engine.ids
    for each, relation in _axioms(engine):
        if each.name == "prp-spo1" or triple[1] == TYPE:
            value = ids.get(triple[1] if each.name == "prp-spo1" else triple[2], 0)
            every = relation.backward().get(value, ())
            for subject in every if subjects is None or not every else subjects(relation, value, each.name):
                yield from _clause(engine, each, relation, subject << 32 | value)


def implied_clauses_from(engine: Clauses, body: Relation) -> Iterator[Compiled]:
    """The clauses of this kind that ask for the facts of a relation."""
    for each, relation in _axioms(engine):
        if (each.name == "cax-sco") == (body.cls is not None):
            subject = body.predicate if body.cls is None else body.cls
            for value in relation.forward().get(subject, ()):
                yield from _clause(engine, each, relation, subject << 32 | value)


def implied_clauses(engine: Clauses) -> Iterator[Compiled]:
    """Every clause of this kind whose body has facts."""
    for body in list(engine.relations()):
        if body.facts:
            yield from implied_clauses_from(engine, body)


def _axioms(engine: Clauses) -> Iterator[tuple[Rule, Relation]]:
    """Each of the rules with the relation of its axioms."""
    for each in _rules():
        relation = engine.properties.get(engine.ids.get(each.given[0][1], 0))
        if relation is not None and relation.facts:
            yield each, relation


def _clause(engine: Clauses, each: Rule, relation: Relation, fact: int) -> Iterator[Compiled]:
    """The clause of an axiom if it is of this kind."""
    if relation.facts[fact] & CLAUSE_MASK in implying_clauses(each.name):
        found = engine.implied.get((each.name, fact))
        if found is None:
            subject, _, value = each.given[0]
            binding = {subject: engine.terms[fact >> 32], value: engine.terms[fact & MASK]}
            (clause,) = instantiate(each, binding, lambda _subject, _predicate: [])
            found = engine.implied[each.name, fact] = engine.compile(clause, 0)
        yield found


class PairList(NamedTuple):
    """A list that one of the rules is about: the triples that say so, and its members."""

    rule: Rule
    axioms: tuple[Triple, ...]
    members: tuple[Term, ...]

    def pattern(self, place: int) -> Pattern | None:
        """What the rule asks of one member; None where it asks of two at once whether they are equal."""
        first = self.rule.when[0]
        return substitute(first, {f"{self._each}[i]": self.members[place]}) if len(self.rule.when) == 2 else None

    @property
    def _each(self) -> str:
        return self.rule.members[1] if self.rule.members else ""

    def premises(self, one: int, other: int, binding: dict[str, Term]) -> tuple[Triple, ...]:
        """The premises for two members, by their places."""
        known = binding | {f"{self._each}[i]": self.members[one], f"{self._each}[j]": self.members[other]}
        return (*self.axioms, *(substitute(pattern, known) for pattern in self.rule.when))


def specialise(engine: Engine) -> None:
    """Add every clause that the rules give over the present facts and that is not known yet."""
    found: list[Clause] = []
    for rule in templates():
        for binding in _matches(engine, rule) if not rule.pairs else ():
            found += instantiate(rule, binding, lambda s, p: _objects(engine, s, p))
    watch_lists(engine)
    found += _equal_properties(engine)
    for clause in found:
        engine.add_clause(clause)


def watch_lists(engine: Engine) -> None:
    """Note every list that a rule about any two members applies to."""
    for rule in templates():
        if rule.members is None or not rule.pairs:
            continue
        for binding in _matches(engine, rule):
            given = tuple(substitute(pattern, binding) for pattern in rule.given)
            for members, triples in read_list(binding[rule.members[0]], lambda s, p: _objects(engine, s, p)):
                engine.watch(rule, (*given, *triples), members)


def _matches(engine: Engine, rule: Rule) -> list[dict[str, Term]]:
    """Every binding of a template's given patterns."""
    if not all(engine.has(pattern) for pattern in rule.given):
        return []
    compiled = engine.template(rule)
    if not all(relation.facts for relation in compiled.relations):
        return []
    rows: list[tuple[int, ...]] = []
    first = compiled.relations[0]
    join(compiled.shape, 0, "each")(
        direct(first, rule.name) if rule.name in IMPLIED_BY else list(first.facts),
        0,
        None,
        compiled.relations,
        compiled.constants,
        (),
        lambda _, row: rows.append(row),
    )
    terms = engine.terms
    return [dict(zip(compiled.variables, (terms[v] for v in row), strict=True)) for row in rows]


def _objects(engine: Engine, subject: Term, predicate: Term) -> list[Term]:
    relation = engine.properties.get(engine.ids.get(predicate, -1))
    if relation is None:
        return []
    s = engine.ids.get(subject, -1)
    found = set(relation.forward().get(s, ()))
    found |= {fact & MASK for fact in relation.delta if fact >> 32 == s}
    if predicate == FIRST and len(found) > 1:
        found = _unreplaced(relation, s, found)
    return [engine.terms[o] for o in sorted(found)]


def _unreplaced(relation: Relation, node: int, members: set[int]) -> set[int]:
    """A list node's members without those that eq-rep-o put there.

    What follows of a member follows of its equals, and to read the list with each of them in each place would give as
    many lists as there are combinations.
    """
    return {o for o in members if relation.facts[node << 32 | o] & CLAUSE_MASK != EQ_REP_O}


def _equal_properties(engine: Engine) -> list[Clause]:
    """Rule eq-rep-p, for the properties that are in use."""
    found: list[Clause] = []
    for predicate in (*engine.properties, engine.type_id) if engine.same.facts else ():
        for other in engine.same.forward().get(predicate, ()):
            p, q = engine.terms[predicate], engine.terms[other]
            found.append(Clause("eq-rep-p", ((p, SAME, q),), (("?s", p, "?o"),), ("?s", q, "?o")))
    return found
