"""A graph computed from a project's files as they are, with nothing written: one side of a comparison."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from kg.compare.disk import DiskStore
from kg.compare.onward import Settled, Side, bring_up, changed_documents, settle
from kg.compare.rows import Affected, restricted
from kg.corpus.describe import SKOLEM
from kg.corpus.read import Corpus, read_corpus
from kg.corpus.saved import SavedQuery, read_saved_queries
from kg.errors import InputError
from kg.evidence.grounds import Grounds
from kg.graph.ground import Ground, affirmed, extended, ground
from kg.graph.materialise import Materialised, materialise, project_rules
from kg.graph.snapshot import Snapshot
from kg.graph.store import Graph
from kg.graph.units import ontology_version
from kg.graph.views import opposed_stances
from kg.labels import Labels, Names
from kg.model import Term, Triple
from kg.project import Project
from kg.queries.answer import Answer

if TYPE_CHECKING:
    import pyoxigraph

    from kg.graph.index import Index
    from kg.reasoner import Clause, CustomRule, Program

__all__ = ["State", "read_state"]


@dataclass
class State(Graph):
    """The default view of files that need not be built: queries can be asked of it as of any graph.

    ``name`` is what the comparison calls it; ``sound`` are the queries with which nothing is wrong, ``rule_texts``
    what the files of its own rules say, which are read when they are asked for. ``follows`` is a state that says
    nearly the same: what follows from both is taken from there. ``given`` are answers that were asked before,
    ``questions`` the texts of queries with their default values; ``disk`` is a store of the query graph on disk,
    where one is kept or will be.
    """

    name: str = ""
    read: Corpus = field(default_factory=lambda: Corpus(Project(Path())))
    load_rules: Callable[[], tuple[CustomRule, ...]] = tuple
    saved: dict[str, SavedQuery] = field(default_factory=dict)
    sound: dict[str, SavedQuery] = field(default_factory=dict)
    rule_texts: dict[str, str] = field(default_factory=dict)
    follows: State | None = None
    given: dict[str, Answer] = field(default_factory=dict)
    questions: dict[str, str] = field(default_factory=dict)
    disk: DiskStore | None = None

    @cached_property
    def rules(self) -> tuple[CustomRule, ...]:
        """The project's own rules."""
        return self.load_rules()

    @cached_property
    def corpus(self) -> Corpus:
        """The corpus as it was read."""
        return self.read

    @cached_property
    def materialised(self) -> Materialised:
        """The view's facts, closure, validity and support."""
        view = materialise(self.read, self.view, self.ground, load_program=lambda: self.program)
        if (near := self._near) is not None:
            self.__dict__["settled"] = bring_up(near.settled, near.ground, near.side, self.side, view)
        return view

    @property
    def side(self) -> Side:
        """What its view is brought up from or to."""
        return Side(self.read, self.opposed)

    @cached_property
    def settled(self) -> Settled:
        """What validity and support came to, with what they came from."""
        view = self.materialised
        found: Settled | None = self.__dict__.get("settled")
        return found or settle(view)

    @cached_property
    def ground(self) -> Ground:
        """Every rule instance over what this state claims; where it follows another, over what that claims too."""
        near, program = self._near, self.program
        if near is None:
            return ground(self.read, program)
        if self.affirmed == near.affirmed and self.read.entities.keys() <= near.read.entities.keys():
            return near.ground
        return extended(near.ground, self.read.entities, self.affirmed, program)

    @cached_property
    def affirmed(self) -> set[Triple]:
        """All that its claims affirm; where it follows another, all that those affirm too."""
        near = self._near
        if near is None:
            return affirmed(self.read.claims.values())
        changed = changed_documents(near.read, self.read)
        return near.affirmed | affirmed(c for slug in changed for c in self.read.claims.of(slug).values())

    def in_question(self, other: State) -> Iterable[Triple]:
        """The triples of which two views may say different things: all, unless one was brought up from the other."""
        if self._near is other:
            self.materialised  # noqa: B018 - what was touched is known with it
            return self.settled.touched or ()
        return {*self.materialised.periods, *other.materialised.periods}

    @property
    def _near(self) -> State | None:
        """The state that this one follows, where both have the same rules."""
        return self.follows if self.follows is not None and self.follows.program is self.program else None

    @cached_property
    def inconsistencies(self) -> list[tuple[str, tuple[Triple, ...]]]:
        """Each contradiction as its rule and what it rests on."""
        return [(rule, tuple(premises)) for rule, premises in self.materialised.closure.inconsistencies]

    @cached_property
    def program(self) -> Program:
        """The ontology with the project's own rules, compiled."""
        from kg.reasoner import compile_program

        return compile_program(self.read.ontology, self.rules)

    @cached_property
    def store(self) -> pyoxigraph.Store:
        """The query graph, in memory."""
        import pyoxigraph

        if self.disk is not None:
            with suppress(OSError):
                return self.disk.open()
        # No place on disk serves as well, for as long as this runs.
        store = pyoxigraph.Store()
        store.bulk_load(self.graph_text.encode(), format=pyoxigraph.RdfFormat.N_QUADS)
        return store

    def store_ahead(self) -> None:
        """Begin to write the store that will be kept, while other things are worked out."""
        if self.disk is not None and not self.disk.folder.exists():
            self.disk.begin(self.graph_text)

    @cached_property
    def graph_text(self) -> str:
        """The query graph as N-Quads, each line once."""
        return "".join(dict.fromkeys(f"{s} {p} {o} .\n" for s, p, o in self.materialised.query_graph()))

    @cached_property
    def queries(self) -> dict[str, SavedQuery]:
        """The saved queries, by name."""
        return self.saved

    @cached_property
    def label(self) -> Labels:
        """The labels of terms, in the graph's language."""
        return Labels(self._names, self.language, self.project.prefixes)

    @cached_property
    def _names(self) -> Mapping[Term, Mapping[str, list[str]]]:
        """The names of its terms; where it follows another, what has not changed is named as there."""
        near, read = self._near, self.read
        if near is None or near.read.entities.keys() != read.entities.keys():
            return Names(read)
        changed = changed_documents(near.read, read)
        documents = {slug: read.documents[slug] for slug in changed if slug in read.documents}
        return ChainMap(Names(Corpus(self.project, documents=documents)), near._names)  # type: ignore[arg-type]  # read only

    @cached_property
    def index(self) -> Index:
        """What is looked up by key or by word, in memory."""
        from kg.graph.index import Index
        from kg.graph.index_writer import write_index

        return Index(write_index(None, self.materialised, self.saved))

    @cached_property
    def rule_summaries(self) -> dict[str, str]:
        """The project's own rules in words, by name."""
        return {rule.name: rule.summary or rule.name for rule in self.rules}

    @cached_property
    def grounds(self) -> Grounds:
        """What its triples rest on."""
        return Grounds(self)

    @cached_property
    def opposed(self) -> dict[Term, set[Term]]:
        """Each contested claim with those that contest it."""
        return opposed_stances(self.read.claims.stances(), self.read.links)

    @property
    def version(self) -> str:
        """The ontology's version."""
        return ontology_version(self.read)

    def describe_view(self) -> str:
        """The view in words."""
        return self.view.describe({slug: document.published for slug, document in self.read.documents.items()})

    def question(self, name: str) -> str:
        """The text of a saved query with its default values put in. Raises UsageError as ``run`` does."""
        from kg.queries.parameters import asked_text, resolve

        if name not in self.questions:
            query = self.saved[name]
            self.questions[name] = asked_text(query, resolve(self, query, {}))
        return self.questions[name]

    def answer(self, name: str) -> Answer:
        """The answer to a saved query with its default values. Raises UsageError when one cannot be resolved."""
        from kg.queries.run import run

        if name not in self.given:
            self.given[name] = run(self, name, {})
        return self.given[name]

    def part_of_answer(self, name: str, rows: Affected) -> Answer:
        """The answer to a saved query with its default values, as far as some rows go. Raises as ``answer`` does."""
        from kg.queries.run import fill

        query = self.saved[name]
        text = restricted(self.question(name), rows)
        answer = Answer(self, query, text, query.form)
        fill(answer, self.query(text))
        return answer

    def without(
        self,
        name: str,
        triples: Iterable[Triple] = (),
        claims: Iterable[Term] = (),
        rules: Iterable[str] = (),
    ) -> State:
        """The same less some triples of the ontology and the entities, some claims, and some of its own rules."""
        old, unsaid, dropped = self.read, set(claims), set(rules)
        gone = _with_parts(triples, old.ontology)
        corpus = Corpus(
            self.project,
            {triple: place for triple, place in old.ontology.items() if triple not in gone},
            old.alignments,
            {triple: place for triple, place in old.entities.items() if triple not in gone},
            old.documents,
            old.claims.without(unsaid),
            [link for link in old.links if link.source not in unsaid and link.target not in unsaid],
            old.passages,
        )
        kept = tuple(rule for rule in self.rules if rule.name not in dropped)
        less = State(self.project, self.snapshot, name=name, read=corpus, load_rules=lambda: kept, saved=self.saved)
        if len(corpus.ontology) == len(old.ontology) and kept == self.rules:
            less.program = self.program
        return less


