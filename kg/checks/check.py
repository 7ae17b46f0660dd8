"""``kg check``: every problem of every file, together.

Results that depend on a single document are cached until the document, the ontology, the shapes or the kinds of the
entities in it change. Results that depend on all documents are computed each time from the cached ones.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from kg.checks.changed import Cache, Changed
from kg.checks.entity_checks import check_entities, contested_kinds, languages, read_entities, unused
from kg.checks.inspection import Inspection, linking_problems, used_terms
from kg.checks.ontology_checks import alignment_problems, kind_problems, ontology_problems
from kg.checks.owl import profile_problems, simple_problems, unsatisfiable
from kg.checks.problem_codes import Exemption, apply, read_exemptions
from kg.checks.query_checks import (
    answer_problems,
    query_problems,
    rule_problems,
    saved_query_problems,
)
from kg.checks.shape_checks import refused_shapes
from kg.checks.terms import Uses, schema_of
from kg.checks.texts import character_problems, line_problems, text_problems
from kg.corpus.documents import loose_end, repeated_claim
from kg.corpus.query_files import read_saved_queries
from kg.corpus.read import read_foundation
from kg.corpus.released_terms import release_problems
from kg.corpus.turtle import parse_file
from kg.errors import Place, Problem, UsageError
from kg.model import Term, Triple, text_of
from kg.parallel import uncollected
from kg.project import Project
from kg.sparql.analysis import named_terms
from kg.sparql.tokens import refuse_large
from kg.vocab import RDFS, SKOS, iri, kg


def check(project: Project, texts: Path | None = None, *, shapes: bool = True, keep: bool = True) -> list[Problem]:
    """Every problem of every file of a project, sorted by file and line; warnings among them.

    With ``texts``, a folder of text files, also whether the passages are where they were and whether our words
    are ours. ``shapes`` runs the SHACL shapes; ``keep`` lets verdicts be kept for the next time. Nothing is raised
    for what is wrong in the project's files: InputError with all that cannot be read (KG100), since without it other
    files would seem wrong; UsageError when ``texts`` is no folder.
    """
    return inspect(project, texts, shapes=shapes, keep=keep).problems


@uncollected()
def inspect(project: Project, texts: Path | None = None, *, shapes: bool = True, keep: bool = True) -> Inspection:
    """Check a project; see ``check``."""
    digests = project.digests()
    foundation = read_foundation(project)
    foundation.digests = digests
    schema = schema_of(foundation.ontology, project.vocabulary[1])
    entities = read_entities(foundation.entities)

    def types(term: Term) -> set[Term]:
        return entities.types.get(term) or schema.types.get(term, set())

    uses = Uses(schema, types, project.iri("id", "")[:-1], entities.suggest)
    seen = Inspection(project, foundation, schema, entities, uses)
    seen.found += foundation.problems
    seen.shape_files = [parse_file(p, project.relative(p)) for p in project.files("ontology/shapes")]
    seen.queries = dict(_queries(project))
    cache = Cache(project.state_folder("checks") if keep else None)
    refused = list(refused_shapes(seen.shape_files))
    seen.found += refused
    Changed(seen, cache, shapes and not refused).run()
    seen.found += rule_problems(project, cache)
    cache.sweep()
    if cache.left_alone:
        remedy = "Remove it yourself: the tool keeps nothing in it."
        place = Place(str(cache.left_alone))
        seen.found.append(
            Problem("KG008", "the folder is left alone: it lacks this tool's mark", place, remedy, "warning")
        )
    seen.found += _whole(seen)
    if texts is not None:
        seen.texts, problems = text_problems(project, texts, _literals(seen), _names(seen))
        seen.found += problems
    seen.problems = sorted(set(apply(seen.found, _exemptions(project))), key=_order)
    return seen


def _queries(project: Project) -> Iterator[tuple[str, str]]:
    """The names and texts of queries and rules, but for those so large that their reading refuses them."""
    for path in project.files("ontology/rules", "queries", suffix=".rq"):
        text = path.read_text(encoding="utf-8-sig", errors="replace")
        with suppress(UsageError):
            refuse_large(text)
            yield project.relative(path), text


def _order(problem: Problem) -> tuple[str, int, str, str]:
    place = problem.place or Place("")
    return place.file, place.line or 0, problem.code, problem.message


def _whole(seen: Inspection) -> Iterator[Problem]:
    """The checks of ontology, entities and queries, and those of all documents together."""
    project, schema, wanted = seen.project, seen.schema, languages(seen.schema)
    if not seen.verdicts:
        remedy = "Run `kg new document NAME` to make one."
        yield Problem("KG004", "the project has no document", Place("corpus/documents"), remedy)
    for copy in project.copied_vocabulary.values():
        remedy = "Delete the file: the tool ships this vocabulary."
        message = "this copy of the tool's vocabulary replaces the current one"
        yield Problem("KG449", message, Place(project.relative(copy)), remedy, "warning")
    yield from character_problems(schema.triples.items(), empty=False)  # KG431 says so of a term
    yield from character_problems(seen.entities.triples.items())
    yield from ontology_problems(schema, seen.uses, wanted)
    yield from profile_problems(schema)
    yield from simple_problems(schema)
    yield from kind_problems(seen.uses)
    yield from release_problems(schema.triples, project)
    yield from unsatisfiable(schema)
    yield from alignment_problems(seen.foundation, schema)
    entity_files = [f for f in seen.foundation.files if f.name.startswith("corpus/entities/")]
    yield from check_entities(seen.entities, entity_files, seen.uses, project, wanted)
    yield from contested_kinds(seen.entities, schema, seen.verdicts.values())
    yield from _of_shapes_and_queries(seen)
    yield from unused(seen.entities, _spoken_of(seen))
    yield from _between(seen)
    yield from linking_problems(seen)
    yield from _unused_terms(seen)


def _of_shapes_and_queries(seen: Inspection) -> Iterator[Problem]:
    for parsed in seen.shape_files:
        if parsed.problem:
            yield parsed.problem
        triples = ((triple, parsed.place(line)) for triple, _graph, line in parsed.quads)
        yield from (p for p in seen.uses.problems(triples) if p.code in ("KG401", "KG408"))
    queries, problems = read_saved_queries(seen.project)
    yield from problems
    for query in queries.values():
        yield from saved_query_problems(query, queries, seen.schema)
    yield from answer_problems(seen.project, queries, _known(seen))
    for file, text in seen.queries.items():
        yield from line_problems(text, file)
        yield from query_problems(text, file, seen.uses)


def _unused_terms(seen: Inspection) -> Iterator[Problem]:
    """Terms of the project's own vocabulary that nothing uses (KG439)."""
    schema, used = seen.schema, used_terms(seen.schema, seen.terms)
    own = f"<{seen.project.vocabulary[1]}"
    for row in seen.terms:
        place = schema.places[row.term]
        needless = row.term not in used and row.term not in schema.deprecated and row.term.startswith(own)
        if needless and not seen.project.is_vocabulary(place.file):
            remedy = "Use the term, deprecate it, or write why it stays above it: `#: KG439 why`."
            message = f"no claim, entity, query, rule or shape uses {row.name}, nor a term below it"
            yield Problem("KG439", message, place, remedy, "warning")


