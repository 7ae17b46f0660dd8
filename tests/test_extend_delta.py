"""One store for both sides of a comparison: it becomes the new graph exactly, and no changed answer is overlooked."""

import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph
import pytest

from kg.compare.answers import _answers, _asked
from kg.compare.delta import applied, view_delta
from kg.compare.relevance import Changed, affected
from kg.compare.rows import ALL
from kg.compare.state import State, read_state
from kg.project import Project

ROOT = Path(__file__).parent.parent
EX = "http://example.org/"


@pytest.fixture(scope="module")
def state() -> State:
    """The graph of the repository."""
    return read_state(Project(ROOT), "as it is")


def removals(state: State, seed: int) -> Iterator[State]:
    """The graph less some claims, an axiom, a rule, some descriptions: each in turn, chosen at random."""
    chance = random.Random(seed)  # noqa: S311 - a choice of cases, no secret
    claims, ontology, entities = sorted(state.read.claims), sorted(state.read.ontology), sorted(state.read.entities)
    yield state.without("less claims", claims=chance.sample(claims, 3))
    yield state.without("less a document", claims=[c for c in claims if "/sputnik-2017/" in c])
    yield state.without("less an axiom", triples=[chance.choice(ontology)])
    yield state.without("less a rule", rules=[chance.choice(state.rules).name])
    yield state.without("less entities", triples=chance.sample(entities, 3), claims=[chance.choice(claims)])


def content(store: pyoxigraph.Store) -> set[str]:
    return {str(quad) for quad in store}


@pytest.mark.parametrize(
    "seed", [1, pytest.param(2, marks=pytest.mark.slow), pytest.param(3, marks=pytest.mark.slow)]
)
def test_a_store_becomes_the_new_graph_and_the_old_again(state: State, seed: int) -> None:
    """If the difference is applied to a store, it holds the new graph triple for triple; afterwards the old one."""
    before = content(state.store)
    for other in removals(state, seed):
        with applied(view_delta(state, other), state.store):
            assert content(state.store) == content(other.store), other.name
        assert content(state.store) == before, other.name


@pytest.mark.slow
@pytest.mark.parametrize("seed", [4, 5])
def test_no_changed_answer_is_overlooked(state: State, seed: int) -> None:
    """If a query is not asked again, then its answer is the same on both sides."""
    before = _asked(state, dict.fromkeys(state.saved, ALL))
    for other in removals(state, seed):
        old, new = _answers(state, other, view_delta(state, other))
        assert old.keys() == new.keys()
        after = _asked(other, dict.fromkeys(other.saved, ALL))
        for name in state.saved.keys() - new.keys():
            assert _rows(before[name]) == _rows(after[name]), (other.name, name)
        for name in new:
            whole = [_rows(side[name]) for side in (before, after)]
            part = [_rows(side[name]) for side in (old, new)]
            for (rows, failed), (some, failed_too) in zip(whole, part, strict=True):
                assert not some - rows, (other.name, name)
                assert failed == failed_too
            assert part[1][0] - part[0][0] == whole[1][0] - whole[0][0], (other.name, name)
            assert part[0][0] - part[1][0] == whole[0][0] - whole[1][0], (other.name, name)


def _rows(given: object) -> tuple[Counter[object], str]:
    answer, failed = given  # type: ignore[misc]  # an answer, or why there is none
    return (
        (Counter([*answer.rows, *answer.triples, answer.boolean]), "") if answer is not None else (Counter(), failed)
    )


def triple(s: str, p: str, o: str) -> tuple[str, str, str]:
    return f"<{EX}{s}>", f"<{EX}{p}>", f"<{EX}{o}>"


