"""The reasoner's program on engines of SQL: the same closure, the same contradictions, proofs that check."""

import hashlib
import json
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from command_line import run_kg
from hypothesis import HealthCheck, given, settings

from benchmarks.generators import GENERATORS
from kg.corpus.read import read_corpus
from kg.engines.inference import close_on_engine
from kg.errors import InputError, UsageError
from kg.graph.build import build
from kg.graph.ground import affirmed
from kg.graph.materialise import compiled
from kg.project import Project
from kg.reasoner import Clause, Condition, check, close
from kg.reasoner.owl_terms import SAME, TYPE, iri
from kg.reasoner.rdf_files import read_rdf
from tests.random_graphs import data_of_all, with_denials

SUITE = Path(__file__).parent.parent.parent / "shared/suites/owl2rl"
INTEGER = iri("xsd:integer")


def assert_same(triples, engine="duckdb", rules=(), proofs=8, **options):
    """The engine's closure is the embedded one, in triples and in rules that contradict; its proofs check."""
    triples = list(dict.fromkeys(triples))
    expected = close(triples, custom_rules=rules)
    with close_on_engine(iter(triples), "x", engine, rules=rules, **options) as closure:
        found = set(closure.inferred())
        assert found == set(expected.inferred())
        contradictions = closure.inconsistencies()
        assert {each.rule for each in contradictions} == {each.rule for each in expected.inconsistencies}
        premises = [premise for each in contradictions[:proofs] for premise in each.premises]
        facts = set(expected)
        for triple in [*sorted(found)[:proofs], *premises]:
            proof = closure.proof(triple)
            assert proof is not None, triple
            assert not check(proof, set(triples), rules, facts)


def made(shape, size):
    """A graph of a benchmark's shape."""
    ontology, data = GENERATORS[shape]
    return [*ontology(), *data(size, 1)]


def test_each_shape_of_the_benchmarks():
    """If a graph has chains, inverses, transitive properties and defined classes, then the engine closes it whole."""
    assert_same([*made("corpus", 100), *made("university", 100)])


def test_equality():
    """If terms are equated, by a statement, a key or a value, then what holds of one holds of each, with proofs."""
    triples = [
        ("<e:p>", TYPE, iri("owl:FunctionalProperty")),
        ("<e:a>", "<e:p>", "<e:b>"),
        ("<e:a>", "<e:p>", "<e:c>"),
        ("<e:c>", SAME, "<e:d>"),
        ("<e:d>", "<e:q>", f'"01"^^{INTEGER}'),
        ("<e:e>", "<e:q>", f'"1"^^{INTEGER}'),
        ("<e:C>", iri("owl:hasValue"), "<e:b>"),
        ("<e:C>", iri("owl:onProperty"), "<e:r>"),
        ("<e:x>", "<e:r>", "<e:d>"),
        ("<e:q>", SAME, "<e:q2>"),
        ("<e:b>", iri("owl:differentFrom"), "<e:d>"),
    ]
    assert_same(triples, proofs=100)


def own_rules():
    """Rules with FILTER and NOT EXISTS, in two strata, one of which finds contradictions."""
    small, big = ("?a", TYPE, "<e:Small>"), ("?a", TYPE, "<e:Big>")
    node, value, five = ("?a", TYPE, "<e:Node>"), ("?a", "<e:n>", "?v"), f'"5"^^{INTEGER}'
    return [
        Clause(
            "apart",
            (),
            (("?a", "<e:p>", "?b"), ("?b", "<e:p>", "?c")),
            ("?a", "<e:q>", "?c"),
            (Condition("filter", ("!=", "?a", "?c")),),
        ),
        Clause("big", (), (value,), big, (Condition("filter", (">", "?v", five)),)),
        Clause(
            "alone",
            (),
            (node,),
            ("?a", TYPE, "<e:Alone>"),
            (Condition("absent", ((("?a", "<e:p>", "?x"),), (), ("?a",))),),
        ),
        Clause("small", (), (node,), small, (Condition("absent", ((value,), ((">", "?v", five),), ("?a",))),)),
        Clause("after", (), (("?a", TYPE, "<e:Alone>"), small), ("?a", "<e:r>", "?a")),
        Clause("contrary", (), (small, big), None),
    ]


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 6))])
def test_rules_of_a_project(seed):
    """If rules filter and ask for absence, then they run stratum by stratum, and their proofs check."""
    pick = random.Random(seed)  # noqa: S311 - a small graph, not a secret
    triples = [(f"<e:{k}>", TYPE, "<e:Node>") for k in range(8)]
    triples += [(f"<e:{pick.randrange(8)}>", "<e:p>", f"<e:{pick.randrange(8)}>") for _ in range(8)]
    triples += [(f"<e:{k}>", "<e:n>", f'"{pick.randrange(12)}"^^{INTEGER}') for k in range(0, 8, 2)]
    assert_same(triples, rules=own_rules(), proofs=100)