def _known(seen: Inspection) -> Callable[[Term], bool]:
    """A test whether the graph has a name below the project's base: an entity, claim, document or term."""
    project = seen.project
    claims = {claim for verdict in seen.verdicts.values() for claim in verdict.claims}
    listed = {project.iri("id", "")[:-1]: seen.entities.places, project.iri("claim", "")[:-1]: claims}
    documents = project.iri("document", "")[:-1]

    def known(term: Term) -> bool:
        if term.startswith(documents):
            # Passages are named below their document.
            return re.split("[/#]", term[len(documents) : -1])[0] in seen.verdicts
        names = next((names for space, names in listed.items() if term.startswith(space)), None)
        return term in names if names is not None else not seen.schema.ours(term) or seen.schema.defined(term)

    return known


def _spoken_of(seen: Inspection) -> Iterator[Term]:
    for verdict in seen.verdicts.values():
        yield from verdict.uses
    for triple in seen.schema.triples:
        yield from triple
    for text in seen.queries.values():
        yield from named_terms(text)


def _between(seen: Inspection) -> Iterator[Problem]:
    """Claims in two files, and links to claims that there are not."""
    owner: dict[Term, Place] = {}
    for verdict in seen.verdicts.values():
        for claim, line in verdict.claims.items():
            here = Place(verdict.file, line)
            first = owner.setdefault(claim, here)
            if first is not here:
                yield repeated_claim(claim, here, first)
    for verdict in seen.verdicts.values():
        for source, target, line in verdict.links:
            for end in (source, target):
                if end not in owner:
                    yield loose_end(end, Place(verdict.file, line))


def _exemptions(project: Project) -> dict[str, list[Exemption]]:
    found = {}
    for path in project.files():
        content = path.read_bytes()
        if b"#:" in content:
            file = project.relative(path)
            if rows := read_exemptions(content.decode("utf-8", "replace"), file):
                found[file] = rows
    return found


def _literals(seen: Inspection) -> Iterator[tuple[Triple, Place]]:
    """Every literal of ours: of the ontology, the entities, and what documents' files say of claims."""
    yield from seen.schema.triples.items()
    yield from ((t, p) for t, p in seen.entities.triples.items() if t[1] not in _NAMING)
    for path in seen.project.files("corpus/documents", suffix=".trig"):
        parsed = parse_file(path, seen.project.relative(path))
        yield from ((triple, parsed.place(line)) for triple, _graph, line in parsed.quads)


_NAMING = {iri(RDFS + "label"), iri(SKOS + "altLabel"), kg("iso3166")}


def _names(seen: Inspection) -> Iterator[str]:
    for _subject, predicate, value in seen.entities.triples:
        if predicate in _NAMING:
            yield text_of(value)
