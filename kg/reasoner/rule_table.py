"""The OWL 2 RL/RDF rules as data, and the clauses that partial evaluation makes of rules.

The table is OWL 2 Profiles (second edition), section 4.3, Tables 4 to 9: one line a rule, in the order of the W3C,
``name : given | when -> then``.

* ``given`` is matched against the ontology when a program is compiled (partial evaluation); ``when`` is
  matched against the data when it runs. Rules of the schema alone have only a ``when``.
* ``LIST[?x, ?y]`` binds the members of the RDF list ``?x`` to ``?y[1]`` … ``?y[n]``.
* ``all ?s ?p[i] ?o`` stands for one pattern for each member; ``[i]`` elsewhere, for any one member;
  ``[i]`` with ``[j]``, for any two members, i < j.
* ``false`` as ``then`` marks an inconsistency. Several conclusions are separated by ``,``.

Rules whose premises are every triple or every literal (eq-ref, eq-rep-s, eq-rep-o, dt-type2, dt-eq, dt-diff,
dt-not-type) stand here for the reader and the proof checker; the engine runs them in code of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, NamedTuple

from kg.errors import Place
from kg.model import Term, Triple
from kg.reasoner.datatypes import DATATYPES
from kg.reasoner.owl_terms import (
    ANNOTATION_PROPERTIES,
    ANNOTATION_PROPERTY,
    CLASS,
    DATATYPE,
    NOTHING,
    THING,
    TYPE,
    expand,
)

#: Three pattern terms: ``?x`` is a variable, anything else a term.
Pattern = tuple[str, str, str]


class Rule(NamedTuple):
    """One rule of the table. ``repeat`` holds the positions in ``when`` that stand for every list member."""

    name: str
    given: tuple[Pattern, ...]
    members: tuple[str, str] | None  # LIST[?x, ?y]: the list's variable, the members' variable
    when: tuple[Pattern, ...]
    repeat: tuple[int, ...]
    then: tuple[Pattern, ...]

    @property
    def pairs(self) -> bool:
        """Whether it speaks of any two members of its list."""
        return any("[j]" in term for pattern in self.when for term in pattern)


class Condition(NamedTuple):
    """A condition of a project's own rule.

    ``kind`` is ``filter`` (``detail``: a nested expression over variables and terms) or ``absent``
    (``detail``: the patterns and filters of a NOT EXISTS); both are plain data.
    """

    kind: str
    detail: Any


class Clause(NamedTuple):
    """A rule evaluated against the ontology: what is left to match in the data.

    ``axioms`` are the premises found in the ontology; ``head`` is None for an inconsistency. Conditions
    are of a project's own rules.
    """

    name: str
    axioms: tuple[Triple, ...]
    body: tuple[Pattern, ...]
    head: Pattern | None
    conditions: tuple[Condition, ...] = ()

    @property
    def negative(self) -> bool:
        """Whether it asks that something be absent."""
        return any(condition.kind == "absent" for condition in self.conditions)

    @property
    def absent(self) -> tuple[Pattern, ...]:
        """The patterns of what it asks to be absent."""
        return tuple(p for condition in self.conditions if condition.kind == "absent" for p in condition.detail[0])

    def premises(self, binding: dict[str, Term]) -> tuple[Triple, ...]:
        """The premises of one application: the axioms, then the body under the binding."""
        return (*self.axioms, *(substitute(pattern, binding) for pattern in self.body))


class CustomRule(NamedTuple):
    """One rule file: its name (the file's stem), what it says in words, and its clauses."""

    name: str
    summary: str
    clauses: tuple[Clause, ...]
    file: str
    line: int


def clauses_of(rules: Iterable[CustomRule | Clause]) -> Iterator[Clause]:
    """The clauses of rules, in order."""
    for each in rules:
        if isinstance(each, Clause):
            yield each
        else:
            yield from each.clauses


def places(rules: Iterable[CustomRule | Clause]) -> dict[str, Place]:
    """The file and line of each rule, by name."""
    return {each.name: Place(each.file, each.line) for each in rules if isinstance(each, CustomRule)}


def substitute(pattern: Pattern, binding: dict[str, Term]) -> Pattern:
    """The pattern with the variables that the binding has replaced."""
    s, p, o = pattern
    return binding.get(s, s), binding.get(p, p), binding.get(o, o)


def parse_rule(line: str) -> Rule:
    """Read one line of the table (its notation is described in :mod:`kg.reasoner.rule_table`)."""
    name, _, rest = line.partition(" : ")
    premises, _, then = rest.partition("->")
    given, bar, when = premises.partition("|")
    if not bar:
        given, when = "", premises
    given, _, members = given.partition("LIST[")
    found = members.rstrip(" ]").split(", ")
    given_parts = [part.strip() for part in given.split(" , ")]
    when_parts = [part.strip() for part in when.split(" , ") if part.strip()]
    heads = [] if then.strip() == "false" else then.split(" , ")
    return Rule(
        name.strip(),
        tuple(_pattern(part) for part in given_parts if part.strip(" ,")),
        (found[0], found[1]) if members else None,
        tuple(_pattern(part.removeprefix("all ")) for part in when_parts),
        tuple(n for n, part in enumerate(when_parts) if part.startswith("all ")),
        tuple(_pattern(part) for part in heads),
    )


def _pattern(text: str) -> Pattern:
    """Three tokens as a pattern."""
    s, p, o = (expand(token) for token in text.split())
    return s, p, o


TABLE_4 = """
eq-ref   : ?s ?p ?o -> ?s owl:sameAs ?s , ?p owl:sameAs ?p , ?o owl:sameAs ?o
eq-sym   : ?x owl:sameAs ?y -> ?y owl:sameAs ?x
eq-trans : ?x owl:sameAs ?y , ?y owl:sameAs ?z -> ?x owl:sameAs ?z
eq-rep-s : ?s owl:sameAs ?t , ?s ?p ?o -> ?t ?p ?o
eq-rep-p : ?p owl:sameAs ?q | ?s ?p ?o -> ?s ?q ?o
eq-rep-o : ?o owl:sameAs ?t , ?s ?p ?o -> ?s ?p ?t
eq-diff1 : ?x owl:sameAs ?y , ?x owl:differentFrom ?y -> false
eq-diff2 : ?x rdf:type owl:AllDifferent , ?x owl:members ?y , LIST[?y, ?z] | ?z[i] owl:sameAs ?z[j] -> false
eq-diff3 : ?x rdf:type owl:AllDifferent , ?x owl:distinctMembers ?y , LIST[?y, ?z] | ?z[i] owl:sameAs ?z[j] -> false
"""

TABLE_5 = """
prp-dom  : ?p rdfs:domain ?c | ?x ?p ?y -> ?x rdf:type ?c
prp-rng  : ?p rdfs:range ?c | ?x ?p ?y -> ?y rdf:type ?c
prp-fp   : ?p rdf:type owl:FunctionalProperty | ?x ?p ?y1 , ?x ?p ?y2 -> ?y1 owl:sameAs ?y2
prp-ifp  : ?p rdf:type owl:InverseFunctionalProperty | ?x1 ?p ?y , ?x2 ?p ?y -> ?x1 owl:sameAs ?x2
prp-irp  : ?p rdf:type owl:IrreflexiveProperty | ?x ?p ?x -> false
prp-symp : ?p rdf:type owl:SymmetricProperty | ?x ?p ?y -> ?y ?p ?x
prp-asyp : ?p rdf:type owl:AsymmetricProperty | ?x ?p ?y , ?y ?p ?x -> false
prp-trp  : ?p rdf:type owl:TransitiveProperty | ?x ?p ?y , ?y ?p ?z -> ?x ?p ?z
prp-spo1 : ?p1 rdfs:subPropertyOf ?p2 | ?x ?p1 ?y -> ?x ?p2 ?y
prp-spo2 : ?p owl:propertyChainAxiom ?x , LIST[?x, ?p] | all ?u[i] ?p[i] ?u[i+1] -> ?u[1] ?p ?u[n+1]
prp-eqp1 : ?p1 owl:equivalentProperty ?p2 | ?x ?p1 ?y -> ?x ?p2 ?y
prp-eqp2 : ?p1 owl:equivalentProperty ?p2 | ?x ?p2 ?y -> ?x ?p1 ?y
prp-pdw  : ?p1 owl:propertyDisjointWith ?p2 | ?x ?p1 ?y , ?x ?p2 ?y -> false
prp-adp  : ?x rdf:type owl:AllDisjointProperties , ?x owl:members ?y , LIST[?y, ?p] | ?u ?p[i] ?v , ?u ?p[j] ?v -> false
prp-inv1 : ?p1 owl:inverseOf ?p2 | ?x ?p1 ?y -> ?y ?p2 ?x
prp-inv2 : ?p1 owl:inverseOf ?p2 | ?x ?p2 ?y -> ?y ?p1 ?x
prp-key  : ?c owl:hasKey ?u , LIST[?u, ?p] | ?x rdf:type ?c , all ?x ?p[i] ?z[i] , ?y rdf:type ?c , all ?y ?p[i] ?z[i] -> ?x owl:sameAs ?y
prp-npa1 : ?x owl:sourceIndividual ?i1 , ?x owl:assertionProperty ?p , ?x owl:targetIndividual ?i2 | ?i1 ?p ?i2 -> false
prp-npa2 : ?x owl:sourceIndividual ?i , ?x owl:assertionProperty ?p , ?x owl:targetValue ?lt | ?i ?p ?lt -> false
"""  # noqa: E501

TABLE_6 = """
cls-nothing2 : ?x rdf:type owl:Nothing -> false
cls-int1   : ?c owl:intersectionOf ?x , LIST[?x, ?c] | all ?y rdf:type ?c[i] -> ?y rdf:type ?c
cls-int2   : ?c owl:intersectionOf ?x , LIST[?x, ?c] | ?y rdf:type ?c -> ?y rdf:type ?c[i]
cls-uni    : ?c owl:unionOf ?x , LIST[?x, ?c] | ?y rdf:type ?c[i] -> ?y rdf:type ?c
cls-com    : ?c1 owl:complementOf ?c2 | ?x rdf:type ?c1 , ?x rdf:type ?c2 -> false
cls-svf1   : ?x owl:someValuesFrom ?y , ?x owl:onProperty ?p | ?u ?p ?v , ?v rdf:type ?y -> ?u rdf:type ?x
cls-svf2   : ?x owl:someValuesFrom owl:Thing , ?x owl:onProperty ?p | ?u ?p ?v -> ?u rdf:type ?x
cls-avf    : ?x owl:allValuesFrom ?y , ?x owl:onProperty ?p | ?u rdf:type ?x , ?u ?p ?v -> ?v rdf:type ?y
cls-hv1    : ?x owl:hasValue ?y , ?x owl:onProperty ?p | ?u rdf:type ?x -> ?u ?p ?y
cls-hv2    : ?x owl:hasValue ?y , ?x owl:onProperty ?p | ?u ?p ?y -> ?u rdf:type ?x
cls-maxc1  : ?x owl:maxCardinality "0" , ?x owl:onProperty ?p | ?u rdf:type ?x , ?u ?p ?y -> false
cls-maxc2  : ?x owl:maxCardinality "1" , ?x owl:onProperty ?p | ?u rdf:type ?x , ?u ?p ?y1 , ?u ?p ?y2 -> ?y1 owl:sameAs ?y2
cls-maxqc1 : ?x owl:maxQualifiedCardinality "0" , ?x owl:onProperty ?p , ?x owl:onClass ?c | ?u rdf:type ?x , ?u ?p ?y , ?y rdf:type ?c -> false
cls-maxqc2 : ?x owl:maxQualifiedCardinality "0" , ?x owl:onProperty ?p , ?x owl:onClass owl:Thing | ?u rdf:type ?x , ?u ?p ?y -> false
cls-maxqc3 : ?x owl:maxQualifiedCardinality "1" , ?x owl:onProperty ?p , ?x owl:onClass ?c | ?u rdf:type ?x , ?u ?p ?y1 , ?y1 rdf:type ?c , ?u ?p ?y2 , ?y2 rdf:type ?c -> ?y1 owl:sameAs ?y2
cls-maxqc4 : ?x owl:maxQualifiedCardinality "1" , ?x owl:onProperty ?p , ?x owl:onClass owl:Thing | ?u rdf:type ?x , ?u ?p ?y1 , ?u ?p ?y2 -> ?y1 owl:sameAs ?y2
cls-oo     : ?c owl:oneOf ?x , LIST[?x, ?y] | -> ?y[i] rdf:type ?c
"""  # noqa: E501

TABLE_7 = """
cax-sco  : ?c1 rdfs:subClassOf ?c2 | ?x rdf:type ?c1 -> ?x rdf:type ?c2
cax-eqc1 : ?c1 owl:equivalentClass ?c2 | ?x rdf:type ?c1 -> ?x rdf:type ?c2
cax-eqc2 : ?c1 owl:equivalentClass ?c2 | ?x rdf:type ?c2 -> ?x rdf:type ?c1
cax-dw   : ?c1 owl:disjointWith ?c2 | ?x rdf:type ?c1 , ?x rdf:type ?c2 -> false
cax-adc  : ?x rdf:type owl:AllDisjointClasses , ?x owl:members ?y , LIST[?y, ?c] | ?z rdf:type ?c[i] , ?z rdf:type ?c[j] -> false
"""  # noqa: E501

TABLE_9 = """
scm-cls  : ?c rdf:type owl:Class -> ?c rdfs:subClassOf ?c , ?c owl:equivalentClass ?c , ?c rdfs:subClassOf owl:Thing , owl:Nothing rdfs:subClassOf ?c
scm-sco  : ?c1 rdfs:subClassOf ?c2 , ?c2 rdfs:subClassOf ?c3 -> ?c1 rdfs:subClassOf ?c3
scm-eqc1 : ?c1 owl:equivalentClass ?c2 -> ?c1 rdfs:subClassOf ?c2 , ?c2 rdfs:subClassOf ?c1
scm-eqc2 : ?c1 rdfs:subClassOf ?c2 , ?c2 rdfs:subClassOf ?c1 -> ?c1 owl:equivalentClass ?c2
scm-op   : ?p rdf:type owl:ObjectProperty -> ?p rdfs:subPropertyOf ?p , ?p owl:equivalentProperty ?p
scm-dp   : ?p rdf:type owl:DatatypeProperty -> ?p rdfs:subPropertyOf ?p , ?p owl:equivalentProperty ?p
scm-spo  : ?p1 rdfs:subPropertyOf ?p2 , ?p2 rdfs:subPropertyOf ?p3 -> ?p1 rdfs:subPropertyOf ?p3
scm-eqp1 : ?p1 owl:equivalentProperty ?p2 -> ?p1 rdfs:subPropertyOf ?p2 , ?p2 rdfs:subPropertyOf ?p1
scm-eqp2 : ?p1 rdfs:subPropertyOf ?p2 , ?p2 rdfs:subPropertyOf ?p1 -> ?p1 owl:equivalentProperty ?p2
scm-dom1 : ?p rdfs:domain ?c1 , ?c1 rdfs:subClassOf ?c2 -> ?p rdfs:domain ?c2
scm-dom2 : ?p2 rdfs:domain ?c , ?p1 rdfs:subPropertyOf ?p2 -> ?p1 rdfs:domain ?c
scm-rng1 : ?p rdfs:range ?c1 , ?c1 rdfs:subClassOf ?c2 -> ?p rdfs:range ?c2
scm-rng2 : ?p2 rdfs:range ?c , ?p1 rdfs:subPropertyOf ?p2 -> ?p1 rdfs:range ?c
scm-hv   : ?c1 owl:hasValue ?i , ?c1 owl:onProperty ?p1 , ?c2 owl:hasValue ?i , ?c2 owl:onProperty ?p2 , ?p1 rdfs:subPropertyOf ?p2 -> ?c1 rdfs:subClassOf ?c2
scm-svf1 : ?c1 owl:someValuesFrom ?y1 , ?c1 owl:onProperty ?p , ?c2 owl:someValuesFrom ?y2 , ?c2 owl:onProperty ?p , ?y1 rdfs:subClassOf ?y2 -> ?c1 rdfs:subClassOf ?c2
scm-svf2 : ?c1 owl:someValuesFrom ?y , ?c1 owl:onProperty ?p1 , ?c2 owl:someValuesFrom ?y , ?c2 owl:onProperty ?p2 , ?p1 rdfs:subPropertyOf ?p2 -> ?c1 rdfs:subClassOf ?c2
scm-avf1 : ?c1 owl:allValuesFrom ?y1 , ?c1 owl:onProperty ?p , ?c2 owl:allValuesFrom ?y2 , ?c2 owl:onProperty ?p , ?y1 rdfs:subClassOf ?y2 -> ?c1 rdfs:subClassOf ?c2
scm-avf2 : ?c1 owl:allValuesFrom ?y , ?c1 owl:onProperty ?p1 , ?c2 owl:allValuesFrom ?y , ?c2 owl:onProperty ?p2 , ?p1 rdfs:subPropertyOf ?p2 -> ?c2 rdfs:subClassOf ?c1
scm-int  : ?c owl:intersectionOf ?x , LIST[?x, ?c] | -> ?c rdfs:subClassOf ?c[i]
scm-uni  : ?c owl:unionOf ?x , LIST[?x, ?c] | -> ?c[i] rdfs:subClassOf ?c
"""  # noqa: E501

#: Rules without a fixed predicate in their premises, or about literals: run by code of their own.
BUILT_IN = ("eq-ref", "eq-rep-s", "eq-rep-o", "dt-type2", "dt-eq", "dt-diff", "dt-not-type")


@cache
def table() -> tuple[Rule, ...]:
    """Every rule of Tables 4 to 7 and 9 that has premises, in the W3C's order."""
    text = TABLE_4 + TABLE_5 + TABLE_6 + TABLE_7 + TABLE_9
    return tuple(parse_rule(line) for line in text.splitlines() if line.strip())


@cache
def find_rule(name: str) -> Rule | None:
    """The rule of that W3C name, or None (a rule without premises has none here: see :func:`axioms`)."""
    return next((each for each in table() if each.name == name), None)


@cache
def axioms() -> tuple[tuple[str, tuple[str, str, str]], ...]:
    """The rules without premises: prp-ap, cls-thing, cls-nothing1 and dt-type1, each with its triple."""
    return (
        *(("prp-ap", (name, TYPE, ANNOTATION_PROPERTY)) for name in ANNOTATION_PROPERTIES),
        ("cls-thing", (THING, TYPE, CLASS)),
        ("cls-nothing1", (NOTHING, TYPE, CLASS)),
        *(("dt-type1", (name, TYPE, DATATYPE)) for name in DATATYPES),
    )
