"""The commands that ask, as a user meets them: output, exit codes, messages, files, terminals."""

from __future__ import annotations

import json
import os
import pty
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from query_project import ID
from timing import ends_in_time

from kg.cli import kg as command_line
from kg.project import Project

Kg = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def kg(kg_process: Kg, small_project: Project) -> Kg:
    """``kg --project`` with the small project, built."""
    from kg.graph.store import open_graph

    open_graph(small_project)
    return lambda *arguments, **options: kg_process("--project", str(small_project.root), *arguments, **options)


def test_query_shows_a_table(kg: Kg) -> None:
    """The question, the rows by their labels, and the view, version and documents below."""
    done = kg("query", "members")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[:4] == [
        "Who is a member of an organisation? (organisation: Alliance)",
        "member",
        "Croatia",
        "Montenegro",
    ]
    assert re.search(
        r"^view: uncontested facts, 2 documents, all dates; graph 2\.\d\.\d\+[0-9a-f]{12}$", done.stdout, re.M
    )
    assert "https://example.org/first" in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize("form", ["csv", "tsv"])
def test_nothing_but_rows_goes_to_a_pipe(kg: Kg, form: str) -> None:
    """CSV and TSV hold rows alone; what cites them is on standard error, and --quiet leaves it out."""
    done = kg("query", "members", "-f", form)
    assert len(done.stdout.splitlines()) == 3
    assert "view: " in done.stderr
    assert kg("query", "members", "-f", form, "-q").stderr == ""


def test_parameters_as_people_write_them(kg: Kg) -> None:
    """A value in another script, and the language of labels."""
    done = kg("query", "members", "--organisation", "Савез", "--lang", "sr-Latn")
    assert done.stdout.splitlines()[2:4] == ["Crna Gora", "Hrvatska"] or "Hrvatska" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "status", "hint"),
    [
        (("query", "membres"), "KG651", 2, "Did you mean members"),
        (("query", "members", "Alliance", "--organisation", "x"), "KG660", 2, "Give it once"),
        (("query", "members", "--organisation", "Aliance"), "KG655", 2, "id:alliance"),
        (("query", "echo", "--day", "2016-13"), "KG654", 2, "year"),
        (("query", "members", "--as-of", "soon"), "KG303", 2, "year"),
        (("query", "members", "--as-of", ""), "KG303", 2, "year"),
        (("query", "members", "--endpoint", ""), "KG713", 2, "http"),
        (("query", "members", "--profile", "virtuoso"), "KG713", 2, "--endpoint URL"),
        (("sparql", "ASK {}", "--profile", "virtuoso"), "KG713", 2, "--endpoint URL"),
        (("query", "members", "--as-of", "２０１６"), "KG303", 2, "year"),
        (("query", "members", "--certain"), "KG304", 2, "--as-of"),
        (("query", "members", "--only", "frist-2017"), "KG302", 2, "Did you mean first-2017"),
        (("query", "members", "--lang", "de"), "KG664", 2, "sr-latn"),
        (("query", "members", "-f", "turtle"), "KG662", 2, "CONSTRUCT"),
        (("query", "members", "-o", "/nowhere/at/all.csv"), "KG663", 1, "folder"),
        (("timeline", "-o", "/nowhere/at/all.svg"), "KG813", 1, "folder"),
        (("query", "members", "-o", "/nowhere/members.xyz"), "KG661", 2, ".csv"),
        (("query", "members", "-o", "/nowhere/members.csv", "-f", "json"), "KG662", 2, "members.json"),
        (("sparql", "SELECT * { SERVICE <http://127.0.0.1:1/> {} }"), "KG601", 2, "this graph"),
        (("sparql", "DROP ALL"), "KG602", 2, "read-only"),
        (("sparql", "SELECT * { ?s ?p }"), "KG604", 2, "query:1:"),
        (("sparql", "nowhere.rq"), "KG665", 1, "standard input"),
        (("show", "Serbja"), "KG655", 2, "id:serbia"),
        (("show", "Assembly"), "KG656", 2, "id:alliance"),
        (("search", "…"), "KG666", 2, "letters"),
    ],
)
def test_errors_say_what_and_what_to_do(
    kg: Kg, arguments: tuple[str, ...], code: str, status: int, hint: str
) -> None:
    """Each mistake has its code, a remedy and its exit status; nothing is on standard output, no traceback."""
    done = kg(*arguments)
    assert done.returncode == status
    assert code in done.stderr
    assert hint in done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("timeline", "--from", "2014-05"), "'2014-05' is not a valid year."),
        (("query", "members", "--limit", "ten"), "'ten' is not a valid whole number."),
        (("query", "members", "--timeout", "long"), "'long' is not a valid number of seconds."),
        (("query", "members", "--timeout", "nan"), "'nan' is not a valid number of seconds."),
    ],
)
def test_a_number_that_is_none_is_called_as_people_call_it(kg: Kg, arguments: tuple[str, ...], said: str) -> None:
    """What an option wants is said in words, not as a range of integers."""
    done = kg(*arguments)
    assert done.returncode == 2
    assert said in done.stderr


