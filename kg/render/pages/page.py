"""The frame of a page, and the parts that several kinds of page have: links, claims, facts."""

from __future__ import annotations

from collections.abc import Iterable

from kg.checks.schema import TYPE
from kg.model import AFFIRMED, DENIED, FACT, Claim, Link, Term, is_literal, text_of
from kg.queries.show import when_in_words, why_no_fact
from kg.render.pages.axioms import Sentence, shown
from kg.render.pages.contents import Contents
from kg.render.pages.markup import Child, Markup, join, markup, outside, tag
from kg.render.pages.places import Places, mark
from kg.timeline.facts import Fact, sources
from kg.vocab import iri, kg

__all__ = ["Page"]

_NAVIGATION = (
    ("index.html", "Overview"),
    ("ontology.html", "Ontology"),
    ("entities.html", "Entities"),
    ("documents.html", "Documents"),
    ("queries.html", "Questions"),
)
_ANY_URI = "<http://www.w3.org/2001/XMLSchema#anyURI>"
_TIMES = {"on": "on", "begins": "from", "ends": "until", "throughout": "throughout", "holdsAt": "at some time in"}


class Page:
    """One page of the site, at an address below its root."""

    def __init__(self, contents: Contents, places: Places, address: str) -> None:
        self.contents = contents
        self.places = places
        self.address = address

    def whole(self, title: str, *body: Child) -> str:
        """The page with its frame."""
        up = "../" * self.address.count("/")
        graph = self.contents.graph
        navigation = tag("nav", tag("ul", [tag("li", tag("a", name, href=up + to)) for to, name in _NAVIGATION]))
        head = (
            tag("meta", charset="utf-8"),
            tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
            tag("title", f"{title} · {self.site_title()}"),
            tag("link", rel="stylesheet", href=f"{up}style.css"),
        )
        foot = f"Graph {graph.version}; view: {graph.describe_view()}. A claim is a gloss: the texts are not here."
        inside = (
            tag("a", "To the text", class_="skip", href="#main"),
            tag("header", navigation),
            tag("main", body, id="main"),
            tag("footer", tag("p", foot)),
        )
        return f"<!DOCTYPE html>\n{tag('html', tag('head', head), tag('body', inside), lang='en')}\n"

    def site_title(self) -> str:
        """What the ontology is called, or the project."""
        ontology = self.contents.graph.project.iri("ontology")
        return self.contents.value(ontology, iri("http://purl.org/dc/terms/title")) or "knowledge graph"

    def term(self, term: Term) -> Markup:
        """A term as a link to its page, by its label; a literal as its text."""
        if is_literal(term):
            text = text_of(term)
            return outside(text) if term.endswith(_ANY_URI) else tag("q", text)
        name = "is a" if term == TYPE else self.contents.label(term)
        place = self.places.link(term, self.address)
        if place:
            return tag("a", name, href=place, title=self.contents.definition(term) or None)
        # Without a page it is a term of another vocabulary, or an address.
        return outside(term[1:-1]) if name == term[1:-1] else tag("span", name, title=term.strip("<>"))

    def terms(self, terms: Iterable[Term]) -> Markup:
        """Terms in one line."""
        return join(", ", [self.term(term) for term in terms])

    def sentence(self, parts: Sentence) -> Markup:
        """A sentence with its terms as links."""
        return markup(shown(parts, self.term))

    def fact(self, fact: Fact) -> Markup:
        """A fact with its time and the claims it rests on."""
        s, p, o = fact.triple
        when = "; ".join(dict.fromkeys(filter(None, (when_in_words(one, fact.kind) for one in fact.periods))))
        how = tag("span", fact.how, class_=f"tag {fact.how}")
        said = join(" ", [self.term(s), self.term(p), self.term(o)])
        places = join(", ", [self.source(claim) for claim in fact.claims])
        return tag("li", said, f", {when} " if when else " ", how, tag("div", places, class_="soft"))

    def source(self, claim: Claim) -> Markup:
        """A claim's document and passages, leading to it."""
        name = ", ".join(sources([claim]))
        return tag("a", name, href=self.places.link(claim.iri, self.address), title=claim.gloss)

    def claim_line(self, claim: Claim) -> Markup:
        """A claim in one line of a list: its gloss, where it stands, how it is put."""
        return tag("li", claim.gloss, " ", self.manner(claim), tag("div", self.source(claim), class_="soft"))

    def manner(self, claim: Claim) -> Markup:
        """How a claim is put, as small tags: denied, planned, by whom; and whether the view takes it as a fact."""
        found: list[Child] = []
        if claim.polarity == DENIED:
            found.append(tag("span", "denied", class_="tag aside"))
        if claim.modality != FACT:
            found.append(tag("span", self.contents.label(claim.modality), class_="tag aside"))
        if why_no_fact(self.contents.graph, claim) in ("contested", "retracted"):
            found.append(tag("span", why_no_fact(self.contents.graph, claim), class_="tag aside"))
        if claim.holders:
            found.append(tag("span", "says ", self.terms(claim.holders), class_="tag"))
        if not found and claim.polarity == AFFIRMED:
            found.append(tag("span", "fact", class_="tag stated"))
        return join(" ", found)

    def claim(self, claim: Claim) -> Markup:
        """A claim in full, as its document's page has it."""
        contents = self.contents
        content = [
            tag("div", join(" ", [self.term(part) for part in triple]), class_="soft") for triple in claim.content
        ]
        notes = [
            (contents.label(p), text_of(o) if is_literal(o) else self.term(o))
            for _s, p, o in claim.metadata
            if p in _NOTES
        ]
        said = [f"{word} {value}" for word, value in _times(claim)]
        links = [self._link(claim, link) for link in contents.links.get(claim.iri, ())]
        return tag(
            "article",
            tag("p", claim.gloss, " ", self.manner(claim)),
            content,
            tag("p", ", ".join(said), class_="soft") if said else None,
            tag("p", "reported by ", self.terms(claim.reporters), class_="soft") if claim.reporters else None,
            [tag("p", f"{name}: ", value, class_="soft") for name, value in notes],
            links,
            class_="claim",
            id=mark(contents.name(claim.iri)),
        )

    def _link(self, claim: Claim, link: Link) -> Markup:
        """The claim at the other end of a link, with the relation and its reason."""
        other = self.contents.corpus.claims.get(link.target if link.source == claim.iri else link.source)
        if other is None or claim.iri not in (link.source, link.target):
            return Markup()
        word = self.contents.label(link.relation) + ("" if link.source == claim.iri else " this")
        dissolved = f", dissolved {self.contents.label(link.dissolved_by)}" if link.dissolved_by else ""
        said = f" {other.gloss} ({link.why})"
        return tag("p", f"{word}{dissolved}: ", self.source(other), said, class_="soft")


_NOTES = {
    kg(name) for name in ("hedge", "about", "timeNote", "mappingNote", "listComplete", "retracted", "replacedBy")
}


def _times(claim: Claim) -> list[tuple[str, str]]:
    given = {p: text_of(o) for _s, p, o in claim.metadata}
    return [(word, given[kg(name)]) for name, word in _TIMES.items() if kg(name) in given]
