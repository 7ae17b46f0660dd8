"""``kg site``: the pages frozen into files, for any static host, also below a path of it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from kg.errors import InputError, Place, Problem, UsageError
from kg.harmless import json_text
from kg.labels import language_of
from kg.limits import LIMIT
from kg.owned import has_mark, make_folder, remove_folder, replace_folder
from kg.phrases import language_tag
from kg.queries import run
from kg.queries.name_completion import entities
from kg.render.formats import render
from kg.render.markup import STYLE_FILE
from kg.web.pages.entity import document_page, entity_page
from kg.web.pages.links import Links, file_name, term_file
from kg.web.pages.lists import LISTS
from kg.web.pages.live import check_assets, listed_values, live_files, live_labels, live_page, live_words
from kg.web.pages.ontology import contents_of, term_page
from kg.web.pages.page import STATIC
from kg.web.pages.question import DOWNLOADS, question_page

if TYPE_CHECKING:
    from kg.graph.store import Graph
    from kg.queries.bounded import Task

#: The kind of folder that a site is (see ``kg.owned``): the next run may replace it.
_KIND = "site"
#: A question with values, by name and sorted values.
Variant = tuple[str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True, slots=True)
class FrozenSite:
    """What was written: the folder, and how many pages are in it."""

    folder: Path
    pages: int


def write_site(graph: Graph, folder: Path, *, live: bool = False, languages: Sequence[str] = ()) -> FrozenSite:
    """Write the pages of a graph into a folder, in one step: what was there stays until all is made.

    With ``live``, the graph goes along and answers in the browser; ``languages`` are as ``files`` takes them. Raises
    UsageError (KG758) where the engine for browsers has not been fetched, InputError (KG806) when the folder holds
    anything but a site that this function wrote, or cannot be made.
    """
    _refuse_other(folder)
    if live:
        check_assets()
    made: Path | None = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        made = make_folder(folder.parent, f".{folder.name}.", _KIND)
        made.chmod(0o755)
        count = 0
        for address, content in files(graph, live=live, languages=languages):
            path = made / address
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            count += address.endswith(".html")
        replace_folder(made, folder, _KIND)
    except OSError as error:
        remedy = "Name a folder that can be made, where there is room."
        problem = Problem("KG806", f"cannot be written: {error.strerror or error}", Place(str(folder)), remedy)
        raise InputError(problem) from None
    finally:
        if made:
            remove_folder(made, _KIND)
    return FrozenSite(folder, count)


def files(graph: Graph, *, live: bool = False, languages: Sequence[str] = ()) -> Iterator[tuple[str, bytes]]:
    """Every file of the site: its address and its content. The same graph gives the same files.

    Pages are in each of the ``languages``, by default that of the graph: the first at the top, each other one in a
    folder of its own. Raises UsageError (KG664) for a language that there is none of.
    """
    yield "static/style.css", STYLE_FILE.read_bytes()
    for path in sorted(STATIC.rglob("*")):
        name = path.relative_to(STATIC).as_posix()
        if path.is_file() and (live or not name.startswith(("assets/", "live"))):
            yield f"static/{name}", path.read_bytes()
    if live:
        yield from live_files(graph)
    for name in sorted(graph.queries):
        yield from _downloads(graph, name)
    tags = tuple(dict.fromkeys(language_tag(language_of(each)) for each in languages or (graph.language,)))
    shared = Links(here="", live=live, variants=dict(_variants(graph)), languages=tags)
    for tag in tags:
        spoken = graph.in_view(graph.view)
        spoken.language = tag.lower()
        yield from _pages(spoken, replace(shared, folder="" if tag == tags[0] else f"{tag.lower()}/"))


def _pages(graph: Graph, links: Links) -> Iterator[tuple[str, bytes]]:
    """The pages in the language of a graph, and what can be found by name in it."""

    def page(path: str, task: Task, *arguments: object) -> tuple[str, bytes]:
        address = f"{links.folder}{path}.html"
        (written,) = task(graph, replace(links, here=address), *arguments)
        return address, written.content

    yield f"{links.folder}names.json", json_text(_names(graph, links)).encode()
    for name, task in LISTS.items():
        yield page(name or "index", task)
    if links.live:
        yield page("live", live_page)
        yield f"{links.folder}labels.json", live_labels(graph)
        yield f"{links.folder}words.json.gz", live_words(graph)
    for name in sorted(graph.queries):
        yield page(f"queries/{name}", question_page, name, {})
    for (name, values), address in links.variants.items():
        yield page(address, question_page, name, dict(values))
    start = len(graph.project.iri("id", "")) - 1
    for term in sorted(entities(graph)):
        name = file_name(term[start:-1])
        yield page(f"id/{name}", entity_page, name)
    for slug in sorted(graph.index.documents):
        yield page(f"document/{file_name(slug)}", document_page, slug)
    for term in sorted({term for terms in contents_of(graph).terms.values() for term in terms}):
        yield page(f"ontology/{term_file(term)}", term_page, term_file(term))


def _variants(graph: Graph) -> Iterator[tuple[Variant, str]]:
    """Each question with each listed value of a parameter but its default, and the address of its page."""
    for name, parameter, term, value in listed_values(graph):
        if term.strip("<>") != parameter.default:
            last = file_name(value.rpartition("#" if "#" in value else "/")[2])
            yield (name, ((parameter.name, value),)), f"queries/{name}/{parameter.name}-{last}"


def _downloads(graph: Graph, name: str) -> Iterator[tuple[str, bytes]]:
    try:
        answer = run(graph, name, {}, LIMIT, None)
    except UsageError:
        return  # it has a parameter without a default: its page says so
    for form, ending in DOWNLOADS.items():
        yield f"queries/{name}.{ending}", render(answer, form).encode()


def _names(graph: Graph, links: Links) -> list[tuple[str, str]]:
    """What can be found by its name, with the address of its page from the first one."""
    root = replace(links, here=f"{links.folder}index.html")
    found = [(query.summary, root.question(query.name)) for query in graph.queries.values()]
    for term in entities(graph):
        names = {name for tag, some in graph.label.names[term].items() if tag != "code" for name in some}
        found += [(name, root.term(graph.project, term)) for name in sorted(names)]
    return found


def _refuse_other(folder: Path) -> None:
    if not os.path.lexists(folder) or has_mark(folder, _KIND):
        return
    if folder.is_dir() and not folder.is_symlink() and not any(folder.iterdir()):
        return
    remedy = "Name a new or empty folder, or one that `kg site` wrote."
    raise InputError(Problem("KG806", "is there and is no site of ours", Place(str(folder)), remedy))
