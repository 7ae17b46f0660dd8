"""Check that entity files give only kinds, names, and the things to which an entity pertains by its own name."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from kg.checks.document_checks import Verdict, prefix_problems
from kg.checks.terms import TYPE, Schema, Uses, close_to, name_of
from kg.corpus.documents import MODALITIES
from kg.corpus.turtle import ParsedFile
from kg.errors import Place, Problem
from kg.model import AFFIRMED, FACT, Term, Triple, text_of
from kg.project import Project
from kg.vocab import DCTERMS, RDFS, SKOS, iri, iris, kg, local_name

_LABEL, _ALTERNATIVE = iri(RDFS + "label"), iri(SKOS + "altLabel")
_MATCH, _SOURCE = iri(SKOS + "exactMatch"), iri(DCTERMS + "source")
_NAMES = {_LABEL, _ALTERNATIVE}
#: What a thing has to do with by what it is: an organ with its state, a matter with those whom it concerns.
PERTAINS = kg("pertainsTo")
_WORD = re.compile(r"\w+(?:['’]\w+)?")
#: How many letters of an adjective and of the name that it comes from agree: Serbian, Serbia.
_STEM = 4
# Looking for the likest of thousands of names takes a while; who has this many wrong ones needs no more hints.
_MANY = 20
#: What an entity file may say: what kind of thing it is, what it is called, which thing it is.
_ALLOWED = {
    *(TYPE, _LABEL, _ALTERNATIVE, _MATCH, _SOURCE, kg("iso3166"), kg("mainActor")),
    *iris(RDFS, "comment seeAlso"),
    *iris(SKOS, "note scopeNote broader"),
}


@dataclass
class Entities:
    """The entities of a project: every triple with its place, their types, the files they stand in."""

    triples: Mapping[Triple, Place]
    types: dict[Term, set[Term]] = field(default_factory=dict)
    places: dict[Term, Place] = field(default_factory=dict)
    _suggested: dict[Term, str] = field(default_factory=dict)

    @cached_property
    def _names(self) -> dict[str, Term]:
        return {local_name(term): term for term in self.places}

    def suggest(self, term: Term) -> str:
        """The name of the entity that was probably meant by an unknown one; nothing after the first twenty."""
        if len(self._suggested) >= _MANY and term not in self._suggested:
            return ""
        if term not in self._suggested:
            self._suggested[term] = close_to(local_name(term), self._names)
        return self._suggested[term]


def read_entities(triples: Mapping[Triple, Place]) -> Entities:
    """Index the triples of the entity files."""
    entities = Entities(triples)
    for (subject, predicate, value), place in triples.items():
        entities.places.setdefault(subject, place)
        if predicate == TYPE:
            entities.types.setdefault(subject, set()).add(value)
    return entities


def check_entities(
    entities: Entities, files: Iterable[ParsedFile], uses: Uses, project: Project, wanted: frozenset[str]
) -> Iterator[Problem]:
    """The problems of the entity files by themselves (KG42x). ``wanted`` are the languages of labels."""
    for parsed in files:
        yield from prefix_problems(parsed, project)
    labels: dict[Term, set[str]] = defaultdict(set)
    facts: set[Triple] = set()
    called = english_names(entities)
    matched: dict[Term, Place] = {}
    sourced = set()
    for triple, place in entities.triples.items():
        subject, predicate, value = triple
        if predicate == _LABEL:
            labels[subject].add(language_of(value))
        elif predicate == _MATCH:
            matched[subject] = place
        elif predicate == _SOURCE:
            sourced.add(subject)
        elif PERTAINS in uses.schema.up(predicate):
            if not _borne_out(triple, called):
                remedy = "State it in a claim, or in an axiom with a source in ontology/background.ttl."
                message = f"no label of {local_name(subject)} names {local_name(value)}"
                yield Problem("KG429", message, place, remedy)
        elif predicate not in _ALLOWED:
            facts.add(triple)
            remedy = "An entity file gives kind, names and what the names show. State anything else in a claim."
            yield Problem("KG421", f"the file states {name_of(predicate)} of {local_name(subject)}", place, remedy)
    # Names cannot be wrong in the ways that terms are; most triples here are names.
    yield from uses.problems((t, p) for t, p in entities.triples.items() if t[1] not in _NAMES and t not in facts)
    for subject, place in entities.places.items():
        yield from _one(subject, place, entities, wanted - labels[subject], project)
        if subject in matched and subject not in sourced:
            remedy = "Name the source that the identifier was checked against: dcterms:source."
            message = f"{local_name(subject)} has a skos:exactMatch without a source"
            yield Problem("KG427", message, matched[subject], remedy, "warning")
    yield from _collisions(entities.triples)


def english_names(entities: Entities) -> dict[Term, list[str]]:
    """The English names of every entity: its label and the alternative ones."""
    called: dict[Term, list[str]] = defaultdict(list)
    for subject, predicate, value in entities.triples:
        if predicate in _NAMES and language_of(value) == "en":
            called[subject].append(text_of(value))
    return called


def _borne_out(triple: Triple, names: Mapping[Term, Iterable[str]]) -> bool:
    """Whether a label of a triple's subject names its object, also by an adjective: Serbian armed forces, Serbia."""
    ours = {word for name in names.get(triple[0], ()) for word in _words(name)}
    return any(_agree(ours, _words(name)) for name in names.get(triple[2], ()))