def test_blanks_around_a_date_are_no_part_of_the_view(kg: Kg) -> None:
    """A date that came with blanks names the same view as without them, to the letter."""
    assert kg("query", "members", "--as-of", " 2018 ").stdout == kg("query", "members", "--as-of", "2018").stdout


def test_a_file_is_written_in_one_step(kg: Kg, tmp_path: Path) -> None:
    """-o takes the format from the file's ending, replaces it whole, and leaves nothing else behind."""
    target = tmp_path / "members.csv"
    target.write_text("old")
    target.chmod(0o640)
    done = kg("query", "members", "--iris", "-o", str(target))
    assert done.returncode == 0
    assert done.stdout == ""
    assert target.read_text() == f"member\n{ID}croatia\n{ID}montenegro\n"
    assert target.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in tmp_path.iterdir()] == ["members.csv"]


def test_a_failed_write_loses_nothing(kg: Kg, tmp_path: Path) -> None:
    """An answer that cannot be given leaves the file as it was."""
    target = tmp_path / "members.csv"
    target.write_text("old")
    assert kg("query", "membres", "-o", str(target)).returncode == 2
    assert kg("sparql", "ASK {", "-o", str(target)).returncode == 2
    assert target.read_text() == "old"


@pytest.mark.parametrize("form", ["csv", "tsv"])
def test_that_rows_are_missing_is_never_left_out(kg: Kg, form: str) -> None:
    """If an answer is cut, then standard error says so, with --quiet too; if it is not, --quiet says nothing."""
    done = kg("query", "members", "-f", form, "-q", "--limit", "1")
    assert len(done.stdout.splitlines()) == 2
    assert done.stderr == "cut after 1 rows: there are more (--limit)\n"
    assert kg("query", "members", "-f", form, "-q", "--limit", "2").stderr == ""


@pytest.mark.parametrize(
    ("option", "value"),
    [("--timeout", "inf"), ("--timeout", "1e99"), ("--timeout", "nan"), ("--limit", "99999999999999999999")],
)
@pytest.mark.parametrize("command", [("query", "members"), ("sparql", "ASK {}")])
def test_a_limit_that_is_none_is_a_usage_error(kg: Kg, command: tuple[str, ...], option: str, value: str) -> None:
    """If time or rows are not bounded by a number that can be kept to, then that is said and nothing is asked."""
    done = kg(*command, option, value)
    assert done.returncode == 2
    assert f"Invalid value for '{option}'" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_project_without_queries(kg_process: Kg, small_project: Project, tmp_path: Path) -> None:
    """If a project has no saved query, then `kg queries` says so and how to make one."""
    root = shutil.copytree(small_project.root, tmp_path / "project", ignore=shutil.ignore_patterns(".kg", "*.rq"))
    done = kg_process("--project", str(root), "queries")
    assert (done.returncode, done.stderr) == (0, "")
    assert "kg new query" in done.stdout
    assert kg_process("--project", str(root), "queries", "--json").stdout == "[]\n"


def test_sparql_from_argument_file_and_standard_input(kg: Kg, tmp_path: Path) -> None:
    """The three ways give the same answer."""
    text = "SELECT ?m { ?m kg:memberOf id:alliance } ORDER BY ?m"
    file = tmp_path / "q.rq"
    file.write_text(text)
    given = [kg("sparql", text, "-f", "csv"), kg("sparql", str(file), "-f", "csv")]
    given += [kg("sparql", "-", "-f", "csv", input=text), kg("sparql", "-f", "csv", input=text)]
    assert {done.stdout for done in given} == {f"m,m_iri\nCroatia,{ID}croatia\nMontenegro,{ID}montenegro\n"}


