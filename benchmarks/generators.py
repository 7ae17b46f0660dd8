"""Graphs of any size to reason over: one shaped like this project's corpus, one like LUBM's univ-bench.

Both are made anew here (no text of either is copied) and are the same for the same size and seed. Triples are in
N-Triples terms, as :mod:`kg.reasoner` takes them.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

from kg.model import Triple
from kg.reasoner.owl_terms import NIL, TYPE, iri

__all__ = ["GENERATORS", "corpus", "corpus_ontology", "university", "university_ontology"]

BASE = "http://example.org/"


def _e(name: str) -> str:
    return f"<{BASE}{name}>"


def _axioms(text: str) -> list[Triple]:
    """Lines of ``subject predicate object …``; ``( a b )`` is a list."""
    found: list[Triple] = []
    for count, line in enumerate(text.strip().splitlines()):
        subject, predicate, *objects = line.split()
        if objects[0] != "(":
            found += [(_name(subject), _name(predicate), _name(o)) for o in objects]
            continue
        members = objects[1:-1]
        nodes = [f"_:l{count}x{k}" for k in range(len(members))]
        found.append((_name(subject), _name(predicate), nodes[0]))
        for node, member, rest in zip(nodes, members, [*nodes[1:], NIL], strict=True):
            found += [(node, iri("rdf:first"), _name(member)), (node, iri("rdf:rest"), rest)]
    return found


def _name(text: str) -> str:
    if text == "a":
        return TYPE
    if text.startswith("_:"):
        return text
    return iri(text) if ":" in text else _e(text)


def corpus_ontology() -> list[Triple]:
    """Polities, organisations and organs; membership, observation and parts."""
    classes = "Thing Polity State Organisation Alliance Organ Document Claim Person Official Event Exercise"
    return [(_e(c), TYPE, iri("owl:Class")) for c in classes.split()] + _axioms(
        """
State rdfs:subClassOf Polity
Polity rdfs:subClassOf Thing
Alliance rdfs:subClassOf Organisation
Organisation rdfs:subClassOf Thing
Organ rdfs:subClassOf Thing
Official rdfs:subClassOf Person
Person rdfs:subClassOf Thing
Exercise rdfs:subClassOf Event
Event owl:disjointWith Person
tiedTo a owl:ObjectProperty
memberOf rdfs:subPropertyOf tiedTo
observerOf rdfs:subPropertyOf tiedTo
memberOf owl:inverseOf hasMember
memberOf rdfs:domain Polity
organOf rdfs:domain Organ
organOf rdfs:range Organisation
observerWithin owl:propertyChainAxiom ( observerOf organOf )
memberOf rdfs:subPropertyOf partOf
partOf a owl:TransitiveProperty
borders a owl:SymmetricProperty
borders rdfs:range Polity
takesPartIn rdfs:range Event
hosts rdfs:subPropertyOf takesPartIn
officeOf rdfs:domain Official
officeOf rdfs:range Polity
speaksFor owl:propertyChainAxiom ( officeOf memberOf )
holder rdfs:domain Claim
source rdfs:range Document
about rdfs:domain Claim
"""
    )


def corpus(size: int, seed: int = 1) -> Iterator[Triple]:
    """About ``size`` triples of claims over entities whose number grows with them."""
    pick = random.Random(seed)  # noqa: S311 - a benchmark, not a secret
    entities = max(20, size // 10)
    states, bodies = max(8, entities // 4), max(6, entities // 8)
    organs, people, events = max(4, entities // 8), max(4, entities // 4), max(4, entities // 4)
    made = 0
    for kind, count in (("State", states), ("Alliance", bodies), ("Organ", organs), ("Exercise", events)):
        for k in range(count):
            yield _e(f"{kind}/{k}"), TYPE, _e(kind)
        made += count
    for k in range(organs):
        yield _e(f"Organ/{k}"), _e("organOf"), _e(f"Alliance/{pick.randrange(bodies)}")
    for k in range(people):
        yield _e(f"Person/{k}"), _e("officeOf"), _e(f"State/{pick.randrange(states)}")
    made += organs + people
    relations: list[tuple[str, str, int, str, int]] = [
        ("memberOf", "State", states, "Alliance", bodies),
        ("observerOf", "State", states, "Organ", organs),
        ("borders", "State", states, "State", states),
        ("takesPartIn", "State", states, "Exercise", events),
        ("hosts", "State", states, "Exercise", events),
    ]
    count = 0
    while made < size:
        relation, one, ones, other, others = pick.choice(relations)
        yield _e(f"{one}/{pick.randrange(ones)}"), _e(relation), _e(f"{other}/{pick.randrange(others)}")
        claim = _e(f"claim/{count}")
        yield claim, _e("about"), _e(f"{one}/{pick.randrange(ones)}")
        yield claim, _e("source"), _e(f"document/{count // 50}")
        yield claim, _e("holder"), _e(f"Person/{pick.randrange(people)}")
        yield claim, _e("gloss"), f'"claim number {count}"@en'
        made += 5
        count += 1


def university_ontology() -> list[Triple]:
    """Universities: subclasses, subproperties, inverses, transitivity, domains, ranges and defined classes."""
    return _axioms(
        """
