"""``kg docs``: the reference of a graph as a folder of static pages that need no network and no script."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kg.errors import InputError, Place, Problem
from kg.owned import has_mark, make_folder, remove_folder, replace_folder
from kg.render.pages.contents import Contents
from kg.render.pages.documents import document_page, documents_page
from kg.render.pages.entities import entities_page, entity_page
from kg.render.pages.front import front_page, queries_page
from kg.render.pages.page import Page
from kg.render.pages.places import Places
from kg.render.pages.style import CSS
from kg.render.pages.terms import ontology_page, term_page

if TYPE_CHECKING:
    from kg.graph.store import Graph

__all__ = ["Site", "pages", "write_site"]

#: The kind of folder that a site is (see ``kg.owned``): the next run may replace it.
_KIND = "site"


@dataclass(frozen=True, slots=True)
class Site:
    """What was written: the folder, and how many pages are in it."""

    folder: Path
    pages: int


def write_site(graph: Graph, folder: Path) -> Site:
    """Write the reference of a graph into a folder, in one step: what was there stays until all is made.

    Raises InputError (KG806) when the folder holds anything but a site that this function wrote, or cannot be made.
    """
    _refuse_other(folder)
    made: Path | None = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        made = make_folder(folder.parent, f".{folder.name}.", _KIND)
        made.chmod(0o755)
        count = 0
        for address, text in pages(graph):
            path = made / address
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
            count += address.endswith(".html")
        replace_folder(made, folder, _KIND)
    except OSError as error:
        remedy = "Name a folder that can be made, where there is room."
        problem = Problem("KG806", f"cannot be written: {error.strerror or error}", Place(str(folder)), remedy)
        raise InputError(problem) from None
    finally:
        if made:
            remove_folder(made, _KIND)
    return Site(folder, count)


def pages(graph: Graph) -> Iterator[tuple[str, str]]:
    """Every file of the site: its address and its content. The same graph gives the same files."""
    contents = Contents(graph)
    places = _places(contents)

    def page(address: str) -> Page:
        return Page(contents, places, address)

    yield "style.css", CSS
    yield "index.html", front_page(page("index.html"))
    yield "ontology.html", ontology_page(page("ontology.html"))
    yield "entities.html", entities_page(page("entities.html"))
    yield "documents.html", documents_page(page("documents.html"))
    yield "queries.html", queries_page(page("queries.html"))
    for terms in contents.terms.values():
        for term in terms:
            yield places.page(term), term_page(page(places.page(term)), term)
    for entity in contents.entities:
        yield places.page(entity), entity_page(page(places.page(entity)), entity)
    for document in contents.corpus.documents.values():
        yield places.page(document.iri), document_page(page(places.page(document.iri)), document)


def _places(contents: Contents) -> Places:
    places = Places()
    for kind, terms in contents.terms.items():
        for term in terms:
            places.add(term, "ontology", f"{kind}-{contents.name(term)}")
    for entity in contents.entities:
        places.add(entity, "entity", contents.name(entity))
    for document in contents.corpus.documents.values():
        places.add(document.iri, "document", document.slug)
    for claim in contents.corpus.claims.values():
        document = contents.corpus.documents[claim.document]
        places.add_mark(claim.iri, document.iri, contents.name(claim.iri))
    return places


def _refuse_other(folder: Path) -> None:
    if not os.path.lexists(folder) or has_mark(folder, _KIND):
        return
    if folder.is_dir() and not folder.is_symlink() and not any(folder.iterdir()):
        return
    remedy = "Name a new or empty folder, or one that `kg docs` wrote."
    raise InputError(Problem("KG806", "is there and is no site of ours", Place(str(folder)), remedy))
