"""``kg new`` and ``kg init``: what they make is accepted, and warnings name what a person must add."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from kg.checks import check
from kg.cli import kg as command_line
from kg.corpus.passages import read_passages, split_text
from kg.corpus.read import read_corpus
from kg.errors import UsageError
from kg.graph.store import open_graph
from kg.project import VOCABULARY, Project
from kg.queries import run
from kg.scaffold.init import init, remove_example
from kg.scaffold.new import KINDS, new
from kg.scaffold.templates import camel, slug, words

TEXT = "A headline nobody wrote\n\nThe weather-vane turned twice. Then it stopped! Nobody saw it.\n"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """The example of ``kg init``."""
    return init(tmp_path / "walks")


def codes(project: Project, severity: str = "error") -> set[str]:
    return {problem.code for problem in check(project, keep=False) if problem.severity == severity}


def test_init_is_sound(project: Project) -> None:
    """What ``kg init`` makes has no problem, not even a warning, builds, and gives the answer beside the question."""
    assert [str(problem) for problem in check(project, project.root / "texts", keep=False)] == []
    answer = run(open_graph(project), "reached")
    expected = (project.root / "queries/reached.csv").read_text(encoding="utf-8").split()
    assert [",".join(answer.columns), *(row[0].strip("<>") for row in answer.rows if row[0])] == expected


def test_one_command_removes_the_example(project: Project) -> None:
    """If the example is removed, then what is left lacks a document alone; a file that was changed stays."""
    places = project.root / "corpus" / "entities" / "places.ttl"
    places.write_text(places.read_text(encoding="utf-8") + "# mine\n", encoding="utf-8")
    removed, changed = remove_example(project)
    assert "queries/reached.rq" in removed
    assert changed == ["corpus/entities/places.ttl"]
    places.unlink()
    assert [problem.code for problem in check(project, keep=False)] == ["KG004"]
    assert (project.root / "README.md").is_file()


def test_init_takes_another_base(tmp_path: Path) -> None:
    """Base, title and prefix are the project's own everywhere; nothing of the example's is left."""
    made = init(tmp_path / "x", "https://walks.example/a/", "Walks of Wimble", "walk", "A. Walker")
    assert (made.base, made.vocabulary) == ("https://walks.example/a/", ("walk", "https://walks.example/a/ontology#"))
    assert not codes(made)
    for path in made.root.rglob("*"):
        if path.is_file():
            content = path.read_text(encoding="utf-8")
            assert "footpaths/" not in content
            assert " own:" not in content


def test_init_leaves_the_vocabulary_of_claims_to_the_tool(project: Project) -> None:
    """A new project has no copy of the tool's vocabulary, and reads it all the same; of kg:Agent the class alone."""
    assert not list(project.root.glob("ontology/claims")) + list(project.root.glob("ontology/shapes"))
    subjects = {s for s, _p, _o in read_corpus(project).ontology if s.endswith(("#Agent>", "#memberOf>", "#Claim>"))}
    kg = "<https://w3id.org/serbia-kg/ontology#"
    assert subjects == {f"{kg}Agent>", f"{kg}Claim>"}


def test_a_copy_of_the_vocabulary_is_read_in_its_place(project: Project) -> None:
    """A copy that an earlier ``kg init`` made is read instead of the tool's file, with a warning."""
    copy = project.root / "ontology/claims/Modality.ttl"
    copy.parent.mkdir()
    shipped = (VOCABULARY / "Modality.ttl").read_text(encoding="utf-8")
    copy.write_text(shipped.replace("Put forward as intended", "Intended"), encoding="utf-8")
    again = Project(project.root)
    definitions = {o for s, p, o in read_corpus(again).ontology if s.endswith("#Plan>") and p.endswith("definition>")}
    assert [text.startswith('"Intended,') for text in definitions] == [True]
    assert codes(again, "warning") == {"KG449"}


