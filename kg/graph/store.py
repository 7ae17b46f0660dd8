"""Asking the graph: the embedded store of a build, or a view computed from it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg.dates import span
from kg.errors import Problem, UsageError
from kg.files import Unwritable
from kg.graph.snapshot import Progress, Snapshot, current, is_current
from kg.graph.views import View
from kg.labels import Labels
from kg.limits import check_room
from kg.model import Term, Triple, written
from kg.project import Project
from kg.sparql.stepwise import stepwise
from kg.sparql.syntax_errors import syntax_problem

if TYPE_CHECKING:
    import pyoxigraph

    from kg.corpus.read import Corpus
    from kg.corpus.saved_queries import SavedQuery
    from kg.graph.facts import Facts
    from kg.graph.index import Index
    from kg.graph.materialise import Materialised
    from kg.reasoner import Closure, Program


@dataclass(frozen=True, slots=True)
class Dataset:
    """The graphs that a query is asked of, by IRI: those merged into its default graph, and its named ones."""

    default: tuple[str, ...] = ()
    named: tuple[str, ...] = ()


@dataclass
class Graph:
    """The graph of a project in one view: what queries are asked of."""

    project: Project
    snapshot: Snapshot
    view: View = field(default_factory=View)
    language: str = "en"
    #: What other rooms keep for as long as the graph is open, by a name of theirs.
    memo: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def corpus(self) -> Corpus:
        """The corpus as it was built."""
        return self.index.corpus(self.project)

    @cached_property
    def facts(self) -> Facts:
        """The facts of the view, looked up by key."""
        from kg.graph.difference import facts_of
        from kg.graph.view_store import kept_facts

        if self.view.default:
            return facts_of(self.index, self.project, self.view)
        return kept_facts(self.project, self.snapshot, self.view)

    @cached_property
    def materialised(self) -> Materialised:
        """The view's facts, closure, validity and support."""
        from kg.graph.ground import GroundProgram
        from kg.graph.materialise import materialise

        return materialise(self.corpus, self.view, GroundProgram.kept(self.index), self._program)

    @property
    def closure(self) -> Closure:
        """The view closed by the reasoner, for what asks more than which instances there are."""
        from kg.graph.materialise import closed

        given = (triple for triple, _place in self.index.given("entities"))
        return closed((*given, *self.facts.stated()), self._program(), self.view)

    def _program(self) -> Program:
        from kg.reasoner import Program

        with self.snapshot.reading():
            return Program.loads(self.snapshot.meta["program"])

    @cached_property
    def store(self) -> pyoxigraph.Store:
        """The query graph of the view. Raises UsageError (KG631) where limits leave no room to open it."""
        import pyoxigraph

        check_room()
        with self.snapshot.reading():
            return pyoxigraph.Store.read_only(str(self.store_path))

    @cached_property
    def store_path(self) -> Path:
        """The folder of the view's store: the build's for the default view, else one made from it and kept."""
        if self.view.default:
            return self.snapshot.store_path
        from kg.graph.view_store import view_folder

        return view_folder(self.project, self.snapshot, self.facts) / "store"

    @property
    def index(self) -> Index:
        """What is looked up by key or by word, whatever the view."""
        return self.snapshot.index

    @property
    def queries(self) -> Mapping[str, SavedQuery]:
        """The saved queries, by name."""
        return self.index.queries

    @cached_property
    def label(self) -> Labels:
        """The labels of terms, in the graph's language."""
        return Labels(self.index.names, self.language, self.project.prefixes)

    @cached_property
    def rule_summaries(self) -> dict[str, str]:
        """The project's own rules in words, by name."""
        summaries: dict[str, str] = self.snapshot.meta["rule_summaries"]
        return summaries

    @cached_property
    def certainly(self) -> Graph:
        """The same graph with only what certainly holds at the view's date."""
        return self if self.view.certain else self._sharing(replace(self.view, certain=True))

    @cached_property
    def dated(self) -> Graph:
        """The same graph without what is undated at the view's date."""
        return self._sharing(replace(self.view, certain=False, dated=True))

    @cached_property
    def possibly(self) -> Graph:
        """The same graph with all that may hold at the view's date."""
        if not self.view.certain:
            return self
        other = self._sharing(replace(self.view, certain=False))
        other.certainly = self
        return other

    def _sharing(self, view: View) -> Graph:
        """The same graph in a view that differs in what is published, not in the closure and the periods."""
        other = self.in_view(view)
        from kg.graph.facts import Facts

        rows, from_nothing = self.facts.rows, self.facts.from_nothing
        other.facts = Facts(self.index, self.project, view, rows, from_nothing=from_nothing)
        return other

    def in_view(self, view: View) -> Graph:
        """The same graph in another view."""
        return Graph(self.project, self.snapshot, view, self.language)

    @property
    def version(self) -> str:
        """The version of the graph: the ontology's, and the digest of all that was built."""
        return f"{self.snapshot.meta['ontology_version']}+{self.snapshot.meta['version']}"

    @cached_property
    def named_graphs(self) -> bool:
        """Whether a query finds the documents' named graphs in the store."""
        return self.view.default and bool(self.snapshot.meta.get("named_graphs"))

    def describe_view(self, language: str = "en") -> str:
        """The view in words."""
        described = self.snapshot.meta["documents"]
        return self.view.describe({slug: span(about["published"]) for slug, about in described.items()}, language)

    def triples(self) -> Iterator[Triple]:
        """The triples of the view's query graph."""
        from kg.model import term_of

        for quad in self.store.quads_for_pattern(None, None, None, _default_graph()):
            yield (term_of(quad.subject), term_of(quad.predicate), term_of(quad.object))

    def query(
        self, text: str, shift: int = 0, dataset: Dataset | None = None
    ) -> pyoxigraph.QuerySolutions | pyoxigraph.QueryTriples | pyoxigraph.QueryBoolean:
        """Ask the view's query graph, or the graphs of a ``dataset``, of which a view but the default one has none.

        Raises UsageError: KG604 for what the engine refuses before it answers, KG657 for a graph whose name is no
        IRI. ``shift`` is how many characters of declarations stand before the text that a user gave.
        """
        default: pyoxigraph.DefaultGraph | list[pyoxigraph.NamedNode] = _default_graph()
        named: list[pyoxigraph.NamedNode] | None = None if self.named_graphs else []
        if dataset is not None:
            default, named = _named(dataset.default), _named(dataset.named)
            if not self.named_graphs:
                default, named = [], []
        ask = partial(self.store.query, default_graph=default, named_graphs=named)  # type: ignore[arg-type]  # lists are invariant
        try:
            if (steps := stepwise(text)) != text:
                with suppress(SyntaxError):  # whose place would be another than in the text
                    return ask(steps)
            return ask(text)
        except SyntaxError as error:
            known = self.project.prefixes
            raise UsageError(syntax_problem("KG604", str(error.msg), text, shift=shift, known=known)) from None
        except RuntimeError as error:
            remedy = "See SPARQL 1.1 Query Language."
            raise UsageError(Problem("KG604", f"the query failed: {error}", remedy=remedy)) from None

    def rows(self, text: str) -> Iterator[tuple[Term | None, ...]]:
        """The rows of a SELECT as terms, None where unbound. Raises UsageError as ``query`` does."""
        for row in self.query(text):  # type: ignore[union-attr]  # a SELECT
            yield tuple(None if value is None else written(value) for value in row)


