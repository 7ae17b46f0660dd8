"""Filling a template: what every page knows, and how a page is written."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property, lru_cache
from gettext import ngettext
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Undefined
from markupsafe import Markup

from kg.dates import DateError, period_of, span
from kg.errors import Problem
from kg.graph.views import ACCEPT, AHEAD
from kg.harmless import harmless, web_address
from kg.model import Claim, Term, is_literal, text_of
from kg.phrases import language_tag
from kg.queries.show import why_no_fact
from kg.status import mode
from kg.timeline.dated_facts import sources
from kg.timeline.dates_in_words import in_words, periods_in_words
from kg.vocab import DCTERMS, KG, iri, kg, local_name
from kg.web.pages.links import Links, file_name
from kg.web.pages.messages import counted_in, script_words, status_style, translated

if TYPE_CHECKING:
    from kg.graph.store import Graph

_FOLDER = Path(__file__).parent
#: The files that pages load.
STATIC = _FOLDER / "static"
_LANGUAGES = {"en": "English", "sr-Latn": "srpski", "sr-Cyrl": "српски"}


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

    @property
    def mode(self) -> str:
        """How it is put, in a word."""
        return mode(self.claim)


class PageWriter:
    """Writes one page of a graph in a view, with links as its address needs them."""

    def __init__(self, graph: Graph, links: Links) -> None:
        self.graph, self.links = graph, links
        self._hrefs: dict[Term, str] = {}
        self._cards: dict[Term, ClaimCard] = {}

    def write(self, template: str, status: int = 200, **values: Any) -> WrittenPage:  # noqa: ANN401 - what the template names
        """The page that a template makes of values."""
        given = {"page": self, "links": self.links, "graph": self.graph, "page_language": self.tag, **values}
        return WrittenPage(environment().get_template(template).render(given).encode(), status)

    @property
    def tag(self) -> str:
        """The language of the page."""
        return language_tag(self.graph.language)

    @cached_property
    def title(self) -> str:
        """What the graph is called."""
        return self.said(self.graph.project.iri("ontology"), DCTERMS + "title") or "Knowledge graph"

    def said(self, term: Term, predicate: str) -> str:
        """The text that the ontology gives for a term and a predicate; empty where there is none."""
        found = self.graph.index.given_about(term, "ontology")
        return next((text_of(o) for _s, p, o in found if p == iri(predicate)), "")

    @property
    def languages(self) -> list[tuple[str, str, str]]:
        """The languages that this page is in: tag, own name, and the address of the page in it."""
        tags = self.links.languages or tuple(_LANGUAGES)
        return [(tag, _LANGUAGES[tag], self.links.in_language(tag)) for tag in tags]

    @staticmethod
    def language(tag: str) -> str:
        """A language of labels by its own name."""
        return _LANGUAGES.get(language_tag(tag), tag)

    def language_of(self, term: Term) -> str:
        """The language of what ``text`` gives for a term; that of the page where nothing tells."""
        if not term or not term.startswith("<"):
            return self.tag
        names = self.graph.label.names.get(term, {})
        own = any(tag.startswith(self.graph.language) for tag in names) or "en" not in names
        return self.tag if own else "en"

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
        known = self._hrefs.get(term)
        if known is None:
            address = self.links.term(self.graph.project, term)
            known = self._hrefs[term] = address if not address or self._there(term) else ""
        return known

    def _there(self, term: Term) -> bool:
        """Whether an IRI of the project names something that the graph has; others lead elsewhere."""
        base = self.graph.project.base
        if not term.startswith(f"<{base}"):
            return True
        kind, _slash, rest = term[1:-1].removeprefix(base).partition("/")
        if kind == "document":
            return rest.partition("#")[0] in self.graph.index.documents
        if kind == "claim":
            return self.graph.index.claim(term) is not None
        return rest in self.graph.queries if kind == "query" else term in self.graph.label.names

    def text(self, term: Term) -> str:
        """A term as people read it: its label, or a literal's text, with days written out."""
        if not is_literal(term):
            return self.graph.label(term)
        dated = term.endswith(("#date>", "#gYear>", "#gYearMonth>"))
        return self.when(text_of(term)) if dated else self.graph.label(term)

    @staticmethod
    def address(term: Term) -> str:
        """The web address that a literal is; empty for any other term."""
        return web_address(text_of(term)) if is_literal(term) else ""

    def when(self, text: str) -> str:
        """A date as EDTF writes it, in words of the page's language; another text as it is."""
        try:
            return in_words(span(text), self.graph.language)
        except DateError:
            return text

    def sources(self, claims: Iterable[Claim]) -> list[tuple[str, str]]:
        """Document and passage of each claim, none twice, with the address of its place."""
        found = []
        for text in sources(claims):
            slug, _space, place = text.partition(" ")
            found.append((text, self.links.page(f"document/{file_name(slug)}", f"p{place}" if place else "")))
        return found

    def card(self, claim: Claim) -> ClaimCard:
        """A claim with what a reader wants to know of it."""
        if claim.iri not in self._cards:
            self._cards[claim.iri] = self._card(claim)
        return self._cards[claim.iri]

    def _card(self, claim: Claim) -> ClaimCard:
        document = self.documents[claim.document]
        hedges = tuple(text_of(o) for _s, p, o in claim.metadata if p == iri(KG + "hedge"))
        url = web_address(document.get("url", ""))
        return ClaimCard(claim, document["title"], url, self._dated(claim), hedges, why_no_fact(self.graph, claim))

    def _dated(self, claim: Claim) -> str:
        """When a claim says that it was so; where it does not say, when its document appeared."""
        published = self.graph.index.document(claim.document).published
        if not claim.times:
            return f"{self.graph.label(kg('published'))} {in_words(published, self.graph.language)}"
        kind = self.graph.index.kinds.get(claim.content[0][1], "BoundedState")
        period = period_of(claim.times, kind, published, ahead=claim.modality in AHEAD)
        return periods_in_words([period], kind, self.graph.language)