def test_sparql_stops_in_time(kg: Kg) -> None:
    """A runaway query ends after its timeout, as a whole process, and says so."""
    with ends_in_time():
        done = kg("sparql", "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }", "--timeout", "0.5")
    assert done.returncode == 2
    assert "KG605" in done.stderr
    assert done.stdout == ""


def test_a_saved_query_stops_in_time_too(small_project: Project, kg_process: Kg, tmp_path: Path) -> None:
    """--timeout ends a saved query, and its file is left alone."""
    root = tmp_path / "project"
    shutil.copytree(small_project.root, root, ignore=shutil.ignore_patterns(".kg"))
    slow = "#+ summary: How many?\nSELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?n\n"
    (root / "queries" / "slow.rq").write_text(slow)
    assert kg_process("--project", str(root), "build").returncode == 0
    target = tmp_path / "n.csv"
    done = kg_process("--project", str(root), "query", "slow", "--timeout", "0.5", "-o", str(target))
    assert done.returncode == 2
    assert "KG605" in done.stderr
    assert not target.exists()


def test_as_of_and_certain(kg: Kg) -> None:
    """Rows are marked; --certain keeps those that are."""
    both = kg("query", "members", "--as-of", "2017-05-10").stdout
    assert re.search(r"^Montenegro +possible$", both, re.M)
    certain = kg("query", "members", "--as-of", "2017-05-10", "--certain", "-f", "csv", "--iris", "-q").stdout
    assert certain == f"member,certainty\n{ID}croatia,certain\n"


def test_evidence(kg: Kg) -> None:
    """--evidence adds what each row rests on, and the list of claims with document and passage."""
    done = kg("query", "members", "--evidence")
    assert re.search(r"^Croatia +\[\d\]", done.stdout, re.M)
    assert "first-2017 1.2" in done.stdout


def test_queries_lists_finds_and_shows(kg: Kg) -> None:
    """By theme without words, found by words, in full by name, as JSON for programs."""
    assert "members  " in kg("queries").stdout
    assert kg("queries", "joining").stdout.startswith("members  ")
    assert "example:\n  kg query members " in kg("queries", "members").stdout
    assert json.loads(kg("queries", "members", "--json").stdout)[0]["name"] == "members"


def test_show_search_and_cite(kg: Kg) -> None:
    """The three other ways to look, as text and for programs."""
    assert "is an observer of …\n    Assembly of the Alliance" in kg("show", "Србија").stdout
    assert json.loads(kg("show", "RS", "--json").stdout)["term"] == f"{ID}serbia"
    assert kg("search", "Hrvatska").stdout.startswith("Croatia  id:croatia  Hrvatska")
    assert json.loads(kg("search", "Hrvatska", "--json").stdout)[0]["kind"] == "name"
    assert kg("cite").stdout.count("https://example.org/") == 2
    assert json.loads(kg("cite", "-f", "csl").stdout)[0]["type"] == "dataset"
    assert kg("cite", "members", "-f", "bibtex").stdout.startswith("@misc{serbia-kg-")


def on_a_terminal(arguments: list[str], env: dict[str, str], columns: int = 60) -> str:
    """What a command writes to a terminal of so many columns."""
    master, slave = pty.openpty()
    size = {"COLUMNS": str(columns), "LINES": "200", "TERM": "xterm", "PAGER": "cat"}
    clean = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    process = subprocess.Popen(
        [sys.executable, "-m", "kg", *arguments],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env={**clean, **size, **env},
    )
    os.close(slave)
    seen = b""
    while True:
        try:
            chunk = os.read(master, 65536)
        except OSError:  # Linux reports the end of a terminal as an error
            break
        if not chunk:
            break
        seen += chunk
    process.wait(timeout=30)
    os.close(master)
    return seen.decode()


def test_colours_and_width_on_a_terminal(kg: Kg, small_project: Project) -> None:
    """A terminal gets colours and lines that fit; with NO_COLOR, no colours."""
    arguments = ["--project", str(small_project.root), "query", "names"]
    coloured = on_a_terminal(arguments, {})
    assert "\x1b[1m" in coloured
    plain = on_a_terminal(arguments, {"NO_COLOR": "1"})
    assert "\x1b[1m" not in plain
    table = plain.replace("\r", "").split("view: ")[0]
    assert all(len(line) <= 60 for line in table.split("\x1b[K")[-1].splitlines())