def open_graph(
    project: Project | None = None,
    view: View | None = None,
    progress: Progress = lambda _step: None,
    *,
    reread: bool = False,
) -> Graph:
    """The graph of a project (by default the one of the working directory), built first if need be.

    With ``reread``, files are compared by content, not by size and time of change. Where the store cannot be kept,
    it is made for this process alone, unless KG_STATE_DIR named the place: ``graph.project.kept_in`` then says where.
    Raises InputError as ``build`` does.
    """
    project = project or Project.find()
    snapshot = current(project)
    if snapshot is None or not is_current(project, snapshot, reread=reread):
        from kg.graph.build import build

        # What was chosen holds until `kg build` is called without.
        meta = snapshot.meta if snapshot else {}
        again = partial(
            build,
            progress=progress,
            verify=reread,
            alignments=bool(meta.get("alignments")),
            named_graphs=bool(meta.get("named_graphs")),
        )
        try:
            snapshot = again(project)
        except Unwritable:
            if project.kept_in or ("KG_STATE_DIR" in os.environ and not project.packaged):
                raise
            project = project.kept_for_now()
            snapshot = again(project)
    view = view or View()
    view.check(snapshot.meta["documents"])
    return Graph(project, snapshot, view)


def in_memory(texts: Iterable[str]) -> pyoxigraph.Store:
    """A store in memory with triples as its default graph, given as N-Triples without the full stop."""
    import pyoxigraph

    store = pyoxigraph.Store()
    lines = "".join(dict.fromkeys(f"{text} .\n" for text in texts))
    store.bulk_load(lines.encode(), format=pyoxigraph.RdfFormat.N_QUADS)
    return store


def _named(iris: Iterable[str]) -> list[pyoxigraph.NamedNode]:
    import pyoxigraph

    try:
        return [pyoxigraph.NamedNode(each) for each in iris]
    except ValueError as error:
        remedy = "Name graphs by absolute IRIs."
        raise UsageError(Problem("KG657", f"a graph has no valid IRI: {error}", remedy=remedy)) from None


def _default_graph() -> pyoxigraph.DefaultGraph:
    import pyoxigraph

    return pyoxigraph.DefaultGraph()
