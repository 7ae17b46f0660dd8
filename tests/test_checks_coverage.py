"""Coverage of sentences and terms; verdicts that are kept; the commands."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from kg.checks import check, inspect
from kg.checks.inspection import document_coverage, reach, sentence_gaps, used_terms
from kg.checks.owl import profile_problems
from kg.checks.problem_codes import read_exemptions
from kg.checks.terms import schema_of
from kg.checks.texts import LONGEST, Named, shared_words
from kg.corpus.anchors import anchor
from kg.errors import Place
from kg.project import Project
from kg.vocab import OWL, RDF, RDFS, iri, kg, local_name

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def project(tmp_path) -> Project:
    """The small project of the checks' cases: one document of three sentences, one of them set aside."""
    root = tmp_path / "project"
    shutil.copytree(ROOT / "tests" / "cases" / "checks" / "base", root)
    (root / "corpus" / "documents" / "case.passages").unlink()
    shutil.copytree(ROOT / "ontology", root / "ontology", ignore=shutil.ignore_patterns("background.ttl", "released"))
    return Project(root)


def edit(project: Project, name: str, old: str, new: str) -> None:
    """Replace a text in a file of a project, once."""
    path = project.root / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


TRIG = "corpus/documents/base.trig"


def test_sentences_are_counted_by_what_became_of_them(project):
    """Mapped, set aside with the reason, or neither: and the last are listed."""
    edit(project, TRIG, 'kg:passage "1.2"', 'kg:passage "1.1"')
    seen = inspect(project, keep=False)
    row = document_coverage(seen.verdicts["base"], seen.passages("base"), "base")
    assert (row.sentences, row.claims, row.mapped, row.neither) == (3, 2, 1, ("1.2",))
    assert row.set_aside == {"clutter": 1, "repetition": 0, "no-claim": 0}


def test_a_retracted_claim_maps_nothing(project):
    """Its sentence is to be mapped again, or set aside."""
    edit(
        project,
        TRIG,
        "kg:modality kg:Fact ; kg:holder",
        'kg:retracted "misread"@en ; kg:modality kg:Fact ; kg:holder',
    )
    seen = inspect(project, keep=False)
    assert document_coverage(seen.verdicts["base"], seen.passages("base"), "base").neither == ("1.2",)


def test_every_use_of_a_term_is_counted_where_it_is(project):
    """Axioms, entities, claims, queries, rules and shapes have a column each."""
    (project.root / "queries").mkdir()
    (project.root / "queries" / "x.rq").write_text(f"SELECT ?x WHERE {{ ?x {kg('organises')} ?y }} ORDER BY ?x")
    rows = {row.term: row for row in inspect(project, keep=False).terms}
    organises = rows[kg("organises")]
    assert (organises.kind, organises.counts["claims"], organises.counts["queries"]) == ("property", 1, 1)
    assert rows[kg("Exercise")].counts["entities"] == 1
    assert rows[kg("Exercise")].counts["shapes"] >= 1
    assert rows[kg("Fact")].kind == "individual"


def test_what_reasoning_will_use_counts_as_used():
    """What a chain of used properties concludes, an inverse, and what stands above."""
    uses = {
        (kg("p"), iri(RDF + "type"), iri(OWL + "ObjectProperty")),
        (kg("q"), iri(RDF + "type"), iri(OWL + "ObjectProperty")),
        (kg("above"), iri(RDF + "type"), iri(OWL + "ObjectProperty")),
        (kg("idle"), iri(RDF + "type"), iri(OWL + "ObjectProperty")),
        (kg("p"), iri(RDFS + "subPropertyOf"), kg("above")),
        (kg("q"), iri(OWL + "inverseOf"), kg("p")),
    }
    schema = schema_of(dict.fromkeys(uses, Place("x", 1)))
    from collections import Counter

    from kg.checks.inspection import COLUMNS, term_coverage

    counts = {column: Counter() for column in COLUMNS} | {"claims": Counter([kg("p")])}
    used = used_terms(schema, term_coverage(schema, counts))
    assert {kg("p"), kg("q"), kg("above")} <= used
    assert kg("idle") not in used


def test_this_corpus_is_whole():
    """Every sentence of every document is mapped or set aside, and no file has an error."""
    seen = inspect(Project(ROOT), keep=False)
    assert [str(p) for p in seen.problems if p.severity == "error"] == []
    rows = [document_coverage(verdict, seen.passages(slug), slug) for slug, verdict in seen.verdicts.items()]
    assert len(rows) >= 5
    assert {row.slug: row.neither for row in rows if row.neither} == {}


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("kg:organises", "kg:organizes", "KG401"),
        ('kg:passage "1.2"', 'kg:passage "7.2"', "KG510"),
        ('"The alliance held a drill in autumn."@en', '"x"@en', "KG451"),
    ],
)
def test_a_kept_verdict_does_not_outlive_its_document(project, old, new, code):
    """Checked twice the same comes out; changed, the new problem is there, with or without what was kept."""
    first = check(project)
    assert check(project) == first
    assert list((project.state / "checks").glob("*.json"))
    edit(project, TRIG, old, new)
    again = check(project)
    assert code in {p.code for p in again} - {p.code for p in first}
    assert again == check(project, keep=False)


