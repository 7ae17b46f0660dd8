"""``kg diff``: the differences between two states of a graph: terms, claims, facts, answers; and ``--accept``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from difflib import unified_diff
from pathlib import Path

from kg.compare.changes import (
    AnswerChange,
    PartChange,
    SentenceChange,
    answer_changes,
    claim_changes,
    link_changes,
    renamed_terms,
    renamed_text,
    renamed_triple,
    sentence_changes,
)
from kg.compare.state import State, at_revision, read_state
from kg.corpus.read import Corpus
from kg.corpus.turtle import SKOLEM, Description, descriptions, kind_of
from kg.dates import Period
from kg.files import read_text, whole_file
from kg.graph.store import Graph
from kg.model import Claim, Link, Term, Triple
from kg.parallel import uncollected
from kg.project import Project
from kg.queries import run
from kg.render.columns import Settings
from kg.render.formats import render


@uncollected()
def diff(project: Project, against: str = "HEAD") -> Difference:
    """The difference from a revision of the project's git repository, or from another project's folder, to its files.

    Both sides are computed from their files; nothing is written. Raises UsageError (KG801 to KG803) when there is no
    such revision or folder, InputError when the files as they are cannot be read.
    """
    folder = Path(against)
    named = bool(against) and folder.is_dir()
    with nullcontext(Project.find(folder)) if named else at_revision(project, against) as before:
        return compare(read_state(before, against, strict=False), read_state(project, "the files as they are"))


@dataclass(frozen=True, slots=True)
class TermChange:
    """A term of the ontology, an entity or a document: ``added``, ``removed``, ``changed`` or ``renamed``.

    ``gone`` and ``new`` are what was and what is now said of it, where it is on both sides; ``former`` is the old
    name of a renamed one. ``kind`` is class, property, individual, axiom, entity or document.
    """

    change: str
    kind: str
    term: Term
    gone: tuple[tuple[Term, str], ...] = ()
    new: tuple[tuple[Term, str], ...] = ()
    former: Term = ""


@dataclass(frozen=True, slots=True)
class FactChange:
    """A fact that holds now (``gained``), or held and does not (``lost``), or holds at other times (``redated``).

    ``rests_on`` is what its proof leads to, after or before, a line each, or the two times; ``stated`` is whether a
    claim says it.
    """

    change: str
    triple: Triple
    stated: bool
    rests_on: tuple[str, ...] = ()


@dataclass
class Difference:
    """All that differs between two states; false when nothing does."""

    old: State
    new: State
    names: dict[Term, Term] = field(default_factory=dict)
    terms: list[TermChange] = field(default_factory=list)
    rules: list[tuple[str, str]] = field(default_factory=list)
    claims: list[PartChange[Claim]] = field(default_factory=list)
    links: list[PartChange[Link]] = field(default_factory=list)
    sentences: list[SentenceChange] = field(default_factory=list)
    facts: list[FactChange] = field(default_factory=list)
    conflicts: list[tuple[str, str]] = field(default_factory=list)
    answers: list[AnswerChange] = field(default_factory=list)

    def __bool__(self) -> bool:
        return self.says or any((self.facts, self.conflicts, self.answers))

    @property
    def says(self) -> bool:
        """Whether the files say different things; if not, no fact or answer differs."""
        return any((self.terms, self.rules, self.claims, self.links, self.sentences))


def compare(old: State, new: State) -> Difference:
    """The difference between two states of a graph. Renamed terms count as the same."""
    found = Difference(old, new)
    _compare_terms(found)
    _compare_rules(found)
    found.claims = claim_changes(old.read, new.read, found.names)
    found.links = link_changes(old.read, new.read, found.names)
    found.sentences = sentence_changes(old.read, new.read)
    if found.says:
        _compare_facts(found)
        _compare_conflicts(found)
    if found.says or old.saved != new.saved:
        found.answers = answer_changes(old, new, found.names)
    return found


# -- terms, entities, documents


def _compare_terms(found: Difference) -> None:
    old, new = found.old.read, found.new.read
    said = {
        "term": _descriptions(old.ontology, new.ontology),
        "entity": _descriptions(old.entities, new.entities),
    }
    for before, after in said.values():
        removed = {term: about for term, about in before.items() if term not in after}
        added = {term: about for term, about in after.items() if term not in before}
        if removed and added:
            found.names |= renamed_terms(removed, added, _triples(found.old), _triples(found.new))
    for kind, (before, after) in said.items():
        found.terms += _term_changes(kind, before, after, found.names)
    found.terms += _term_changes("document", _documents(old), _documents(new), found.names)


def _descriptions(
    before: Mapping[Triple, object], after: Mapping[Triple, object]
) -> tuple[dict[Term, Description], dict[Term, Description]]:
    """The descriptions on both sides of the subjects that differ; of all subjects where blank nodes differ."""
    differing = before.keys() ^ after.keys()
    if not differing:
        return {}, {}
    if any(SKOLEM in term for triple in differing for term in triple):
        return descriptions(before), descriptions(after)
    subjects = {triple[0] for triple in differing}
    return (
        descriptions(triple for triple in before if triple[0] in subjects),
        descriptions(triple for triple in after if triple[0] in subjects),
    )


def _documents(corpus: Corpus) -> dict[Term, Description]:
    return {d.iri: frozenset((p, o) for _s, p, o in d.description) for d in corpus.documents.values()}


def _triples(state: State) -> list[Triple]:
    corpus = state.read
    stated = (triple for claim in corpus.claims.values() for triple in claim.content)
    return [*corpus.ontology, *corpus.entities, *stated]


def _term_changes(
    kind: str, before: Mapping[Term, Description], after: Mapping[Term, Description], names: Mapping[Term, Term]
) -> list[TermChange]:
    def kind_word(said: Description) -> str:
        return kind_of(said) if kind == "term" else kind

    changes = []
    former = {names.get(term, term): term for term in before}
    for term in sorted({*former, *after}):
        if term not in after:
            changes.append(TermChange("removed", kind_word(before[former[term]]), term))
            continue
        now = after[term]
        if term not in former:
            changes.append(TermChange("added", kind_word(now), term))
            continue
        was = frozenset((renamed_text(p, names), renamed_text(o, names)) for p, o in before[former[term]])
        other_name = former[term] if former[term] != term else ""
        if was != now or other_name:
            change = "renamed" if other_name else "changed"
            gone, new = tuple(sorted(was - now)), tuple(sorted(now - was))
            changes.append(TermChange(change, kind_word(now), term, gone, new, other_name))
    return changes


def _compare_rules(found: Difference) -> None:
    before = {rule.name: rule for rule in found.old.rules}
    after = {rule.name: rule for rule in found.new.rules}
    for name in sorted({*before, *after}):
        if name not in after:
            found.rules.append(("removed", name))
        elif name not in before:
            found.rules.append(("added", name))
        elif (before[name].clauses, before[name].summary) != (after[name].clauses, after[name].summary):
            found.rules.append(("changed", name))


# -- what follows


def _compare_facts(found: Difference) -> None:
    old, new, names = found.old, found.new, found.names
    triples = {*old.materialised.periods, *new.materialised.periods}
    differing = [(s, p, o) for s, p, o in triples if SKOLEM not in s and SKOLEM not in o]
    former = {renamed_triple(triple, names): triple for triple in filter(old.materialised.tells, differing)}
    told = set(filter(new.materialised.tells, differing))
    for triple in sorted(told - former.keys(), key=_order):
        found.facts.append(_fact("gained", new, triple, triple))
    for triple in sorted(former.keys() - told, key=_order):
        found.facts.append(_fact("lost", old, former[triple], triple))
    before, after = old.materialised.periods, new.materialised.periods
    for triple in sorted(former.keys() & told, key=_order):
        if before.get(former[triple]) != after.get(triple):
            dates = (f"before: {_when(before.get(former[triple], ()))}", f"now: {_when(after.get(triple, ()))}")
            found.facts.append(FactChange("redated", triple, triple in new.materialised.stated, dates))


def _when(periods: tuple[Period, ...]) -> str:
    """Periods as their bounds: earliest and latest beginning, earliest and latest end."""
    found = []
    for period in periods:
        begin, end = _span(*period.known_bounds[:2]), _span(*period.known_bounds[2:])
        found.append(f"from {begin} to {end}" if begin or end else "at all times")
    return "; ".join(found) or "never"


def _span(first: str | None, last: str | None) -> str:
    if first == last:
        return first or ""
    return f"{first or ''}..{last or ''}"


def _order(triple: Triple) -> tuple[bool, Triple]:
    # That something is of a kind is seldom what the reader looks for: it comes last.
    return triple[1].endswith("#type>"), triple


def _fact(change: str, state: State, triple: Triple, shown: Triple) -> FactChange:
    ground = state.grounds.ground(triple)
    return FactChange(change, shown, ground.status == "stated", tuple(ref.line for ref in ground.references))


def _compare_conflicts(found: Difference) -> None:
    def lines(state: State) -> set[str]:
        return {
            f"{rule}: {'; '.join(state.grounds.words(renamed_triple(t, found.names)) for t in premises)}"
            for rule, premises in state.inconsistencies
        }

    before, after = lines(found.old), lines(found.new)
    found.conflicts += [("added", line) for line in sorted(after - before)]
    found.conflicts += [("removed", line) for line in sorted(before - after)]


@dataclass(frozen=True, slots=True)
class ChangedAnswer:
    """An expected answer that differs from today's: its file, and both as CSV."""

    path: Path
    kept: str
    today: str

    def __str__(self) -> str:
        """The rows that go and come, as a unified diff without context."""
        lines = unified_diff(
            self.kept.splitlines(), self.today.splitlines(), self.path.name, "today", n=0, lineterm=""
        )
        return "\n".join(lines)


def changed_answers(graph: Graph) -> Iterator[ChangedAnswer]:
    """The expected answers of a project that differ from what its questions, with their defaults, answer now.

    A question without a file beside it expects nothing. Raises UsageError and InputError as ``run`` and reading do.
    """
    for name in graph.queries:
        path = graph.project.root / "queries" / f"{name}.csv"
        if path.is_file():
            kept, today = read_text(path, f"queries/{name}.csv"), render(run(graph, name), "csv", Settings(iris=True))
            if kept != today:
                yield ChangedAnswer(path, kept, today)


def accept(changed: Iterable[ChangedAnswer]) -> None:
    """Keep today's answers as the expected ones, each file in one step. Raises InputError (KG663)."""
    for answer in changed:
        with whole_file(answer.path) as file:
            file.write(answer.today.encode())
