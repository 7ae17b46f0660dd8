"""``kg infer``: any RDF in, what follows out; its exit status; blank nodes; faulty files."""

import json

import pyoxigraph
import pytest
from click.testing import CliRunner

from kg.cli import kg as command_line
from kg.errors import InputError
from kg.reasoner.infer import infer
from kg.reasoner.rdf_files import read_rdf

HEAD = """@prefix : <http://e/> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
"""


@pytest.fixture
def files(tmp_path):
    """An ontology, consistent data in another syntax, and data that contradict it."""
    made = {
        "ontology.ttl": HEAD + ":A rdfs:subClassOf :B . :B owl:disjointWith :C . [] rdfs:label 'nobody' .",
        "data.nt": "<http://e/x> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://e/A> .\n"
        "_:n <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://e/A> .\n",
        "more.trig": HEAD + ":g { _:n a :A . }",
        "wrong.ttl": HEAD + ":x a :C .",
        "broken.ttl": HEAD + "\n:x a ",
    }
    for name, text in made.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def run(*args):
    """Run the command; its status and its two outputs."""
    result = CliRunner().invoke(command_line, ["infer", *(str(arg) for arg in args)], standalone_mode=False)
    if result.exception:
        raise result.exception
    return result.return_value, result.stdout, result.stderr


def test_inferred_as_n_triples(files):
    """Only what follows comes out, sorted; a blank node stays one, with its label."""
    status, out, _ = run(files / "ontology.ttl", files / "data.nt")
    assert status == 0
    assert [line.split()[0] for line in out.splitlines()] == ["<http://e/x>", "_:f2_n"]


def test_blank_nodes_of_two_files_are_apart(files):
    """The same label in two files is two things; a named graph is read like the default one."""
    found = infer([files / "ontology.ttl", files / "data.nt", files / "more.trig"])
    assert [triple[0] for triple in found.triples] == ["<http://e/x>", "_:f2_n", "_:f3_n"]


@pytest.mark.parametrize("names", [["one.ttl"], ["one.ttl", "two.ttl"]])
def test_a_label_that_looks_made_up(files, names):
    """A node without a label gets none that the file uses."""
    for name in names:
        (files / name).write_text(HEAD + "[] :p :o1 . _:anon0 :q :o2 .")
    subjects = {triple[0] for triple in read_rdf([files / name for name in names]).triples}
    assert len(subjects) == 2 * len(names)


def test_labels_of_eleven_files_are_apart(files):
    """File 1 and 11, or a label that begins with a digit, make no difference."""
    made = [files / f"{k}.ttl" for k in range(1, 12)]
    for file in made:
        file.write_text(HEAD + ":s :p :o .")
    made[0].write_text(HEAD + "_:1a :p :o1 .")
    made[10].write_text(HEAD + "_:a :p :o2 .")
    assert len({s for s, _, _ in read_rdf(made).triples}) == 3


def test_inconsistent(files):
    """Status 3, and each inconsistency with its proof on standard error."""
    status, _, err = run(files / "ontology.ttl", files / "data.nt", files / "wrong.ttl")
    assert status == 3
    assert "by cax-dw" in err
    assert "INFERRED by cax-sco" in err


def test_owlrl_agrees(files):
    """The reference infers the same, and finds the same inconsistent."""
    given = [files / "ontology.ttl", files / "data.nt"]
    assert infer(given, "owlrl").triples == infer(given).triples
    assert run(*given, files / "wrong.ttl", "--reasoner", "owlrl")[0] == 3


def test_out_and_proofs(files):
    """--out writes in the format of its ending; --proofs writes the step of each triple that is derived."""
    out, proofs = files / "out.ttl", files / "proofs.jsonl"
    status, text, _ = run(files / "ontology.ttl", files / "data.nt", "-o", out, "--proofs", proofs)
    assert (status, text) == (0, "")
    assert "<http://e/x> a <http://e/B>" in out.read_text(encoding="utf-8")
    steps = [json.loads(line) for line in proofs.read_text(encoding="utf-8").splitlines()]
    (step,) = (step for step in steps if step["triple"][0] == "<http://e/x>")
    assert (step["rule"], len(step["premises"])) == ("cax-sco", 2)


@pytest.mark.parametrize(
    ("name", "code", "line"),
    [("none.ttl", "KG100", None), ("data.xyz", "KG102", None), ("broken.ttl", "KG101", 4)],
)
def test_faulty_files(files, name, code, line):
    """A file that is missing, of unknown ending or broken is refused with its place; all are named together."""
    with pytest.raises(InputError) as caught:
        infer([files / name, files / "none.ttl"])
    first, second = caught.value.problems
    assert (first.code, first.place.line, second.code) == (code, line, "KG100")


@pytest.mark.parametrize("ending", ["nt", "ttl", "nq", "trig", "rdf", "jsonld", "n3"])
def test_unnamed_inverse(files, ending):
    """What follows through an unnamed inverse is written; a triple with a blank node as predicate is no RDF."""
    given, out = files / "inverse.ttl", files / f"out.{ending}"
    given.write_text(
        HEAD + "_:q owl:inverseOf :p . :C owl:onProperty _:q ; owl:someValuesFrom :D . :x :p :y ; a :D ."
    )
    assert run(given, "-o", out)[0] == 0
    assert [str(quad.subject) for quad in pyoxigraph.parse(path=str(out))] == ["<http://e/y>"]
    assert run(given, "--reasoner", "owlrl")[1] == run(given)[1]


def test_imports_are_not_fetched(files):
    """An ontology that is imported is not fetched; the user is told, unless it is in one of the files."""
    main, other = files / "main.ttl", files / "other.ttl"
    main.write_text(HEAD + ":main a owl:Ontology ; owl:imports :other , <http://127.0.0.1:9/never> .")
    other.write_text(HEAD + ":other a owl:Ontology .")
    status, _, err = run(main, other)
    assert status == 0
    assert err.splitlines() == [
        "note: <http://127.0.0.1:9/never> is imported and is none of the files; nothing is fetched"
    ]


@pytest.mark.parametrize("option", ["--out", "--proofs"])
def test_output_that_cannot_be_written(files, option):
    """A folder that is not there is a problem with a remedy, not a fault."""
    with pytest.raises(InputError, match=r"cannot be written"):
        run(files / "ontology.ttl", option, files / "none" / "out.nt")


def test_remote_context_and_entities(files):
    """Neither a JSON-LD context nor an XML entity of a file makes anything be fetched or read."""
    (files / "context.jsonld").write_text('{"@context": "http://127.0.0.1:9/c", "@id": "http://e/x", "name": "n"}')
    (files / "entity.rdf").write_text(f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{files}/data.nt">]><x>&e;</x>')
    with pytest.raises(InputError) as caught:
        infer([files / "context.jsonld", files / "entity.rdf"])
    assert [problem.code for problem in caught.value.problems] == ["KG101", "KG101"]