@pytest.mark.parametrize(
    ("where", "come", "touched"),
    [
        ("?a ex:knows ?b", ("x", "knows", "y"), True),
        ("?a ex:knows ?b", ("x", "likes", "y"), False),
        ("?a ex:knows ex:y", ("x", "knows", "z"), False),
        ("?a ex:knows ?a", ("x", "knows", "z"), False),
        ("?a ?p ?b", ("x", "likes", "y"), True),
        # The rest of the group must match with it.
        ("?a ex:knows ?b . ?b ex:likes ?c", ("x", "knows", "y"), False),
        ("?a ex:knows ?b . ?b ex:likes ?c", ("x", "knows", "p"), True),
        ("?a ex:likes ex:q OPTIONAL { ?a ex:knows ?b }", ("x", "knows", "y"), False),
        ("?a ex:likes ex:q OPTIONAL { ?a ex:knows ?b }", ("p", "knows", "y"), True),
        ("?a ex:likes ex:q FILTER NOT EXISTS { ?a ex:knows ?b }", ("p", "knows", "y"), True),
        ("?a ex:likes ex:q FILTER NOT EXISTS { ?a ex:knows ?b }", ("x", "knows", "y"), False),
        ("{ ?a ex:hates ?b } UNION { ?a ex:knows ?b }", ("x", "knows", "y"), True),
        ("?a ex:likes ex:q MINUS { ?a ex:knows ?b }", ("p", "knows", "y"), True),
        # What narrows the rest of a group counts, where it is sure to.
        ("?a ex:knows ?b FILTER(?b = ex:z)", ("x", "knows", "y"), False),
        ("?a ex:knows ?b FILTER(?b = ex:y)", ("x", "knows", "y"), True),
        ("?a ex:knows ?b OPTIONAL { ?b ex:likes ?c } FILTER(!BOUND(?c))", ("x", "knows", "y"), True),
        ("?a ex:knows ?b OPTIONAL { ?b ex:likes ?c } FILTER(?c = ex:q)", ("x", "knows", "y"), True),
        ("VALUES ?b { ex:z } ?a ex:knows ?b", ("x", "knows", "y"), False),
        ("VALUES ?b { ex:y } ?a ex:knows ?b", ("x", "knows", "y"), True),
        ("?a ex:knows ?b { ?a ex:likes ?c }", ("x", "knows", "y"), False),
        ("?a ex:knows ?b { SELECT ?a WHERE { ?a ex:likes ?b } }", ("p", "knows", "y"), True),
        ("?a ex:knows ?b { SELECT ?a WHERE { ?a ex:likes ?b } }", ("x", "knows", "y"), False),
        ("?a ex:knows ?b { SELECT (COUNT(?c) AS ?n) WHERE { ?c ex:hates ?d } }", ("x", "knows", "y"), True),
        (
            "?a ex:knows ?b { SELECT ?a (COUNT(?c) AS ?n) WHERE { ?a ex:hates ?c } GROUP BY ?a }",
            ("x", "knows", "y"),
            False,
        ),
        # Within a SELECT, a name may be another thing than outside.
        ("?a ex:likes ?c { SELECT ?b WHERE { ?a ex:knows ?b } }", ("x", "knows", "y"), True),
        ("?a ex:likes/ex:knows ?b", ("q", "knows", "y"), True),
        ("?a ex:likes/ex:knows ?b", ("x", "knows", "y"), False),
        ("?a ex:likes/^ex:knows ?b", ("x", "knows", "q"), True),
        ("?a ex:likes+ ?b", ("x", "likes", "y"), True),
        ("?a ex:likes|ex:knows ?b", ("x", "knows", "y"), True),
        ("?a ex:likes* ?b", ("x", "knows", "y"), True),
    ],
)
def test_what_a_triple_can_touch(where: str, come: tuple[str, str, str], *, touched: bool) -> None:
    """A triple that came can change an answer only where the rest of a group matches with it."""
    store = pyoxigraph.Store()
    for each in (triple("p", "likes", "q"), triple(*come)):
        store.load((" ".join(each) + " .").encode(), format=pyoxigraph.RdfFormat.N_TRIPLES)
    text = f"PREFIX ex: <{EX}> SELECT * WHERE {{ {where} }}"
    assert bool(affected(text, Changed([triple(*come)]), store)) is touched


def test_what_is_no_select_is_asked() -> None:
    """A query whose patterns are not read can be touched by anything, but not by nothing."""
    store = pyoxigraph.Store()
    assert affected("ASK { ?a ?b ?c }", Changed([triple("a", "b", "c")]), store)
    assert not affected("ASK { ?a ?b ?c }", Changed([]), store)
