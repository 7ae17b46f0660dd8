"""The store of a view other than the default one, kept beside the build that it belongs to.

It is a copy of the build's store by hard links, whose large files never change, with the triples that differ taken
out and put in. A view that takes few claims is made in the same way from the store of the view that believes nothing.
The rows of facts that differ (:class:`kg.graph.facts.Facts`) are kept with it.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import astuple, replace
from pathlib import Path

from kg.files import Unwritable, keeping, temporary_place
from kg.graph.difference import facts_of
from kg.graph.facts import Facts, Row
from kg.graph.index_rows import periods_of, periods_row
from kg.graph.index_schema import FILE, VIEW_SCHEMA, check_schema, packed, reading, set_up, unpacked
from kg.graph.snapshot import Snapshot, made_by
from kg.graph.store_difference import write_store
from kg.graph.views import View
from kg.owned import has_mark, make_folder, only_files, place_folder, remove_folder
from kg.project import Project

#: The kind of folder that a kept view is (see ``kg.owned``).
KIND = "view"
#: So many views are kept; those not used for longest go.
_KEPT = 16


def kept_facts(project: Project, snapshot: Snapshot, view: View) -> Facts:
    """The facts of a view: its kept rows where they are, else worked out."""
    folder = _place(project, snapshot, view)
    if _is_whole(folder):
        with suppress(ValueError, sqlite3.Error):
            rows = _KeptRows(folder / FILE)
            return Facts(snapshot.index, project, view, rows, from_nothing=(folder / "from-nothing").exists())
    return facts_of(snapshot.index, project, view)


def view_folder(project: Project, snapshot: Snapshot, facts: Facts) -> Path:
    """The folder that has the store of a view, made if need be; it goes with the process where none can be kept."""
    place = _place(project, snapshot, facts.view)
    if _is_whole(place):
        with suppress(OSError):
            os.utime(place)
        return place
    try:
        with keeping(place.parent):
            return _made(snapshot, facts, place)
    except Unwritable:
        return _made(snapshot, facts, temporary_place() / place.name)


def _place(project: Project, snapshot: Snapshot, view: View) -> Path:
    what = [made_by(), sorted(view.only) if view.only is not None else None, sorted(view.without), view.accept]
    when = [view.as_of and astuple(view.as_of), view.certain, view.dated]
    digest = hashlib.sha256(json.dumps([*what, *when]).encode()).hexdigest()[:16]
    return project.state_folder("views") / f"{snapshot.folder.name}{digest}"


def _is_whole(folder: Path) -> bool:
    """Whether a view is kept in a folder, and nothing in it leads elsewhere."""
    return has_mark(folder, KIND) and only_files(folder) and (folder / FILE).is_file()


def _base(snapshot: Snapshot, facts: Facts) -> tuple[Facts, Path] | None:
    """The facts of the view from whose store another is made, and that store; None for what is made from nothing.

    What certainly holds at a date is less than what is dated, and that less than what may hold: an answer as of a
    date asks for all of them, and each fact is taken out once.
    """
    view, nothing = facts.view, View(only=frozenset())
    if view.certain or view.dated:
        view = replace(view, certain=False, dated=view.certain)
        base = Facts(facts.index, facts.project, view, facts.rows, from_nothing=facts.from_nothing)
    elif not facts.from_nothing:
        return Facts(facts.index, facts.project, View(), {}, from_nothing=False), snapshot.store_path
    elif view == nothing:
        return None
    else:
        base = Facts(facts.index, facts.project, nothing, {}, from_nothing=True)
    return base, view_folder(facts.project, snapshot, base) / "store"


def _made(snapshot: Snapshot, facts: Facts, place: Path) -> Path:
    base = _base(snapshot, facts)
    made = make_folder(place.parent, "making-", KIND)
    try:
        write_store(facts, made / "store", base)
        if facts.from_nothing:
            (made / "from-nothing").touch()
        _keep_rows(facts.rows, made / FILE)
        if not place_folder(made, place):
            remove_folder(made, KIND)
    except BaseException:
        remove_folder(made, KIND)
        raise
    _sweep(place)
    return place


def _sweep(used: Path) -> None:
    """Remove all but the views used last."""
    with suppress(OSError):
        folders = sorted(used.parent.iterdir(), key=lambda folder: folder.lstat().st_mtime, reverse=True)
        for folder in [each for each in folders if each != used][_KEPT - 1 :]:
            remove_folder(folder, KIND)


# -- rows


class _KeptRows(Mapping[int, Row | None]):
    """The rows that differ, in a file that nothing changes any more."""

    def __init__(self, path: Path) -> None:
        address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        self._folder = path.parent
        self._connection = sqlite3.connect(address, uri=True, check_same_thread=False)
        check_schema(self._connection, VIEW_SCHEMA)

    def __getitem__(self, key: int) -> Row | None:
        with reading(self._folder):
            row = self._connection.execute("SELECT * FROM fact WHERE triple = ?", (key,)).fetchone()
        if row is None:
            raise KeyError(key)
        _key, gone, periods, support, stated = row
        with reading(self._folder):
            claims = None if support is None else frozenset(unpacked(support))
            return None if gone else Row(periods_of(periods), claims, bool(stated))

    def __iter__(self) -> Iterator[int]:
        return (key for (key,) in self._connection.execute("SELECT triple FROM fact"))

    def __len__(self) -> int:
        (count,) = self._connection.execute("SELECT count(*) FROM fact").fetchone()
        return int(count)


def _keep_rows(rows: Mapping[int, Row | None], path: Path) -> None:
    with closing(sqlite3.connect(path.resolve())) as connection, connection:
        set_up(connection, VIEW_SCHEMA)
        kept = (_kept(key, rows[key]) for key in sorted(rows))
        connection.executemany("INSERT INTO fact VALUES (?, ?, ?, ?, ?)", kept)


def _kept(key: int, row: Row | None) -> tuple[object, ...]:
    if row is None:
        return key, 1, None, None, 0
    support = None if row.support is None else packed(sorted(row.support))
    return key, 0, periods_row(row.periods), support, int(row.stated)
