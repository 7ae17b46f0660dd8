"""``kg init``: a project of one's own, with another subject and base IRI, that builds and tests from the start.

It is a copy of the example beside this module, with its base, title and prefix put in place of the example's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from kg.errors import Problem, UsageError
from kg.owned import give_folder, make_folder, remove_folder, remove_unchanged, umask
from kg.project import Project

#: The kind of folder that an unfinished project is (see ``kg.owned``).
_KIND = "unfinished project"
_EXAMPLE = Path(__file__).parent / "example"
_BASE, _TITLE, _PREFIX = "https://example.org/footpaths/", "Footpaths", "own"
_AUTHOR = "The makers of Footpaths"
#: What of the example stays when it is removed: what makes the folder a project.
_KEPT = {"README.md", ".gitignore", "tests/test_answers.py", "ontology/_ontology.ttl"}
_SAID = re.compile(r'dcterms:(title|creator) "([^"]*)"')
_BASE_FORM = re.compile(r"https?://[^\s<>\"{}|^`\\#?]+/")
_PREFIX_FORM = re.compile(r"[a-z][a-z0-9]{0,15}")
#: Prefixes that the files use for something else.
_TAKEN = {"kg", "owl", "rdf", "rdfs", "skos", "dcterms", "vann", "xsd", "schema", "sh", "prov", "d", "c", "l", "id"}


def init(folder: Path, base: str = "", title: str = "", prefix: str = _PREFIX, author: str = "") -> Project:
    """Make a project in a folder that does not exist or is empty.

    ``base`` is what every IRI of the project begins with (by default one below example.org, after the folder),
    ``title`` the ontology's, ``prefix`` that of its own terms, ``author`` whom citations name. Raises UsageError:
    KG806 when the folder has something in it or cannot be made, KG805 for a base, a title, an author or a prefix
    that is none.
    """
    name = re.sub(r"[^a-z0-9]+", "-", folder.resolve().name.lower()).strip("-") or "graph"
    base = base or f"https://example.org/{name}/"
    title = title or name.replace("-", " ").capitalize()
    author = author or f"The makers of {title}"
    _check(base, title, prefix, author)
    target = folder.resolve()
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        remedy = "Name a folder that does not exist yet, or an empty one."
        raise UsageError(Problem("KG806", f"{folder} is not empty", remedy=remedy))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        made = make_folder(target.parent, f".{target.name}-", _KIND)
    except OSError as error:
        raise UsageError(Problem("KG806", f"{folder} cannot be made: {error.strerror}")) from None
    try:
        for name, content in _example(base, title, prefix, author):
            copy = made / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(content)
        made.chmod(0o777 & ~umask())
        give_folder(made, target)
    except BaseException:
        remove_folder(made, _KIND)
        raise
    return Project(target)


def remove_example(project: Project) -> tuple[list[str], list[str]]:
    """Remove what is left of the example in a project made by ``init``: the files removed, and those kept as changed.

    A file that holds anything else than the example's is left alone. Raises InputError and OSError.
    """
    header = dict(_SAID.findall((project.root / "ontology" / "_ontology.ttl").read_text(encoding="utf-8")))
    prefix, _space = project.vocabulary
    removed: list[str] = []
    changed: list[str] = []
    for name, content in _example(project.base, header.get("title", ""), prefix, header.get("creator", "")):
        path = project.root / name
        if name not in _KEPT and path.exists():
            (removed if remove_unchanged(path, content) else changed).append(name)
    return removed, changed


def _check(base: str, title: str, prefix: str, author: str) -> None:
    problems = []
    if not _BASE_FORM.fullmatch(base):
        problems.append(Problem("KG805", f"{base!r} is no base", remedy="An http or https address that ends in /."))
    for what, text in (("title", title), ("author", author)):
        if not text.isprintable() or set(text) & set('"\\'):
            problems.append(Problem("KG805", f"{text!r} is no {what}", remedy="One line, no quotes or backslashes."))
    if not _PREFIX_FORM.fullmatch(prefix) or prefix in _TAKEN:
        problems.append(Problem("KG805", f"{prefix!r} is no prefix", remedy="Small letters, and none in use."))
    if problems:
        raise UsageError(problems)


def _example(base: str, title: str, prefix: str, author: str) -> Iterator[tuple[str, bytes]]:
    """The files of the example by name, with a project's own base, title, prefix and author."""
    for path in sorted(_EXAMPLE.rglob("*")):
        if not path.is_file() or path.suffix == ".pyc":
            continue
        content = path.read_text(encoding="utf-8").replace(_BASE, base).replace(_AUTHOR, author)
        if path.suffix != ".txt":
            content = content.replace(_TITLE, title)
        if prefix != _PREFIX:
            content = re.sub(rf"\b{_PREFIX}:(?=[ A-Za-z])", f"{prefix}:", content)
            content = content.replace(f'preferredNamespacePrefix "{_PREFIX}"', f'preferredNamespacePrefix "{prefix}"')
        name = path.relative_to(_EXAMPLE).as_posix()
        # A dot file would be left out of the package.
        yield (".gitignore" if name == "gitignore" else name), content.encode()