def test_init_writes_over_nothing(tmp_path: Path) -> None:
    """A folder with something in it is left alone."""
    (tmp_path / "kept.txt").write_text("mine")
    with pytest.raises(UsageError) as refused:
        init(tmp_path)
    assert refused.value.problems[0].code == "KG806"
    assert [path.name for path in tmp_path.iterdir()] == ["kept.txt"]


@pytest.mark.parametrize(
    ("base", "title", "prefix"),
    [
        ("ftp://x/", "", "own"),
        ("https://example.org", "", "own"),
        ("https://example.org/a b/", "", "own"),
        ("https://example.org/#/", "", "own"),
        ("", 'a " b', "own"),
        ("", "a\nb", "own"),
        ("", "", "kg"),
        ("", "", "Own Prefix"),
    ],
)
def test_init_refuses_what_would_break_files(tmp_path: Path, base: str, title: str, prefix: str) -> None:
    """A base, a title or a prefix that the files could not carry is refused, and nothing is made."""
    with pytest.raises(UsageError) as refused:
        init(tmp_path / "x", base, title, prefix)
    assert {problem.code for problem in refused.value.problems} == {"KG805"}
    assert not list(tmp_path.iterdir())


def test_new_document_from_a_text(project: Project, tmp_path: Path) -> None:
    """The sentences of a text are numbered, what is to be described is named, and no word of it is written."""
    source = tmp_path / "vane.txt"
    source.write_text(TEXT, encoding="utf-8")
    made = new(project, "document", "vane-2025", text=source)
    assert [m.path.name for m in made] == ["vane-2025.trig", "vane-2025.passages"]
    anchors = read_passages(made[1].path, "x").anchors
    assert {place: anchor.sha256 for place, anchor in anchors.items()} == {
        s.place: s.sha256 for s in split_text(TEXT)
    }
    written = "".join(m.path.read_text(encoding="utf-8") for m in made)
    assert not any(word in written for word in ("weather", "vane turned", "headline nobody", "stopped"))
    assert not codes(project)
    assert {p.message.split()[1] for p in check(project, keep=False) if p.code == "KG511"} == set(anchors)


def test_new_class_and_property(project: Project) -> None:
    """A class and a property of it are accepted, and their missing definitions named."""
    new(project, "class", "kissing gate")
    (made,) = new(project, "property", "stands on", domain="own:KissingGate", values="own:Place", temporal="bounded")
    assert made.added
    assert made.path.name == "KissingGate.ttl"
    assert not codes(project)
    assert "KG432" in codes(project, "warning")


@pytest.mark.parametrize("temporal", ["", "sometimes"])
def test_a_property_needs_its_temporal_kind(project: Project, temporal: str) -> None:
    """Without a temporal kind no property is made; the refusal says each kind in a line."""
    with pytest.raises(UsageError) as refused:
        new(project, "property", "stands on", temporal=temporal)
    (problem,) = refused.value.problems
    assert problem.code == "KG805"
    assert all(f"{kind}: " in problem.remedy for kind in ("event", "persistent", "bounded", "timeless"))


def test_new_entity(project: Project) -> None:
    """An entity goes to the file of its kind, with the labels given."""
    (made,) = new(project, "entity", "The Old “Inn”", type="own:Place", labels={"en": 'The "Inn"'})
    assert (made.path.name, made.added) == ("places.ttl", True)
    labels = {o for s, p, o in read_corpus(project).entities if s.endswith("/the-old-inn>") and p.endswith("#label>")}
    assert labels == {'"The \\"Inn\\""@en'}
    assert not codes(project)