def _agree(ours: set[str], words: list[str]) -> bool:
    return bool(words) and all(
        any(own == word or (len(word) >= _STEM and own[:_STEM] == word[:_STEM]) for own in ours) for word in words
    )


def _words(text: str) -> list[str]:
    small = ("the", "of", "and", "in")
    return [word.removesuffix("'s").removesuffix("’s") for word in _WORD.findall(text.lower()) if word not in small]


def _one(
    subject: Term, place: Place, entities: Entities, missing: frozenset[str], project: Project
) -> Iterator[Problem]:
    if not subject.startswith(project.iri("id", "")[:-1]):
        remedy = f"Begin its IRI with {project.base}id/."
        yield Problem("KG422", f"the IRI {subject} is outside the namespace of entities", place, remedy)
    if subject not in entities.types:
        remedy = "Give it a class of the ontology, a neutral one where the kind is contested."
        yield Problem("KG423", f"{local_name(subject)} has no type", place, remedy)
    if missing:
        what = ", ".join(sorted(missing))
        yield Problem("KG424", f"{local_name(subject)} has no label in {what}", place, "Add rdfs:label.", "warning")


def _collisions(triples: Mapping[Triple, Place]) -> Iterator[Problem]:
    """Two entities that one name means: asking by that name would be ambiguous."""
    owner: dict[tuple[Term, str], tuple[Term, Place]] = {}
    said = set()
    for (subject, predicate, value), place in triples.items():
        if predicate not in (_LABEL, _ALTERNATIVE, kg("iso3166")):
            continue
        space = predicate if predicate == kg("iso3166") else _LABEL
        other, there = owner.setdefault((space, text_of(value).casefold()), (subject, place))
        if other != subject and (other, subject) not in said:
            said.add((other, subject))
            message = f"{local_name(subject)} and {local_name(other)} ({there}) are both called {text_of(value)!r}"
            remedy = "Give one of them a longer label, or remove the alternative label."
            yield Problem("KG425", message, place, remedy, "warning")


def unused(entities: Entities, used: Iterable[Term]) -> Iterator[Problem]:
    """Entities that no claim, axiom or query speaks of (KG426)."""
    known = set(used)
    for subject, place in entities.places.items():
        if subject not in known:
            remedy = "Mention it in a claim, or remove it."
            yield Problem("KG426", f"no claim or query mentions {local_name(subject)}", place, remedy, "warning")


def contested_kinds(entities: Entities, schema: Schema, verdicts: Iterable[Verdict]) -> Iterator[Problem]:
    """Kinds that an entity file settles while claims deny, suspect or merely report them (KG428)."""
    said = set()
    for verdict in verdicts:
        for entity, kind, polarity, modality, line in verdict.typed:
            if modality not in MODALITIES:
                continue  # KG206 says so; what follows from it would only mislead
            settled = schema.all_types(entities.types.get(entity, ()))
            if kind not in settled or (entity, kind) in said or (polarity, modality) == (AFFIRMED, FACT):
                continue
            said.add((entity, kind))
            where = Place(verdict.file, line)
            message = f"{local_name(entity)} is a {name_of(kind)} here, but {where} leaves open whether it is one"
            remedy = "Give it a neutral class here; state the contested one in claims."
            yield Problem("KG428", message, entities.places[entity], remedy)


def languages(schema: Schema) -> frozenset[str]:
    """The languages that at least half of the project's own terms are labelled in: those that all need."""
    count: dict[str, int] = defaultdict(int)
    own = [labels for term, labels in schema.labels.items() if term.startswith(schema.namespaces[-1])]
    for labels in own:
        for language in {language_of(label) for label in labels}:
            count[language] += 1
    return frozenset(language for language, n in count.items() if language and 2 * n >= len(own))


def language_of(label: Term) -> str:
    """The language tag of a label, in lower case; empty when it has none."""
    return label.rpartition("@")[2].lower() if not label.endswith(('"', ">")) else ""
