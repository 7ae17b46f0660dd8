"""A build made from an earlier one is the same as one made from nothing."""

from __future__ import annotations

import random
import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pyoxigraph
import pytest
from examples import examples
from hypothesis import example
from hypothesis import strategies as st

from kg.graph.build import build
from kg.graph.index_schema import FILE
from kg.graph.snapshot import Snapshot, intact, seal
from kg.project import Project

ROOT = Path(__file__).parent.parent
BASE = "https://w3id.org/serbia-kg"
HEAD = f"""@prefix kg: <{BASE}/ontology#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix : <{BASE}/id/> .
@prefix d: <{BASE}/document/> .
"""
ENTITIES = """@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
:serbia a kg:Country ; rdfs:label "Serbia"@en , "Srbija"@sr-Latn , "Србија"@sr-Cyrl .
:armenia a kg:Country ; rdfs:label "Armenia"@en , "Jermenija"@sr-Latn , "Јерменија"@sr-Cyrl .
:kazakhstan a kg:Country ; rdfs:label "Kazakhstan"@en , "Kazahstan"@sr-Latn , "Казахстан"@sr-Cyrl .
:belarus a kg:Country ; rdfs:label "Belarus"@en , "Belorusija"@sr-Latn , "Белорусија"@sr-Cyrl .
:csto a kg:MilitaryAlliance ; rdfs:label "CSTO"@en , "ODKB"@sr-Latn , "ОДКБ"@sr-Cyrl .
:nato a kg:MilitaryAlliance ; rdfs:label "NATO"@en , "NATO"@sr-Latn , "НАТО"@sr-Cyrl .
:csto-parliamentary-assembly a kg:Institution , kg:Organisation ;
    rdfs:label "Assembly"@en , "Skupština"@sr-Latn , "Скупштина"@sr-Cyrl .
"""
STATES = ("serbia", "armenia", "kazakhstan", "belarus")
BODIES = ("csto", "nato", "csto-parliamentary-assembly")
PROPERTIES = ("memberOf", "observerOf", "cooperatesWith")
TIMES = ("", 'kg:on "2016" ;', 'kg:begins "2013-04-11" ;', 'kg:ends "2019" ;', 'kg:holdsAt "2017-03" ;')
EXTRAS = ("", "", "", "kg:polarity kg:Denied ;", "kg:modality kg:Allegation ;", "kg:holder :serbia ;")


def document(pick: random.Random, slug: str, others: list[str]) -> str:
    """A document of random claims about a few states and organisations, perhaps disputing one of another document."""
    day = pick.choice(("2016-01-05", "2018-06-30", "2021-11-11"))
    text = f"""{HEAD}
d:{slug} a kg:Document ; kg:slug "{slug}" ; dcterms:title "Title {pick.randrange(4)} of {slug}"@en ;
    dcterms:publisher "Nobody" ; dcterms:language "en" ; kg:genre "report"@en ; kg:standpoint "none"@en ;
    kg:published "{day}" ; kg:dateBasis "invented"@en .
"""
    for number in range(pick.randrange(1, 5)):
        name = f"<{BASE}/claim/{slug}/c{number}>"
        one, verb, other = f":{pick.choice(STATES)}", pick.choice(PROPERTIES), f":{pick.choice(BODIES)}"
        if (lot := pick.random()) < 0.2:
            one, verb, other = ":csto", "numberOfMembers", str(pick.randrange(6, 9))
        elif lot < 0.4:
            # What dates one thing bounds what others leave open.
            since = (f":{pick.choice(BODIES)}", "existsSince", '"2003"')
            one, verb, other = pick.choice((since, (":csto-parliamentary-assembly", "partOf", ":csto")))
        extra = pick.choice(EXTRAS)
        modality = "" if "modality" in extra else "kg:modality kg:Fact ;"
        gloss = f"{one[1:]} {verb} {other.strip(chr(34))} {pick.randrange(3)}"
        text += f"""{name} {{ {one} kg:{verb} {other} . }}
{name} a kg:Claim ; kg:passage "1.1" ; {modality} {extra} {pick.choice(TIMES)} kg:gloss "{gloss}"@en .
"""
    if others and pick.random() < 0.5:
        ends = f"kg:fromClaim <{BASE}/claim/{slug}/c0> ; kg:toClaim <{BASE}/claim/{pick.choice(others)}/c0>"
        text += f'<{BASE}/link/{slug}/x> a kg:Link ; {ends} ; kg:relation kg:Disputes ; kg:why "Unlike it."@en .\n'
    return text


