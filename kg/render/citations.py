"""How to cite an answer, or the graph: as text, BibTeX and CSL-JSON, with the documents that it rests on."""

from __future__ import annotations

import hashlib
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kg.harmless import json_text
from kg.model import text_of
from kg.queries.catalogue import call
from kg.render.columns import Settings
from kg.render.sources import cited, source_line
from kg.sparql.tokens import tokens
from kg.vocab import PREFIXES, iri

if TYPE_CHECKING:
    from kg.graph.store import Graph
    from kg.queries.answer import Answer

CITATION_FORMATS = ("text", "bibtex", "csl")
_MARKUP = re.compile(r"([&%$#_{}])|([~^\\])")
_SPELLED = {"~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "\\": r"\textbackslash{}"}
_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")


@dataclass(frozen=True)
class Citation:
    """What is cited: the graph in a version and view, the question if there is one, and the documents.

    ``key`` is another one for every answer; ``date`` is the graph's, empty where its header gives none.
    """

    key: str
    title: str
    author: str
    date: str
    address: str
    version: str
    view: str
    question: str
    call: str
    documents: dict[str, dict[str, str]]

    @property
    def _whole_title(self) -> str:
        return f"{self.question} In: {self.title}" if self.question else self.title

    @property
    def _note(self) -> str:
        return f"view: {self.view}" + (f"; asked with: {self.call}" if self.call else "")

    def as_text(self) -> str:
        """In words, the documents below."""
        dated = f" ({self.date})" if self.date else ""
        head = f"{self.author}{dated}. {self.title}, version {self.version}. {self.address}"
        lines = [f"“{self.question}” In: {head}" if self.question else head, f"View: {self.view}."]
        if self.call:
            lines.append(f"Asked with: {self.call}")
        lines.append("Rests on:" if self.question else "Documents:")
        return "\n".join([*lines, *(f"  {source_line(d)}" for d in self.documents.values())]) + "\n"

    def as_bibtex(self) -> str:
        """One entry for the graph or answer, one for each document."""
        fields = {
            "title": _protected(self._whole_title),
            "author": _protected(self.author),
            "year": self.date[:4],
            "url": self.address,
            "note": _escaped(f"Version {self.version}; {self._note}"),
        }
        return "\n".join([_entry(self.key, fields), *map(_document_entry, self.documents.items())])

    def as_csl(self) -> str:
        """CSL-JSON: a dataset, and a web page for each document."""
        graph: dict[str, Any] = {
            "id": self.key,
            "type": "dataset",
            "title": self._whole_title,
            "author": [{"literal": self.author}],
            "version": self.version,
            "URL": self.address,
            "note": self._note,
        }
        if days := _days(self.date):
            graph["issued"] = {"date-parts": days}
        items = [graph, *map(_document_item, self.documents.items())]
        return json_text(items, indent=1) + "\n"

    def render(self, form: str) -> str:
        """In one of CITATION_FORMATS."""
        return {"text": self.as_text, "bibtex": self.as_bibtex, "csl": self.as_csl}[form]()

    def __str__(self) -> str:
        """In words."""
        return self.as_text()


def cite(graph: Graph, answer: Answer | None = None) -> Citation:
    """The citation of an answer, with the documents that it rests on, or of the graph in its view."""
    documents = graph.snapshot.meta["documents"]
    header = {p: text_of(o) for _s, p, o in graph.index.given_about(f"<{graph.project.base}ontology>", "ontology")}

    def first(*names: str) -> str:
        return next(filter(None, (header.get(iri(PREFIXES["dcterms"] + name)) for name in names)), "")

    name = graph.project.base.rstrip("/").rpartition("/")[2]
    title = first("title") or name
    asked = _call(answer) if answer is not None else ""
    digest = hashlib.sha256("\0".join((graph.version, graph.describe_view(), asked)).encode()).hexdigest()[:8]
    kind = (answer.query.name if answer.query else "sparql") if answer is not None else "graph"
    return Citation(
        key=f"{re.sub(r'[^A-Za-z0-9]+', '-', name)}-{kind}-{digest}",
        title=title,
        author=first("creator", "publisher") or f"The makers of {title}",
        date=first("modified", "issued", "created"),
        address=graph.project.base,
        version=graph.version,
        view=answer.view if answer is not None else graph.describe_view(),
        question=answer.question if answer is not None else "",
        call=asked,
        documents=cited(answer, Settings())
        if answer is not None
        else {slug: documents[slug] for slug in graph.view.documents(documents)},
    )


def _call(answer: Answer) -> str:
    """The command that gives the answer again; the SPARQL on one line for a query of one's own."""
    if answer.query is None:
        words = (" " if token.kind in ("space", "comment") else token.text for token in tokens(answer.text))
        return " ".join("".join(words).split())
    said = {n: term.strip("<>") if term.startswith("<") else text_of(term) for n, term in answer.values.items()}
    return " ".join([call(answer.query, said), *map(shlex.quote, _view_arguments(answer.graph))])


def _view_arguments(graph: Graph) -> Iterator[str]:
    view = graph.view
    if view.only is not None:
        yield from ("--only", ",".join(sorted(view.only)))
    if view.without:
        yield from ("--without", ",".join(sorted(view.without)))
    if view.accept != "facts":
        yield from ("--accept", view.accept)
    if view.as_of is not None:
        yield from ("--as-of", view.as_of_text)
    if view.certain:
        yield "--certain"


# -- documents


def _authors(document: dict[str, str]) -> list[tuple[str, str]]:
    """The authors as family and given names; a publisher, which has no given name, where no author is known."""
    names = [name.strip() for name in document["creator"].split(",") if name.strip()]
    if not names:
        return [(document["publisher"], "")] if document["publisher"] else []
    return [(family, given) for given, _blank, family in (name.rpartition(" ") for name in names)]


def _document_entry(item: tuple[str, dict[str, str]]) -> str:
    slug, d = item
    authors = (
        f"{_escaped(family)}, {_escaped(given)}" if given else _protected(family) for family, given in _authors(d)
    )
    fields = {
        "title": _protected(d["title"]),
        "author": " and ".join(authors),
        "publisher": _protected(d["publisher"]),
        "year": d["published"][:4],
        "url": d["url"],
        "note": _escaped(f"Published {d['published']}") if d["published"] else "",
    }
    return _entry(slug, fields)


def _document_item(item: tuple[str, dict[str, str]]) -> dict[str, Any]:
    slug, document = item
    found: dict[str, Any] = {"id": slug, "type": "webpage", "title": document["title"], "URL": document["url"]}
    if authors := _authors(document):
        found["author"] = [
            {"family": family, "given": given} if given else {"literal": family} for family, given in authors
        ]
    if document["publisher"]:
        found["container-title"] = document["publisher"]
    if days := _days(document["published"]):
        found["issued"] = {"date-parts": days}
    return {name: value for name, value in found.items() if value}


def _days(date: str) -> list[list[int]]:
    """The dates of an expression of time as CSL has them: one, or the two ends of a stretch."""
    return [[int(part) for part in day.split("-")] for day in date.split("/") if _DATE.fullmatch(day)]


# -- BibTeX


def _entry(key: str, fields: dict[str, str]) -> str:
    body = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
    return f"@misc{{{key},\n{body}}}\n"


def _protected(value: str) -> str:
    """A text of which a style changes no capitals, nor takes a body for a person."""
    return f"{{{_escaped(value)}}}" if value else ""


def _escaped(value: str) -> str:
    return _MARKUP.sub(lambda found: f"\\{found[1]}" if found[1] else _SPELLED[found[2]], value)
