"""A graph computed from a project's files, with nothing written: one side of a comparison."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from kg.corpus.describe import SKOLEM
from kg.corpus.read import Corpus, read_corpus
from kg.corpus.saved import SavedQuery, read_saved_queries
from kg.errors import InputError
from kg.evidence.grounds import Grounds
from kg.graph.index import Index
from kg.graph.index_writer import write_index
from kg.graph.materialise import Materialised, materialise, project_rules
from kg.graph.snapshot import Snapshot
from kg.graph.store import Graph, in_memory
from kg.graph.units import ontology_version
from kg.labels import Labels, Names
from kg.model import Term, Triple
from kg.project import Project
from kg.queries.answer import Answer
from kg.queries.run import run
from kg.reasoner import compile_program

if TYPE_CHECKING:
    import pyoxigraph

    from kg.reasoner import CustomRule, Program

__all__ = ["State", "read_state"]


@dataclass
class State(Graph):
    """The default view of files that are not built: queries can be asked of it as of any graph.

    ``name`` is what the comparison calls it; ``read`` the corpus, ``rules`` the project's own rules, ``saved`` the
    saved queries.
    """

    name: str = ""
    read: Corpus = field(default_factory=lambda: Corpus(Project(Path())))
    rules: tuple[CustomRule, ...] = ()
    saved: Mapping[str, SavedQuery] = field(default_factory=dict)

    @cached_property
    def corpus(self) -> Corpus:
        """The corpus as it was read."""
        return self.read

    @cached_property
    def materialised(self) -> Materialised:
        """The view's facts, closure, validity and support."""
        return materialise(self.read, self.view, load_program=lambda: self.program)

    @cached_property
    def inconsistencies(self) -> list[tuple[str, tuple[Triple, ...]]]:
        """Each contradiction as its rule and its premises."""
        return [(rule, tuple(premises)) for rule, premises in self.materialised.closure.inconsistencies]

    @cached_property
    def program(self) -> Program:
        """The ontology with the project's own rules, compiled."""
        return compile_program(self.read.ontology, self.rules)

    @cached_property
    def named_graphs(self) -> bool:
        """Whether a query finds the documents' named graphs: the store holds the view alone."""
        return False

    @cached_property
    def store(self) -> pyoxigraph.Store:
        """The query graph, in memory."""
        return in_memory(self.materialised.query_graph())

    @cached_property
    def queries(self) -> dict[str, SavedQuery]:
        """The saved queries, by name."""
        return dict(self.saved)

    @cached_property
    def label(self) -> Labels:
        """The labels of terms, in the graph's language."""
        return Labels(Names(self.read), self.language, self.project.prefixes)

    @cached_property
    def index(self) -> Index:
        """What is looked up by key or by word, in memory."""
        return Index(write_index(None, self.materialised, self.saved))

    @cached_property
    def rule_summaries(self) -> dict[str, str]:
        """The project's own rules in words, by name."""
        return {rule.name: rule.summary or rule.name for rule in self.rules}

    @cached_property
    def grounds(self) -> Grounds:
        """The support of its triples."""
        return Grounds(self)

    @property
    def version(self) -> str:
        """The ontology's version."""
        return ontology_version(self.read)

    def describe_view(self) -> str:
        """The view in words."""
        return self.view.describe({slug: document.published for slug, document in self.read.documents.items()})

    def answer(self, name: str) -> Answer:
        """The answer to a saved query with its default values. Raises UsageError when one cannot be resolved."""
        return run(self, name, {})

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
        return State(self.project, self.snapshot, name=name, read=corpus, rules=kept, saved=self.saved)


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


def read_state(project: Project, name: str, *, strict: bool = True) -> State:
    """Read the files of a project.

    Raises InputError with every problem of every file; where not ``strict``, what can be read is compared, since
    the past cannot be mended.
    """
    corpus = read_corpus(project)
    queries, problems = read_saved_queries(project)
    errors = [problem for problem in (*corpus.problems, *problems) if problem.severity == "error"]
    if errors and strict:
        raise InputError(errors)
    rules = project_rules(project)
    return State(project, Snapshot(project.state), name=name, read=corpus, rules=rules, saved=queries)
