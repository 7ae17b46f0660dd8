"""The public Python interface: one object that answers, in one view.

>>> import kg
>>> graph = kg.open()
>>> answer = graph.query("observers", organisation="CSTO")
>>> sorted({record.label("country") for record in answer})
['Afghanistan', 'Serbia']
>>> answer[0].how in ("stated", "inferred")
True
>>> bool(graph.sparql("ASK { id:serbia a kg:Country }"))
True
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from kg.evidence import Evidence, evidence_of
from kg.evidence.conflicts import Conflicts, conflicts
from kg.evidence.explain import Explanation, explain
from kg.evidence.statements import at_date, parse_terms, verify_file
from kg.evidence.statements import cited as citation
from kg.evidence.verify import Verification, verify
from kg.evidence.why_not import WhyNot, why_not
from kg.graph.store import Graph, open_graph
from kg.graph.views import view_of
from kg.limits import TIMEOUT
from kg.project import Project
from kg.queries import LIMIT, Answer, ask, run
from kg.queries.bounded import bounded
from kg.queries.entities import find_entity
from kg.queries.finding import Found, Hits, find_questions, search
from kg.queries.show import Description, show
from kg.render.citations import Citation, cite
from kg.render.columns import Settings
from kg.render.formats import render
from kg.render.markup import notebook
from kg.render.pictures.picture import Picture
from kg.timeline.timeline import Timeline, timeline

if TYPE_CHECKING:
    from datetime import date

    import rdflib

    from kg.corpus.saved_queries import SavedQuery
    from kg.queries.parameters import Value

Result = TypeVar("Result")
#: Subject, predicate and object, as people write them.
Words = tuple[str, str, str]


class KnowledgeGraph:
    """A graph in a view, ready to be asked. Made by ``kg.open()``.

    Every method raises ``kg.errors.UsageError`` for what does not exist, with all problems and what to do.
    """

    def __init__(self, graph: Graph) -> None:
        #: The graph itself, for what the other modules of the package take.
        self.graph = graph

    @cached_property
    def queries(self) -> Mapping[str, SavedQuery]:
        """The saved queries, by name: question, typed parameters, SPARQL."""
        return self.graph.queries

    @property
    def version(self) -> str:
        """The version of the graph, by which it can be cited."""
        return self.graph.version

    @property
    def view(self) -> str:
        """The view in words."""
        return self.graph.describe_view()

    def query(
        self, name: str, /, values: Mapping[str, Value] | None = None, *, undated: bool = False, **named: Value
    ) -> Answer:
        """The answer to a saved query.

        Parameters are given by name, as people write them: ``organisation="ОДКБ"``, ``date="2016-11"``; in
        ``values`` when a name is no Python name. As of a date, ``undated`` adds the rows that nothing dates on its
        side.

        >>> import kg
        >>> len(kg.open().query("observers", organisation="ОДКБ")) > 0
        True
        """
        return _shown(run(self.graph, name, {**(values or {}), **named}, undated=undated))

    def sparql(
        self, text: str, *, limit: int | None = None, timeout: float | None = 30.0, undated: bool = False
    ) -> Answer:
        """The answer to SPARQL of one's own: reading only, this graph only, stopped after ``timeout`` seconds.

        ``limit`` is the number of rows at most (0 for all, by default 100,000); ``timeout=None`` asks in this
        process, without one. ``undated`` is as for ``query``.

        >>> import kg
        >>> kg.open().sparql("SELECT (1 + 1 AS ?two) {}")[0].two
        2
        """
        return _shown(ask(self.graph, text, LIMIT if limit is None else limit, timeout, undated=undated))

    def evidence(self, answer: Answer, texts: str | Path | None = None) -> Evidence:
        """The evidence of every row of an answer; ``texts`` is a folder with the documents' texts, to show sentences.

        >>> import kg
        >>> graph = kg.open()
        >>> graph.evidence(graph.query("observers")).cells[0]
        '[1] [a] [b]'
        """
        return evidence_of(answer, texts)

    def render(self, answer: Answer, form: str = "table", **settings: Any) -> str:  # noqa: ANN401 - fields of Settings
        """An answer as text in one of the formats of ``kg.render.formats``; ``settings`` are those of ``Settings``.

        >>> import kg
        >>> graph = kg.open()
        >>> graph.render(graph.sparql("SELECT (1 AS ?one) {}"), "tsv").split()
        ['one', '1']
        """
        return render(answer, form, Settings(**settings))

    def to_rdflib(self) -> rdflib.Graph:
        """The graph that queries run on in this view: facts, labels, and the descriptions of claims and documents.

        >>> import kg
        >>> len(kg.open().to_rdflib()) > 10_000
        True
        """
        import rdflib
        from pyoxigraph import DefaultGraph, RdfFormat

        text = self.graph.store.dump(format=RdfFormat.N_TRIPLES, from_graph=DefaultGraph()) or b""
        return rdflib.Graph().parse(data=text, format="nt")

    def draw(self, what: str, term: str | None = None) -> Picture:
        """A ``timeline`` (of an entity or of everything), a ``neighbourhood`` (of an entity) or ``polls``, drawn.

        Notebooks show it; ``picture.svg`` is its text. Raises UsageError: KG815 for another picture, KG758 without
        the library that draws.

        >>> import kg
        >>> kg.open().draw("neighbourhood", "csto").svg[:5]
        '<?xml'
        """
        return Picture.of(self.graph, what, find_entity(self.graph, term) if term else None)

    def show(self, term: str) -> Description:
        """Everything about an entity, class, property, document or claim.

        >>> import kg
        >>> kg.open().show("Србија").term
        '<https://w3id.org/serbia-kg/id/serbia>'
        """
        return self._within(show, term)

    def search(self, words: str, limit: int = 50) -> Hits:
        """The terms and claims with every word in names, definitions and glosses, best first.

        >>> import kg
        >>> kg.open().search("Srbija", limit=1)[0].term
        '<https://w3id.org/serbia-kg/id/serbia>'
        """
        return self._within(search, words.split(), limit)

    def find(self, words: str, limit: int = 5) -> Found:
        """The questions that fit some words, best first, and the entities and claims that have them.

        >>> import kg
        >>> [query.name for query, _values in kg.open().find("observer countries", limit=1).questions]
        ['observers']
        """
        return self._within(find_questions, words.split(), limit)

    def cite(self, answer: Answer | None = None) -> Citation:
        """The citation of an answer, or of the graph: ``as_text()``, ``as_bibtex()``, ``as_csl()``."""
        return cite(self.graph, answer)

    def explain(self, subject: str, predicate: str, object_: str, *, every: bool = False) -> list[Explanation]:
        """Why something holds, as proofs down to claims; all minimal ones with ``every``.

        >>> import kg
        >>> kg.open().explain("serbia", "observerWithin", "csto")
        [<kg proof: Serbia is an observer within Collective Security Treaty Organisation, 2 steps>]
        """
        return self._within(_explanations, (subject, predicate, object_), every)

    def why_not(self, subject: str, predicate: str, object_: str) -> WhyNot:
        """Why something does not hold: what is missing, and who denies or contests it.

        >>> import kg
        >>> print(kg.open().why_not("serbia", "memberOf", "csto").lines()[0])
        It does not hold that Serbia is a member of Collective Security Treaty Organisation.
        """
        return self._within(_reasons, (subject, predicate, object_))

    def verify(
        self, subject: str, predicate: str, object_: str, *, on: str | None = None, cited: tuple[str, str] = ("", "")
    ) -> Verification:
        """How a statement stands, as of a date if you like, and what a cited document and place say of it.

        >>> import kg
        >>> print(kg.open().verify("serbia", "memberOf", "csto").verdict)
        ruled out
        """
        graph = self if on is None else KnowledgeGraph(at_date(self.graph, on))
        return graph._within(_verification, (subject, predicate, object_), cited)

    def verify_file(self, path: str | Path) -> list[Verification]:
        """How each statement of a CSV file stands: columns subject, predicate, object, on, document, place."""
        return self._within(verify_file, Path(path))

    def conflicts(self, term: str | None = None, *, between: bool = True) -> Conflicts:
        """Who disagrees with whom, about a thing or anything, between documents or also within one.

        >>> import kg
        >>> {len(conflict.sides) for conflict in kg.open().conflicts()}
        {2}
        """
        return self._within(_conflicts, term, between)

    def timeline(self, term: str | None = None, *, restated: bool = False, undated: bool = False) -> Timeline:
        """The events, beginnings and ends in order: of an entity, or of everything.

        ``restated`` adds facts that only restate another, ``undated`` those of no date but their document's.

        >>> import kg
        >>> [row[1] for row in kg.open().timeline("ipap").rows()][:1]
        ['began']
        """
        return self._within(_timeline, term, restated, undated)

    def in_view(
        self,
        *,
        only: Iterable[str] | None = None,
        without: Iterable[str] = (),
        accept: str = "facts",
        as_of: str | int | date | None = None,
        certain: bool = False,
    ) -> KnowledgeGraph:
        """The same graph in another view: by document, by what is accepted, by date, and then only the ``certain``.

        >>> import kg
        >>> kg.open().in_view(without=["sputnik-2017"], as_of="2017").view[-10:]
        'as of 2017'
        """
        view = view_of(only, without, accept, as_of, certain)
        view.check(self.graph.snapshot.meta["documents"])
        return KnowledgeGraph(self.graph.in_view(view))

    def _within(self, function: Callable[..., Result], *arguments: object) -> Result:
        """Run a function on the graph within the usual time and memory."""
        found: Result
        (found,) = bounded(self.graph, _one, function, arguments, timeout=TIMEOUT)
        return found

    def __repr__(self) -> str:
        return f"<kg graph {self.version}: {self.view}>"


def _shown(answer: Answer) -> Answer:
    """An answer that prints itself, and that notebooks show."""
    answer.show = lambda shown, form: notebook(shown) if form == "html" else render(shown, form)
    return answer


def _one(graph: Graph, function: Callable[..., Result], arguments: tuple[object, ...]) -> Iterator[Result]:
    """A task of one item."""
    yield function(graph, *arguments)


def _explanations(graph: Graph, words: Words, every: bool) -> list[Explanation]:
    return list(explain(graph, parse_terms(graph, *words), every=every))


def _reasons(graph: Graph, words: Words) -> WhyNot:
    return why_not(graph, parse_terms(graph, *words))


def _verification(graph: Graph, words: Words, cited: tuple[str, str]) -> Verification:
    return verify(graph, parse_terms(graph, *words), citation(graph, *cited))


def _conflicts(graph: Graph, term: str | None, between: bool) -> Conflicts:
    return conflicts(graph, find_entity(graph, term) if term else None, between=between)


def _timeline(graph: Graph, term: str | None, restated: bool, undated: bool) -> Timeline:
    return timeline(graph, find_entity(graph, term) if term else None, restated=restated, undated=undated)


def open_knowledge_graph(project: str | Path | None = None, language: str = "en") -> KnowledgeGraph:
    """Open the graph of a project in its default view, built first if need be.

    ``project`` is a folder in a project (by default that of the working directory, or the packaged graph);
    ``language`` that of labels: ``en``, ``sr-Latn`` or ``sr-Cyrl``. Raises KgError.
    """
    graph = open_graph(Project.find(Path(project) if project is not None else None))
    graph.language = language.lower()
    return KnowledgeGraph(graph)
