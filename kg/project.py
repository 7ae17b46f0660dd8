"""Which files make the graph: the project's folder, its base IRI, and whether anything in it has changed.

What makes a folder a project is one file, ``ontology/_ontology.ttl``; the base of every IRI of the project is
the IRI of the ontology in it, less its last step. Outside a project, the graph inside the package is used.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from kg.errors import InputError, Place, Problem, UsageError, gathered
from kg.files import Unwritable, read, read_text, temporary_place, unreadable
from kg.owned import folder_within
from kg.vocab import PREFIXES

#: The file that makes a folder a project, relative to it.
MARKER = Path("ontology") / "_ontology.ttl"
#: The tool's own vocabulary and its shapes: what a claim is, whatever the claims are about. Every project has it.
VOCABULARY = Path(__file__).parent / "vocabulary"
#: How messages name that folder.
_VOCABULARY_NAME = "kg/vocabulary"
#: The ending of a file that holds a whole project.
BUNDLE = ".kgz"
_FOLDERS = ("ontology", "corpus", "queries")
#: The folders of the state: builds, verdicts of checks, and stores of views.
_STATE = ("builds", "checks", "views")
_SUFFIXES = {".ttl", ".trig", ".rq", ".csv", ".passages"}
_PREFIX = re.compile(r'preferredNamespacePrefix\s+"([A-Za-z][\w-]*)"')
_ONTOLOGY = re.compile(r"<([^<>\s]+)>\s+(?:a|rdf:type)\s+owl:Ontology\b")


@dataclass(frozen=True)
class Project:
    """A folder with ``ontology/``, ``corpus/`` and ``queries/``; ``packaged`` when it ships with the package.

    ``kept_in`` is where its store is kept when the usual place cannot be written to.
    """

    root: Path
    packaged: bool = False
    kept_in: Path | None = None

    @classmethod
    def find(cls, start: Path | None = None) -> Project:
        """The project of a folder or of one above it (by default the working directory), or the packaged one.

        A bundle (``kg export FILE.kgz``) is a project too, unpacked in the user's cache.

        Raises InputError: KG001 when a folder was named and is in no project, KG100 when its ontology/ cannot be
        looked into, or the working folder was removed.
        """
        try:
            folder = (start or Path.cwd()).resolve()
        except OSError as error:
            raise InputError(unreadable(error, "the working folder")) from None
        if start is not None and folder.suffix == BUNDLE and folder.is_file():
            return cls._unpacked(folder)
        for candidate in (folder, *folder.parents):
            if _has_marker(candidate):
                return cls(candidate)
        if start is not None:
            message = f"{start} belongs to no project: neither it nor a folder above it has {MARKER}"
            remedy = "Name a project's folder, or make one with `kg init DIR`."
            raise InputError(Problem("KG001", message, remedy=remedy))
        return cls.shipped()

    @classmethod
    def _unpacked(cls, bundle: Path) -> Project:
        from platformdirs import user_cache_path

        from kg.bundle import open_bundle

        # Its store lies in the cache too: what was unpacked is never written to.
        try:
            return cls(open_bundle(bundle, user_cache_path("serbia-kg") / "unpacked"), packaged=True)
        except Unwritable:
            made = cls(open_bundle(bundle, temporary_place() / "bundles"), packaged=True)
            return made.kept_for_now()

    @classmethod
    def shipped(cls) -> Project:
        """The graph that ships inside the package (in an editable installation: the checkout)."""
        package = Path(__file__).parent
        inside = package / "_graph"
        return cls(inside, packaged=True) if (inside / MARKER).is_file() else cls(package.parent)

    def check_writable(self) -> None:
        """Raises UsageError (KG808) for the graph inside the package, which is nobody's to change."""
        if self.packaged:
            remedy = "Work in a checkout, or make a project of your own with `kg init DIR`."
            raise UsageError(Problem("KG808", "the packaged graph is read-only", remedy=remedy))

    @cached_property
    def base(self) -> str:
        """The base IRI of documents, claims, entities, queries and graphs, with its closing slash."""
        match = _ONTOLOGY.search(self._header)
        if not match:
            remedy = "Declare <…/ontology> a owl:Ontology."
            raise InputError(Problem("KG002", "no owl:Ontology is declared", Place(str(MARKER)), remedy))
        return match[1].rpartition("/")[0] + "/"

    @cached_property
    def _header(self) -> str:
        return read_text(self.root / MARKER, MARKER.as_posix())

    def kept_for_now(self) -> Project:
        """The same project, its store in a folder that goes when the process ends."""
        return Project(self.root, self.packaged, temporary_place() / self._name)

    @cached_property
    def state(self) -> Path:
        """The folder of the store: ``.kg/`` in the project, or the user's cache for the packaged graph.

        ``KG_STATE_DIR`` names another place.
        """
        if self.kept_in:
            return self.kept_in
        if named := os.environ.get("KG_STATE_DIR"):
            return Path(named)
        if not self.packaged:
            return self.root / ".kg"
        from platformdirs import user_cache_path

        return user_cache_path("serbia-kg") / self._name

    def state_folder(self, name: str = "") -> Path:
        """A folder of the state, or the state's own; raises InputError (KG007) when it or another one is a link."""
        for each in _STATE:
            folder_within(self.state, each)
        return self.state / name

    @property
    def _name(self) -> str:
        """A name for this project's folder where several projects keep their stores."""
        return hashlib.sha256(str(self.root).encode()).hexdigest()[:12]

    def files(self, *folders: str, suffix: str = "") -> Iterator[Path]:
        """The files below the folders named (by default all three), sorted, as absolute paths; those with a suffix.

        The tool's vocabulary comes first in ``ontology``, its shapes in ``ontology/shapes``; a copy in the project
        (``copied_vocabulary``) takes the place of the tool's file. What has the name of a file is given whatever it
        is, and so is a folder that cannot be looked into: ``digests`` says why it cannot be read.
        """
        for folder in folders or _FOLDERS:
            shipped = sorted(_SHIPPED[folder].rglob("*.ttl")) if folder in _SHIPPED else []
            tools = (path for path in shipped if path not in self.copied_vocabulary)
            found = (*tools, *sorted(map(Path, _walk(str(self.root / folder)))))
            yield from (path for path in found if path.suffix.endswith(suffix))

    @cached_property
    def copied_vocabulary(self) -> dict[Path, Path]:
        """The files of the tool's vocabulary that the project has a copy of, with the copy.

        Earlier versions of ``kg init`` copied the vocabulary into ``ontology/claims/`` and ``ontology/shapes/``.
        """
        found = {}
        for path in VOCABULARY.rglob("*.ttl"):
            folders = ("shapes",) if path.parent != VOCABULARY else ("claims", ".")
            for folder in folders:
                copy = self.root / "ontology" / folder / path.name
                if copy.is_file() and _declares_the_same(path, copy):
                    found[path] = copy
        return found

    def relative(self, path: Path) -> str:
        """A path as messages show it: from the project's folder, with forward slashes."""
        if path.is_relative_to(VOCABULARY):
            return f"{_VOCABULARY_NAME}/{path.relative_to(VOCABULARY).as_posix()}"
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else str(path)

    @staticmethod
    def is_vocabulary(name: str) -> bool:
        """Whether a file, as ``relative`` names it, belongs to the tool's vocabulary."""
        return name.startswith(f"{_VOCABULARY_NAME}/")

    def inside(self, path: Path) -> Path:
        """The path, where no link leads it out of the project's folder. Raises InputError (KG007)."""
        if not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(self.root)):
            remedy = "Work in the folder that the link leads to, or put a file in its place."
            place = Place(self.relative(path))
            message = "a link leads out of the project: nothing is written there, or taken from there into a bundle"
            raise InputError(Problem("KG007", message, place, remedy))
        return path

    def iri(self, kind: str, *names: str) -> str:
        """An IRI of the project as a term: ``iri("claim", "slug", "x")`` is ``<base>claim/slug/x``."""
        return f"<{self.base}{'/'.join((kind, *names))}>"

    @cached_property
    def vocabulary(self) -> tuple[str, str]:
        """Prefix and namespace of the project's own terms: what its header prefers, ``<base>ontology#``."""
        found = _PREFIX.search(self._header)
        return (found[1] if found else "term"), f"{self.base}ontology#"

    @cached_property
    def prefixes(self) -> dict[str, str]:
        """The prefixes of the project's own names and those of ``kg.vocab``."""
        kinds = ("id", "document", "claim", "query", "graph", "link", "statement")
        prefix, namespace = self.vocabulary
        return PREFIXES | {prefix: namespace} | {kind: f"{self.base}{kind}/" for kind in kinds}

    def listing(self) -> dict[str, tuple[int, int]]:
        """Each input file with its size and time of change, a quick test for changes."""
        start, shipped = len(os.path.join(self.root, "")), len(str(VOCABULARY))
        own = {path[start:]: _status(path) for folder in _FOLDERS for path in _walk(str(self.root / folder))}
        tools = {_VOCABULARY_NAME + path[shipped:]: _status(path) for path in _walk(str(VOCABULARY))}
        return own | tools

    def digests(self) -> dict[str, str]:
        """The SHA-256 of each input file, by name. Raises InputError (KG100) with all that cannot be read."""

        def digest(path: Path) -> tuple[str, str]:
            name = self.relative(path)
            return name, hashlib.sha256(read(path, name)).hexdigest()

        return dict(gathered(digest, self.files()))

    def digest(self) -> str:
        """SHA-256 over the names and contents of all input files, in order of name. Raises as ``digests`` does."""
        lines = (f"{name}\0{content}\n" for name, content in self.digests().items())
        return hashlib.sha256("".join(lines).encode()).hexdigest()


