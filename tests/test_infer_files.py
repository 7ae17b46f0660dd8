"""Files for kg infer as people have them: by name, content or word, compressed, relative; and what it writes."""

from __future__ import annotations

import gzip
import io
import subprocess
from pathlib import Path

import pyoxigraph
import pytest
from command_line import run_kg

from kg.errors import InputError
from kg.reasoner.infer import infer
from kg.reasoner.rdf_files import read_rdf

ROOT = Path(__file__).parent.parent
SUB = "<http://www.w3.org/2000/01/rdf-schema#subClassOf>"
TURTLE = (
    "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n<a> rdfs:subClassOf <b> . <b> rdfs:subClassOf <c> .\n"
)
BASE = "http://e.example/"
FORMS = {
    "turtle": pyoxigraph.RdfFormat.TURTLE,
    "trig": pyoxigraph.RdfFormat.TRIG,
    "n-triples": pyoxigraph.RdfFormat.N_TRIPLES,
    "n-quads": pyoxigraph.RdfFormat.N_QUADS,
    "rdf-xml": pyoxigraph.RdfFormat.RDF_XML,
    "json-ld": pyoxigraph.RdfFormat.JSON_LD,
    "n3": pyoxigraph.RdfFormat.N3,
}
OWL_XML = (
    '<?xml version="1.0"?>\n<!-- x -->\n<Ontology xmlns="http://www.w3.org/2002/07/owl#" ontologyIRI="http://e/o"/>'
)
FOREIGN = [
    (OWL_XML, "OWL/XML"),
    (
        '<!DOCTYPE Ontology [\n<!ENTITY x "http://e/">\n]>\n<owl:Ontology xmlns:owl="http://www.w3.org/2002/07/owl#"/>',
        "OWL/XML",
    ),
    ("Prefix(:=<http://e/>)\nOntology(<http://e/o>\n)", "OWL functional syntax"),
    ("# comment\nPrefix: : <http://e/>\nOntology: <http://e/o>\nClass: A\n", "Manchester"),
    ("format-version: 1.2\nontology: x\n", "OBO"),
]


def written(form: str) -> bytes:
    triples = [quad.triple for quad in pyoxigraph.parse(TURTLE, format=FORMS["turtle"], base_iri=BASE)]
    return pyoxigraph.serialize(triples, format=FORMS[form]) or b""


def run(*arguments: str | Path, given: bytes = b"", cwd: Path | None = None) -> subprocess.CompletedProcess[bytes]:
    return run_kg("infer", *arguments, input=given, cwd=cwd, env={"PYTHONPATH": str(ROOT)}, text=False)


CONCLUSION = f"<{BASE}a> {SUB} <{BASE}c> .\n"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("packed", [False, True])
def test_standard_input_in_every_format(form: str, packed: bool) -> None:
    """If a document comes from standard input with its format's name, compressed or not, then it is read."""
    content = gzip.compress(written(form)) if packed else written(form)
    done = run("-", "--format", form, given=content)
    assert (done.returncode, done.stdout.decode()) == (0, CONCLUSION), done.stderr


def test_standard_input_needs_a_format() -> None:
    """If standard input comes without a format, then that is said, with the names."""
    done = run("-", given=b"x")
    assert (done.returncode, b"KG102" in done.stderr, b"--format" in done.stderr) == (1, True, True)


