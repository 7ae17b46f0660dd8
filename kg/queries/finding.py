"""Finding questions by any words, and names, definitions and glosses that have all of them.

Questions are ranked by the full-text index of SQLite, with stems, prefixes and synonyms.

Ranking is BM25 with a weight for each part of a question (SQLite FTS5, ``bm25``); stems are Porter's.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.corpus.saved_queries import Parameter, SavedQuery
from kg.errors import Problem, UsageError
from kg.evidence.triple_support import SupportFinder
from kg.harmless import preformatted
from kg.labels import fold, keys, shorten
from kg.model import Term
from kg.vocab import OWL, iri

if TYPE_CHECKING:
    from kg.graph.store import Graph

#: What is searched in a question, with its weight.
_PARTS = {"name": 6.0, "summary": 4.0, "keywords": 6.0, "theme": 2.0, "description": 0.7, "parameters": 1.0}
#: How much a word that only means the same counts, and a question that takes the entity that is named.
_SYNONYM, _TAKES = 0.6, 1.15
#: Letters of a word from which it also stands for the words that begin so.
_PREFIX = 4
#: Words that one name may have.
_LONGEST = 6
#: What English adds to the name of a country or a body: Russian, Serbia's, Belarusian.
_ADDED = ("s", "n", "ns", "ian", "ians")
#: Groups of words for one matter in English and Serbian, as stems or whole words, folded.
_GROUPS = (
    "exercise drill manoeuvre maneuver wargame training war-games games soldier troops vezba vezbe",
    "arms weapon weaponry armament jet fighter missile tank equipment hardware oruzje naoruzanje",
    "transfer delivery sale sell buy bought donation gift give gave free supply",
    "poll survey want percentage percent share opinion public anketa ankete",
    "sanction measure embargo restriction penalty sankcija sankcije",
    "agreement treaty pact accord deal contract sporazum sporazumi",
    "force valid binding bound",
    "act law resolution parliament statute declaration declare constitution",
    "facility base installation centre center site",
    "meeting summit talks discussion discussed negotiation sastanak sastanci",
    "visit trip travel journey tour",
    "office president minister head post job",
    "plan planned intention intend future upcoming going announced happen",
    "disagreement dispute quarrel odds argue row",
    "contested disputed controversial",
    "contradiction conflicting inconsistent clash",
    "deny denial denied",
    "refuse refusal reject decline",
    "support back favour endorse",
    "depend dependence leverage rely influence pressure",
    "recognise recognition recognize acknowledge position stance",
    "unnamed anonymous unidentified",
    "hedge hedged uncertain vague cautious",
    "vague imprecise approximate",
    "document article source text author bibliography",
    "ontology vocabulary term",
    "inference inferred derived deduced reasoning rule",
    "coverage complete mapped",
    "count number many most",
    "member membership join joined belong belonging clan clanica clanice clanstvo",
    "accession join joined joining enlargement entry",
    "partner cooperation cooperating partnership cooperate",
    "outsiders non-member neutral",
    "milestone chronology timeline history events event",
    "single one alone",
    "identity same identical alias",
    "second reporter told hearsay",
    "profile person speaker",
    "month long between gap",
    "says said think view opinion quote",
    "ally allied friend friendship alliance",
    "prediction predict expect expectation forecast future",
    "allegation allege rumour rumor claim suspicion",
    "energy gas oil supply depend",
    "war bombing intervention attack",
)
#: Words of questions that tell nothing of their matter.
_FILLERS = frozenset(
    """
    a an and any are as at be been by can did do does for from had has have he her his how i in is it
    its of on or our she so some that the their them there these they this those to two up used using
    was we were what when where which who whom whose why will with you your much thing things still
    other about
    """.split()  # noqa: SIM905 - a list of forty words would fill a page
)
_ENDINGS = ("ing", "ed", "es", "s", "e")


@dataclass(frozen=True, slots=True)
class Found:
    """What some words find: questions, best first, each with values for its parameters; entities and claims."""

    text: str
    questions: tuple[tuple[SavedQuery, dict[str, str]], ...]
    entities: tuple[Term, ...]
    hits: tuple[Hit, ...]


def find_questions(graph: Graph, words: Sequence[str], limit: int = 5) -> Found:
    """The questions that fit some words, the entities that the words name, and the claims that have them all."""
    text = " ".join(words)
    entities = named_in(graph, text)
    scores = _scores(graph, text)
    kinds = {term: _kinds(graph, term) for term in entities.values()}
    told = {word for name in entities for word in fold(name).split()} | _FILLERS
    only_names = not scores or set(fold(text).split()) <= told
    called = {name: _called(graph, name, term) for name, term in entities.items()}
    values = {query.name: _values(query, entities, kinds, called) for query in graph.queries.values()}
    for name, given in values.items():
        if only_names and given:
            # Nothing but names: what takes most of them, and is about such things alone.
            bound = sum(bool(p.kind) for p in graph.queries[name].parameters if p.name in given)
            scores[name] = scores.get(name, 0.0) + len(given) + 10 * bound
        elif name in scores and given:
            scores[name] *= _TAKES
    ordered = sorted(scores, key=lambda name: (-scores[name], name))[:limit]
    hits = search(graph, [text], limit) if fold(text) else []
    terms = tuple(dict.fromkeys(entities.values()))
    return Found(
        text,
        tuple((graph.queries[name], values[name]) for name in ordered),
        terms,
        tuple(hit for hit in hits if hit.term not in terms),
    )


def named_in(graph: Graph, text: str) -> dict[str, Term]:
    """The entities that a text names, by the words that name them; of overlapping names the longest."""
    words = text.split()
    start = graph.project.iri("id", "")[:-1]
    found: dict[str, Term] = {}
    at = 0
    while at < len(words):
        for length in range(min(_LONGEST, len(words) - at), 0, -1):
            name = " ".join(words[at : at + length])
            terms = [term for term in _bearing(graph, name) if term.startswith(start)]
            if len(terms) == 1 and fold(name) not in _FILLERS and not _synonyms(fold(name)):
                found[name] = terms[0]
                at += length - 1
                break
        at += 1
    return found


def _bearing(graph: Graph, name: str) -> list[Term]:
    """What is called so, or so but for an ending."""
    folded = fold(name)
    shorter = (folded.removesuffix(end) for end in _ADDED if folded.endswith(end))
    found = (graph.index.named(keys(each)) for each in (name, *shorter))
    return next(filter(None, found), [])


def _synonyms(word: str) -> list[str]:
    """What else may be meant by a folded word, whatever its ending."""
    return [other for other in _MEANINGS.get(_stem(word), ()) if _stem(other) != _stem(word)]


def _stem(word: str) -> str:
    """A word without the endings of plurals and verbs."""
    if word.endswith("ies"):
        return word[:-3] + "y"
    ending = next((end for end in _ENDINGS if word.endswith(end) and len(word) - len(end) > 2), "")
    return word.removesuffix(ending)


def _by_stem() -> dict[str, list[str]]:
    """For the stem of each word of the groups, all that it may stand for."""
    found: dict[str, list[str]] = {}
    for group in _GROUPS:
        for word in group.split():
            found.setdefault(_stem(word), []).extend(group.split())
    return found


_MEANINGS = _by_stem()


def questions_taking(graph: Graph, term: Term) -> list[tuple[SavedQuery, str]]:
    """The questions that can be asked about an entity, each with the parameter that takes it, by name."""
    kinds = _kinds(graph, term)
    found = []
    for name in sorted(graph.queries):
        query = graph.queries[name]
        takes = next((p.name for p in query.parameters if _fits(p, kinds)), None)
        if takes is not None:
            found.append((query, takes))
    return found


def _scores(graph: Graph, text: str) -> dict[str, float]:
    """How well each question fits the words of a text; those that fit not at all are left out."""
    scores: dict[str, float] = {}
    with closing(_index(graph)) as index:
        for word, weight in _wanted(text):
            pattern = f'"{word}"*' if len(word) >= _PREFIX else f'"{word}"'
            weights = ", ".join(map(str, _PARTS.values()))
            best = f"SELECT rowid, -bm25(question, {weights}) FROM question WHERE question MATCH ?"  # noqa: S608 - numbers of our own
            for row, score in index.execute(best, (pattern,)):
                name = index.execute("SELECT called FROM names WHERE number = ?", (row,)).fetchone()[0]
                scores[name] = scores.get(name, 0) + weight * score
    return scores


def _wanted(text: str) -> Iterator[tuple[str, float]]:
    """The words to look for with their weights: those of a text that mean something, and what means the same."""
    for word in dict.fromkeys(fold(text).split()):
        if word in _FILLERS:
            continue
        yield word, 1.0
        yield from ((other, _SYNONYM) for other in _synonyms(word))


def _index(graph: Graph) -> sqlite3.Connection:
    """A full-text index of the questions, in memory."""
    index = sqlite3.connect(":memory:")
    columns = ", ".join(_PARTS)
    index.execute(
        f"CREATE VIRTUAL TABLE question USING fts5({columns}, tokenize = 'porter unicode61', prefix = '4 6')"
    )
    index.execute("CREATE TABLE names (number INTEGER PRIMARY KEY, called TEXT)")
    for number, query in enumerate(graph.queries.values()):
        parts = (query.name, query.summary, " ".join(query.keywords), query.theme, query.description)
        about = " ".join(f"{p.name} {p.label}" for p in query.parameters)
        index.execute("INSERT INTO names VALUES (?, ?)", (number, query.name))
        row = (number, *map(fold, (*parts, about)))
        index.execute(f"INSERT INTO question (rowid, {columns}) VALUES (?{', ?' * len(_PARTS)})", row)  # noqa: S608 - names of our own
    return index


def _kinds(graph: Graph, term: Term) -> frozenset[Term]:
    """The classes of an entity in the view."""
    return frozenset(row[0] for row in graph.rows(f"SELECT ?kind {{ {term} a ?kind }}") if row[0])


def _called(graph: Graph, name: str, term: Term) -> str:
    """A name as it was written where that names the term, else its label: "Serbian" is no name of Serbia."""
    return name if term in graph.index.named(keys(name)) else graph.label(term)


def _values(
    query: SavedQuery, entities: dict[str, Term], kinds: dict[Term, frozenset[Term]], called: dict[str, str]
) -> dict[str, str]:
    """The names among the words that fit a question's parameters, as each is called, each once."""
    values: dict[str, str] = {}
    left = dict(entities)
    for parameter in query.parameters:
        name = next((name for name, term in left.items() if _fits(parameter, kinds[term])), None)
        if name is not None:
            values[parameter.name] = called[name]
            del left[name]
    return values


