"""Filling a template: what every page knows, and how a page is written."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from kg.errors import Problem, counted
from kg.graph.views import ACCEPT
from kg.harmless import harmless, web_address
from kg.labels import LANGUAGES
from kg.model import Claim, Term, is_literal, text_of
from kg.vocab import DCTERMS, KG, RDF, iri, local_name
from kg.web.pages.links import Links, file_name
from kg.web.pages.words import when

if TYPE_CHECKING:
    from kg.graph.store import Graph

__all__ = ["STATIC", "ClaimCard", "PageWriter", "WrittenPage", "error_page"]

_FOLDER = Path(__file__).parent
#: The files that pages load.
STATIC = _FOLDER / "static"
_LANGUAGES = {"en": "English", "sr-latn": "srpski", "sr-cyrl": "српски"}
_TYPE = iri(RDF + "type")


class WrittenPage(NamedTuple):
    """A page as it is sent: its content and status, or the ``location`` of the page that answers instead."""

    content: bytes
    status: int = 200
    location: str = ""


class ClaimCard(NamedTuple):
    """A claim as pages show it; ``why`` is why the view does not take it as a fact, empty where it does."""

    claim: Claim
    title: str
    url: str
    date: str
    hedges: tuple[str, ...]
    why: str
    sentences: tuple[str, ...] = ()


class PageWriter:
    """Writes one page of a graph in a view, with links as its address needs them."""

    def __init__(self, graph: Graph, links: Links) -> None:
        self.graph, self.links = graph, links

    def write(self, template: str, status: int = 200, **values: Any) -> WrittenPage:  # noqa: ANN401 - what the template names
        """The page that a template makes of values."""
        text = _environment().get_template(template).render(page=self, links=self.links, graph=self.graph, **values)
        return WrittenPage(text.encode(), status)

    @cached_property
    def title(self) -> str:
        """What the graph is called."""
        return self.said(self.graph.project.iri("ontology"), DCTERMS + "title") or "Knowledge graph"

    def said(self, term: Term, predicate: str) -> str:
        """The text that the ontology gives for a term and a predicate; empty where there is none."""
        found = self.graph.index.given_about(term, "ontology")
        return next((text_of(o) for _s, p, o in found if p == iri(predicate)), "")

    @property
    def languages(self) -> list[tuple[str, str]]:
        """The languages of labels, with their own names."""
        return [(tag, _LANGUAGES.get(tag, tag)) for tag in LANGUAGES]

    @property
    def acceptances(self) -> dict[str, str]:
        """What a view may accept, in words."""
        return ACCEPT

    @property
    def documents(self) -> dict[str, dict[str, str]]:
        """The documents by slug."""
        found: dict[str, dict[str, str]] = self.graph.snapshot.meta["documents"]
        return found

    def href(self, term: Term) -> str:
        """The address of a term's page; empty where it has none."""
        return self.links.term(self.graph.project, term)

    def text(self, term: Term) -> str:
        """A term as people read it: its label, or a literal's text, with days written out."""
        if not is_literal(term):
            return "is a" if term == _TYPE and self.graph.language == "en" else self.graph.label(term)
        dated = term.endswith(("#date>", "#gYear>", "#gYearMonth>"))
        return when(text_of(term), self.graph.language) if dated else self.graph.label(term)

    def when(self, text: str) -> str:
        """A time in words in the page's language."""
        return when(text, self.graph.language)

    def card(self, claim: Claim) -> ClaimCard:
        """A claim with what a reader wants to know of it."""
        from kg.queries.show import why_no_fact
        from kg.timeline.words import claimed

        document = self.documents[claim.document]
        hedges = tuple(text_of(o) for _s, p, o in claim.metadata if p == iri(KG + "hedge"))
        date = claimed(claim.times, self.graph.index.document(claim.document).published)
        url = web_address(document.get("url", ""))
        return ClaimCard(claim, document["title"], url, date, hedges, why_no_fact(self.graph, claim))


def error_page(links: Links, status: int, problems: Iterable[Problem]) -> WrittenPage:
    """The page that says what was wrong."""
    text = _environment().get_template("error.html").render(links=links, problems=problems, status=status)
    return WrittenPage(text.encode(), status)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    made.filters.update(local=local_name, counted=counted, said_by=_said_by)
    made.globals.update(file_name=file_name, kept_fields=_kept_fields)
    return made


def _said_by(term: Term, page: PageWriter) -> str:
    return page.text(term)


def _kept_fields(links: Links) -> Markup:
    """The parameters that a page keeps, as hidden fields of a form."""
    field = Markup('<input type="hidden" name="{}" value="{}">')
    return Markup("").join(field.format(name, value) for name, value in links.kept)


def _shown(value: object) -> object:
    """A value as a page writes it: no text from a graph steers the browser that shows it."""
    return harmless(value) if isinstance(value, str) and not isinstance(value, Markup) else value