def test_what_an_engine_cannot_do_is_refused_by_name():
    """If a rule reads owl:sameAs, or an ontology says something of it, then the refusal names the rule."""
    rule = Clause("equal", (), (("?a", SAME, "?b"),), ("?a", "<e:q>", "?b"))
    with pytest.raises(UsageError, match="equal"), close_on_engine(made("corpus", 100), "x", "duckdb", rules=[rule]):
        pass
    about = [(SAME, iri("rdfs:subPropertyOf"), "<e:p>")]
    with pytest.raises(UsageError, match="prp-spo1"), close_on_engine(about, "x", "duckdb"):
        pass


def test_a_build_with_an_engine_is_the_same_build(own: Project):
    """If a build takes its closure from DuckDB, then its units are those of the embedded reasoner, byte for byte."""
    one, other = (build(own, force=True, engine=engine).meta for engine in ("", "duckdb"))
    assert one["units"] == other["units"]
    assert (one["version"], one["inconsistencies"]) == (other["version"], other["inconsistencies"])


class Stopped(Exception):
    """The end of a run before its time."""


def test_a_run_that_is_ended_after_any_round_goes_on(tmp_path, monkeypatch):
    """If a run is ended after any of its rounds, then the same call goes on after it and finds the same."""
    from kg.engines.rounds import Rounds

    triples, folder = made("corpus", 200), tmp_path / "run"
    expected = set(close(triples).inferred())
    step, steps = Rounds.step, 0

    def once(rounds):
        nonlocal steps
        steps += 1
        step(rounds)
        if not rounds.tables.state.done:
            raise Stopped

    monkeypatch.setattr(Rounds, "step", once)
    while True:
        try:
            with close_on_engine(iter(triples), "x", "duckdb", folder=folder) as closure:
                assert set(closure.inferred()) == expected
                break
        except Stopped:
            (folder / ".round-torn").mkdir(exist_ok=True)  # what a killed run leaves has no mark of a whole round
    assert steps > 2
    with pytest.raises(UsageError, match="other input"), close_on_engine(triples, "y", "duckdb", folder=folder):
        pass


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> tuple[list, Path, set]:
    """Some triples, the folder of a run over them that has ended, and what it inferred."""
    triples, folder = made("corpus", 50), tmp_path_factory.mktemp("ended") / "run"
    with close_on_engine(iter(triples), "x", "duckdb", folder=folder) as closure:
        return triples, folder, set(closure.inferred())


def test_a_damaged_round_is_computed_again(tmp_path: Path, ended: tuple[list, Path, set]) -> None:
    """If a file of the last round was changed, then the run goes on from the round before."""
    triples, run, expected = ended
    folder = Path(shutil.copytree(run, tmp_path / "run"))
    damaged = max(folder.glob("round-*/*.parquet"))
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"\0")
    with close_on_engine(iter(triples), "x", "duckdb", folder=folder) as closure:
        assert set(closure.inferred()) == expected


@pytest.mark.parametrize("spoil", ["one byte", "a file outside", "another shape"])
def test_a_manifest_that_was_not_written_so_is_passed_over(
    tmp_path: Path, spoil: str, ended: tuple[list, Path, set]
) -> None:
    """If the manifest of the last round is damaged, or names files elsewhere, then the round before counts."""
    triples, run, expected = ended
    folder = Path(shutil.copytree(run, tmp_path / "run"))
    manifest = max(folder.glob("round-*")) / "manifest.json"
    _digest, _, text = manifest.read_bytes().partition(b"\n")
    state = json.loads(text)
    if spoil == "a file outside":
        state["terms"] = ["round-00000/../../secret.parquet"]
    if spoil == "another shape":
        state["facts"] = {"1": 5.0}
    changed = text.replace(b"0", b"1", 1) if spoil == "one byte" else json.dumps(state).encode()
    own = hashlib.sha256(text if spoil == "one byte" else changed).hexdigest().encode()
    manifest.write_bytes(own + b"\n" + changed)
    with close_on_engine(iter(triples), "x", "duckdb", folder=folder) as closure:
        assert set(closure.inferred()) == expected


def infer(*arguments, **options):
    """Run kg infer."""
    return run_kg("infer", *arguments, **options)


@pytest.fixture
def ships(tmp_path):
    """A small graph that contradicts itself."""
    path = tmp_path / "ships.ttl"
    path.write_text(
        "@prefix : <http://e/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> ."
        "@prefix owl: <http://www.w3.org/2002/07/owl#> ."
        ":Ship rdfs:subClassOf :Vessel . :Vessel owl:disjointWith :Town . :galeb a :Ship, :Town ; :in [ a :Town ] .",
        encoding="utf-8",
    )
    return path


def test_on_the_command_line(ships, tmp_path):
    """If kg infer is given an engine, then it writes and explains what it does without one."""
    out = tmp_path / "out.nt"
    found = infer(ships, "--engine", "duckdb", "--out", out)
    assert found.returncode == 3
    assert "cax-dw" in found.stderr
    assert sorted(out.read_text().splitlines()) == sorted(infer(ships).stdout.splitlines())
    why = infer(ships, "--engine", "duckdb", "--why", "http://e/galeb", TYPE, "http://e/Vessel")
    assert "INFERRED by cax-sco" in why.stdout
    assert "KG102" in infer(ships, "--engine", "duckdb", "--out", tmp_path / "out.ttl").stderr
    assert "KG483" in infer(ships, "--engine", "spark").stderr