def test_long_answers_page_on_a_terminal(kg: Kg, small_project: Project) -> None:
    """An answer longer than the terminal goes through the pager, a short one does not."""
    pager = {"PAGER": "sed s/^/paged:/", "LINES": "5"}
    arguments = ["--project", str(small_project.root), "query", "members"]
    assert "paged:Croatia" in on_a_terminal(arguments, pager)
    assert "paged:" not in on_a_terminal(arguments, {**pager, "LINES": "60"})


def test_a_closed_pipe_is_no_error(kg: Kg, small_project: Project) -> None:
    """When the reader has seen enough, the command ends quietly."""
    query = "SELECT ?s ?p ?o { ?s ?p ?o }"
    command = f"{sys.executable} -m kg --project {small_project.root} sparql '{query}' -f csv --iris -q | head -1"
    done = subprocess.run(["bash", "-c", f"set -o pipefail; {command}"], capture_output=True, text=True, timeout=60)
    assert done.stdout == "s,p,o\n"
    assert done.returncode == 0
    assert "Traceback" not in done.stderr
    assert "Broken" not in done.stderr


def test_a_full_disk_is_no_fault_of_ours(kg: Kg, small_project: Project) -> None:
    """Where the answer finds no room, that is said, and the status is 1."""
    command = [sys.executable, "-m", "kg", "--project", str(small_project.root), "query", "members"]
    with open("/dev/full", "wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
    assert done.returncode == 1
    assert "the disk is full" in done.stderr


def test_a_question_is_asked_by_position_and_by_option(kg: Kg) -> None:
    """The first parameter by position or by name, options before or after the question, give one answer."""
    plain = kg("query", "members", "Alliance", "-f", "csv", "-q")
    assert plain.stdout == f"member,member_iri\nCroatia,{ID}croatia\nMontenegro,{ID}montenegro\n"
    for words in (("members", "--organisation", "Alliance"), ("--limit", "9", "members", "id:alliance")):
        assert kg("query", *words, "-f", "csv", "-q").stdout == plain.stdout


def test_a_question_has_help_of_its_own(kg: Kg) -> None:
    """The help of a question says what it asks, its parameters with their values, its columns, and a call."""
    shown = kg("query", "members", "--help").stdout
    for part in ("Who is a member", "--organisation", "Columns:\n  member", "kg query members ", "--as-of DATE"):
        assert part in shown
    assert "kg queries WORDS" in kg("query").stdout
    assert "Did you mean '--organisation'?" in kg("query", "members", "--organization", "x").stderr


def test_no_parameter_is_called_like_an_option() -> None:
    """What a header may not call a parameter are the options of `kg query` and `kg cite`."""
    from kg.cli import cite, query
    from kg.corpus.query_files import RESERVED

    options = {opt[2:] for c in (query, cite) for p in c.command.params for opt in p.opts if opt.startswith("--")}
    assert options | {"help"} == RESERVED


def test_part_of_a_name_is_enough_where_it_is_of_one_thing(kg: Kg) -> None:
    """A name that one thing alone has in part is shown, and a note says so; of several, all are listed."""
    done = kg("show", "Montene")
    assert "Montenegro" in done.stdout
    assert "'Montene' is taken for Montenegro (id:montenegro)" in done.stderr


def test_a_table_is_as_wide_as_asked_for(kg: Kg) -> None:
    """With --width, no line of the table is longer, wherever it goes."""
    table = kg("query", "names", "--width", "40").stdout.split("\nview: ")[0]
    assert max(map(len, table.splitlines())) <= 40


def test_quiet_shows_the_answer_alone(kg: Kg) -> None:
    """With --quiet a table has no view, documents and notes; that rows are missing is still said."""
    done = kg("query", "members", "-q")
    assert done.stdout.splitlines() == [
        "Who is a member of an organisation? (organisation: Alliance)", "member", "Croatia", "Montenegro"
    ]  # fmt: skip
    assert "cut after 1 rows" in kg("query", "members", "-q", "--limit", "1").stdout


def test_every_command_shows_an_example():
    """If a command is asked for its help, then it ends with one example, whose options the command has."""
    context = click.Context(command_line)
    names = command_line.list_commands(context)
    assert len(names) > 25
    for name in names:
        command = command_line.get_command(context, name)
        example = command.epilog or ""
        assert example.startswith(f"Example: kg {name}"), name
        known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
        assert {word for word in shlex.split(example)[3:] if word.startswith("-")} <= known, name