class Edited:
    """A project of few documents that is changed at random."""

    def __init__(self, root: Path, seed: int) -> None:
        shutil.copytree(ROOT / "ontology", root / "ontology")
        self.entities = root / "corpus" / "entities" / "all.ttl"
        self.folder = root / "corpus" / "documents"
        for folder in (self.entities.parent, self.folder):
            folder.mkdir(parents=True)
        self.entities.write_text(HEAD + ENTITIES, encoding="utf-8")
        self.pick = random.Random(seed)  # noqa: S311 - a test, not a secret
        for number in range(6):
            self.write(f"doc-{number}")

    def slugs(self) -> list[str]:
        """The documents."""
        return sorted(path.stem for path in self.folder.glob("*.trig"))

    def write(self, slug: str) -> None:
        """Write a document anew."""
        others = [other for other in self.slugs() if other < slug]
        (self.folder / f"{slug}.trig").write_text(document(self.pick, slug, others), encoding="utf-8")
        (self.folder / f"{slug}.passages").write_text(
            f"# kg-sentences-1  text-sha256 {'0' * 64}\nplace\tsha256\toccurrence\tset aside\n1.1\t{'0' * 64}\t1\n",
            encoding="utf-8",
        )

    def change(self, kind: str) -> None:
        """Add, change, reword or remove a document, or change what the entities say.

        A document that is reworded affirms the same in other words and on other dates.
        """
        number = self.pick.randrange(1000)
        if kind == "add":
            self.write(f"new-{number}")
        elif kind == "change":
            self.write(self.pick.choice(self.slugs()))
        elif kind == "reword":
            path = self.folder / f"{self.pick.choice(self.slugs())}.trig"
            text = path.read_text(encoding="utf-8").replace('kg:gloss "', f'kg:gloss "again {number} ')
            path.write_text(re.sub('(kg:(on|ends|published)) "20..', r'\1 "2015', text), encoding="utf-8")
        elif kind == "remove":
            # The last one: no other links to it.
            last = self.slugs()[-1]
            for ending in (".trig", ".passages"):
                (self.folder / f"{last}{ending}").unlink()
        else:
            text = self.entities.read_text(encoding="utf-8").replace('"Serbia"@en', f'"Serbia {number}"@en')
            more = (
                f':land-{number} a kg:Country ; rdfs:label "Land {number}"@en, "Zemlja"@sr-Latn, "Земља"@sr-Cyrl .\n'
            )
            self.entities.write_text(text + more, encoding="utf-8")


def quads(snapshot: Snapshot) -> set[str]:
    store = pyoxigraph.Store.read_only(str(snapshot.store_path))
    return set(map(str, store))


def units(snapshot: Snapshot) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (snapshot.folder / "units").iterdir()}


def tables(snapshot: Snapshot) -> dict[str, Any]:
    """What the index has; the numbers of what can be searched say its order alone."""
    found: dict[str, Any] = {}
    with closing(sqlite3.connect(snapshot.folder / FILE)) as connection:
        names = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'word%'"
        for (name,) in connection.execute(names).fetchall():
            rows = connection.execute(f"SELECT * FROM {name}").fetchall()  # noqa: S608 - a name of ours
            found[name] = set(rows)
        found["search_text"] = [row[1:] for row in connection.execute("SELECT * FROM search_text ORDER BY number")]
        for word in ("serbia", "title", "nato", "land", "new"):
            text = """SELECT s.text FROM word CROSS JOIN search_text s ON s.number = word.rowid
                WHERE word MATCH ? ORDER BY s.number"""
            found[f"word {word}"] = connection.execute(text, (word,)).fetchall()
    return found


def same(updated: Snapshot, fresh: Snapshot) -> None:
    """Both have the same units, quads and rows."""
    one, other = tables(updated), tables(fresh)
    for name in other:
        if isinstance(other[name], set):
            assert one[name] - other[name] == set(), name
            assert other[name] - one[name] == set(), name
        assert one[name] == other[name], name
    assert quads(updated) - quads(fresh) == set()
    assert quads(fresh) - quads(updated) == set()
    assert units(updated) == units(fresh)


KINDS = ("add", "change", "change", "reword", "remove", "entities")


@example(seed=1, edits=["reword"])
@examples(2, 20, seed=st.integers(0, 10**6), edits=st.lists(st.sampled_from(KINDS), min_size=1, max_size=3))
def test_an_updated_build_is_the_build_made_from_nothing(
    tmp_path_factory: pytest.TempPathFactory, seed: int, edits: list[str]
) -> None:
    """If documents or entities change, then the build made from the one before equals one made from nothing."""
    root = tmp_path_factory.mktemp("project")
    edited = Edited(root, seed)
    build(Project(root))
    steps: list[str] = []
    for kind in edits:
        edited.change(kind)
        snapshot = build(Project(root), progress=steps.append)
    # What is undone leads back to a build that is there.
    assert steps.count("updating") + steps.count("unchanged") == len(edits)
    assert intact(snapshot.folder, thorough=True)
    same(snapshot, build(Project(root), force=True))


def test_a_damaged_build_is_no_start(tmp_path: Path) -> None:
    """If the index of the build before is damaged and its seal does not show it, then nothing is taken of it."""
    edited = Edited(tmp_path, 1)
    snapshot = build(Project(tmp_path))
    with closing(sqlite3.connect(snapshot.folder / FILE)) as connection, connection:
        connection.execute("UPDATE claim SET row = '{}'")
        connection.execute("DELETE FROM term WHERE id % 2")
    seal(snapshot.folder)
    edited.change("change")
    steps: list[str] = []
    made = build(Project(tmp_path), progress=steps.append)
    assert [step for step in steps if step in ("updating", "reasoning")] == ["updating", "reasoning"]
    same(made, build(Project(tmp_path), force=True))
