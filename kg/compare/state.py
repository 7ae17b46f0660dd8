"""One side of a comparison: a graph computed from files, those of a folder or of a revision in git.

The files of a revision are written to a folder of their own; the working tree is not touched.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from kg.corpus.documents import Claims
from kg.corpus.query_files import read_saved_queries
from kg.corpus.read import Corpus, read_corpus
from kg.corpus.saved_queries import SavedQuery
from kg.corpus.turtle import SKOLEM
from kg.errors import InputError, Problem, UsageError
from kg.evidence.triple_support import SupportFinder
from kg.graph.index import Index
from kg.graph.index_writer import write_index
from kg.graph.materialise import Materialised, materialise, project_rules
from kg.graph.snapshot import Snapshot
from kg.graph.store import Graph, in_memory
from kg.graph.units import ontology_version
from kg.labels import Labels, Names
from kg.model import Term, Triple
from kg.owned import scratch_folder
from kg.project import MARKER, Project
from kg.queries.answer import Answer
from kg.queries.run import run
from kg.reasoner import CustomRule, Program, compile_program

if TYPE_CHECKING:
    import pyoxigraph


@dataclass
class State(Graph):
    """The default view of files that are not built: queries can be asked of it as of any graph.

    ``name`` is what the comparison calls it; ``read`` the corpus, ``rules`` the project's own rules, ``saved`` the
    saved queries.
    """

    name: str = ""
    read: Corpus = field(default_factory=lambda: Corpus(Project(Path())))
    rules: tuple[CustomRule, ...] = ()
    saved: Mapping[str, SavedQuery] = field(default_factory=dict)

    @cached_property
    def corpus(self) -> Corpus:
        """The corpus as it was read."""
        return self.read

    @cached_property
    def materialised(self) -> Materialised:
        """The view's facts, closure, validity and support."""
        return materialise(self.read, self.view, load_program=lambda: self.program)

    @cached_property
    def inconsistencies(self) -> list[tuple[str, tuple[Triple, ...]]]:
        """Each contradiction as its rule and its premises."""
        return [(rule, tuple(premises)) for rule, premises in self.materialised.closure.inconsistencies]

    @cached_property
    def program(self) -> Program:
        """The ontology with the project's own rules, compiled."""
        return compile_program(self.read.ontology, self.rules)

    @cached_property
    def named_graphs(self) -> bool:
        """Whether a query finds the documents' named graphs: the store holds the view alone."""
        return False

    @cached_property
    def store(self) -> pyoxigraph.Store:
        """The query graph, in memory."""
        return in_memory(self.materialised.query_graph())

    @cached_property
    def queries(self) -> dict[str, SavedQuery]:
        """The saved queries, by name."""
        return dict(self.saved)

    @cached_property
    def label(self) -> Labels:
        """The labels of terms, in the graph's language."""
        return Labels(Names(self.read), self.language, self.project.prefixes)

    @cached_property
    def index(self) -> Index:
        """The index, in memory."""
        return Index(write_index(None, self.materialised, self.saved))

    @cached_property
    def rule_summaries(self) -> dict[str, str]:
        """The project's own rules in words, by name."""
        return {rule.name: rule.summary or rule.name for rule in self.rules}

    @cached_property
    def grounds(self) -> SupportFinder:
        """The support of its triples."""
        return SupportFinder(self)

    @property
    def version(self) -> str:
        """The ontology's version."""
        return ontology_version(self.read)

    def describe_view(self, language: str = "en") -> str:
        """The view in words."""
        return self.view.describe({slug: document.published for slug, document in self.read.documents.items()})

    def answer(self, name: str) -> Answer:
        """The answer to a saved query with its default values. Raises UsageError when one cannot be resolved."""
        return run(self, name, {})

    def without(
        self,
        name: str,
        triples: Iterable[Triple] = (),
        claims: Iterable[Term] = (),
        rules: Iterable[str] = (),
    ) -> State:
        """The same less some triples of the ontology and the entities, some claims, and some of its own rules."""
        old, unsaid, dropped = self.read, set(claims), set(rules)
        gone = _with_parts(triples, old.ontology)
        corpus = Corpus(
            self.project,
            {triple: place for triple, place in old.ontology.items() if triple not in gone},
            old.alignments,
            {triple: place for triple, place in old.entities.items() if triple not in gone},
            old.documents,
            Claims(claim for name, claim in old.claims.items() if name not in unsaid),
            [link for link in old.links if link.source not in unsaid and link.target not in unsaid],
            old.passages,
        )
        kept = tuple(rule for rule in self.rules if rule.name not in dropped)
        return State(self.project, self.snapshot, name=name, read=corpus, rules=kept, saved=self.saved)