@pytest.mark.parametrize(
    ("kind", "given", "hint"),
    [
        ("property", {"values": "own:Nope"}, "Make the class first: kg new class Nope."),
        ("property", {"values": "own:Plaec"}, "Did you mean own:Place?"),
        ("property", {"values": "xsd:strng"}, "Did you mean xsd:string?"),
        ("property", {"domain": "own:Plaec"}, "Did you mean own:Place?"),
        ("property", {"domain": "xsd:string"}, "kg coverage --terms"),
        ("entity", {"type": "own:Nope"}, "Make the class first: kg new class Nope."),
        ("entity", {"type": "kg:memberOf"}, "kg coverage --terms"),
        ("entity", {"type": "kg:Docment"}, "Did you mean kg:Document?"),
    ],
)
def test_new_refuses_a_class_that_there_is_not(project: Project, kind: str, given: dict[str, str], hint: str) -> None:
    """A domain, range or type that the ontology lacks is refused with the likely one, and no file is made."""
    before = {path: path.read_bytes() for path in project.files()}
    with pytest.raises(UsageError) as refused:
        new(project, kind, "something", **given)
    (problem,) = refused.value.problems
    assert problem.code == "KG805"
    assert hint in problem.remedy
    assert {path: path.read_bytes() for path in project.files()} == before


@pytest.mark.parametrize(("kind", "given"), [("entity", {"type": "own:Place"}), ("class", {}), ("property", {})])
@pytest.mark.parametrize("name", ["Нова земља", "New земља", "Ελλάς", "x日"])
def test_a_name_in_another_script_is_told_which_letters_do(
    project: Project, kind: str, given: dict[str, str], name: str
) -> None:
    """Cyrillic letters are letters too: none is dropped, and the message says which ones an IRI is made of."""
    with pytest.raises(UsageError) as refused:
        new(project, kind, name, **given)
    (problem,) = refused.value.problems
    assert problem.remedy.startswith("Letters a to z")


@pytest.mark.parametrize("values", ["xsd:date", "xsd:string", "rdfs:Literal", "kg:Document", "own:Place"])
def test_new_property_takes_classes_and_datatypes(project: Project, values: str) -> None:
    """A class of the project, one of the vocabulary of claims, or a datatype can be a range."""
    (made,) = new(project, "property", "something", values=values, temporal="event")
    assert f"rdfs:range {values} ;" in made.path.read_text(encoding="utf-8")
    assert not codes(project)


def test_new_property_stands_with_its_domain(project: Project) -> None:
    """A property is put into the file that declares its domain, whatever the file is called."""
    path = project.root / "ontology" / "Places.ttl"
    (project.root / "ontology" / "Place.ttl").rename(path)
    (made,) = new(project, "property", "something", domain="own:Place", temporal="timeless")
    assert (made.path, made.added) == (path, True)
    (made,) = new(project, "property", "other", domain="kg:Document", temporal="persistent")
    assert (made.path.name, made.added) == ("other.ttl", False)


#: What only a person can add, of each kind; ``kg check`` names it as a warning.
GAPS = {
    "document": {"KG452", "KG513"},
    "entity": {"KG426"},
    "class": {"KG432", "KG439"},
    "property": {"KG432", "KG439"},
    "rule": set(),
    "query": set(),
}
NAMES = [
    "Čaj i Šljiva",
    "straße",
    "x",
    "A b_C-d",
    "a" * 80,
    "7-days",
    "Đorđe's (old) mill",
    "class",
    "select",
    "false",
]


#: What each kind needs beside its name.
NEEDED: dict[str, dict[str, str]] = {"entity": {"type": "own:Place"}, "property": {"temporal": "event"}}


def accepted(project: Project, kind: str, name: str, **given: str) -> bool:
    """Make something, if that is not refused."""
    try:
        new(project, kind, name, **{**NEEDED.get(kind, {}), **given})
    except UsageError as refused:
        if {problem.code for problem in refused.problems} <= {"KG804", "KG805"}:
            return False
        raise
    return True