def test_a_kept_verdict_does_not_outlive_the_kinds_and_terms_it_was_made_with(project):
    """Another kind of an entity, or another domain in the ontology, is a new verdict on the same document."""
    assert "KG403" not in {p.code for p in check(project)}
    edit(project, "corpus/entities/things.ttl", ":drill a kg:Exercise", ":drill a kg:Matter")
    assert "KG403" in {p.code for p in check(project)}
    edit(project, "corpus/entities/things.ttl", ":drill a kg:Matter", ":drill a kg:Exercise")
    assert "KG403" not in {p.code for p in check(project)}
    edit(project, "ontology/Exercise.ttl", "rdfs:subClassOf kg:Event", "rdfs:subClassOf kg:Matter")
    assert "KG403" in {p.code for p in check(project)}


def test_damaged_and_unwritable_caches_cost_time_only(project):
    """What was kept is only a help: rubbish in it is made anew."""
    first = check(project)
    for path in (project.state / "checks").glob("*.json"):
        path.write_text("{", encoding="utf-8")
    assert check(project) == first


def test_problems_are_sorted_by_file_and_line(project):
    """All files together, in an order that a person can work through."""
    edit(project, TRIG, "kg:organises", "kg:organizes")
    edit(project, "corpus/entities/things.ttl", "kg:Country", "kg:Contry")
    places = [(p.place.file, p.place.line or 0) for p in check(project, keep=False)]
    assert places == sorted(places)
    assert len({file for file, _line in places}) > 2


def test_an_exception_covers_its_lines_and_no_more():
    """From its line to the next empty one."""
    (exemption,) = read_exemptions("a\n#: KG413 because\nb\nc\n\nd\n", "x.ttl")
    assert (exemption.code, exemption.reason, exemption.first, exemption.last) == ("KG413", "because", 2, 4)
    assert read_exemptions('"a#:b" # KG413 no exception', "x.ttl") == []


def test_what_the_profile_allows_is_not_complained_of():
    """The constructs of OWL 2 RL in the places where its grammar has them."""
    node = "<https://e.org/.well-known/genid/x-1>"
    triples = [
        (kg("C"), iri(RDFS + "subClassOf"), node),
        (node, iri(OWL + "onProperty"), kg("p")),
        (node, iri(OWL + "maxQualifiedCardinality"), '"1"'),
        (node, iri(OWL + "onClass"), kg("D")),
    ]
    schema = schema_of(dict.fromkeys(triples, Place("x", 1)))
    assert list(profile_problems(schema)) == []
    wrong = [*triples[:2], (node, iri(OWL + "minCardinality"), '"1"')]
    schema = schema_of(dict.fromkeys(wrong, Place("x", 1)))
    assert [p.code for p in profile_problems(schema)] == ["KG441"]


def test_words_in_a_row_are_counted_with_names_apart():
    """Seven shared words are too many; a name among them does not count."""
    words = ["one", "two", "three", "four", "five", "six", "seven", "eight"]
    runs = {tuple(words[n : n + LONGEST + 1]) for n in range(len(words) - LONGEST)}
    assert shared_words("One, two: three four five six!", runs, Named([])) == 0
    assert shared_words("zero one two three four five six seven", runs, Named([])) == 7
    assert shared_words(" ".join(words), runs, Named([])) == 8
    assert shared_words("one two three four five six seven", runs, Named(["Two Three"])) == 0


def test_check_command(project, kg_process):
    """Exit status, words, JSON and explanations of `kg check`."""
    call = ("--project", str(project.root), "check")
    clean = kg_process(*call, "--quiet")
    assert (clean.returncode, clean.stderr) == (0, "")
    assert "2 claims: 0 errors" in clean.stdout
    assert kg_process(*call, "--strict").returncode == 1
    edit(project, TRIG, "kg:organises", "kg:organizes")
    wrong = kg_process(*call, "--quiet")
    assert wrong.returncode == 1
    assert (
        f"{TRIG}:11: error KG401: kg:organizes is not a term of the ontology\n    Did you mean kg:organises?"
        in wrong.stdout
    )
    report = json.loads(kg_process(*call, "--json", "--quiet").stdout)
    (problem,) = report["problems"]
    assert (problem["code"], problem["file"], problem["line"], problem["severity"]) == ("KG401", TRIG, 11, "error")
    assert "KG401" in kg_process("check", "--explain", "KG401").stdout
    unknown = kg_process("check", "--explain", "KG9")
    assert unknown.returncode == 2
    assert "Traceback" not in unknown.stderr