def _with_parts(triples: Iterable[Triple], ontology: Iterable[Triple]) -> set[Triple]:
    """The triples, and those of the nodes without a name (a list, a restriction) that they lead to."""
    gone = set(triples)
    parts: dict[Term, list[Triple]] = {}
    for triple in ontology:
        if SKOLEM in triple[0]:
            parts.setdefault(triple[0], []).append(triple)
    todo = [o for _s, _p, o in gone]
    while todo:
        for triple in parts.pop(todo.pop(), ()):
            gone.add(triple)
            todo.append(triple[2])
    return gone


def read_state(project: Project, name: str, *, strict: bool = True) -> State:
    """Read the files of a project.

    Raises InputError with every problem of every file; where not ``strict``, what can be read is compared, since
    the past cannot be mended.
    """
    corpus = read_corpus(project)
    queries, problems = read_saved_queries(project)
    errors = [problem for problem in (*corpus.problems, *problems) if problem.severity == "error"]
    if errors and strict:
        raise InputError(errors)
    rules = project_rules(project)
    return State(project, Snapshot(project.state), name=name, read=corpus, rules=rules, saved=queries)


_FOLDERS = ("ontology", "corpus", "queries")


@contextmanager
def at_revision(project: Project, revision: str) -> Iterator[Project]:
    """A project made of a revision's files, in a temporary folder that goes with the context.

    The files are read from git's objects as they were committed: no checkout, no filter, no attribute. Raises
    UsageError: KG801 outside a git repository, KG802 for no revision, KG803 when the revision has no project.
    """
    commit = _commit_of(project.root, revision)
    with scratch_folder(None, "kg-revision-", "revision") as root:
        for name, content in _files(project.root, commit):
            target = root / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        if not (root / MARKER).is_file():
            raise UsageError(Problem("KG803", f"{revision} has no {MARKER}", remedy="Name a later revision."))
        yield Project(root)


def _commit_of(folder: Path, revision: str) -> str:
    """The full name of the commit that a revision means, in the repository around a folder."""
    asked = _run(folder, "rev-parse", "--is-inside-work-tree")
    if asked.stdout.strip() != b"true":
        remedy = "Name a folder to compare with: kg diff DIR."
        raise UsageError(Problem("KG801", f"{folder} is in no git repository{_words(asked)}", remedy=remedy))
    found = _run(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if found.returncode:
        remedy = "A commit, branch or tag of the project's repository, or a folder."
        raise UsageError(Problem("KG802", f"{revision!r} is neither a revision nor a folder", remedy=remedy))
    return found.stdout.decode().strip()


def _files(folder: Path, commit: str) -> Iterator[tuple[PurePosixPath, bytes]]:
    """Name and content of each plain file of the project's folders, as the commit has it."""
    listing = _git(folder, "ls-tree", "-r", "-z", commit, "--", *_FOLDERS)
    rows = [row.partition(b"\t") for row in listing.split(b"\0") if row]
    blobs = [(head.split()[2], os.fsdecode(name)) for head, _, name in rows if head.startswith(b"100")]
    content = _git(folder, "cat-file", "--batch", given=b"".join(oid + b"\n" for oid, _ in blobs))
    position = 0
    for _oid, name in blobs:
        end = content.index(b"\n", position)
        about = content[position:end].decode().split()
        if len(about) < 3:
            remedy = "Fetch what it lacks, or name a folder to compare with: kg diff DIR."
            raise UsageError(Problem("KG801", f"git has no content of {name}: {' '.join(about)}", remedy=remedy))
        size = int(about[2])
        path = PurePosixPath(name)
        if ".." not in path.parts and not path.is_absolute():
            yield path, content[end + 1 : end + 1 + size]
        position = end + 1 + size + 1


def _git(folder: Path, *arguments: str, given: bytes = b"") -> bytes:
    """The output of git. Raises UsageError (KG801) with git's message when it fails."""
    done = _run(folder, *arguments, given=given)
    if done.returncode:
        remedy = "Do what git says, or name a folder to compare with: kg diff DIR."
        raise UsageError(Problem("KG801", f"git cannot read {folder}{_words(done)}", remedy=remedy))
    return done.stdout


def _words(done: subprocess.CompletedProcess[bytes]) -> str:
    """The error message of git."""
    words = done.stderr.decode("utf-8", "replace").strip()
    return f": {words}" if words else ""


def _run(folder: Path, *arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run git. It asks for nothing and runs no helper of the user.

    A repository may name a remote from which git fetches objects that it lacks. Only git 2.45 and later heed
    GIT_NO_LAZY_FETCH; no protocol is allowed, so that earlier ones reach nothing either.
    """
    command = ["git", "-c", "core.fsmonitor=false", "-C", str(folder), *arguments]
    quiet = {
        **os.environ,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_ALLOW_PROTOCOL": "",
        "LC_ALL": "C",
    }
    try:
        return subprocess.run(command, input=given, capture_output=True, env=quiet, check=False)  # noqa: S603 - see above
    except OSError as error:
        return subprocess.CompletedProcess(command, 127, b"", f"git cannot be run: {error.strerror}".encode())