@pytest.mark.parametrize("bare", [False, True], ids=["example", "without properties"])
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_what_new_writes_is_accepted(kind: str, bare: bool, project: Project) -> None:
    """Under whatever name it is made, ``kg check`` has no error, and warns only of what a person must add."""
    if bare:
        for name in ("ontology/rules/shared-way.rq", "queries/reached.rq", "queries/reached.csv"):
            (project.root / name).unlink()
        for path in project.root.glob("corpus/documents/*"):
            path.unlink()
        new(project, "document", "first")
        place = project.root / "ontology/Place.ttl"
        place.write_text(place.read_text(encoding="utf-8").split("own:leadsTo")[0], encoding="utf-8")
        project = Project(project.root)
    before = codes(project, "warning")
    made = [accepted(project, kind, each) for name in NAMES for each in (name, slug(name))]
    assert sum(made) >= len(NAMES) - 2
    assert not codes(Project(project.root))
    assert codes(Project(project.root), "warning") - before <= GAPS[kind]


def test_a_new_entity_of_any_class_is_accepted_or_refused(project: Project) -> None:
    """An entity of a class whose members stand with their document is refused; of any other, it is accepted."""
    shipped = [f"kg:{path.stem}" for path in sorted(VOCABULARY.glob("*.ttl"))]
    made = [name for name in ("own:Place", *shipped) if accepted(project, "entity", f"a {name}", type=name)]
    assert made == ["own:Place", "kg:Agent"]
    assert not codes(Project(project.root))


def test_a_new_rule_concludes_nothing(project: Project) -> None:
    """Until its pattern is written, a rule only repeats what is there."""
    before = len(run(open_graph(project), "reached"))
    new(project, "rule", "near-by")
    assert len(run(open_graph(Project(project.root)), "reached")) == before


def test_new_query_runs_as_it_is(project: Project) -> None:
    """A query can be asked before it is changed."""
    new(project, "query", "what-is-there")
    assert not codes(project)
    assert len(run(open_graph(project), "what-is-there")) > 3


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_new_writes_over_nothing(project: Project, kind: str) -> None:
    """What is there already is left as it is."""
    name = {"class": "Gate", "property": "hasGate"}.get(kind, "gate")
    new(project, kind, name, **NEEDED.get(kind, {}))
    before = {path: path.read_bytes() for path in project.files()}
    with pytest.raises(UsageError) as refused:
        new(project, kind, name, **NEEDED.get(kind, {}))
    assert refused.value.problems[0].code == "KG804"
    assert {path: path.read_bytes() for path in project.files()} == before


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("name", ["../../outside", "a/b", "", "…", 'x"; y', "a\nb", ".hidden"])
def test_new_refuses_names_that_lead_elsewhere(project: Project, kind: str, name: str) -> None:
    """A name leads to no file outside its folder, whatever is in it."""
    before = sorted(project.root.parent.rglob("*"))
    try:
        made = new(project, kind, name, **NEEDED.get(kind, {}))
    except UsageError:
        assert sorted(project.root.parent.rglob("*")) == before
        return
    assert all(path.path.is_relative_to(project.root) and path.path.suffix in (".ttl", ".rq") for path in made)
    assert not read_corpus(project).problems


@given(st.text(max_size=30))
def test_names(text: str) -> None:
    """Names for files and terms are made of plain letters and digits only."""
    assert set(slug(text)) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert camel(text, upper=True).isascii()
    assert camel(text, upper=True).isalnum() or not camel(text, upper=True)


@pytest.mark.parametrize(
    ("term", "said"), [("TownFestival", "town festival"), ("memberOf", "member of"), ("EUCouncil", "EU council")]
)
def test_words(term: str, said: str) -> None:
    """The label that a term starts with is the words of its name."""
    assert words(term) == said


def test_the_packaged_graph_is_not_written(tmp_path: Path) -> None:
    """Nothing is added to the graph inside the package."""
    with pytest.raises(UsageError) as refused:
        new(Project(tmp_path, packaged=True), "query", "x")
    assert refused.value.problems[0].code == "KG808"


def test_commands(tmp_path: Path) -> None:
    """The commands say what they made and what to do next."""
    folder = tmp_path / "walks"
    done = CliRunner().invoke(command_line, ["init", str(folder)])
    assert done.exit_code == 0
    assert "every IRI begins with https://example.org/walks/" in done.output
    done = CliRunner().invoke(command_line, ["--project", str(folder), "new", "class", "Gate"])
    assert done.exit_code == 0
    assert done.output.startswith("made ontology/Gate.ttl\n")