def test_coverage_command(project, kg_process):
    """`kg coverage` ends with 1 while a sentence is neither, and names it."""
    call = ("--project", str(project.root), "coverage")
    assert kg_process(*call).returncode == 0
    edit(project, TRIG, 'kg:passage "1.2"', 'kg:passage "1.1"')
    bare = kg_process(*call)
    assert bare.returncode == 1
    assert "base: neither mapped nor set aside: 1.2" in bare.stdout
    assert json.loads(kg_process(*call, "--json").stdout)["documents"][0]["neither"] == ["1.2"]
    terms = json.loads(kg_process(*call, "--terms", "--json").stdout)
    assert next(row for row in terms if row["term"] == "kg:organises")["claims"] == 1


def test_a_gloss_that_names_a_main_actor_counts_as_reached_by_one_step(project):
    """A claim reaches what stands in it and what that pertains to; `kg coverage` names one that does not, with 1."""
    edit(project, TRIG, "The alliance held a drill in autumn.", "NATO held a drill in autumn.")
    edit(
        project,
        TRIG,
        "Some say that the country is host to a centre.",
        "Some say that NATO has a centre in the country.",
    )
    (row,) = reach(inspect(project, keep=False))
    assert (local_name(row.actor), row.naming, [local_name(claim) for claim in row.unreached]) == (
        "nato",
        2,
        ["centre"],
    )
    edit(project, "corpus/entities/things.ttl", '"centre"@en', '"NATO centre"@en')
    edit(project, "corpus/entities/things.ttl", '"центар А"@sr-Cyrl', '"центар А"@sr-Cyrl ; kg:pertainsTo :nato')
    (row,) = reach(inspect(project, keep=False))
    assert row.unreached == ()
    assert row.share == 1


def test_too_few_reached_end_coverage_with_1(project, kg_process):
    """If less than 95 % of the glosses naming an actor reach it, then `kg coverage` names them and ends with 1."""
    edit(
        project,
        TRIG,
        "Some say that the country is host to a centre.",
        "Some say that NATO has a centre in the country.",
    )
    done = kg_process("--project", str(project.root), "coverage")
    assert done.returncode == 1
    assert "nato: not reached by https://w3id.org/serbia-kg/claim/base/centre" in done.stdout


def test_sentences_that_name_an_actor_which_no_claim_reaches(project, tmp_path):
    """With the texts, the sentences are held to it too: by what the sentence says, not by the gloss."""
    texts = tmp_path / "texts"
    texts.mkdir()
    (texts / "base.txt").write_text("NATO held a drill.\nSerbia told NATO.\n", encoding="utf-8")
    (project.root / "corpus" / "documents" / "base.passages").unlink()
    (plan,) = anchor(project, texts, ["base"])
    plan.path.write_text(plan.content, encoding="utf-8")
    edit(project, TRIG, 'kg:passage "1.2"', 'kg:passage "2.1"')
    seen = inspect(project, texts, keep=False)
    assert [(gap.place, local_name(gap.actor)) for gap in sentence_gaps(seen, seen.texts)] == [("2.1", "nato")]


def test_a_project_of_its_own_vocabulary_is_checked_like_ours(project):
    """Terms below the project's own base are known or unknown just as those of claims are."""
    header = project.root / "ontology" / "_ontology.ttl"
    text = header.read_text(encoding="utf-8").replace(
        "https://w3id.org/serbia-kg/ontology", "https://e.org/k/ontology"
    )
    header.write_text(text, encoding="utf-8")
    for path in (project.root / "corpus").rglob("*.t*"):
        content = path.read_text(encoding="utf-8")
        for kind in ("id/", "document/", "claim/"):
            content = content.replace(f"<https://w3id.org/serbia-kg/{kind}", f"<https://e.org/k/{kind}")
        path.write_text(content, encoding="utf-8")
    own = Project(project.root)
    assert [p.code for p in check(own, keep=False) if p.severity == "error"] == []
    edit(own, TRIG, "kg:organises", "<https://e.org/k/ontology#organises>")
    assert [p.code for p in check(own, keep=False) if p.severity == "error"] == ["KG401"]


def test_checks_and_build_agree_on_what_declares_completeness():
    """A rule that the checks pass is one that the build reads."""
    from kg.checks.query_checks import COMPLETENESS
    from kg.graph.materialise import COMPLETENESS as BUILT

    assert COMPLETENESS == BUILT