Person a owl:Class
Organization a owl:Class
Work a owl:Class
University rdfs:subClassOf Organization
Department rdfs:subClassOf Organization
ResearchGroup rdfs:subClassOf Organization
Employee rdfs:subClassOf Person
Faculty rdfs:subClassOf Employee
Professor rdfs:subClassOf Faculty
FullProfessor rdfs:subClassOf Professor
AssociateProfessor rdfs:subClassOf Professor
AssistantProfessor rdfs:subClassOf Professor
Lecturer rdfs:subClassOf Faculty
Student rdfs:subClassOf Person
UndergraduateStudent rdfs:subClassOf Student
GraduateStudent rdfs:subClassOf Student
Course rdfs:subClassOf Work
GraduateCourse rdfs:subClassOf Course
Publication a owl:Class
Article rdfs:subClassOf Publication
Chair owl:intersectionOf ( Person _:headsDepartment )
Chair rdfs:subClassOf Professor
_:headsDepartment owl:onProperty headOf
_:headsDepartment owl:someValuesFrom Department
_:takesACourse owl:onProperty takesCourse
_:takesACourse owl:someValuesFrom Course
_:takesACourse rdfs:subClassOf Student
headOf rdfs:subPropertyOf worksFor
worksFor rdfs:subPropertyOf memberOf
memberOf owl:inverseOf member
subOrganizationOf a owl:TransitiveProperty
doctoralDegreeFrom rdfs:subPropertyOf degreeFrom
mastersDegreeFrom rdfs:subPropertyOf degreeFrom
undergraduateDegreeFrom rdfs:subPropertyOf degreeFrom
degreeFrom owl:inverseOf hasAlumnus
degreeFrom rdfs:domain Person
degreeFrom rdfs:range University
advisor rdfs:domain Person
advisor rdfs:range Professor
teacherOf rdfs:domain Faculty
teacherOf rdfs:range Course
publicationAuthor rdfs:domain Publication
publicationAuthor rdfs:range Person
"""
    )


def university(size: int, seed: int = 1) -> Iterator[Triple]:
    """About ``size`` triples of universities, one department after the other."""
    pick = random.Random(seed)  # noqa: S311
    made = department = 0
    while made < size:
        for triple in _department(department, pick):
            made += 1
            yield triple
        department += 1


def _department(number: int, pick: random.Random) -> Iterator[Triple]:
    home = _e(f"university/{number // 15}")
    here = _e(f"department/{number}")
    if number % 15 == 0:
        yield home, TYPE, _e("University")
    yield here, TYPE, _e("Department")
    yield here, _e("subOrganizationOf"), home
    for k in range(10):
        group = _e(f"group/{number}-{k}")
        yield group, TYPE, _e("ResearchGroup")
        yield group, _e("subOrganizationOf"), here
    teachers = []
    for kind, count in (("FullProfessor", 8), ("AssociateProfessor", 11), ("AssistantProfessor", 9), ("Lecturer", 6)):
        for k in range(count):
            person = _e(f"{kind}/{number}-{k}")
            teachers.append(person)
            yield person, TYPE, _e(kind)
            yield person, _e("worksFor"), here
            yield person, _e("name"), f'"{kind}{k}"'
            for degree in ("undergraduateDegreeFrom", "mastersDegreeFrom", "doctoralDegreeFrom"):
                yield person, _e(degree), _e(f"university/{pick.randrange(1000)}")
            course = _e(f"course/{number}-{kind}-{k}")
            yield course, TYPE, _e("Course" if k % 2 else "GraduateCourse")
            yield person, _e("teacherOf"), course
            for j in range(8):
                paper = _e(f"publication/{number}-{kind}-{k}-{j}")
                yield paper, TYPE, _e("Publication")
                yield paper, _e("publicationAuthor"), person
    yield teachers[0], _e("headOf"), here
    for k in range(400):
        student = _e(f"student/{number}-{k}")
        yield student, TYPE, _e("UndergraduateStudent" if k % 5 else "GraduateStudent")
        yield student, _e("memberOf"), here
        for _ in range(2):
            kind = pick.choice(("FullProfessor", "Lecturer"))
            yield student, _e("takesCourse"), _e(f"course/{number}-{kind}-{pick.randrange(6)}")
        if k % 5 == 0:
            yield student, _e("advisor"), pick.choice(teachers[:28])
            yield student, _e("undergraduateDegreeFrom"), _e(f"university/{pick.randrange(1000)}")


#: Name to ontology and data.
GENERATORS: dict[str, tuple[Callable[[], list[Triple]], Callable[[int, int], Iterator[Triple]]]] = {
    "corpus": (corpus_ontology, corpus),
    "university": (university_ontology, university),
}
