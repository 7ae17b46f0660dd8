"""Which files make the graph: the project's folder, its base IRI, and whether anything in it has changed.

What makes a folder a project is one file, ``ontology/_ontology.ttl``; the base of every IRI of the project is
the IRI of the ontology in it, less its last step. Outside a project, the graph inside the package is used.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from kg.errors import InputError, Place, Problem

__all__ = ["MARKER", "Project"]

#: The file that makes a folder a project, relative to it.
MARKER = Path("ontology") / "_ontology.ttl"
#: The ending of a file that holds a whole project.
BUNDLE = ".kgz"
_SUFFIXES = {".ttl", ".trig", ".rq", ".csv", ".passages"}
_PREFIX = re.compile(r'preferredNamespacePrefix\s+"([A-Za-z][\w-]*)"')
_ONTOLOGY = re.compile(r"<([^<>\s]+)>\s+(?:a|rdf:type)\s+owl:Ontology\b")


@dataclass(frozen=True)
class Project:
    """A folder with ``ontology/``, ``corpus/`` and ``queries/``; ``packaged`` when it ships with the package."""

    root: Path
    packaged: bool = False

    @classmethod
    def find(cls, start: Path | None = None) -> Project:
        """The project of a folder or of one above it (by default the working directory), or the packaged one.

        A bundle (``kg export FILE.kgz``) is a project too, unpacked in the user's cache.

        Raises InputError (KG001) when a folder was named and is in no project.
        """
        folder = (start or Path.cwd()).resolve()
        if start is not None and folder.suffix == BUNDLE and folder.is_file():
            from platformdirs import user_cache_path

            from kg.bundle import open_bundle

            # Its store lies in the cache too: what was unpacked is never written to.
            return cls(open_bundle(folder, user_cache_path("serbia-kg") / "bundles"), packaged=True)
        for candidate in (folder, *folder.parents):
            if (candidate / MARKER).is_file():
                return cls(candidate)
        if start is not None:
            raise InputError(
                Problem(
                    "KG001",
                    f"{start} is in no project: there is no {MARKER} in it or above it",
                    remedy="Name a project's folder, or make one with `kg init DIR`.",
                )
            )
        return cls.shipped()

    @classmethod
    def shipped(cls) -> Project:
        """The graph that ships inside the package (in an editable installation: the checkout)."""
        package = Path(__file__).parent
        inside = package / "_graph"
        return cls(inside, packaged=True) if (inside / MARKER).is_file() else cls(package.parent)

    @cached_property
    def base(self) -> str:
        """The base IRI of documents, claims, entities, queries and graphs, with its closing slash."""
        header = self.root / MARKER
        match = _ONTOLOGY.search(header.read_text(encoding="utf-8"))
        if not match:
            raise InputError(
                Problem(
                    "KG002",
                    "no owl:Ontology is declared",
                    Place(str(MARKER)),
                    "Declare <…/ontology> a owl:Ontology.",
                )
            )
        return match[1].rpartition("/")[0] + "/"

    @cached_property
    def state(self) -> Path:
        """Where the store is kept: ``.kg/`` in the project, or the user's cache for the packaged graph.

        ``KG_STATE_DIR`` names another place.
        """
        if named := os.environ.get("KG_STATE_DIR"):
            return Path(named)
        if not self.packaged:
            return self.root / ".kg"
        from platformdirs import user_cache_path

        name = hashlib.sha256(str(self.root).encode()).hexdigest()[:12]
        return user_cache_path("serbia-kg") / name

    def files(self, *folders: str) -> Iterator[Path]:
        """The project's files below the folders named (by default all three), sorted, as absolute paths."""
        for folder in folders or ("ontology", "corpus", "queries"):
            yield from sorted(
                path
                for path in (self.root / folder).rglob("*")
                if path.suffix in _SUFFIXES and not path.name.startswith(".")
            )

    def relative(self, path: Path) -> str:
        """A path as messages show it: from the project's folder, with forward slashes."""
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else str(path)

    def iri(self, kind: str, *names: str) -> str:
        """An IRI of the project as a term: ``iri("claim", "slug", "x")`` is ``<base>claim/slug/x``."""
        return f"<{self.base}{'/'.join((kind, *names))}>"

    @cached_property
    def vocabulary(self) -> tuple[str, str]:
        """Prefix and namespace of the project's own terms: what its header prefers, ``<base>ontology#``."""
        found = _PREFIX.search((self.root / MARKER).read_text(encoding="utf-8"))
        return (found[1] if found else "term"), f"{self.base}ontology#"

    @property
    def prefixes(self) -> dict[str, str]:
        """The prefixes of the project's own names, beside those of ``kg.vocab``."""
        kinds = ("id", "document", "claim", "query", "graph", "link", "statement")
        prefix, namespace = self.vocabulary
        return {prefix: namespace} | {kind: f"{self.base}{kind}/" for kind in kinds}

    def listing(self) -> dict[str, tuple[int, int]]:
        """Each input file with its size and time of change: what tells quickly that nothing has changed."""
        found: dict[str, tuple[int, int]] = {}
        folders = [self.root / name for name in ("ontology", "corpus", "queries")]
        while folders:
            folder = folders.pop()
            if not folder.is_dir():
                continue
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.name.startswith("."):
                        continue
                    if entry.is_dir():
                        folders.append(Path(entry.path))
                    elif os.path.splitext(entry.name)[1] in _SUFFIXES:
                        status = entry.stat()
                        found[os.path.relpath(entry.path, self.root)] = (status.st_size, status.st_mtime_ns)
        return found

    def digest(self) -> str:
        """SHA-256 over the names and contents of all input files, in order of name."""
        total = hashlib.sha256()
        for path in self.files():
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            total.update(f"{self.relative(path)}\0{content}\n".encode())
        return total.hexdigest()