def _fits(parameter: Parameter, kinds: frozenset[Term]) -> bool:
    return parameter.type == "entity" and not parameter.choices and (not parameter.kind or parameter.kind in kinds)


# -- names, definitions and glosses

_DEPRECATED = iri(OWL + "deprecated")
#: Where a hit was found, best first.
_KINDS = ("name", "definition", "gloss")


@dataclass(frozen=True, slots=True, order=True)
class Hit:
    """Something that was found: how well (the lower the better), what it is, where the words stand, its text.

    ``place`` is the document and passages of a gloss's claim; empty for names and definitions.
    """

    rank: tuple[int, int, int]
    term: Term
    kind: str
    text: str
    place: str = ""


def search(graph: Graph, words: Sequence[str], limit: int = 50) -> Hits:
    """What has every word, at the beginning of some word of it: names first, then definitions, then glosses.

    A term found by a name is not given again for its definition; deprecated terms come last. Case, diacritics and
    script do not matter. Raises UsageError (KG666) when there are no words to look for.
    """
    wanted = fold(" ".join(words)).split()
    if not wanted:
        raise UsageError(Problem("KG666", "there are no words to look for", remedy="Give some letters or digits."))
    best: dict[tuple[Term, str], Hit] = {}
    deprecated = {s for s, _p, _o in graph.index.given_with([_DEPRECATED], "ontology")}
    believed = set(graph.view.documents(graph.index.documents))
    for kind, whole, term, text, document in graph.index.search(wanted):
        known = (term, _KINDS[kind])
        if known in best or (term, "name") in best or (document and document not in believed):
            continue
        rank = (kind, 0 if whole else 1, len(fold(text).split()))
        best[known] = Hit(rank, term, _KINDS[kind], text, _place(graph, term) if known[1] == "gloss" else "")
        if len(best) == limit:
            break
    return Hits(graph, sorted(best.values(), key=lambda hit: hit.term in deprecated))


class Hits(list[Hit]):
    """What was found in a graph, best first."""

    def __init__(self, graph: Graph, hits: Iterable[Hit] = ()) -> None:
        super().__init__(hits)
        self.graph = graph

    def __str__(self) -> str:
        """A line a hit: names with their short names; claims with document, place, status, holder and time."""
        return "".join(f"{line}\n" for line in self.lines()) or "nothing found\n"

    def _repr_html_(self) -> str:
        """The hits as notebooks show them."""
        return preformatted(str(self))

    def lines(self, *, iris: bool = False) -> Iterator[str]:
        """A line a hit; with ``iris``, also the short names of claims."""
        grounds, prefixes = SupportFinder.of(self.graph), self.graph.project.prefixes
        for hit in self:
            short, claim = shorten(hit.term, prefixes), self.graph.index.claim(hit.term)
            if claim:
                yield f"{grounds.claim_reference(claim).line}{f'  {short}' if iris else ''}"
                continue
            label = self.graph.label(hit.term)
            yield f"{label}  {short}" + (f"  {hit.text}" if hit.text != label else "")


def _place(graph: Graph, name: Term) -> str:
    claim = graph.index.claim(name)
    return " ".join((claim.document, *claim.passages)) if claim else ""
