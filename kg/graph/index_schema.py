"""The tables of a build's SQLite file, and what stands for a term or a triple in them.

A triple's key is the number that names its statement node (:func:`kg.model.statement_id`), a term's is made the same
way: so a key is known without a look-up, is the same in every build, and needs no index of texts.
"""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

from kg.errors import InputError, Place, Problem
from kg.model import Term, Triple, statement_id

Value = TypeVar("Value")

#: The name of the file in a build's folder.
FILE = "index.sqlite"
#: SQLite's ``application_id``: the letters "KGIX".
MARK = 0x4B474958
#: SQLite's ``user_version``: raised whenever the tables change.
FORMAT = 7
#: The code of a build that is not as it was written.
DAMAGED = "KG006"
#: Flags of a triple: it follows from ontology and entities alone; it is worth publishing where it is inferred; it is
#: in the files of ontology or entities.
ALWAYS, PUBLISHABLE, IN_FILES = 1, 2, 4

SCHEMA = (
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE TABLE term (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT",
    "CREATE TABLE triple (id INTEGER PRIMARY KEY, subject INTEGER NOT NULL, predicate INTEGER NOT NULL,"
    " object INTEGER NOT NULL, flags INTEGER NOT NULL) STRICT",
    "CREATE INDEX triple_subject ON triple (subject)",
    "CREATE INDEX triple_predicate ON triple (predicate)",
    "CREATE INDEX triple_object ON triple (object)",
    # What needs no claim, in the order of the files: kind is ontology, alignments or entities.
    "CREATE TABLE given (number INTEGER PRIMARY KEY, triple INTEGER NOT NULL, kind TEXT NOT NULL,"
    " file TEXT NOT NULL, line INTEGER) STRICT",
    "CREATE INDEX given_triple ON given (triple)",
    "CREATE INDEX given_kind ON given (kind)",
    "CREATE TABLE document (id INTEGER PRIMARY KEY, slug TEXT NOT NULL UNIQUE, row TEXT NOT NULL,"
    " passages TEXT) STRICT",
    # Level 0 is an author's fact, 1 a fact of named holders, 2 anything else affirmed, 3 what no view takes.
    "CREATE TABLE claim (id INTEGER PRIMARY KEY, document INTEGER NOT NULL, number INTEGER NOT NULL,"
    " level INTEGER NOT NULL, row TEXT NOT NULL) STRICT",
    "CREATE INDEX claim_document ON claim (document, level)",
    "CREATE INDEX claim_level ON claim (level)",
    # When the triple holds by this claim alone (NULL: no view takes the claim).
    "CREATE TABLE states (triple INTEGER NOT NULL, claim INTEGER NOT NULL, content INTEGER NOT NULL, dated TEXT,"
    " PRIMARY KEY (triple, claim)) STRICT, WITHOUT ROWID",
    "CREATE INDEX states_claim ON states (claim)",
    "CREATE TABLE mention (term INTEGER NOT NULL, claim INTEGER NOT NULL,"
    " PRIMARY KEY (term, claim)) STRICT, WITHOUT ROWID",
    "CREATE TABLE opposed (claim INTEGER NOT NULL, other INTEGER NOT NULL,"
    " PRIMARY KEY (claim, other)) STRICT, WITHOUT ROWID",
    "CREATE TABLE link (document INTEGER NOT NULL, number INTEGER NOT NULL, id INTEGER NOT NULL,"
    " source INTEGER NOT NULL, target INTEGER NOT NULL, row TEXT NOT NULL,"
    " PRIMARY KEY (document, number)) STRICT, WITHOUT ROWID",
    "CREATE INDEX link_id ON link (id)",
    "CREATE INDEX link_source ON link (source)",
    "CREATE INDEX link_target ON link (target)",
    # The ground program: rule instances by head, and by what each depends on, unless that holds in every view.
    "CREATE TABLE instance (head INTEGER NOT NULL, rule TEXT NOT NULL, body BLOB NOT NULL, absent TEXT,"
    " PRIMARY KEY (head, rule, body)) STRICT, WITHOUT ROWID",
    "CREATE INDEX instance_absent ON instance (head) WHERE absent IS NOT NULL",
    "CREATE TABLE premise (triple INTEGER NOT NULL, head INTEGER NOT NULL,"
    " PRIMARY KEY (triple, head)) STRICT, WITHOUT ROWID",
    # The default view: when each triple holds (NULL: always) and the claims that support it (NULL: it needs none).
    "CREATE TABLE fact (triple INTEGER PRIMARY KEY, periods TEXT, support BLOB, stated INTEGER NOT NULL) STRICT",
    # What a rule for contradictions finds among all that any claim affirms.
    "CREATE TABLE refutation (rule TEXT NOT NULL, premises BLOB NOT NULL,"
    " PRIMARY KEY (rule, premises)) STRICT, WITHOUT ROWID",
    "CREATE TABLE clash (kind TEXT NOT NULL, one INTEGER NOT NULL, other INTEGER NOT NULL, about TEXT NOT NULL,"
    " PRIMARY KEY (kind, one, other, about)) STRICT, WITHOUT ROWID",
    "CREATE TABLE query (name TEXT PRIMARY KEY, row TEXT NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE TABLE label (term INTEGER PRIMARY KEY, names TEXT NOT NULL) STRICT",
    # A surname counts where nothing else has the name, and nobody else the surname.
    "CREATE TABLE named (name TEXT NOT NULL, term INTEGER NOT NULL, surname INTEGER NOT NULL,"
    " PRIMARY KEY (name, term)) STRICT, WITHOUT ROWID",
    # Texts that can be searched, numbered in order of rank; whole is the key of the folded text.
    "CREATE TABLE search_text (number INTEGER PRIMARY KEY, kind INTEGER NOT NULL, words INTEGER NOT NULL,"
    " whole INTEGER NOT NULL, term INTEGER NOT NULL, document INTEGER, text TEXT NOT NULL) STRICT",
    "CREATE INDEX search_text_whole ON search_text (whole, kind)",
    "CREATE VIRTUAL TABLE word USING fts5(text, content='', detail=none, tokenize='unicode61 remove_diacritics 2')",
)


@lru_cache(maxsize=1 << 17)
def term_key(term: Term) -> int:
    """What stands for a term: the first 64 bits of its SHA-256, as SQLite's signed integer."""
    return int.from_bytes(sha256(term.encode()).digest()[:8], "big", signed=True)


def triple_key(triple: Triple) -> int:
    """What stands for a triple: the number of its statement node."""
    return statement_key(statement_id(triple))


def statement_key(name: str) -> int:
    """What stands for the triple whose statement node has a name. Raises ValueError for what is none."""
    if len(name) != 16:
        raise ValueError(name)
    number = int(name, 16)
    return number - (1 << 64) if number >> 63 else number


def packed(keys: Iterable[int]) -> bytes:
    """Keys as one value of a row."""
    return array("q", keys).tobytes()


def unpacked(value: bytes) -> array[int]:
    """The inverse of ``packed``. Raises ValueError for what it did not write."""
    found = array("q")
    found.frombytes(value)
    return found


#: Triples by key, with their flags.
SPELT = (
    "SELECT t.id, t.flags, s.text, p.text, o.text FROM triple t JOIN term s ON s.id = t.subject"
    " JOIN term p ON p.id = t.predicate JOIN term o ON o.id = t.object"
)
#: The tables of a kept view: the rows of facts that differ; those of facts that do not hold are ``gone``.
VIEW_SCHEMA = (
    "CREATE TABLE fact (triple INTEGER PRIMARY KEY, gone INTEGER NOT NULL, periods TEXT, support BLOB,"
    " stated INTEGER NOT NULL) STRICT",
)


@contextmanager
def reading(folder: Path) -> Iterator[None]:
    """While something of a build is read. Raises InputError (KG006) when it is not as it was written."""
    try:
        yield
    # A RuntimeError is Oxigraph's.
    except (OSError, ValueError, TypeError, KeyError, RuntimeError, sqlite3.Error) as error:
        words = str(error).splitlines()[0] if str(error) else type(error).__name__
        remedy = "Make it anew: `kg build --force`."
        message = f"what was built is damaged: {words}"
        raise InputError(Problem(DAMAGED, message, Place(str(folder)), remedy)) from None


def set_up(connection: sqlite3.Connection, schema: Iterable[str]) -> None:
    """Write the mark and the tables of a new file, which nobody reads before it is whole."""
    connection.execute("PRAGMA journal_mode = OFF")
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute(f"PRAGMA application_id = {MARK}")
    connection.execute(f"PRAGMA user_version = {FORMAT}")
    for statement in schema:
        connection.execute(statement)


def check_schema(connection: sqlite3.Connection, schema: Iterable[str] = SCHEMA) -> None:
    """Raises ValueError for a file that has other tables than these, or anything that runs by itself."""
    (mark,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    rows = connection.execute("SELECT type, name, sql FROM sqlite_schema").fetchall()
    found = {sql for kind, name, sql in rows if sql and not name.startswith("word_")}
    ours = found == set(schema) and {kind for kind, _name, _sql in rows} <= {"table", "index"}
    if (mark, version) != (MARK, FORMAT) or not ours:
        raise ValueError("the index is of another form")


class IndexTable(Mapping[str, Value]):
    """A table of an index by the names of its rows. A row is read, as JSON, when it is first asked for."""

    def __init__(
        self,
        rows: Callable[..., Iterator[tuple[Any, ...]]],
        folder: Path,
        row: str,
        names: str,
        *,
        made: Callable[[Any], Value] = lambda data: data,
        key: Callable[[str], object] = str,
    ) -> None:
        """``rows`` runs statements on the index in ``folder``.

        ``row`` selects the text of one row by its ``key``, ``names`` all names; ``made`` is a row's value.
        """
        self._rows, self._folder, self._made, self._key = rows, folder, made, key
        self._row, self._names = row, names
        self._known: dict[str, list[Value]] = {}

    def __getitem__(self, name: str) -> Value:
        if name not in self._known:
            rows = self._rows(self._row, self._key(name))
            with reading(self._folder):
                self._known[name] = [self._made(json.loads(text)) for (text,) in rows]
        if not self._known[name]:
            raise KeyError(name)
        return self._known[name][0]

    def __iter__(self) -> Iterator[str]:
        return (str(row[0]) for row in self._rows(self._names))

    def __len__(self) -> int:
        return sum(1 for _name in self)
