"""The reference that is kept in the repository: terms, saved questions, problem codes, FAIR checks, alignments.

The alignments are one SSSOM table (Simple Standard for Sharing Ontological Mappings): in the files each mapping is an
axiom with a node that annotates it, which is SSSOM's form in RDF; the table is its TSV form, with the metadata of the
set as comments in YAML. Matentzoglu et al., Database 2022, baac035.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from kg.checks.fair import FairResult
from kg.checks.problem_codes import CODES
from kg.corpus.read import Alignment, Corpus, alignments
from kg.errors import counted
from kg.harmless import harmless_line
from kg.labels import Labels, shorten
from kg.model import Term, text_of
from kg.queries.catalogue import example
from kg.render.reference import PREFIXES_OF_MAPPINGS, Contents, axiom_sentences, shown
from kg.vocab import DCTERMS, OWL, PREFIXES, RDFS, iri, kg

__all__ = ["fair_reference", "ontology_reference", "problem_reference", "query_reference", "sssom_table"]

_DOMAIN, _RANGE = iri(RDFS + "domain"), iri(RDFS + "range")
#: What a table of properties says in its columns.
_IN_TABLE = frozenset((_DOMAIN, _RANGE, iri(RDFS + "subPropertyOf"), kg("temporalKind")))
#: What the codes of each hundred are about.
_GROUPS = {
    "0": "Projects",
    "1": "Files",
    "2": "Reading documents and claims",
    "3": "Views",
    "4": "Terms, claims, entities, the ontology, rules",
    "5": "Passages",
    "6": "Queries and answers",
    "7": "Stores, exports and bundles",
    "8": "Extending, pictures",
    "9": "Faults",
}


def problem_reference() -> str:
    """Every code with its meaning."""
    lines = [
        "# Problems",
        "",
        "Every problem that `kg` reports has a code, which is stable over releases. "
        "`kg check --explain CODE` prints the same text.",
    ]
    group = ""
    for code, explanation in sorted(CODES.items()):
        if code[2] != group:
            group = code[2]
            lines += ["", f"## {_GROUPS[group]}", "", "| code | problem | why it matters |", "| --- | --- | --- |"]
        lines.append(f"| {code} | {_cell(explanation.title)} | {_cell(explanation.why)} |")
    return _text(lines)


def fair_reference(findings: Iterable[FairResult]) -> str:
    """The outcome of every FAIR check."""
    lines = [
        "# FAIR",
        "",
        "The 24 checks of [FOOPS!](https://w3id.org/foops/catalog), made from the files by `kg check --fair`. "
        "The base IRI is not registered yet: what asks for an address that answers, a DOI or an entry in a registry "
        "needs that first.",
        "",
        "| check | title | outcome | note |",
        "| --- | --- | --- | --- |",
    ]
    lines += [_row((finding.check, finding.title, finding.outcome, finding.note)) for finding in findings]
    return _text(lines)


def query_reference(contents: Contents) -> str:
    """Every saved question by theme, with its parameters and a call that can be typed."""
    queries = sorted(contents.graph.queries.values(), key=lambda query: (query.theme or "~", query.name))
    lines = [
        "# Saved questions",
        "",
        f"{counted(len(queries), 'question')}. `kg query NAME` answers one, `--evidence` with what every row rests "
        "on; `kg queries NAME` shows it with its SPARQL.",
    ]
    theme = None
    for query in queries:
        if query.theme != theme:
            theme = query.theme
            lines += ["", f"## {theme or 'other'}"]
        lines += ["", f"### {query.name}", _cell(query.summary)]
        if query.description:
            lines += ["", _cell(query.description)]
        if query.parameters:
            lines.append("")
        for parameter in query.parameters:
            needed = "" if parameter.required else "; may be left out"
            lines.append(f"- `{parameter.name}` ({parameter.type}): {_cell(parameter.label)}{needed}")
        lines += ["", "```sh", example(contents.graph, query), "```"]
    return _text(lines)


def ontology_reference(contents: Contents) -> str:
    """Every term of the ontology with its axioms in words; properties below the class of their domain."""
    counts = ", ".join(
        f"{len(contents.terms[kind])} {name}"
        for kind, name in (("class", "classes"), ("property", "properties"), ("individual", "individuals"))
    )
    lines = [
        "# Ontology",
        "",
        f"{counts}, version {contents.graph.snapshot.meta['ontology_version']}. `kg site DIR` writes the same as "
        "pages, with rules, examples from the corpus and the questions that ask for each term.",
        "",
        "## Classes",
    ]
    placed: set[Term] = set()
    for term in contents.terms["class"]:
        lines += ["", f"### {contents.short(term)}", *_term(contents, term)]
        said = [p for p in contents.terms["property"] if contents.values(p, _DOMAIN)[:1] == [term]]
        placed.update(said)
        lines += _properties(contents, said)
    lines += ["", "## Properties of anything", *_properties(contents, contents.terms["property"], placed)]
    lines += ["", "## Individuals", "", "| term | label | kind | meaning |", "| --- | --- | --- | --- |"]
    for term in contents.terms["individual"]:
        cells = (contents.short(term), contents.label(term), contents.kind(term), contents.definition(term))
        lines.append(_row(cells))
    return _text(lines)


def _term(contents: Contents, term: Term) -> Iterator[str]:
    definition = contents.definition(term)
    yield f"“{contents.label(term)}”: {_cell(definition)}" if definition else f"“{contents.label(term)}”"
    axioms = ["".join(shown(parts, contents.label)) for parts in axiom_sentences(contents, term)]
    if axioms:
        yield ""
        yield from (f"- {_cell(axiom)}" for axiom in axioms)


def _properties(contents: Contents, terms: Iterable[Term], but: Iterable[Term] = ()) -> Iterator[str]:
    left_out = set(but)
    mine = [term for term in terms if term not in left_out]
    rows = [
        (
            contents.short(term),
            contents.label(term),
            ", ".join(contents.short(kind) for kind in contents.values(term, _RANGE)) or "anything",
            ", ".join(contents.short(parent) for parent in contents.parents(term)),
            contents.definition(term),
        )
        for term in mine
    ]
    if rows:
        yield from ("", "| property | label | range | narrower than | meaning |", "| --- | --- | --- | --- | --- |")
        yield from (_row(row) for row in rows)
    further = [parts for term in mine for parts in axiom_sentences(contents, term, _IN_TABLE)]
    sentences = dict.fromkeys(_cell("".join(shown(parts, contents.label))) for parts in further)
    if sentences:
        yield ""
        yield from (f"- {sentence}" for sentence in sentences)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(_cell(cell) for cell in cells)} |"


def _cell(text: str) -> str:
    """A text on one line, in which nothing is read as the end of a cell, as HTML or as a link."""
    return harmless_line(text).strip().replace("|", "\\|").replace("<", "&lt;").replace("](", "]\\(")


def _text(lines: Iterable[str]) -> str:
    return "\n".join(lines) + "\n"


COLUMNS = (
    "subject_id",
    "subject_label",
    "predicate_id",
    "object_id",
    "mapping_justification",
    "object_source",
    "comment",
)


def sssom_table(corpus: Corpus, label: Labels) -> str:
    """All mappings as SSSOM/TSV."""
    project = corpus.project
    prefixes = {**PREFIXES, **project.prefixes, **PREFIXES_OF_MAPPINGS}
    found = alignments(corpus)
    lines = list(_header(corpus, found, prefixes))
    lines.append("\t".join(COLUMNS))
    for mapping in found:
        subject, predicate, target = mapping.axiom
        cells = (
            shorten(subject, prefixes),
            label(subject),
            shorten(predicate, prefixes),
            shorten(target, prefixes),
            shorten(mapping.justification, prefixes),
            mapping.object_source.strip("<>"),
            mapping.comment,
        )
        lines.append("\t".join(_plain(cell) for cell in cells))
    return "\n".join(lines) + "\n"


def _header(corpus: Corpus, found: Iterable[Alignment], prefixes: Mapping[str, str]) -> Iterator[str]:
    ontology = corpus.project.iri("ontology")
    about = {p: o for s, p, o in corpus.ontology if s == ontology}
    terms = [term for mapping in found for term in (*mapping.axiom, mapping.justification)]
    used = sorted({shorten(term, prefixes).partition(":")[0] for term in terms} & set(prefixes))
    yield "#curie_map:"
    for prefix in used:
        yield f"#  {prefix}: {prefixes[prefix]}"
    yield f"#mapping_set_id: {corpus.project.base}alignment"
    yield f"#mapping_set_version: {text_of(about.get(iri(OWL + 'versionInfo'), ''))!r}".replace("'", '"')
    yield f"#license: {about.get(iri(DCTERMS + 'license'), '').strip('<>')}"
    yield f"#subject_source: {ontology.strip('<>')}"


def _plain(text: str) -> str:
    return " ".join(text.split())