#: What the tool ships for a folder of the project.
_SHIPPED = {"ontology": VOCABULARY, "ontology/shapes": VOCABULARY / "shapes"}
_FIRST_SUBJECT = re.compile(r"^(\w+:\w+) a ", re.MULTILINE)


def _declares_the_same(path: Path, copy: Path) -> bool:
    """Whether a file declares the first term of one of the tool's."""
    term = _FIRST_SUBJECT.search(path.read_text(encoding="utf-8"))
    try:
        return term is not None and term[0].encode() in read(copy, copy.name)
    except InputError:
        return False


def _has_marker(folder: Path) -> bool:
    """Whether a folder is a project. Raises InputError (KG100) when that cannot be told of its ontology/."""
    try:
        return stat.S_ISREG((folder / MARKER).stat().st_mode)
    except PermissionError as error:
        if os.path.isdir(folder / MARKER.parent):
            raise InputError(unreadable(error, str(folder / MARKER.parent))) from None
        return False
    except OSError:
        return False


def _walk(folder: str) -> Iterator[str]:
    """The paths below a folder that are named like input files, and the folders that cannot be read.

    A link to a folder that it lies in is not followed, nor a second one to the same folder: that would not end.
    """
    waiting, followed = [folder], set[str]()
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(folder) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError:
            yield folder
            continue
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if os.path.splitext(entry.name)[1] in _SUFFIXES:
                yield entry.path
            elif os.path.isdir(entry.path) and not (entry.is_symlink() and _followed(entry.path, followed)):
                waiting.append(entry.path)


def _followed(link: str, followed: set[str]) -> bool:
    """Whether a link leads to a folder that it lies in or that a link has led to; it has from now on."""
    target = os.path.realpath(link)
    known = target in followed or Path(os.path.realpath(os.path.dirname(link))).is_relative_to(target)
    followed.add(target)
    return known


def _status(path: str) -> tuple[int, int]:
    try:
        status = os.stat(path)
    except OSError:
        return (-1, -1)  # of no file that was built
    return (status.st_size, status.st_mtime_ns)