def test_a_full_disk(ships, tmp_path):
    """If nothing more can be written, then the error says so, and the same command goes on when something can."""
    import resource

    def limited():
        resource.setrlimit(resource.RLIMIT_FSIZE, (600, 600))

    run = tmp_path / "run"
    found = infer(ships, "--engine", "duckdb", "--engine-dir", run, preexec_fn=limited)
    assert found.returncode not in (0, 3)
    assert "KG484" in found.stderr
    assert "Traceback" not in found.stderr
    assert infer(ships, "--engine", "duckdb", "--engine-dir", run).returncode == 3


@pytest.mark.slow
@pytest.mark.skipif(not SUITE.exists(), reason="the W3C cases are not here")
def test_the_cases_of_the_w3c():
    """If a case of the W3C is closed on DuckDB, then the closure is the embedded one."""
    cases = sorted(SUITE.iterdir())
    assert len(cases) == 182
    for case in cases:
        files = [f for f in sorted(case.iterdir()) if f.suffix == ".ttl" and "conclusion" not in f.name]
        assert_same(read_rdf(files).triples)


@pytest.mark.slow
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(with_denials, data_of_all)
def test_random_programs(ontology, facts):
    """If a random graph is closed on DuckDB, then the closure is the embedded one."""
    assert_same([*ontology, *facts])


@pytest.mark.slow
def test_a_killed_process_goes_on(tmp_path):
    """If the process is killed at any time, then the same command goes on and ends as it would have."""
    source, run, out = tmp_path / "in.nt", tmp_path / "run", tmp_path / "out.nt"
    source.write_text("".join(f"{s} {p} {o} .\n" for s, p, o in made("university", 20_000)), encoding="utf-8")
    command = [sys.executable, "-m", "kg", "infer", source, "--engine", "duckdb", "--engine-dir", run, "--out", out]
    for wait in (0.6, 1.2, 1.8, 2.4, 3.0):
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        time.sleep(wait)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert subprocess.run(command).returncode == 0
    expected = {f"{s} {p} {o} ." for s, p, o in close(read_rdf([source]).triples).inferred()}
    assert set(out.read_text().splitlines()) == expected


@pytest.fixture(scope="module")
def sail():
    """The address of a Spark Connect server."""
    server = pytest.importorskip("pysail.spark").SparkConnectServer(ip="127.0.0.1", port=0)
    server.start(background=True)
    yield "sc://{}:{}".format(*server.listening_address)
    server.stop()


@pytest.mark.slow
def test_sail(sail):
    """If Sail closes the shapes of the benchmarks, equalities and rules, then the closure is the embedded one."""
    assert_same(made("corpus", 300), "spark", remote=sail)
    assert_same(made("university", 300), "spark", remote=sail)
    triples = [("<e:a>", SAME, "<e:b>"), ("<e:a>", "<e:p>", "<e:c>"), ("<e:b>", "<e:q>", f'"1"^^{INTEGER}')]
    assert_same(triples, "spark", remote=sail)


@pytest.mark.slow
@pytest.mark.skipif(not SUITE.exists(), reason="the W3C cases are not here")
def test_sail_on_cases_of_the_w3c(sail):
    """If Sail closes 20 of the W3C's cases, then the closures are the embedded ones."""
    cases = random.Random(1).sample(sorted(SUITE.iterdir()), 20)  # noqa: S311 - as above
    for case in cases:
        files = [f for f in sorted(case.iterdir()) if f.suffix == ".ttl" and "conclusion" not in f.name]
        assert_same(read_rdf(files).triples, "spark", proofs=2, remote=sail)


@pytest.mark.slow
def test_sail_on_this_graph(sail):
    """If Sail closes all that the five documents affirm, with this project's rules, then so does the embedded one."""
    corpus = read_corpus(Project.find(Path(__file__).parent.parent))
    program = compiled(corpus)
    own = [clause for place, clause in enumerate(program.clauses) if place in program.own]
    rules = [each._replace(conditions=tuple(c for c in each.conditions if c.kind != "absent")) for each in own]
    triples = [*program.triples, *corpus.entities, *sorted(affirmed(corpus.claims.values()))]
    assert_same(triples, "spark", rules, remote=sail)


@pytest.mark.slow
def test_a_lost_server_of_sail(tmp_path):
    """If the server is lost, then the error says so, and the run goes on at another server."""
    spark = pytest.importorskip("pysail.spark")
    triples, run = made("corpus", 100), tmp_path / "run"

    def served():
        server = spark.SparkConnectServer(ip="127.0.0.1", port=0)
        server.start(background=True)
        return server, "sc://{}:{}".format(*server.listening_address)

    server, address = served()

    def cut():
        yield from triples
        server.stop()

    with pytest.raises(InputError, match="KG484"), close_on_engine(cut(), "x", "spark", folder=run, remote=address):
        pass
    server, address = served()
    with close_on_engine(iter(triples), "x", "spark", folder=run, remote=address) as closure:
        assert set(closure.inferred()) == set(close(triples).inferred())
    server.stop()
