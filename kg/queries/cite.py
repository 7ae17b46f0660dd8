"""How to cite an answer, or the graph: as text, BibTeX and CSL-JSON, with the documents that it may rest on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kg.harmless import json_text
from kg.model import text_of
from kg.queries.catalogue import call
from kg.render.formats.footing import source_line
from kg.sparql.tokens import tokens

if TYPE_CHECKING:
    from kg.graph.store import Graph
    from kg.queries.answer import Answer

__all__ = ["CITATION_FORMATS", "Citation", "cite"]

CITATION_FORMATS = ("text", "bibtex", "csl")
_MARKUP = re.compile(r"([&%$#_{}~^\\])")


@dataclass(frozen=True)
class Citation:
    """What is cited: the graph in a version and view, the question if there is one, and the documents."""

    title: str
    author: str
    address: str
    version: str
    view: str
    question: str
    call: str
    documents: dict[str, dict[str, str]]

    def as_text(self) -> str:
        """In words, the documents below."""
        head = f"{self.author}. {self.title}, version {self.version}. {self.address}"
        lines = [f"“{self.question}” In: {head}" if self.question else head, f"View: {self.view}."]
        if self.call:
            lines.append(f"Asked with: {self.call}")
        lines.append("Documents it may rest on:")
        return "\n".join([*lines, *(f"  {source_line(d)}" for d in self.documents.values())]) + "\n"

    def as_bibtex(self) -> str:
        """One entry for the graph or answer, one for each document."""
        key = "serbia-kg-" + self.version.rpartition("+")[2]
        title = f"{self.question} {self.title}" if self.question else self.title
        note = f"Version {self.version}; view: {self.view}" + (f"; asked with: {self.call}" if self.call else "")
        entries = [_bibtex(key, {"title": title, "author": f"{{{self.author}}}", "url": self.address, "note": note})]
        for slug, d in self.documents.items():
            names = " and ".join(part.strip() for part in d["creator"].split(",") if part.strip())
            fields = {"title": d["title"], "author": names, "publisher": d["publisher"], "url": d["url"]}
            fields |= {"year": d["published"][:4], "note": f"Published {d['published']}"}
            entries.append(_bibtex(slug, fields))
        return "\n".join(entries)

    def as_csl(self) -> str:
        """CSL-JSON: a dataset, and a web page for each document."""
        graph: dict[str, Any] = {
            "id": "serbia-kg-" + self.version.rpartition("+")[2],
            "type": "dataset",
            "title": f"{self.question} {self.title}" if self.question else self.title,
            "author": [{"literal": self.author}],
            "version": self.version,
            "URL": self.address,
            "note": f"view: {self.view}" + (f"; asked with: {self.call}" if self.call else ""),
        }
        items = [graph, *(_csl(slug, document) for slug, document in self.documents.items())]
        return json_text(items, indent=1) + "\n"

    def render(self, form: str) -> str:
        """In one of CITATION_FORMATS."""
        return {"text": self.as_text, "bibtex": self.as_bibtex, "csl": self.as_csl}[form]()

    def __str__(self) -> str:
        """In words."""
        return self.as_text()


def cite(graph: Graph, answer: Answer | None = None) -> Citation:
    """The citation of an answer, or of the graph in its view."""
    meta = graph.snapshot.meta
    title, author = _header(graph)
    return Citation(
        title,
        author,
        graph.project.base,
        graph.version,
        graph.describe_view(),
        answer.question if answer is not None else "",
        _call(answer) if answer is not None else "",
        {slug: meta["documents"][slug] for slug in graph.view.documents(meta["documents"])},
    )


def _header(graph: Graph) -> tuple[str, str]:
    """Title and creator, as the ontology's header gives them."""
    text = f"""PREFIX dcterms: <http://purl.org/dc/terms/>
    SELECT ?title ?creator WHERE {{
        OPTIONAL {{ <{graph.project.base}ontology> dcterms:title ?title }}
        OPTIONAL {{ <{graph.project.base}ontology> dcterms:creator ?creator }}
    }} ORDER BY ?title ?creator LIMIT 1"""
    # An OPTIONAL alone has a solution always.
    title, creator = (value or "" for value in next(graph.rows(text)))
    return text_of(title) or graph.project.base, text_of(creator)


def _call(answer: Answer) -> str:
    """The command that gives the answer again; the SPARQL on one line for a query of one's own."""
    import shlex

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


def _bibtex(key: str, fields: dict[str, str]) -> str:
    body = "".join(
        f"  {name} = {{{value if name in ('url',) else _escaped(value, name)}}},\n"
        for name, value in fields.items()
        if value
    )
    return f"@misc{{{key},\n{body}}}\n"


def _escaped(value: str, name: str) -> str:
    # Braces around a corporate author are markup on purpose.
    return value if name == "author" else _MARKUP.sub(r"\\\1", value)


def _csl(slug: str, document: dict[str, str]) -> dict[str, Any]:
    item: dict[str, Any] = {"id": slug, "type": "webpage", "title": document["title"], "URL": document["url"]}
    names = [name.strip() for name in document["creator"].split(",") if name.strip()]
    if names:
        item["author"] = [{"literal": name} for name in names]
    if document["publisher"]:
        item["container-title"] = document["publisher"]
    days = [[int(part) for part in day.split("-")] for day in document["published"].split("/") if day[:1].isdigit()]
    if days:
        item["issued"] = {"date-parts": days}
    return item
