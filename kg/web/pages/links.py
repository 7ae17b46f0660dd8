"""Where things have their pages: addresses of the server, or of the files of a frozen site."""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from kg.harmless import web_address
from kg.model import Term, is_literal
from kg.vocab import local_name

if TYPE_CHECKING:
    from kg.project import Project

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,79}")


@dataclass(frozen=True)
class Links:
    """Addresses as one page writes them.

    On a server they start with ``/`` and carry ``kept``, the parameters of the view and the language. In a frozen
    site they are relative to the page at ``here``; ``variants`` has the file of each question with other values than
    its defaults; the first of the ``languages`` has its pages at the top, each other one in a ``folder``. ``origin``
    is how a client reaches the server; empty in a frozen site.
    """

    here: str | None = None
    kept: tuple[tuple[str, str], ...] = ()
    origin: str = ""
    path: str = ""
    asked: tuple[tuple[str, str], ...] = ()
    live: bool = False
    folder: str = ""
    languages: tuple[str, ...] = ()
    variants: Mapping[tuple[str, tuple[tuple[str, str], ...]], str] = field(default_factory=dict)

    @property
    def frozen(self) -> bool:
        """Whether pages are files."""
        return self.here is not None

    def file(self, path: str) -> str:
        """The address of a file that is no page: a style, a download."""
        return (
            f"/{path}" if self.here is None else quote(posixpath.relpath(path, posixpath.dirname(self.here) or "."))
        )

    def page(self, path: str, mark: str = "", **parameters: str) -> str:
        """The address of a page; ``path`` is empty for the first one. A frozen page has no parameters."""
        fragment = f"#{quote(mark)}" if mark else ""
        if self.frozen:
            return self.file(f"{self.folder}{path or 'index'}.html") + fragment
        asked = urlencode([*self.kept, *((name, value) for name, value in parameters.items() if value)])
        return f"/{quote(path)}{f'?{asked}' if asked else ''}{fragment}"

    def changed(self, **parameters: str) -> str:
        """The address of this page with other parameters; those that are empty are left out."""
        asked = {name: value for name, value in {**dict(self.asked), **parameters}.items() if value}
        return f"{quote(self.path)}?{urlencode(asked)}" if asked else quote(self.path)

    def in_language(self, tag: str) -> str:
        """The address of this page in another language."""
        if self.here is None:
            return self.changed(lang="" if tag == "en" else tag)
        path = self.here.removeprefix(self.folder).removesuffix(".html")
        folder = "" if tag == self.languages[0] else f"{tag.lower()}/"
        return replace(self, folder=folder).page(path)

    def question(self, name: str, values: Mapping[str, str] | None = None) -> str:
        """The page of a question with values; where a frozen site has none, its live page or that of the defaults."""
        key = name, tuple(sorted((values or {}).items()))
        if self.frozen and values and self.live and key not in self.variants:
            return f"{self.page('live')}#{quote(name)}?{urlencode(values)}"
        if self.frozen:
            return self.page(self.variants.get(key, f"queries/{name}"))
        return self.page(f"queries/{name}", **(values or {}))

    def term(self, project: Project, term: Term) -> str:
        """The page of what an IRI of the project names; of another one its web address; empty where there is none."""
        if is_literal(term) or not term.startswith("<"):
            return ""
        iri = term[1:-1]
        if iri.startswith(project.vocabulary[1]):
            return self.page(f"ontology/{term_file(term)}")
        kind, _slash, rest = iri.removeprefix(project.base).partition("/")
        if not iri.startswith(project.base) or not rest:
            return web_address(iri) if not iri.startswith(project.base) else ""
        if kind == "document":
            slug, _hash, place = rest.partition("#")
            return self.page(f"document/{file_name(slug)}", f"p{place}" if place else "")
        if kind == "claim":
            slug, _slash, name = rest.partition("/")
            return self.page(f"document/{file_name(slug)}", name)
        if kind == "query":
            return self.question(rest)
        return self.page(f"id/{file_name(rest)}") if kind == "id" else ""


def file_name(name: str) -> str:
    """A name as that of a page: itself where it is plain, else a digest."""
    return name if _PLAIN.fullmatch(name) else hashlib.sha256(name.encode()).hexdigest()[:12]


def term_file(term: Term) -> str:
    """The name of an ontology term's page: properties apart from classes that differ by their first letter alone."""
    name = local_name(term)
    return file_name(f"property-{name}" if name[:1].islower() else name)
