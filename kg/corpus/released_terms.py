"""The released meaning of terms, kept so that no later version changes it unnoticed.

``ontology/released/<version>.tsv`` has a line for each thing that a version says of the meaning of a term: term,
property and value in prefixed names, sorted. Later versions may say more of a term. What a release said of it must
still be said, or the term is deprecated (``owl:deprecated``) and stays; no term goes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from kg.corpus.read import read_foundation
from kg.corpus.turtle import Description, descriptions
from kg.errors import InputError, Place, Problem
from kg.files import read_text, whole_file, writing
from kg.model import Term, Triple, text_of
from kg.project import MARKER, Project
from kg.vocab import OWL, PREFIXES, RDF, RDFS, SKOS, iri, iris, kg

#: Where releases are kept and where their changes are told, from the project's folder.
FOLDER = Path("ontology") / "released"
CHANGES = Path("ontology") / "CHANGELOG.md"
_DEPRECATED, _VERSION, _VERSION_IRI = (iri(OWL + name) for name in ("deprecated", "versionInfo", "versionIRI"))
#: What a term means; labels, notes and examples can be bettered without changing it.
_MEANING = frozenset(
    (
        iri(RDF + "type"),
        iri(SKOS + "definition"),
        kg("temporalKind"),
        *iris(RDFS, "domain range subClassOf subPropertyOf"),
        *iris(OWL, "inverseOf equivalentClass equivalentProperty disjointWith propertyDisjointWith"),
        *iris(OWL, "propertyChainAxiom hasKey"),
    )
)


def meaning(triples: Iterable[Triple], project: Project) -> dict[Term, frozenset[tuple[str, str]]]:
    """The axioms and definition of each of the project's own terms, in prefixed names."""
    namespace = f"<{project.vocabulary[1]}"
    said: Mapping[Term, Description] = descriptions(triples)
    return {
        term: frozenset((_short(p, project), _short(o, project)) for p, o in about if p in _MEANING)
        for term, about in said.items()
        if term.startswith(namespace)
    }


def release_text(triples: Iterable[Triple], project: Project) -> str:
    """The content of a release's file."""
    rows = sorted(
        (_short(term, project), predicate, value)
        for term, about in meaning(triples, project).items()
        for predicate, value in about
    )
    return "".join("\t".join(row) + "\n" for row in rows)


def released(project: Project) -> dict[str, dict[str, set[tuple[str, str]]]]:
    """The released meaning of each term, by version."""
    found: dict[str, dict[str, set[tuple[str, str]]]] = {}
    for path in sorted((project.root / FOLDER).glob("*.tsv")):
        terms = found.setdefault(path.stem, {})
        for line in read_text(path, project.relative(path)).splitlines():
            term, _, rest = line.partition("\t")
            predicate, _, value = rest.partition("\t")
            terms.setdefault(term, set()).add((predicate, value))
    return found


def header(triples: Iterable[Triple], project: Project) -> tuple[str, str]:
    """The version that an ontology's header gives, and the IRI of that version; empty where it gives none."""
    ontology = project.iri("ontology")
    about = {p: o for s, p, o in triples if s == ontology and p in (_VERSION, _VERSION_IRI)}
    return text_of(about.get(_VERSION, "")), about.get(_VERSION_IRI, "").strip("<>")


def release(project: Project) -> Path:
    """Write ``ontology/released/<version>.tsv`` for the version that the ontology's header gives.

    Raises UsageError (KG808) for the packaged graph, InputError: KG809 when the header gives no version, or one that
    was released; KG810 when ``ontology/CHANGELOG.md`` has no section for it; KG100 and KG663 for what cannot be read
    or written; and with every released term that lost its meaning.
    """
    project.check_writable()
    project.digests()
    foundation = read_foundation(project)
    version, _name = header(foundation.ontology, project)
    path = project.inside(project.root / FOLDER / f"{version}.tsv")
    found = (*foundation.problems, *release_problems(foundation.ontology, project))
    problems = [p for p in found if p.severity == "error" or "owl:versionIRI" in p.message]
    marker = Place(MARKER.as_posix())
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        problems.append(Problem("KG809", f"{version!r} is no version", marker, 'owl:versionInfo "1.0.0"'))
    elif path.exists():
        problems.append(
            Problem("KG809", f"{version} is released already", marker, "Give the header the next version.")
        )
    changes = project.root / CHANGES
    told = read_text(changes, CHANGES.as_posix()) if changes.is_file() else ""
    if not re.search(rf"^## {re.escape(version)}\b", told, re.MULTILINE):
        remedy = f"Add a section `## {version}` that says what changed for users of the terms."
        problems.append(Problem("KG810", f"no word on {version}", Place(CHANGES.as_posix()), remedy))
    if problems:
        raise InputError(problems)
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as file:
        file.write(release_text(foundation.ontology, project).encode())
    return path


def release_problems(ontology: Mapping[Triple, Place], project: Project) -> Iterator[Problem]:
    """Released terms that are gone (KG444) or mean something else (KG445), and versions that disagree (KG446)."""
    now = {_short(term, project): about for term, about in meaning(ontology, project).items()}
    places = {_short(s, project): place for (s, p, _o), place in ontology.items() if p == iri(RDF + "type")}
    deprecated = {_short(s, project) for s, p, o in ontology if p == _DEPRECATED and text_of(o) in ("true", "1")}
    for version, terms in released(project).items():
        for term, said in terms.items():
            if term not in now:
                remedy = "Bring it back, with owl:deprecated true and dcterms:isReplacedBy."
                place = Place((FOLDER / f"{version}.tsv").as_posix())
                yield Problem("KG444", f"{term} was released in {version} but is missing", place, remedy)
            elif term not in deprecated:
                for predicate, value in sorted(said - now[term]):
                    message = f"{term} no longer has what {version} said of it: {predicate} {value}"
                    remedy = "Say it again, or deprecate the term and make a new one for what you mean now."
                    yield Problem("KG445", message, places.get(term), remedy)
    yield from _version_problems(ontology, project)


def _version_problems(ontology: Mapping[Triple, Place], project: Project) -> Iterator[Problem]:
    version, name = header(ontology, project)
    place = Place(MARKER.as_posix())
    if version and name and not name.endswith(f"/{version}"):
        remedy = "The two say the same version."
        yield Problem("KG446", f"owl:versionIRI is {name}, owl:versionInfo is {version}", place, remedy, "warning")
    kept = project.root / FOLDER / f"{version}.tsv"
    if version and kept.is_file() and read_text(kept, project.relative(kept)) != release_text(ontology, project):
        remedy = "Give the header the next version; ontology/CHANGELOG.md says what changed."
        yield Problem("KG446", f"the ontology has changed since {version} was released", place, remedy, "warning")


def _short(text: str, project: Project) -> str:
    """A term, or what ``describe`` wrote, in prefixed names, on one line."""
    if text.startswith('"'):
        return text
    prefix, namespace = project.vocabulary
    for name, space in {**PREFIXES, prefix: namespace}.items():
        text = text.replace(f"<{space}", f"{name}:") if f"<{space}" in text else text
    return text.replace(">", "") if ":" in text else text
