"""Where each thing of a graph has its page: names of files that are safe and that no two things share."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable
from urllib.parse import quote

from kg.model import Term

__all__ = ["Places", "mark"]

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,79}")


class Places:
    """The addresses of pages, relative to the site's root; ``link`` gives them relative to another page."""

    def __init__(self) -> None:
        self._pages: dict[Term, str] = {}
        self._marks: dict[Term, tuple[Term, str]] = {}
        self._taken: set[str] = set()

    def add(self, term: Term, folder: str, name: str) -> str:
        """Give a term a page ``folder/name.html``.

        A name that is not plain, or that another page has (upper and lower case apart: some file systems see no
        difference), gets a digest of the term.
        """
        digest = hashlib.sha256(term.encode()).hexdigest()[:12]
        plain = name if _PLAIN.fullmatch(name) else digest
        address = f"{folder}/{plain}.html"
        if address.lower() in self._taken:
            address = f"{folder}/{plain}-{digest}.html"
        self._taken.add(address.lower())
        self._pages[term] = address
        return address

    def add_mark(self, term: Term, page: Term, name: str) -> None:
        """Say that a term is spoken of at a mark on the page of another."""
        self._marks[term] = (page, mark(name))

    def page(self, term: Term) -> str:
        """The address of a term's own page."""
        return self._pages[term]

    def link(self, term: Term, source: str) -> str | None:
        """The address of a term as a page at ``source`` writes it; None for one that has no place."""
        page, fragment = self._marks.get(term, (term, ""))
        address = self._pages.get(page)
        if address is None:
            return None
        relative = quote(os.path.relpath(address, os.path.dirname(source) or "."))
        return f"{relative}#{quote(fragment)}" if fragment else relative

    def terms(self) -> Iterable[Term]:
        """The terms that have a page of their own."""
        return self._pages.keys()


def mark(name: str) -> str:
    """A name as the mark of a place on a page."""
    return re.sub(r"[^\w.-]", "-", name)