@pytest.mark.parametrize("form", ["turtle", "n-triples", "rdf-xml", "json-ld", "trig"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("name", ["x.owl", "x.owl.gz", "x.rdf", "x.xml"])
def test_owl_files_are_told_apart_by_content(tmp_path: Path, form: str, mark: bytes, name: str) -> None:
    """If a file's ending is one of several syntaxes', then its content tells which, with a byte order mark too."""
    path, content = tmp_path / name, mark + written(form)
    path.write_bytes(gzip.compress(content) if name.endswith("gz") else content)
    assert [" ".join(triple) + " .\n" for triple in infer([path]).triples] == [CONCLUSION]


@pytest.mark.parametrize("name", ["x.turtle", "x.ttl.gz", "X.TTL", "x.TURTLE.GZ"])
def test_other_names(tmp_path: Path, name: str) -> None:
    """If a file is called .turtle, or compressed, in small letters or large, then it is read."""
    content = written("turtle")
    (tmp_path / name).write_bytes(gzip.compress(content) if name.lower().endswith("gz") else content)
    assert len(infer([tmp_path / name]).triples) == 1


@pytest.mark.parametrize(("content", "syntax"), FOREIGN)
@pytest.mark.parametrize("name", ["x.owl", "x.ttl", "x.rdf"])
def test_other_syntaxes_of_owl_are_named(tmp_path: Path, content: str, syntax: str, name: str) -> None:
    """If a file is in a syntax of OWL that is no RDF, then it is called so, with a tool that converts it."""
    (tmp_path / name).write_text(content)
    with pytest.raises(InputError, match=f"KG102.*{syntax}.*\n.*robot convert"):
        infer([tmp_path / name])


@pytest.mark.parametrize(
    ("name", "content"), [("x.ttl", b"<a> <b> <c> ."), ("x.jsonld", b'{"@id":"a","http://e/b":{"@id":"c"}}')]
)
def test_relative_iris(tmp_path: Path, name: str, content: bytes) -> None:
    """If IRIs are relative, then they resolve against the file, or against --base; JSON-LD drops none of them."""
    path = tmp_path / name
    path.write_bytes(content)
    assert read_rdf([path]).triples[0][0] == f"<{tmp_path.as_uri()}/a>"
    assert read_rdf([path], base="http://e/x/y").triples[0][2] == "<http://e/x/c>"
    with pytest.raises(InputError, match="KG102"):
        read_rdf([path], base="no base")


def test_a_remote_context_is_not_fetched(tmp_path: Path) -> None:
    """If a JSON-LD document has its context elsewhere, then the message says that nothing is fetched."""
    (tmp_path / "x.jsonld").write_text('{"@context": "http://127.0.0.1:9/c", "@id": "a"}')
    with pytest.raises(InputError, match="nothing is fetched"):
        infer([tmp_path / "x.jsonld"])


BLANK = """@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
_:x a <http://e/A> . <http://e/A> rdfs:subClassOf <http://e/B> .
"""


def test_all_in_one_document(tmp_path: Path) -> None:
    """If --all is given, then input and conclusions about a blank node are of the same node; with .gz, compressed."""
    (tmp_path / "x.ttl").write_text(BLANK)
    done = run(tmp_path / "x.ttl", "--all", "-o", tmp_path / "out.trig.gz")
    assert done.returncode == 0, done.stderr
    content = gzip.decompress((tmp_path / "out.trig.gz").read_bytes())
    quads = list(pyoxigraph.parse(content, format=pyoxigraph.RdfFormat.TRIG))
    about = {str(quad.object) for quad in quads if isinstance(quad.subject, pyoxigraph.BlankNode)}
    assert about == {"<http://e/A>", "<http://e/B>"}
    assert len({str(quad.subject) for quad in quads if isinstance(quad.subject, pyoxigraph.BlankNode)}) == 1


def test_blank_nodes_get_names(tmp_path: Path) -> None:
    """If --skolemize is given, then no blank node is written; another document's have other names."""
    names = []
    for number, more in enumerate(("", "<http://e/y> a <http://e/A> .")):
        path = tmp_path / f"{number}.ttl"
        path.write_text(BLANK + more)
        done = run(path, "--all", "--skolemize", "--base", "https://e.example/x")
        assert b"_:" not in done.stdout
        names.append({line.split()[0] for line in done.stdout.decode().splitlines() if "genid" in line})
        assert all(name.startswith("<https://e.example/.well-known/genid/") for name in names[-1])
    assert len(names[0]) == 1
    assert not names[0] & names[1]


@pytest.mark.parametrize(
    "words", [("_:x", "a", "<http://e/B>"), ("_:x", "http://www.w3.org/1999/02/22-rdf-syntax-ns#type", "http://e/B")]
)
def test_one_triple_is_explained(tmp_path: Path, words: tuple[str, ...]) -> None:
    """If --why names a triple, in Turtle or by whole IRIs, then its proof alone is shown."""
    (tmp_path / "x.ttl").write_text(BLANK)
    done = run(tmp_path / "x.ttl", "--why", *words)
    assert (done.returncode, b"cax-sco" in done.stdout) == (0, True), done.stderr
    for wrong in (("_:x", "a", "<http://e/C>"), ("_:x", "a", "nothing:here")):
        done = run(tmp_path / "x.ttl", "--why", *wrong)
        assert (done.returncode, b"KG609" in done.stderr) == (2, True), done.stderr


def test_trivial_triples_on_request(tmp_path: Path) -> None:
    """If --trivial is given, then there are more triples than without."""
    (tmp_path / "x.ttl").write_text(BLANK + "<http://e/A> a <http://www.w3.org/2002/07/owl#Class> .")
    assert set(infer([tmp_path / "x.ttl"]).triples) < set(infer([tmp_path / "x.ttl"], trivial=True).triples)


@pytest.mark.parametrize(
    ("entities", "good"),
    [
        (['"http://e/"', '"&a0;b"'], True),
        (['"' + "x" * 3_000 + '"'], True),
        (['"' + "x" * 5_000 + '"'], False),
        (['"lollollol"', *(f'"{f"&a{n};" * 10}"' for n in range(9))], False),
        (['"&a0;"'], False),
        (['SYSTEM "file:///etc/passwd"'], False),
    ],
    ids=["one in another", "long", "too long", "powers of ten", "itself", "a file"],
)
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_entities_that_fill_the_memory_are_refused(
    entities: list[str], good: bool, packed: bool, tmp_path: Path
) -> None:
    """Entities of XML may stand for a namespace and for one another, and not for gigabytes (KG101)."""
    declared = "".join(f"<!ENTITY a{number} {value}>" for number, value in enumerate(entities))
    content = f"""<?xml version="1.0"?><!DOCTYPE rdf:RDF [{declared}]>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://e/">
<rdf:Description rdf:about="http://e/x"><e:p>&a{len(entities) - 1};</e:p></rdf:Description></rdf:RDF>""".encode()
    file = tmp_path / ("x.rdf.gz" if packed else "x.rdf")
    file.write_bytes(gzip.compress(content) if packed else content)
    if good:
        assert len(read_rdf([file]).triples) == 1
    else:
        with pytest.raises(InputError, match="KG101"):
            read_rdf([file])


def test_a_damaged_archive_is_a_problem(tmp_path: Path) -> None:
    """If a compressed file is cut short or is none, then that is KG100 with its place, also where it ends early."""
    packed = io.BytesIO(gzip.compress(written("turtle") * 1000)).getvalue()
    flipped = packed[:40] + bytes([packed[40] ^ 255]) + packed[41:]
    for content in (packed[:100], packed[:-9], flipped, b"\x1f\x8b\x08nonsense"):
        (tmp_path / "x.ttl.gz").write_bytes(content)
        with pytest.raises(InputError, match="KG10"):
            infer([tmp_path / "x.ttl.gz"])


@pytest.mark.parametrize(("levels", "good"), [(200, True), (600, False), (5_000, False)])
@pytest.mark.parametrize("pair", ['{"@id": "http://e/x", "http://e/p": | }', '{"@list": [|]}', '{"@graph": [|]}'])
def test_nested_json_is_refused_before_it_is_parsed(levels: int, good: bool, pair: str, tmp_path: Path) -> None:
    """If JSON-LD is nested beyond 500 levels, then that is a problem (KG101): its parser would end the process."""
    file, (opened, closed) = tmp_path / "deep.jsonld", pair.split("|")
    levels //= pair.count("{") + pair.count("[")
    file.write_text(opened * levels + '{"@id": "http://e/[{{"}' + closed * levels)
    if good:
        read_rdf([file])
        return
    with pytest.raises(InputError, match=r"KG101.*levels"):
        read_rdf([file])