def error_page(links: Links, status: int, problems: Iterable[Problem]) -> WrittenPage:
    """The page that says what was wrong."""
    tag = language_tag(dict(links.kept).get("lang", "en"))
    given = {"links": links, "problems": problems, "status": status, "page_language": tag}
    return WrittenPage(environment().get_template("error.html").render(given).encode(), status)


@lru_cache(maxsize=1)
def environment() -> Environment:
    """What fills the templates: everything is escaped, and words are in the language of the page."""
    made = Environment(
        extensions=["jinja2.ext.i18n"],
        loader=FileSystemLoader(_FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    made.policies["ext.i18n.trimmed"] = True
    made.install_gettext_callables(translated, ngettext, newstyle=True)  # type: ignore[attr-defined]  # of the extension
    # What `_` gives is escaped, as the extension's own would not be: it also translates words from the graph.
    made.globals["_"] = translated
    made.filters.update(local=local_name, counted=counted_in, said_by=_said_by, status_style=status_style)
    made.globals.update(file_name=file_name, kept_fields=_kept_fields, script_words=script_words)
    return made


def _said_by(term: Term, page: PageWriter) -> str:
    return page.text(term)


def _kept_fields(links: Links) -> Markup:
    """The parameters that a page keeps, as hidden fields of a form."""
    field = Markup('<input type="hidden" name="{}" value="{}">')
    return Markup("").join(field.format(name, value) for name, value in links.kept)


def _shown(value: object) -> object:
    """A value as a page writes it: no text from a graph steers the browser that shows it.

    Raises TypeError for what should have been called.
    """
    if callable(value) and not isinstance(value, Undefined):
        raise TypeError(f"a page shows {value!r}")
    return harmless(value) if isinstance(value, str) and not isinstance(value, Markup) else value