def _with_parts(triples: Iterable[Triple], ontology: Iterable[Triple]) -> set[Triple]:
    """The triples, and those of the nodes without a name (a list, a restriction) that they lead to."""
    gone = set(triples)
    parts: dict[Term, list[Triple]] = {}
    for triple in ontology:
        if SKOLEM in triple[0]:
            parts.setdefault(triple[0], []).append(triple)
    todo = [o for _s, _p, o in gone]
    while todo:
        for triple in parts.pop(todo.pop(), ()):
            gone.add(triple)
            todo.append(triple[2])
    return gone


def read_state(project: Project, name: str, like: State | None = None, *, strict: bool = True) -> State:
    """Read the files of a project; those that another state has read too are not read again.

    Raises InputError with every problem of every file; where not ``strict``, what can be read is compared, since
    nobody can mend what is past.
    """
    corpus = read_corpus(project, like.read if like else None)
    queries, problems = read_saved_queries(project, like.sound if like else None)
    errors = [problem for problem in (*corpus.problems, *problems) if problem.severity == "error"]
    if errors and strict:
        raise InputError(errors)
    texts = {path.name: path.read_text(encoding="utf-8") for path in project.files("ontology/rules")}
    state = State(project, Snapshot(project.state), name=name, read=corpus, saved=queries, rule_texts=texts)
    same_rules = like is not None and like.rule_texts == texts
    if like and same_rules:
        state.load_rules = lambda: like.rules
        if "rule_summaries" in like.__dict__:
            state.rule_summaries = like.rule_summaries
    else:
        state.rules = project_rules(project)
    faulty = {problem.place.file for problem in problems if problem.place}
    state.sound = {query.name: query for query in queries.values() if query.file not in faulty}
    same_axioms = like is not None and like.read.ontology.keys() == corpus.ontology.keys()
    if like and same_axioms and (same_rules or _clauses(like) == _clauses(state)):
        state.program = like.program
    return state


def _clauses(state: State) -> list[Clause]:
    return [clause for rule in state.rules for clause in rule.clauses]
