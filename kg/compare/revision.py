"""The files of a project as a revision of its git repository has them, without touching the working tree."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from kg.errors import Problem, UsageError
from kg.owned import scratch_folder
from kg.project import MARKER, Project

__all__ = ["at_revision", "commit_of", "listing"]

_FOLDERS = ("ontology", "corpus", "queries")


@contextmanager
def at_revision(project: Project, revision: str) -> Iterator[Project]:
    """A project made of a revision's files, in a temporary folder that goes with the context.

    The files are read from git's objects as they were committed: no checkout, no filter, no attribute. Raises
    UsageError: KG801 outside a git repository, KG802 for no revision, KG803 when the revision has no project.
    """
    commit = commit_of(project.root, revision)
    with scratch_folder(None, "kg-revision-", "revision") as root:
        for name, content in _files(project.root, commit):
            target = root / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        if not (root / MARKER).is_file():
            raise UsageError(Problem("KG803", f"{revision} has no {MARKER}", remedy="Name a later revision."))
        yield Project(root)


def listing(folder: Path, revision: str) -> bytes:
    """The names of a revision's files with the hashes of their contents. Raises as ``commit_of`` does."""
    return _listing(folder, commit_of(folder, revision))


def _listing(folder: Path, commit: str) -> bytes:
    return _git(folder, "ls-tree", "-r", "-z", commit, "--", *_FOLDERS)


def commit_of(folder: Path, revision: str) -> str:
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
    rows = [row.partition(b"\t") for row in _listing(folder, commit).split(b"\0") if row]
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
    """What git answers. Raises UsageError (KG801) with git's own words when it refuses."""
    done = _run(folder, *arguments, given=given)
    if done.returncode:
        remedy = "Do what git says, or name a folder to compare with: kg diff DIR."
        raise UsageError(Problem("KG801", f"git cannot read {folder}{_words(done)}", remedy=remedy))
    return done.stdout


def _words(done: subprocess.CompletedProcess[bytes]) -> str:
    """What git said when it refused."""
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