@pytest.mark.parametrize(
    ("given", "made", "term"),
    [
        ("Čaj i Šljiva", "caj-i-sljiva", "CajISljiva"),
        ("Đorđe", "djordje", "Djordje"),
        ("Straße Ærø Łódź", "strasse-aero-lodz", "StrasseAeroLodz"),
        ("élève", "eleve", "Eleve"),
    ],
)
def test_letters_with_accents_are_spelt(given: str, made: str, term: str) -> None:
    """If a name has accents or Latin letters beyond ASCII, then they are spelt in ASCII, and none is dropped."""
    assert (slug(given), camel(given, upper=True)) == (made, term)


@pytest.mark.parametrize("name", ["con", "NUL", "com1", "a" * 81, "a" * 5000])
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_new_refuses_reserved_and_long_names(project: Project, kind: str, name: str) -> None:
    """If a name is a device's or very long, then it is refused whatever it is for, and nothing is written."""
    before = sorted(project.root.rglob("*"))
    with pytest.raises(UsageError, match="KG805"):
        new(project, kind, name, **NEEDED.get(kind, {}))
    assert sorted(project.root.rglob("*")) == before


@pytest.mark.parametrize(
    ("kind", "name", "more", "file"),
    [
        (
            "property",
            "hasName",
            {"domain": "own:Place", "values": "xsd:string", "temporal": "timeless"},
            "ontology/Place.ttl",
        ),
        ("entity", "tower", {"type": "own:Place"}, "corpus/entities/places.ttl"),
        ("entity", "walker", {"type": "kg:Agent"}, "corpus/entities/agent.ttl"),
    ],
)
def test_what_is_added_declares_its_prefixes(
    project: Project, kind: str, name: str, more: dict[str, str], file: str
) -> None:
    """If something is added to a file that lacks a prefix of it, then the file declares it."""
    (made,) = new(project, kind, name, **more)  # type: ignore[arg-type]  # words by name
    assert project.relative(made.path) == file
    assert "KG101" not in codes(project)


def test_new_refuses_names_that_differ_in_case_alone(project: Project) -> None:
    """If a file's name differs from another's in case alone, then it is refused: some systems cannot hold both."""
    new(project, "class", "Tower")
    with pytest.raises(UsageError, match="KG804"):
        new(project, "class", "TOWER")


OPTIONS = {
    "text": "--text", "domain": "--domain", "values": "--range", "type": "--type", "temporal": "--kind",
    "labels": "--label",
}  # fmt: skip
TAKEN = {
    "document": {"text"},
    "class": {"labels"},
    "property": {"domain", "values", "temporal", "labels"},
    "entity": {"type", "labels"},
}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_an_option_of_another_kind_is_refused(project: Project, kind: str) -> None:
    """If an option belongs to another kind, then it is refused by its name, and nothing is written."""
    before = sorted(project.root.rglob("*"))
    values = {"text": project.root / "texts/notice-2024.txt", "labels": {"en": "x"}, "temporal": "event"}
    for option in OPTIONS.keys() - TAKEN.get(kind, set()):
        with pytest.raises(UsageError, match=f"KG805.* takes no {OPTIONS[option]}"):
            new(project, kind, "gate", **{option: values.get(option, "own:Place")})  # type: ignore[arg-type]
    assert sorted(project.root.rglob("*")) == before


@pytest.mark.parametrize("name", ["owl:Thing", "<http://x>", "http://x/y", 'a "q"', "a{b}", "a\\b"])
@pytest.mark.parametrize("kind", ["class", "property"])
def test_a_term_is_no_address(project: Project, kind: str, name: str) -> None:
    """If the name of a term has another prefix or characters of an address, then it is refused, not respelt."""
    with pytest.raises(UsageError, match="KG805"):
        new(project, kind, name, **NEEDED.get(kind, {}))
